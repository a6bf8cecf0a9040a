"""The one way an article's words reach readers: a version, then the article's own row, then its passages.

All of it is written in the caller's transaction, so nobody ever sees an article without its passages or
passages of an older version. Cutting and stemming take time and come before: see `cut`.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, insert, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.knowledge.indexing import Indexed
from supportbot.knowledge.passages import Piece, pieces
from supportbot.models import Article, ArticleState, ArticleVersion, Origin, Passage


@dataclass(frozen=True, slots=True)
class Words:
    """What a version of an article says, in Markdown that is already clean."""

    title: str
    body: str
    description: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class CutPassage:
    """A passage and its stored terms."""

    piece: Piece
    terms: str


def cut(title: str, body: str, own_title: str = "") -> tuple[CutPassage, ...]:
    """The passages of an article, with the words the index sees. Pure; takes milliseconds a page.

    Args:
        title: The article's title.
        body: Its Markdown.
        own_title: The first heading of the text, where it differs: people may search for either.
    """
    named = f"{title} {own_title}" if own_title and own_title.casefold() != title.casefold() else title
    return tuple(
        CutPassage(piece, Indexed.of(named, piece.heading, piece.body).stored())
        for piece in pieces(title, body)
    )


async def add_version(
    session: AsyncSession,
    article_id: UUID,
    words: Words,
    at: datetime,
    *,
    origin: Origin,
    staff_id: UUID | None = None,
    restored_from: int | None = None,
) -> int:
    """Add a version after the newest one; its number. The caller has locked the article's row."""
    newest = select(func.max(ArticleVersion.version)).where(ArticleVersion.article_id == article_id)
    version = ((await session.exec(newest)).one() or 0) + 1
    session.add(
        ArticleVersion(
            article_id=article_id,
            version=version,
            origin=origin,
            staff_id=staff_id,
            restored_from=restored_from,
            created_at=at,
            **asdict(words),
        )
    )
    await session.flush()
    return version


async def publish(
    session: AsyncSession,
    article_id: UUID,
    words: Words,
    version: int,
    passages: Sequence[CutPassage],
    at: datetime,
) -> None:
    """Let readers see a version: in the help pages at once, and in the next answer."""
    await session.exec(delete(Passage).where(col(Passage.article_id) == article_id))
    await session.exec(
        update(Article)
        .where(col(Article.id) == article_id)
        .values(**asdict(words), version=version, state=ArticleState.PUBLISHED, updated_at=at)
    )
    rows = [
        {
            "article_id": article_id,
            "position": position,
            "terms": passage.terms,
            "heading": passage.piece.heading,
            "anchor": passage.piece.anchor,
            "body": passage.piece.body,
        }
        for position, passage in enumerate(passages)
    ]
    if rows:
        await session.exec(insert(Passage), params=rows)


async def retire(session: AsyncSession, article_ids: Collection[UUID], at: datetime) -> None:
    """Take articles away from readers; they can be published again."""
    for article_id in article_ids:
        await session.exec(delete(Passage).where(col(Passage.article_id) == article_id))
        await session.exec(
            update(Article)
            .where(col(Article.id) == article_id)
            .values(state=ArticleState.RETIRED, updated_at=at)
        )
