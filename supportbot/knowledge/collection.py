"""All published passages as a worker holds them: their words, and how rare each word is.

The database's index says which passages hold a word; what stands in them is then at hand. Reading some
hundred passages for each question took longer than everything else about it. A thousand passages take some
2.5 MB: each word is kept once, however often it stands somewhere.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func
from sqlalchemy import select as select_columns
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.knowledge.indexing import Indexed
from supportbot.knowledge.ranking import Candidate
from supportbot.knowledge.vocabulary import Vocabulary
from supportbot.models import Article, ArticleState, Passage


@dataclass(frozen=True, slots=True)
class Edition:
    """Changes whenever a published article does."""

    articles: int
    published: int
    updated: str
    last_passage: int


@dataclass(frozen=True, slots=True)
class Collection:
    """The published passages of one edition. Never changed, so questions read it side by side."""

    edition: Edition
    vocabulary: Vocabulary
    passages: dict[int, Candidate]
    """By `Passage.id`."""

    def among(self, ids: Iterable[int], most: int) -> dict[int, Candidate]:
        """Those of these passages that are published, the shortest if there are too many."""
        found = [passage for passage in ids if passage in self.passages]
        if len(found) > most:
            found.sort(key=lambda passage: (self.passages[passage].words.length, passage))
        return {passage: self.passages[passage] for passage in found[:most]}


class Collections:
    """The collection as it is now: read anew when an article has changed, by whichever process."""

    def __init__(self) -> None:
        self._now: Collection | None = None
        self._reading = asyncio.Lock()

    async def current(self, session: AsyncSession) -> Collection:
        """What is published at this moment. Asked by several at once, it is read once."""
        edition = await _edition(session)
        async with self._reading:
            if self._now is None or self._now.edition != edition:
                rows = await _published(session)
                self._now = await asyncio.to_thread(_collection, edition, rows)
            return self._now


async def _edition(session: AsyncSession) -> Edition:
    counted = select(
        func.count(),
        func.count().filter(col(Article.state) == ArticleState.PUBLISHED),
        func.max(col(Article.updated_at)),
        select(func.max(col(Passage.id))).scalar_subquery(),
    )
    articles, published, updated, last_passage = (await session.exec(counted)).one()
    return Edition(articles, published, str(updated), last_passage or 0)


async def _published(session: AsyncSession) -> Sequence[Any]:
    connection = await session.connection()
    rows = await connection.execute(
        select_columns(
            col(Passage.id), col(Passage.position), col(Passage.anchor), col(Passage.terms), col(Article.slug)
        )
        .join(Article)
        .where(col(Article.state) == ArticleState.PUBLISHED)
        .order_by(col(Passage.id))
    )
    return rows.all()


def _collection(edition: Edition, rows: Sequence[Any]) -> Collection:
    seen: dict[str, str] = {}
    passages = {
        row.id: Candidate((row.slug, row.position), (row.slug, row.anchor), Indexed.read(row.terms, seen))
        for row in rows
    }
    return Collection(edition, Vocabulary(candidate.words for candidate in passages.values()), passages)
