"""The help centre, the versions of its articles, its passages, and which of them answers rested on."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, Index, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from supportbot.ids import new_id, now
from supportbot.models.codes import ArticleState, Origin
from supportbot.models.columns import UtcDateTime, code

WRITTEN_HERE = "written-here"
"""The collection of articles that were written in the editor and come from no file."""


class Article(SQLModel, table=True):
    """A page of the help centre, in Markdown. `collection` and `path` say where it was imported from.

    Title, description, language and body are those of version `version`: what readers see while the
    article is published, and what a draft has so far. A published article whose newest version has a
    higher number has changes that are not published yet. Only a published article has passages.
    `content_hash` is of what was imported last, so that an import knows whether the file has changed.
    """

    __table_args__ = (
        UniqueConstraint("collection", "path"),
        # Each question asks whether anything was published since: answered from the index alone.
        Index("ix_article_edition", "updated_at", "state"),
    )

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
    state: ArticleState = Field(default=ArticleState.PUBLISHED, sa_type=code(ArticleState))
    version: int = 1


class ArticleVersion(SQLModel, table=True):
    """An article as somebody left it. Versions are only ever added.

    `staff_id` is None for an import from the command line; `restored_from` names the version this one
    repeats.
    """

    __tablename__ = "article_version"
    __table_args__ = (UniqueConstraint("article_id", "version"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    article_id: UUID = Field(foreign_key="article.id", ondelete="CASCADE")
    version: int
    title: str = Field(max_length=300)
    description: str = Field(default="", sa_column=Column(Text, nullable=False))
    body: str = Field(sa_column=Column(Text, nullable=False))
    language: str = Field(default="en", max_length=35)
    origin: Origin = Field(sa_type=code(Origin))
    staff_id: UUID | None = Field(default=None, foreign_key="staff.id")
    restored_from: int | None = None
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


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


class PassageVector(SQLModel, table=True):
    """What a part of a passage means, as a model has it: numbers of two bytes each, little-endian.

    Made after the passage, in the background. An `id` is never used twice, on SQLite neither, so that what a
    worker holds in memory can be told by it from what the database has now.
    """

    __tablename__ = "passage_vector"
    __table_args__ = (
        UniqueConstraint("passage_id", "model", "part"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    passage_id: int = Field(foreign_key="passage.id", ondelete="CASCADE")
    model: str = Field(max_length=80)
    part: int
    vector: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Evidence(SQLModel, table=True):
    """A passage that was found for a turn, and whether the answer cites it.

    Passages are cut anew when their article changes, so a row names the place (article, version, anchor)
    and not only the passage that stood there. `place` counts the passages of a turn, the best is 0.
    """

    __table_args__ = (
        Index("ix_evidence_article", "article_id", "created_at"),
        Index("ix_evidence_message", "message_id"),
        Index("ix_evidence_cited", "article_id", "cited", "created_at", "message_id"),
    )

    turn_id: UUID = Field(foreign_key="turn.id", primary_key=True)
    place: int = Field(primary_key=True)
    message_id: UUID = Field(foreign_key="message.id")
    article_id: UUID = Field(foreign_key="article.id", ondelete="CASCADE")
    version: int
    heading: str = Field(default="", max_length=600)
    anchor: str = Field(default="", max_length=200)
    score: float
    cited: bool = False
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
