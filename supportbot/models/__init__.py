"""The tables.

Facts are recorded, states are derived: an escalation is a `Handoff` row with who, when and why, and a
figure on a page is a query over such rows. Times are UTC and timezone-aware on both databases.
"""

from supportbot.models.codes import (
    ArticleState,
    Channel,
    ClosedAs,
    Complaint,
    Kind,
    MessageState,
    Origin,
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
    MarkedWrong,
    Message,
    Outcome,
    Rating,
    Summary,
    Visitor,
)
from supportbot.models.escalations import MISSING_KNOWLEDGE, Handoff, MailLink, StaffRead
from supportbot.models.gaps import MARKED, Gap, GapQuestion
from supportbot.models.house import Picture, Setting
from supportbot.models.knowledge import WRITTEN_HERE, Article, ArticleVersion, Evidence, Passage
from supportbot.models.staff import Staff, StaffLink, StaffSession
from supportbot.models.turns import UNSURE, ModelCall, Turn
from supportbot.models.work import Job, Outbox

__all__ = [
    "JUNK",
    "MARKED",
    "MISSING_KNOWLEDGE",
    "OPEN",
    "RESOLVED",
    "SNOOZED",
    "STAFF_SAID",
    "UNSURE",
    "WRITTEN_HERE",
    "Article",
    "ArticleState",
    "ArticleVersion",
    "Channel",
    "ClosedAs",
    "Complaint",
    "Conversation",
    "ConversationGuest",
    "ConversationTag",
    "Evidence",
    "Gap",
    "GapQuestion",
    "Handoff",
    "Job",
    "Kind",
    "MailLink",
    "MarkedWrong",
    "Message",
    "MessageState",
    "ModelCall",
    "Origin",
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
