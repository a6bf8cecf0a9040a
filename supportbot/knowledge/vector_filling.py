"""Makes the vectors that are missing, in the background: after an import, an edit, or a change of the model.

A batch is read, embedded in a thread and written in a transaction of its own, so memory is bounded by the
batch, whatever breaks off loses one, and nobody who writes waits for the model. Workers may fill at the
same time: what both have made is stored once.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.database import Database
from supportbot.knowledge.embedding import Embedder, windows
from supportbot.knowledge.vectors import stored
from supportbot.models import Article, Passage, PassageVector
from supportbot.settings import POSTGRESQL

log = logging.getLogger(__name__)

BATCH = 16
"""Passages that are embedded and written together: about a second's work."""

SAY_EVERY = 30.0
"""Seconds between two lines of the log that say how far a long filling is."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the published passages are found by their meaning already."""

    done: int
    of: int


@dataclass(frozen=True, slots=True)
class _Unread:
    """A passage without vectors, as it was read; until it is written, it may have become another."""

    id: int
    title: str
    heading: str
    body: str


async def progress(database: Database, embedder: Embedder) -> Progress:
    """How far the filling is."""
    done = select(func.count(func.distinct(col(PassageVector.passage_id)))).where(
        col(PassageVector.model) == embedder.name
    )
    async with database.reading() as session:
        return Progress(
            (await session.exec(done)).one(),
            (await session.exec(select(func.count()).select_from(Passage))).one(),
        )


async def fill_vectors(database: Database, embedder: Embedder, stopping: asyncio.Event | None = None) -> int:
    """Make every vector that is missing, and forget those of other models.

    Args:
        database: Where passages are.
        embedder: Who makes the vectors.
        stopping: Set when the worker is about to stop: ends after the batch.

    Returns:
        For how many passages vectors were made.
    """
    made, last, said = 0, 0, time.monotonic()
    while unread := await _unread(database, embedder.name, last):
        if stopping is not None and stopping.is_set():
            return made
        last = unread[-1].id
        rows = await asyncio.to_thread(_embedded, embedder, unread)
        made += await _write(database, unread, rows)
        if time.monotonic() - said > SAY_EVERY:
            far, said = await progress(database, embedder), time.monotonic()
            log.info("%s of %s passages can be found by their meaning", far.done, far.of)
    await _forget_others(database, embedder.name)
    return made


class Filler:
    """Fills as a job does: again and again, and looks only when an article has changed."""

    def __init__(self, database: Database, embedder: Embedder) -> None:
        self._database = database
        self._embedder = embedder
        self._complete: object = None

    async def work(self, stopping: asyncio.Event) -> int:
        """Make what is missing."""
        async with self._database.reading() as session:
            newest = (await session.exec(select(func.max(col(Article.updated_at)), func.count()))).one()
            state: object = (tuple(newest), (await session.exec(select(func.max(col(Passage.id))))).one())
        if state == self._complete:
            return 0
        made = await fill_vectors(self._database, self._embedder, stopping)
        if made:
            log.info("%s passages can now be found by their meaning", made)
        if not stopping.is_set():
            self._complete = state
        return made


async def _unread(database: Database, model: str, after: int) -> list[_Unread]:
    made = select(PassageVector.passage_id).where(
        col(PassageVector.passage_id) == col(Passage.id), col(PassageVector.model) == model
    )
    missing = (
        select(Passage.id, Article.title, Passage.heading, Passage.body)
        .join(Article)
        .where(col(Passage.id) > after, ~made.exists())
        .order_by(col(Passage.id))
        .limit(BATCH)
    )
    async with database.reading() as session:
        rows = (await session.exec(missing)).all()
    return [_Unread(passage, title, heading, body) for passage, title, heading, body in rows if passage]


def _embedded(embedder: Embedder, unread: Sequence[_Unread]) -> list[dict[str, Any]]:
    texts = [
        (passage.id, part, text)
        for passage in unread
        for part, text in enumerate(windows(passage.title, passage.heading, passage.body))
    ]
    vectors = embedder.passages([text for _, _, text in texts])
    return [
        {"passage_id": passage, "model": embedder.name, "part": part, "vector": stored(vector)}
        for (passage, part, _), vector in zip(texts, vectors, strict=True)
    ]


async def _write(database: Database, unread: Sequence[_Unread], rows: Sequence[dict[str, Any]]) -> int:
    """Store the vectors of the passages that still say what was embedded; how many passages those are."""
    async with database.transaction() as session:
        same = await _unchanged(session, unread)
        kept = [row for row in rows if row["passage_id"] in same]
        if kept:
            insert = postgresql.insert if database.kind == POSTGRESQL else sqlite.insert
            await session.exec(insert(PassageVector).on_conflict_do_nothing(), params=kept)
    return len(same)


async def _unchanged(session: AsyncSession, unread: Sequence[_Unread]) -> set[int]:
    # Locked against deletion: on PostgreSQL an article may be published anew while this is written. SQLite
    # lets nobody else write, but may have given the number of a deleted passage to another.
    there = (
        select(Passage.id, Article.title, Passage.heading, Passage.body)
        .join(Article)
        .where(col(Passage.id).in_([passage.id for passage in unread]))
        .with_for_update(key_share=True, read=True, of=Passage)
    )
    rows = {_Unread(*row) for row in (await session.exec(there)).all()}
    return {passage.id for passage in unread if passage in rows}


async def _forget_others(database: Database, model: str) -> None:
    async with database.reading() as session:
        other = select(PassageVector.id).where(col(PassageVector.model) != model).limit(1)
        if (await session.exec(other)).first() is None:
            return
    async with database.transaction() as session:
        await session.exec(delete(PassageVector).where(col(PassageVector.model) != model))
