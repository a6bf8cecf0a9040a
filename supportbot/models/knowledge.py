"""The help centre and its passages."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from supportbot.ids import new_id, now
from supportbot.models.columns import UtcDateTime


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
