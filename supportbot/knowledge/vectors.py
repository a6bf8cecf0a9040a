"""The vectors of all published passages, held in memory: which passages are closest to a question."""

import asyncio
import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.knowledge.embedding import Embedder, Floats
from supportbot.logs import log_trouble
from supportbot.models import PassageVector

log = logging.getLogger(__name__)

NEAREST = 60
"""Passages a question is close to that are looked at, beside those that hold its words."""

LOOK_EVERY = 1.0
"""Seconds between two looks for vectors that came without a change of an article: the job makes them."""

READ_AT_ONCE = 500
"""Vectors read with one statement."""

STORED = np.dtype("<f2")
DIGITS = 4
"""Rounded to these, closeness is the same whichever rows stood beside a passage's in the product."""

Whole = NDArray[np.int64]


def stored(vector: Floats) -> bytes:
    """A vector as the database keeps it."""
    return vector.astype(STORED).tobytes()


@dataclass(frozen=True, slots=True)
class Held:
    """Vectors, a row each, those of a passage next to each other. Never changed, so read without a lock.

    `passages` are in order, each once; the rows of each begin where `starts` says.
    """

    ids: Whole
    passages: Whole
    starts: Whole
    rows: Floats

    @classmethod
    def nothing(cls, dimensions: int) -> "Held":
        """No vectors of this length."""
        none = np.zeros(0, dtype=np.int64)
        return cls(none, none, none, np.zeros((0, dimensions), dtype=np.float32))

    def changed(self, ids: Whole, passages: Whole, new: Mapping[int, bytes]) -> "Held":
        """With exactly these vectors: the ones that are held already, and new ones as they are stored."""
        order = np.lexsort((ids, passages))
        ids, passages = ids[order], passages[order]
        rows = np.empty((len(ids), self.rows.shape[1]), dtype=np.float32)
        places = {int(vector): at for at, vector in enumerate(self.ids)}
        for at, vector in enumerate(ids.tolist()):
            held = places.get(vector)
            rows[at] = self.rows[held] if held is not None else np.frombuffer(new[vector], dtype=STORED)
        known, starts = np.unique(passages, return_index=True)
        return Held(ids, known, starts, rows)

    def closeness(self, question: Floats) -> "Closeness":
        """How close each passage is to a question: as close as its closest part."""
        if not len(self.ids):
            return Closeness(self.passages, np.zeros(0, dtype=np.float32))
        return Closeness(self.passages, np.maximum.reduceat(self.rows @ question, self.starts))


@dataclass(frozen=True, slots=True)
class Closeness:
    """For each passage that has vectors how close it is to one question; `passages` are in order."""

    passages: Whole
    scores: Floats

    def nearest(self, most: int = NEAREST) -> list[int]:
        """The closest passages, in no order."""
        if len(self.passages) <= most:
            return [int(passage) for passage in self.passages]
        chosen = np.argpartition(self.scores, -most)[-most:]
        return [int(passage) for passage in self.passages[chosen]]

    def of(self, passages: Iterable[int]) -> dict[int, float]:
        """How close these are, those without vectors left out."""
        found: dict[int, float] = {}
        for passage in passages:
            at = int(np.searchsorted(self.passages, passage))
            if at < len(self.passages) and self.passages[at] == passage:
                found[passage] = round(float(self.scores[at]), DIGITS)
        return found


class Vectors:
    """What this worker holds, brought up to date when somebody asks.

    Args:
        embedder: Makes them, and says where a question points.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._held = Held.nothing(embedder.dimensions)
        self._edition: object = None
        self._counted: tuple[int, int] = (0, 0)
        self._looked = 0.0
        self._reading = asyncio.Lock()

    async def pointed(self, question: str) -> Floats | None:
        """Where the question points, or None if the model fails: then words alone must do."""
        try:
            return await asyncio.to_thread(self._embedder.question, question)
        except Exception as error:
            log_trouble(log, "a question is answered by words alone", error)
            return None

    async def current(self, session: AsyncSession, edition: object) -> Held:
        """All vectors there are, as of this edition of the articles."""
        async with self._reading:
            quiet = time.monotonic() - self._looked < LOOK_EVERY
            if edition == self._edition and quiet:
                return self._held
            counted = await self._count(session)
            if edition != self._edition or counted != self._counted:
                self._held = await self._read(session)
            self._edition, self._counted, self._looked = edition, counted, time.monotonic()
            return self._held

    async def _count(self, session: AsyncSession) -> tuple[int, int]:
        newest, number = (
            await session.exec(select(func.max(col(PassageVector.id)), func.count(col(PassageVector.id))))
        ).one()
        return newest or 0, number

    async def _read(self, session: AsyncSession) -> Held:
        of_ours = col(PassageVector.model) == self._embedder.name
        there = (await session.exec(select(PassageVector.id, PassageVector.passage_id).where(of_ours))).all()
        held = set(self._held.ids.tolist())
        missing = [vector for vector, _ in there if vector is not None and vector not in held]
        new: dict[int, bytes] = {}
        for some in _few_at_once(missing):
            rows = select(PassageVector.id, PassageVector.vector).where(col(PassageVector.id).in_(some))
            new |= {
                vector: numbers for vector, numbers in (await session.exec(rows)).all() if vector is not None
            }
        ids = np.array([vector for vector, _ in there], dtype=np.int64)
        passages = np.array([passage for _, passage in there], dtype=np.int64)
        return await asyncio.to_thread(self._held.changed, ids, passages, new)


def _few_at_once(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for at in range(0, len(ids), READ_AT_ONCE):
        yield ids[at : at + READ_AT_ONCE]
