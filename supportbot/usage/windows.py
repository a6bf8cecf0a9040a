"""Where the limits of one process are counted: the newest hits of each key, in memory."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field

from limits.aio.storage import MemoryStorage

SWEEP_SECONDS = 60
"""How often keys nobody used lately are forgotten."""


@dataclass(slots=True)
class _Window:
    seconds: int
    hits: list[float] = field(default_factory=list)

    def forget(self, now: float) -> None:
        del self.hits[: bisect_right(self.hits, now - self.seconds)]


class MemoryWindows(MemoryStorage):
    """Moving windows for `limits`, on a clock that never jumps.

    The library's own memory storage walks through all its keys in a thread hop each on every hit (2,000
    visitors took most of a core), and its wall clock, set back by an hour, would shut everybody out for
    that hour. No method here waits, so a test and the hit that follows it cannot be separated.

    Args:
        clock: Seconds that only ever grow.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock = clock
        self._windows: dict[str, _Window] = {}
        self._next_sweep = clock() + SWEEP_SECONDS

    def __len__(self) -> int:
        return len(self._windows)

    async def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count `amount` hits and return True, or count nothing and return False."""
        now = self._clock()
        self._sweep(now)
        window = self._windows.get(key) or _Window(expiry)
        window.forget(now)
        if len(window.hits) + amount > limit:
            return False
        window.hits += [now] * amount
        self._windows[key] = window
        return True

    async def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """The time of the oldest hit that still counts (now, if none does) and how many count."""
        now = self._clock()
        window = self._windows.get(key)
        if window is None:
            return now, 0
        window.forget(now)
        return (window.hits[0] if window.hits else now), len(window.hits)

    async def clear(self, key: str) -> None:
        """Forget every hit of this key."""
        self._windows.pop(key, None)

    async def reset(self) -> int:
        """Forget everything; returns how many keys there were."""
        count = len(self._windows)
        self._windows.clear()
        return count

    def _sweep(self, now: float) -> None:
        if now < self._next_sweep:
            return
        self._next_sweep = now + SWEEP_SECONDS
        for key, window in list(self._windows.items()):
            window.forget(now)
            if not window.hits:
                del self._windows[key]
