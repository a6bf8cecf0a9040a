"""The live log: what just happened in a conversation, for every page that looks at it.

The log is not the truth, the database is. It only has to be quick, and honest about what it lost:
a follower whose position it no longer has gets `Resync` and reads the transcript again.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, Protocol
from uuid import UUID

HEARTBEAT = 15.0
"""Seconds after which a quiet follower yields an empty batch, so that its page can check itself."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in one topic's log. Positions of different epochs cannot be compared."""

    epoch: str
    seq: int


LOST = Position("", 0)
"""Following from here gives a `Resync` first: for pages that do not know where they are."""


@dataclass(frozen=True, slots=True)
class Stamped:
    """An event and the position just after it."""

    position: Position
    event: Any


@dataclass(frozen=True, slots=True)
class Resync:
    """The log no longer reaches back to where the follower was: read the transcript again."""


class LiveLog(Protocol):
    """What the rest of the product knows of the log; one process or many."""

    async def append(self, topic: UUID, event: Any) -> Position:
        """Add an event and wake the followers; returns the position just after it."""
        ...

    async def position(self, topic: UUID) -> Position:
        """The log's end. Take it *before* reading the transcript, then follow from it."""
        ...

    def follow(
        self, topic: UUID, after: Position, *, heartbeat: float = HEARTBEAT
    ) -> AsyncGenerator[list[Stamped] | Resync, None]:
        """Yield what was missed since `after`, then what comes; [] when quiet for `heartbeat` seconds.

        After a `Resync` the iteration ends.
        """
        ...


class _Topic:
    __slots__ = ("epoch", "events", "last_seq", "touched", "waiting")

    def __init__(self, keep: int) -> None:
        self.epoch = token_hex(8)
        self.last_seq = 0
        self.events: deque[Stamped] = deque(maxlen=keep)
        self.waiting: set[asyncio.Future[None]] = set()
        self.touched = time.monotonic()

    def since(self, seq: int) -> list[Stamped]:
        missing = self.last_seq - seq
        return list(self.events)[-missing:] if missing > 0 else []


class MemoryLive:
    """The log of a single process: a ring for each topic.

    Args:
        keep: Events a topic keeps. At twenty frames a second, 2,000 are well over a minute, and the
            database is never more than a second behind.
        forget_after: Seconds after which a topic that nobody follows or writes is dropped.
    """

    def __init__(self, *, keep: int = 2_000, forget_after: float = 600) -> None:
        self._keep = keep
        self._forget_after = forget_after
        self._topics: dict[UUID, _Topic] = {}
        self._sweep_at = 256

    async def append(self, topic: UUID, event: Any) -> Position:
        """See `LiveLog.append`."""
        log = self._topic(topic)
        log.last_seq += 1
        position = Position(log.epoch, log.last_seq)
        log.events.append(Stamped(position, event))
        for waiter in log.waiting:
            _wake(waiter)
        log.waiting.clear()
        return position

    async def position(self, topic: UUID) -> Position:
        """See `LiveLog.position`."""
        log = self._topic(topic)
        return Position(log.epoch, log.last_seq)

    async def follow(
        self, topic: UUID, after: Position, *, heartbeat: float = HEARTBEAT
    ) -> AsyncGenerator[list[Stamped] | Resync, None]:
        """See `LiveLog.follow`."""
        seq = after.seq
        while True:
            log = self._topic(topic)
            lost = log.last_seq - seq > len(log.events) or seq > log.last_seq
            if log.epoch != after.epoch or lost:
                yield Resync()
                return
            if news := log.since(seq):
                seq = news[-1].position.seq
                yield news
                continue
            if not await _woken(log, heartbeat):
                yield []

    def forget(self, topic: UUID) -> None:
        """Drop a topic; its followers resync. (An administrator's tool, and the tests'.)"""
        log = self._topics.pop(topic, None)
        for waiter in log.waiting if log else ():
            _wake(waiter)

    def _topic(self, topic: UUID) -> _Topic:
        log = self._topics.get(topic)
        if log is None:
            if len(self._topics) >= self._sweep_at:
                self._sweep()
            log = self._topics[topic] = _Topic(self._keep)
        log.touched = time.monotonic()
        return log

    def _sweep(self) -> None:
        oldest = time.monotonic() - self._forget_after
        for topic, log in list(self._topics.items()):
            if not log.waiting and log.touched < oldest:
                del self._topics[topic]
        self._sweep_at = max(256, 2 * len(self._topics))


async def _woken(log: _Topic, seconds: float) -> bool:
    """Wait for the next append; False when `seconds` passed without one."""
    loop = asyncio.get_running_loop()
    waiter: asyncio.Future[None] = loop.create_future()
    log.waiting.add(waiter)
    # A timer costs less than wait_for, which would wrap each wait in a task.
    timer = loop.call_later(seconds, _wake, waiter)
    try:
        await waiter
        return waiter not in log.waiting
    finally:
        timer.cancel()
        log.waiting.discard(waiter)


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
