"""The one way an article's words reach readers: a version, then the article's own row, then its passages.

All of it is written in the caller's transaction, so nobody ever sees an article without its passages or
passages of an older version. Cutting and stemming take time and come before: see `cut`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Executable, bindparam, delete, func, insert, text, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.knowledge.indexing import Indexed
from supportbot.knowledge.passages import Piece, pieces
from supportbot.models import Article, ArticleState, ArticleVersion, Origin, Passage
from supportbot.settings import POSTGRESQL

T = TypeVar("T")
ADVISORY_LOCK = 7_305_002
"""Any constant number will do, as long as every process uses the same one."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a version of an article says, in Markdown that is already clean."""

    title: str
    body: str
    description: str = ""
    language: str = "en"


_WORDS = tuple(field.name for field in fields(Words))
_PORTION = 500


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


@dataclass(frozen=True, slots=True)
class Publication:
    """A version that readers are to see."""

    article_id: UUID
    words: Words
    version: int
    passages: Sequence[CutPassage]


async def publish(
    session: AsyncSession,
    article_id: UUID,
    words: Words,
    version: int,
    passages: Sequence[CutPassage],
    at: datetime,
) -> None:
    """Let readers see a version: in the help pages at once, and in the next answer."""
    await publish_all(session, [Publication(article_id, words, version, passages)], at)


async def one_at_a_time(session: AsyncSession) -> None:
    """Until the transaction ends, nobody else changes what readers see.

    Whoever locks rows of articles besides calls this before, so that no two ever wait for each other.
    """
    # On SQLite the transaction itself lets nobody else write.
    if session.get_bind().dialect.name == POSTGRESQL:
        connection = await session.connection()
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})


async def publish_all(session: AsyncSession, publications: Sequence[Publication], at: datetime) -> None:
    """Let readers see many versions at once.

    In few statements: while SQLite writes, nobody else does, and an import may have thousands.
    """
    if not publications:
        return
    at = await _next_moment(session, at)
    await _without_passages(session, [one.article_id for one in publications])
    article = col(Article.id) == bindparam("article_id")
    named: dict[str, Any] = {name: bindparam(f"new_{name}") for name in ("version", *_WORDS)}
    await in_portions(
        session,
        update(Article).where(article).values(**named, state=ArticleState.PUBLISHED, updated_at=at),
        [
            {"article_id": one.article_id, "new_version": one.version}
            | {f"new_{name}": getattr(one.words, name) for name in _WORDS}
            for one in publications
        ],
    )
    rows = [
        {
            "article_id": one.article_id,
            "position": position,
            "terms": passage.terms,
            "heading": passage.piece.heading,
            "anchor": passage.piece.anchor,
            "body": passage.piece.body,
        }
        for one in publications
        for position, passage in enumerate(one.passages)
    ]
    await in_portions(session, insert(Passage), rows)


async def in_portions(
    session: AsyncSession, statement: Executable, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Execute a statement for many rows, with a breath for everybody else in between."""
    connection = await session.connection()
    for some in _portions(rows):
        await connection.execute(statement, some)


async def retire(session: AsyncSession, article_ids: Collection[UUID], at: datetime) -> None:
    """Take articles away from readers; they can be published again."""
    if not article_ids:
        return
    at = await _next_moment(session, at)
    await _without_passages(session, article_ids)
    for some in _portions(list(article_ids)):
        await session.exec(
            update(Article).where(col(Article.id).in_(some)).values(state=ArticleState.RETIRED, updated_at=at)
        )


async def _next_moment(session: AsyncSession, at: datetime) -> datetime:
    """`at`, or the first moment after every other change, whichever is later.

    By the newest moment all workers know that what they hold in memory is of yesterday: it must be another
    one after each change, also when two are made at once, or when a clock was set back.
    """
    await one_at_a_time(session)
    newest = (await session.exec(select(func.max(col(Article.updated_at))))).one()
    return at if newest is None else max(at, newest + timedelta(microseconds=1))


async def _without_passages(session: AsyncSession, article_ids: Collection[UUID]) -> None:
    for some in _portions(list(article_ids)):
        await session.exec(delete(Passage).where(col(Passage.article_id).in_(some)))


def _portions(all_of_them: Sequence[T]) -> Iterator[Sequence[T]]:
    """As many as a statement may name."""
    for start in range(0, len(all_of_them), _PORTION):
        yield all_of_them[start : start + _PORTION]
