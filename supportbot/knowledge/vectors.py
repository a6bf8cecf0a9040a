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

NEAREST = 30
"""Passages a question is close to that are looked at, beside those that hold its words."""

ROUGHLY_NEAR = 300
"""Passages that the first part of the numbers finds near, of which all numbers are then looked at."""

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

    `passages` are in order, each once; the rows of each begin where `starts` says. The numbers lie in two
    parts, because the first one says already which passages may be near, in less than half the time.
    """

    ids: Whole
    passages: Whole
    starts: Whole
    first: Floats
    rest: Floats

    @classmethod
    def nothing(cls, first: int, rest: int) -> "Held":
        """No vectors, of so many numbers in the first part and in the rest."""
        none = np.zeros(0, dtype=np.int64)
        return cls(none, none, none, np.zeros((0, first), np.float32), np.zeros((0, rest), np.float32))

    def changed(self, ids: Whole, passages: Whole, new: Mapping[int, bytes]) -> "Held":
        """With exactly these vectors: the ones that are held already, and new ones as they are stored."""
        order = np.lexsort((ids, passages))
        ids, passages = ids[order], passages[order]
        cut = self.first.shape[1]
        first = np.empty((len(ids), cut), dtype=np.float32)
        rest = np.empty((len(ids), self.rest.shape[1]), dtype=np.float32)
        places = {int(vector): at for at, vector in enumerate(self.ids)}
        for at, vector in enumerate(ids.tolist()):
            held = places.get(vector)
            if held is not None:
                first[at], rest[at] = self.first[held], self.rest[held]
            else:
                numbers = np.frombuffer(new[vector], dtype=STORED)
                first[at], rest[at] = numbers[:cut], numbers[cut:]
        known, starts = np.unique(passages, return_index=True)
        return Held(ids, known, starts, first, rest)

    def closeness(self, question: Floats, also: Sequence[int] = ()) -> "Closeness":
        """How close passages are, each as its closest part: those that may be near a question, and `also`."""
        if not len(self.ids):
            return Closeness(self.passages, np.zeros(0, dtype=np.float32))
        cut = self.first.shape[1]
        if not question[:cut].any():
            return Closeness(self.passages, np.maximum.reduceat(self.rest @ question[cut:], self.starts))
        rough = self.first @ question[:cut]
        chosen = self._roughly_near(np.maximum.reduceat(rough, self.starts), also)
        ends = np.append(self.starts[1:], len(self.ids))[chosen]
        begins = self.starts[chosen]
        counts = ends - begins
        offsets = np.concatenate(([0], np.cumsum(counts)[:-1]))
        rows = np.arange(counts.sum()) + np.repeat(begins - offsets, counts)
        exact = rough[rows] + self.rest[rows] @ question[cut:]
        return Closeness(self.passages[chosen], np.maximum.reduceat(exact, offsets))

    def _roughly_near(self, rough: Floats, also: Sequence[int]) -> Whole:
        """Which of `passages` to look at, in order."""
        if len(self.passages) <= ROUGHLY_NEAR:
            return np.arange(len(self.passages))
        near = np.argpartition(rough, -ROUGHLY_NEAR)[-ROUGHLY_NEAR:]
        known = np.searchsorted(self.passages, also).clip(max=len(self.passages) - 1)
        named = known[self.passages[known] == np.asarray(also, dtype=np.int64)] if len(also) else known
        return np.unique(np.concatenate((near, named))).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Closeness:
    """How close passages are to one question; `passages` are in order."""

    passages: Whole
    scores: Floats

    def nearest(self, most: int = NEAREST) -> list[int]:
        """The closest passages, in no order."""
        if len(self.passages) <= most:
            return [int(passage) for passage in self.passages]
        chosen = np.argpartition(self.scores, -most)[-most:]
        return [int(passage) for passage in self.passages[chosen]]

    def of(self, passages: Iterable[int]) -> dict[int, float]:
        """How close these are; left out are those without vectors, and those nobody looked at."""
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
        self._held = Held.nothing(embedder.telling, embedder.dimensions - embedder.telling)
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
