"""The tables.

Facts are recorded, states are derived: an escalation is a `Handoff` row with who, when and why, and a
figure on a page is a query over such rows. Times are UTC and timezone-aware on both databases.
"""

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, DateTime, Dialect, Enum, Index, Numeric, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from supportbot.ids import new_id, now


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, always timezone-aware UTC in Python. SQLite would otherwise return naive datetimes."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC; SQLite keeps no zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a timezone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Status(StrEnum):
    """Who a conversation belongs to, in one word; see "Who owns a conversation" in docs/architecture.md."""

    ACTIVE = "active"
    ESCALATED = "escalated"
    RESOLVED = "resolved"


class Role(StrEnum):
    """Who says a message."""

    USER = "user"
    ASSISTANT = "assistant"
    STAFF = "staff"
    SYSTEM = "system"


class Kind(StrEnum):
    """What a message is: words, a note customers never receive, or something that happened."""

    TEXT = "text"
    NOTE = "note"
    EVENT = "event"


class MessageState(StrEnum):
    """How far an assistant's message got. Everybody else's messages are complete from the start."""

    STREAMING = "streaming"
    COMPLETE = "complete"
    STOPPED = "stopped"
    FAILED = "failed"
    SUPERSEDED = "superseded"


class Reason(StrEnum):
    """Why a conversation went to people."""

    ASKED_FOR_PERSON = "asked_for_person"
    FRUSTRATED = "frustrated"
    LEGAL_THREAT = "legal_threat"
    SECURITY_CONCERN = "security_concern"
    REFUND_OR_ACCOUNT_CHANGE = "refund_or_account_change"
    MISSING_KNOWLEDGE = "missing_knowledge"
    CANNOT_RESOLVE = "cannot_resolve"
    POLICY = "policy"
    ABUSE = "abuse"
    FAULT = "fault"
    TURN_LIMIT = "turn_limit"
    BUDGET = "budget"
    TAKEN_OVER = "taken_over"


class Trigger(StrEnum):
    """Who or what moved a conversation to people."""

    MODEL = "model"
    CUSTOMER = "customer"
    POLICY = "policy"
    FAULT = "fault"
    STAFF = "staff"


class ClosedAs(StrEnum):
    """How a handoff ended."""

    RESOLVED = "resolved"
    HANDED_BACK = "handed_back"
    CANCELLED = "cancelled"


class StaffRole(StrEnum):
    """What a member of staff may do: admins also change settings and people."""

    AGENT = "agent"
    ADMIN = "admin"


def _code(of: type[StrEnum]) -> Any:
    """A column that keeps the enum's words as text: readable in the database, easy to add to."""
    return Enum(of, native_enum=False, length=32, values_callable=lambda members: [m.value for m in members])


