"""The tables.

Facts are recorded, states are derived: an escalation is a `Handoff` row with who, when and why, and a
figure on a page is a query over such rows. Times are UTC and timezone-aware on both databases.
"""

from supportbot.models.codes import (
    Channel,
    ClosedAs,
    Kind,
    MessageState,
    Reason,
    Role,
    StaffRole,
    Status,
    Trigger,
)
from supportbot.models.columns import UtcDateTime
from supportbot.models.conversations import (
    JUNK,
    OPEN,
    RESOLVED,
    SNOOZED,
    STAFF_SAID,
    Conversation,
    ConversationGuest,
    ConversationTag,
    Message,
    Outcome,
    Rating,
    Summary,
    Visitor,
)
from supportbot.models.escalations import Handoff, MailLink, StaffRead
from supportbot.models.house import Picture, Setting
from supportbot.models.knowledge import Article, Passage
from supportbot.models.staff import Staff, StaffLink, StaffSession
from supportbot.models.turns import ModelCall, Turn
from supportbot.models.work import Job, Outbox

__all__ = [
    "JUNK",
    "OPEN",
    "RESOLVED",
    "SNOOZED",
    "STAFF_SAID",
    "Article",
    "Channel",
    "ClosedAs",
    "Conversation",
    "ConversationGuest",
    "ConversationTag",
    "Handoff",
    "Job",
    "Kind",
    "MailLink",
    "Message",
    "MessageState",
    "ModelCall",
    "Outbox",
    "Outcome",
    "Passage",
    "Picture",
    "Rating",
    "Reason",
    "Role",
    "Setting",
    "Staff",
    "StaffLink",
    "StaffRead",
    "StaffRole",
    "StaffSession",
    "Status",
    "Summary",
    "Trigger",
    "Turn",
    "UtcDateTime",
    "Visitor",
]
