"""A conversation's time with people."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, Index, Text
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from supportbot.ids import new_id, now
from supportbot.models.codes import ClosedAs, Reason, Trigger
from supportbot.models.columns import UtcDateTime, code, partial

MISSING_KNOWLEDGE = "reason = 'missing_knowledge'"
"""Hand-offs because the articles did not answer, in SQL."""


class Handoff(SQLModel, table=True):
    """A conversation's time with people, from the request to its end. At most one is open.

    `brief` is what whoever claims it reads first; `brief_by` says who wrote it: `customer`, `model` (asked
    for nothing else), `assistant` (in its call for people), or `` for an extract of the conversation.
    `return_note` is what the colleague told the assistant when handing the conversation back.
    """

    __table_args__ = (
        Index(
            "uq_handoff_open",
            "conversation_id",
            unique=True,
            sqlite_where=sql("closed_at IS NULL"),
            postgresql_where=sql("closed_at IS NULL"),
        ),
        partial("ix_handoff_waiting", "requested_at", "closed_at IS NULL AND claimed_by IS NULL"),
        partial("ix_handoff_claimed", "requested_at", "closed_at IS NULL AND claimed_by IS NOT NULL"),
        partial("ix_handoff_claims", "claimed_at", "claimed_at IS NOT NULL"),
        Index("ix_handoff_conversation_requested", "conversation_id", "requested_at"),
        partial("ix_handoff_missing", "requested_at", MISSING_KNOWLEDGE),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    conversation_id: UUID = Field(foreign_key="conversation.id")
    reason: Reason = Field(sa_type=code(Reason))
    trigger: Trigger = Field(sa_type=code(Trigger))
    brief: str = Field(default="", sa_column=Column(Text, nullable=False))
    brief_by: str = Field(default="", max_length=20)
    return_note: str = Field(default="", sa_column=Column(Text, nullable=False))
    reopened: bool = False
    requested_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    assistant_meanwhile_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    claimed_by: UUID | None = Field(default=None, foreign_key="staff.id")
    claimed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_as: ClosedAs | None = Field(default=None, sa_type=code(ClosedAs))
    unclaimed_told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class StaffRead(SQLModel, table=True):
    """Up to which message somebody at the desk has read a conversation."""

    __tablename__ = "staff_read"

    staff_id: UUID = Field(foreign_key="staff.id", primary_key=True)
    conversation_id: UUID = Field(foreign_key="conversation.id", primary_key=True, index=True)
    seq: int = 0


class MailLink(SQLModel, table=True):
    """A link in a mail that leads back to a conversation: one use, for a few days.

    It proves nothing by itself. It opens the conversation in a browser that may use it anyway; in any other
    only after a code sent to `email`, of which the hash, the tries and the number sent are kept here.
    `seen_seq` is up to where the customer had seen the conversation when the mail was written: until they
    have been back there is one link for it.
    """

    __tablename__ = "mail_link"
    __table_args__ = (
        Index("uq_mail_link_absence", "conversation_id", "seen_seq", unique=True),
        Index("ix_mail_link_email_created", "email", "created_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    conversation_id: UUID = Field(foreign_key="conversation.id")
    seen_seq: int = 0
    email: str = Field(max_length=254)
    token_hash: str = Field(unique=True, max_length=64)
    code_hash: str = Field(default="", max_length=64)
    code_expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    code_tries: int = 0
    codes_sent: int = 0
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    used_by: UUID | None = Field(default=None, foreign_key="visitor.id")
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
