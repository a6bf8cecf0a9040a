"""Work that recurs, and what leaves the house."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, Index
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from supportbot.ids import new_id, now
from supportbot.models.codes import Channel
from supportbot.models.columns import UtcDateTime, code

_OUTBOX_WAITS = "sent_at IS NULL AND failed_at IS NULL AND dropped_at IS NULL"
_OUTBOX_FAILED = "failed_at IS NOT NULL AND sent_at IS NULL AND dropped_at IS NULL"


class Job(SQLModel, table=True):
    """Work that recurs, by name: when it is due and which worker is at it, until when."""

    name: str = Field(primary_key=True, max_length=60)
    next_run_at: datetime = Field(sa_type=UtcDateTime)
    runner: str = Field(default="", max_length=64)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failures: int = 0
    """In a row; a run that succeeds sets it back."""
    last_error: str = Field(default="", max_length=120)


class Outbox(SQLModel, table=True):
    """A mail or a webhook, written in the transaction that causes it and sent by a job.

    It waits until it is sent, given up (`failed_at`) or dropped by a person. `attempts` counts tries
    that began, also those whose worker died; `claim` names the try that is going on until `lease_until`.
    A mail that was sent has no `body` any more.
    """

    __table_args__ = (
        Index(
            "ix_outbox_waiting",
            "channel",
            "next_attempt_at",
            sqlite_where=sql(_OUTBOX_WAITS),
            postgresql_where=sql(_OUTBOX_WAITS),
        ),
        Index(
            "ix_outbox_failed",
            "failed_at",
            sqlite_where=sql(_OUTBOX_FAILED),
            postgresql_where=sql(_OUTBOX_FAILED),
        ),
        Index("ix_outbox_created", "created_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    key: str = Field(unique=True, max_length=200)
    channel: Channel = Field(sa_type=code(Channel))
    topic: str = Field(max_length=60)
    recipient: str = Field(default="", max_length=254)
    payload: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    attempts: int = 0
    next_attempt_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    claim: str = Field(default="", max_length=32)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_error: str = Field(default="", max_length=60)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    dropped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
