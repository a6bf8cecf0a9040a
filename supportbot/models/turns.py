"""The assistant's attempts to answer, and what they cost."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Column, Index, Numeric
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from supportbot.ids import new_id, now
from supportbot.models.columns import UtcDateTime, partial

UNSURE = "NOT confident"
"""Turns for which the articles had nothing, in SQL."""


class Turn(SQLModel, table=True):
    """The assistant's attempt to answer: what it answers, what it wrote, how long it took, how it ended.

    `confident` is retrieval's judgement whether the articles had anything about the question; None for a
    turn that asked nothing of them. `lease_until` is renewed while a runner works on it. A turn whose lease
    has passed belongs to a runner that died, and whoever meets it may fail it.
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
        Index("ix_turn_answers", "answers_id"),
        partial("ix_turn_unsure", "ended_at", UNSURE),
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
    confident: bool | None = None
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
