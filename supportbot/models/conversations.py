"""What is said, by whom, and what became of it."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, Index, Numeric, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from supportbot.ids import new_id, now
from supportbot.models.codes import Complaint, Kind, MessageState, Reason, Role, Status
from supportbot.models.columns import UtcDateTime, code, partial

OPEN = "status <> 'resolved' AND last_seq > 0 AND snoozed_until IS NULL"
"""Conversations neither over nor put off, in SQL. A query that says the same uses their index."""
SNOOZED = "snoozed_until IS NOT NULL"
RESOLVED = "status = 'resolved' AND junk_at IS NULL AND snoozed_until IS NULL AND last_seq > 0"
JUNK = "junk_at IS NOT NULL"
ASSIGNED = "assigned_staff_id IS NOT NULL"
"""The desk's other lists, in SQL."""
STAFF_SAID = "role = 'staff' AND kind = 'text'"
"""Messages in which people answered a customer, in SQL."""


class Visitor(SQLModel, table=True):
    """A browser, known by the hash of the random token it keeps."""

    __table_args__ = (partial("ix_visitor_proven_email", "email", "email_verified_at IS NOT NULL"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    token_hash: str = Field(unique=True, max_length=64)
    external_id: str | None = Field(default=None, max_length=200, index=True)
    name: str | None = Field(default=None, max_length=120)
    email: str | None = Field(default=None, max_length=254)
    email_verified_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    locale: str | None = Field(default=None, max_length=35)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Conversation(SQLModel, table=True):
    """One thread with one customer.

    `last_seq` numbers its messages; `version` counts changes of ownership, so that two people who act
    on what they saw cannot both succeed. Streaming writes touch neither. `customer_seq` is the number of
    the customer's last message, and `customer_seen_seq` that of the last message an open page of theirs
    has shown. What the assistant may remember begins after the message `context_starts_after`.
    """

    __table_args__ = (
        Index("ix_conversation_visitor_updated", "visitor_id", "updated_at"),
        Index("ix_conversation_status_updated", "status", "updated_at"),
        partial("ix_conversation_open", "updated_at", OPEN),
        partial("ix_conversation_assigned", ("assigned_staff_id", "updated_at"), ASSIGNED),
        partial("ix_conversation_snoozed", "snoozed_until", SNOOZED),
        partial("ix_conversation_resolved", "updated_at", RESOLVED),
        partial("ix_conversation_resolved_language", ("language", "updated_at"), RESOLVED),
        partial("ix_conversation_junk", "updated_at", JUNK),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    visitor_id: UUID = Field(foreign_key="visitor.id")
    status: Status = Field(default=Status.ACTIVE, sa_type=code(Status))
    assigned_staff_id: UUID | None = Field(default=None, foreign_key="staff.id")
    subject: str = Field(default="", max_length=120)
    language: str | None = Field(default=None, max_length=35)
    topic: str | None = Field(default=None, max_length=120)
    page: str = Field(default="", max_length=2000)
    user_agent: str = Field(default="", max_length=500)
    referrer: str = Field(default="", max_length=2000)
    context_starts_after: UUID | None = None
    last_seq: int = 0
    customer_seq: int = 0
    customer_seen_seq: int = 0
    version: int = 0
    snoozed_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    snoozed_by: UUID | None = None
    junk_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    updated_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class ConversationTag(SQLModel, table=True):
    """A word the desk has put on a conversation, to find it by."""

    __tablename__ = "conversation_tag"
    __table_args__ = (Index("ix_conversation_tag_tag", "tag", "conversation_id"),)

    conversation_id: UUID = Field(foreign_key="conversation.id", primary_key=True)
    tag: str = Field(max_length=40, primary_key=True)
    staff_id: UUID | None = Field(default=None, foreign_key="staff.id")
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class ConversationGuest(SQLModel, table=True):
    """Another browser that may use a conversation, because its owner has proven the address behind it."""

    __tablename__ = "conversation_guest"

    conversation_id: UUID = Field(foreign_key="conversation.id", primary_key=True)
    visitor_id: UUID = Field(foreign_key="visitor.id", primary_key=True, index=True)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Message(SQLModel, table=True):
    """Something said or noted. An assistant's message exists from its first moment and grows.

    `log_epoch` and `log_seq` are the position in the live log up to which `content` is written. `sources`
    are the passages that an answer cites, or those it was given where nobody says what it cites; `links`
    are the addresses in its text that may be clicked, because they come from what it cites or are allowed.
    `found_nothing` says of an answer that the articles had nothing about the question.
    """

    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        UniqueConstraint("conversation_id", "client_key"),
        partial("ix_message_staff_said", "created_at", STAFF_SAID),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    conversation_id: UUID = Field(foreign_key="conversation.id")
    seq: int
    role: Role = Field(sa_type=code(Role))
    kind: Kind = Field(default=Kind.TEXT, sa_type=code(Kind))
    content: str = Field(default="", sa_column=Column(Text, nullable=False))
    state: MessageState = Field(default=MessageState.COMPLETE, sa_type=code(MessageState))
    log_epoch: str = Field(default="", max_length=32)
    log_seq: int = 0
    client_key: str | None = Field(default=None, max_length=64)
    staff_id: UUID | None = Field(default=None, foreign_key="staff.id")
    notice: str = Field(default="", max_length=500)
    sources: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    links: list[str] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False, server_default=sql("'[]'"))
    )
    found_nothing: bool = Field(default=False, sa_column_kwargs={"server_default": sql("false")})
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Summary(SQLModel, table=True):
    """What a conversation was about up to its message number `through_seq`; the newest one counts.

    `written_by` names the model, or is empty for an extract in the customer's own words.
    """

    __table_args__ = (UniqueConstraint("conversation_id", "through_seq"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    conversation_id: UUID = Field(foreign_key="conversation.id")
    through_seq: int
    text: str = Field(sa_column=Column(Text, nullable=False))
    written_by: str = Field(default="", max_length=120)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Outcome(SQLModel, table=True):
    """One row a conversation, written as things happen and never guessed later."""

    __table_args__ = (
        partial("ix_outcome_reason", ("handoff_reason", "updated_at"), "handoff_reason IS NOT NULL"),
    )

    conversation_id: UUID = Field(foreign_key="conversation.id", primary_key=True)
    customer_messages: int = 0
    assistant_messages: int = 0
    staff_messages: int = 0
    handoffs: int = 0
    handoff_reason: Reason | None = Field(default=None, sa_type=code(Reason))
    resolved_by: Role | None = Field(default=None, sa_type=code(Role))
    resolved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reopened_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failed_answers: int = 0
    rating: int | None = None
    topic: str | None = Field(default=None, max_length=120)
    language: str | None = Field(default=None, max_length=35)
    cost: Decimal = Field(default=Decimal(0), sa_column=Column(Numeric(14, 8), nullable=False))
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    updated_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Rating(SQLModel, table=True):
    """A customer's thumb on one answer: 1 up, -1 down. The last one counts.

    With a thumb down, `complaint` says what was wrong, and `comment` in the customer's own words.
    """

    __table_args__ = (Index("ix_rating_changed", "changed_at"),)

    message_id: UUID = Field(foreign_key="message.id", primary_key=True)
    conversation_id: UUID = Field(foreign_key="conversation.id", index=True)
    value: int
    complaint: Complaint | None = Field(default=None, sa_type=code(Complaint))
    comment: str = Field(default="", max_length=500)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    changed_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class MarkedWrong(SQLModel, table=True):
    """An answer of the assistant that a colleague has found wrong, and what is right."""

    __tablename__ = "marked_wrong"
    __table_args__ = (Index("ix_marked_wrong_created", "created_at"),)

    message_id: UUID = Field(foreign_key="message.id", primary_key=True)
    conversation_id: UUID = Field(foreign_key="conversation.id", index=True)
    staff_id: UUID | None = Field(default=None, foreign_key="staff.id")
    note: str = Field(default="", max_length=500)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