class Visitor(SQLModel, table=True):
    """A browser, known by the hash of the random token it keeps."""

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
    on what they saw cannot both succeed. Streaming writes touch neither.
    """

    __table_args__ = (
        Index("ix_conversation_visitor_updated", "visitor_id", "updated_at"),
        Index("ix_conversation_status_updated", "status", "updated_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    visitor_id: UUID = Field(foreign_key="visitor.id")
    status: Status = Field(default=Status.ACTIVE, sa_type=_code(Status))
    assigned_staff_id: UUID | None = Field(default=None, foreign_key="staff.id")
    subject: str = Field(default="", max_length=120)
    language: str | None = Field(default=None, max_length=35)
    topic: str | None = Field(default=None, max_length=120)
    page: str = Field(default="", max_length=2000)
    user_agent: str = Field(default="", max_length=500)
    referrer: str = Field(default="", max_length=2000)
    context_starts_after: UUID | None = None
    last_seq: int = 0
    version: int = 0
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    updated_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Message(SQLModel, table=True):
    """Something said or noted. An assistant's message exists from its first moment and grows.

    `log_epoch` and `log_seq` are the position in the live log up to which `content` is written.
    """

    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        UniqueConstraint("conversation_id", "client_key"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    conversation_id: UUID = Field(foreign_key="conversation.id")
    seq: int
    role: Role = Field(sa_type=_code(Role))
    kind: Kind = Field(default=Kind.TEXT, sa_type=_code(Kind))
    content: str = Field(default="", sa_column=Column(Text, nullable=False))
    state: MessageState = Field(default=MessageState.COMPLETE, sa_type=_code(MessageState))
    log_epoch: str = Field(default="", max_length=32)
    log_seq: int = 0
    client_key: str | None = Field(default=None, max_length=64)
    staff_id: UUID | None = Field(default=None, foreign_key="staff.id")
    notice: str = Field(default="", max_length=500)
    sources: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
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


class Turn(SQLModel, table=True):
    """The assistant's attempt to answer: what it answers, what it wrote, how long it took, how it ended.

    `lease_until` is renewed while a runner works on it. A turn whose lease has passed belongs to a
    runner that died, and whoever meets it may fail it.
    """

    __table_args__ = (
        Index(
            "uq_turn_running",
            "conversation_id",
            unique=True,
            sqlite_where=sql("ended_at IS NULL"),
            postgresql_where=sql("ended_at IS NULL"),
        ),
        Index("ix_turn_lease", "lease_until", sqlite_where=sql("ended_at IS NULL")),
        Index("ix_turn_conversation_started", "conversation_id", "started_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    conversation_id: UUID = Field(foreign_key="conversation.id")
    answers_id: UUID = Field(foreign_key="message.id")
    wrote_id: UUID = Field(foreign_key="message.id")
    assistant: str = Field(max_length=40)
    model: str = Field(default="", max_length=120)
    first_token_ms: int | None = None
    latency_ms: int | None = None
    stop_reason: str | None = Field(default=None, max_length=40)
    error_code: str | None = Field(default=None, max_length=60)
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal = Field(default=Decimal(0), sa_column=Column(Numeric(14, 8), nullable=False))
    retrieved: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    cited: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    runner: str = Field(max_length=64)
    lease_until: datetime = Field(sa_type=UtcDateTime)
    started_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ModelCall(SQLModel, table=True):
    """One call to a model and what it cost in US dollars. Budgets sum this table."""

    __tablename__ = "model_call"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    purpose: str = Field(max_length=40)
    conversation_id: UUID | None = Field(default=None, foreign_key="conversation.id", index=True)
    turn_id: UUID | None = Field(default=None, foreign_key="turn.id")
    model: str = Field(max_length=120)
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cost: Decimal = Field(default=Decimal(0), sa_column=Column(Numeric(14, 8), nullable=False))
    latency_ms: int | None = None
    error: str | None = Field(default=None, max_length=60)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime, index=True)


class Handoff(SQLModel, table=True):
    """A conversation's time with people, from the request to its end. At most one is open."""

    __table_args__ = (
        Index(
            "uq_handoff_open",
            "conversation_id",
            unique=True,
            sqlite_where=sql("closed_at IS NULL"),
            postgresql_where=sql("closed_at IS NULL"),
        ),
        Index(
            "ix_handoff_waiting",
            "requested_at",
            sqlite_where=sql("closed_at IS NULL"),
            postgresql_where=sql("closed_at IS NULL"),
        ),
        Index("ix_handoff_conversation_requested", "conversation_id", "requested_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    conversation_id: UUID = Field(foreign_key="conversation.id")
    reason: Reason = Field(sa_type=_code(Reason))
    trigger: Trigger = Field(sa_type=_code(Trigger))
    brief: str = Field(default="", sa_column=Column(Text, nullable=False))
    reopened: bool = False
    requested_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    assistant_meanwhile_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    claimed_by: UUID | None = Field(default=None, foreign_key="staff.id")
    claimed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_as: ClosedAs | None = Field(default=None, sa_type=_code(ClosedAs))


class Outcome(SQLModel, table=True):
    """One row a conversation, written as things happen and never guessed later."""

    conversation_id: UUID = Field(foreign_key="conversation.id", primary_key=True)
    customer_messages: int = 0
    assistant_messages: int = 0
    staff_messages: int = 0
    handoffs: int = 0
    handoff_reason: Reason | None = Field(default=None, sa_type=_code(Reason))
    resolved_by: Role | None = Field(default=None, sa_type=_code(Role))
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
    """A customer's thumb on one answer: 1 up, -1 down. The last one counts."""

    message_id: UUID = Field(foreign_key="message.id", primary_key=True)
    conversation_id: UUID = Field(foreign_key="conversation.id", index=True)
    value: int
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Article(SQLModel, table=True):
    """A page of the help centre, in Markdown. `collection` and `path` say where it was imported from."""

    __table_args__ = (UniqueConstraint("collection", "path"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    collection: str = Field(max_length=120)
    path: str = Field(max_length=500)
    slug: str = Field(max_length=200, unique=True)
    title: str = Field(max_length=300)
    description: str = Field(default="", sa_column=Column(Text, nullable=False))
    body: str = Field(sa_column=Column(Text, nullable=False))
    language: str = Field(default="en", max_length=35)
    content_hash: str = Field(max_length=64)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    updated_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    retired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Passage(SQLModel, table=True):
    """A section of an article, as retrieval finds it.

    `heading` is the path of headings above it; `terms` holds its words as the index sees them (folded
    and stemmed), so that both databases find the same passages.
    """

    __table_args__ = (Index("ix_passage_article", "article_id", "position"),)

    id: int | None = Field(default=None, primary_key=True)
    article_id: UUID = Field(foreign_key="article.id", ondelete="CASCADE")
    position: int
    heading: str = Field(default="", max_length=600)
    anchor: str = Field(default="", max_length=200)
    body: str = Field(sa_column=Column(Text, nullable=False))
    terms: str = Field(sa_column=Column(Text, nullable=False))


class Staff(SQLModel, table=True):
    """A person who works at the desk."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    email: str = Field(unique=True, max_length=254)
    name: str = Field(max_length=120)
    role: StaffRole = Field(default=StaffRole.AGENT, sa_type=_code(StaffRole))
    password_hash: str = Field(max_length=200)
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class StaffSession(SQLModel, table=True):
    """A signed-in browser of a member of staff, known by the hash of its cookie."""

    __tablename__ = "staff_session"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    staff_id: UUID = Field(foreign_key="staff.id", index=True)
    token_hash: str = Field(unique=True, max_length=64)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
