"""The versions of an article: who left it so and when, and what is different between two of them."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select as select_columns
from sqlmodel import col, select

from supportbot.database import Database
from supportbot.errors import NotFound
from supportbot.knowledge.differences import Line, compare
from supportbot.knowledge.editing import version_of
from supportbot.knowledge.publishing import Words
from supportbot.models import Article, ArticleVersion, Origin, Staff

MOST_VERSIONS = 200
"""How many versions a history shows; the older ones stay and can be restored by their number."""
FIELDS = ("title", "description", "language")


@dataclass(frozen=True, slots=True)
class Version:
    """One version. `by` is empty if no person made it: an import from the command line."""

    version: int
    by: str
    at: datetime
    origin: Origin
    restored_from: int | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the later of two versions says otherwise: fields with both values, and lines of the text."""

    fields: tuple[tuple[str, str, str], ...]
    lines: tuple[Line, ...]


async def article_of(database: Database, article_id: UUID | None) -> Article:
    """The article, whatever its state.

    Raises:
        NotFound: if there is none.
    """
    async with database.reading() as session:
        article = await session.get(Article, article_id) if article_id else None
    if article is None:
        raise NotFound("There is no such article.")
    return article


async def history(database: Database, article_id: UUID) -> list[Version]:
    """The versions of an article, the newest first; none of an article there is not."""
    query = (
        select_columns(
            col(ArticleVersion.version),
            col(Staff.name),
            col(ArticleVersion.created_at),
            col(ArticleVersion.origin),
            col(ArticleVersion.restored_from),
        )
        .select_from(ArticleVersion)
        .join(Staff, col(Staff.id) == ArticleVersion.staff_id, isouter=True)
        .where(col(ArticleVersion.article_id) == article_id)
        .order_by(col(ArticleVersion.version).desc())
        .limit(MOST_VERSIONS)
    )
    async with database.reading() as session:
        rows = (await (await session.connection()).execute(query)).all()
    return [Version(number, name or "", at, origin, source) for number, name, at, origin, source in rows]


async def newest(database: Database, article_id: UUID) -> tuple[int, Words]:
    """The newest version of an article, as somebody begins to edit it.

    Raises:
        NotFound: if there is no such article.
    """
    query = (
        select(ArticleVersion)
        .where(ArticleVersion.article_id == article_id)
        .order_by(col(ArticleVersion.version).desc())
        .limit(1)
    )
    async with database.reading() as session:
        found = (await session.exec(query)).first()
    if found is None:
        raise NotFound("There is no such article.")
    return found.version, Words(found.title, found.body, found.description, found.language)


async def compare_versions(database: Database, article_id: UUID, before: int, after: int) -> Comparison:
    """What version `after` says otherwise than version `before`.

    Raises:
        NotFound: if there is no such article or version.
    """
    return await compare_words(
        await version_of(database, article_id, before), await version_of(database, article_id, after)
    )


async def compare_words(before: Words, after: Words) -> Comparison:
    """What `after` says otherwise than `before`."""
    fields = ((name, getattr(before, name), getattr(after, name)) for name in FIELDS)
    lines = await asyncio.to_thread(compare, before.body, after.body)
    return Comparison(tuple(one for one in fields if one[1] != one[2]), tuple(lines))
