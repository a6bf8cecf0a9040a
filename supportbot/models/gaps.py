"""What customers ask and the articles do not answer."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, Index, Text
from sqlmodel import Field, SQLModel

from supportbot.ids import new_id, now
from supportbot.models.columns import UtcDateTime, partial

MARKED = "marked_wrong"
"""Questions whose answer a colleague has marked as wrong, in SQL."""


class Gap(SQLModel, table=True):
    """Questions that are alike and had no good answer.

    `question` is the one it began with. `terms` are the words its questions have in common, by which the
    next one is recognised. `customers` counts the conversations it came up in; it and `last_asked_at` are
    counted anew from its questions whenever one comes or goes. `article_id` is the article drafted for it:
    whether that covers the gap follows from the article's state and from what was asked since.
    """

    __table_args__ = (
        Index("ix_gap_customers", "customers", "last_asked_at"),
        Index("ix_gap_language", "language", "last_asked_at"),
        Index("ix_gap_article", "article_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    language: str = Field(default="", max_length=35)
    question: str = Field(max_length=300)
    terms: str = Field(sa_column=Column(Text, nullable=False))
    customers: int = 0
    last_asked_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    article_id: UUID | None = Field(default=None, foreign_key="article.id", ondelete="SET NULL")
    dismissed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    dismissed_by: UUID | None = Field(default=None, foreign_key="staff.id")
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class GapQuestion(SQLModel, table=True):
    """A customer's message that had no good answer, the gap it belongs to, and how we know."""

    __tablename__ = "gap_question"
    __table_args__ = (
        Index("ix_gap_question_gap", "gap_id", "asked_at"),
        Index("ix_gap_question_conversation", "conversation_id"),
        partial("ix_gap_question_marked", "message_id", MARKED),
    )

    message_id: UUID = Field(foreign_key="message.id", primary_key=True)
    gap_id: UUID = Field(foreign_key="gap.id", ondelete="CASCADE")
    conversation_id: UUID = Field(foreign_key="conversation.id")
    terms: str = Field(sa_column=Column(Text, nullable=False))
    found_nothing: bool = False
    escalated: bool = False
    rated_down: bool = False
    marked_wrong: bool = False
    asked_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
