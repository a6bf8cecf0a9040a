"""Where limits are counted: the newest hits of each key, in the memory of one process or shared by many."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from limits import RateLimitItem

SWEEP_SECONDS = 60
"""How often keys nobody used lately are forgotten."""

Counter = tuple[RateLimitItem, str]
"""A limit and whose hits it counts."""


class WindowsAway(Exception):
    """Shared windows cannot be reached."""


class Windows(Protocol):
    """Moving windows, one for each counter."""

    async def take(self, counters: Sequence[Counter]) -> list[float]:
        """Count one hit in every window, or in none if one of them is full.

        Returns:
            For each counter the seconds until it has room again; 0 if it has.

        Raises:
            WindowsAway: if the windows are shared and cannot be reached.
        """
        ...

    async def forget(self, counters: Sequence[Counter]) -> None:
        """Empty these windows.

        Raises:
            WindowsAway: as above.
        """
        ...


@dataclass(slots=True)
class _Window:
    seconds: int
    hits: list[float] = field(default_factory=list)

    def drop_old(self, now: float) -> None:
        del self.hits[: bisect_right(self.hits, now - self.seconds)]


class MemoryWindows:
    """The windows of this process, on a clock that never jumps.

    `limits` has a memory storage too. It walks through all its keys in a thread hop each on every hit (2,000
    visitors took most of a core), and its wall clock, set back by an hour, would shut everybody out for
    that hour. No method here waits, so no hit can come between a test and the hit that follows it.

    Args:
        clock: Seconds that only ever grow.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._windows: dict[str, _Window] = {}
        self._next_sweep = clock() + SWEEP_SECONDS

    def __len__(self) -> int:
        return len(self._windows)

    async def take(self, counters: Sequence[Counter]) -> list[float]:
        """See `Windows.take`."""
        now = self._clock()
        self._sweep(now)
        waits = [self._wait(item, whose, now) for item, whose in counters]
        if not any(waits):
            for item, whose in counters:
                self._windows.setdefault(item.key_for(whose), _Window(item.get_expiry())).hits.append(now)
        return waits

    async def forget(self, counters: Sequence[Counter]) -> None:
        """See `Windows.forget`."""
        for item, whose in counters:
            self._windows.pop(item.key_for(whose), None)

    def _wait(self, item: RateLimitItem, whose: str, now: float) -> float:
        window = self._windows.get(item.key_for(whose))
        if window is None:
            return 0
        window.drop_old(now)
        return window.hits[0] + window.seconds - now if len(window.hits) >= item.amount else 0

    def _sweep(self, now: float) -> None:
        if now < self._next_sweep:
            return
        self._next_sweep = now + SWEEP_SECONDS
        for key, window in list(self._windows.items()):
            window.drop_old(now)
            if not window.hits:
                del self._windows[key]
