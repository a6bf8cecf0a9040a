"""A bound that only what never ends, or takes quadratic time, can miss: no test measures speed."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

FAR_MORE_THAN_IT_TAKES = 60.0
"""Seconds. What stands under this bound takes one or two of them on a busy machine."""


class NeverEnds(AssertionError):
    """It was still at it after the bound."""


@contextmanager
def comes_to_an_end(within: float = FAR_MORE_THAN_IT_TAKES) -> Iterator[None]:
    """Fail if the block is still running after `within` seconds, instead of hanging the run."""

    def give_up(_signal: int, _frame: FrameType | None) -> None:
        raise NeverEnds(f"still running after {within:.0f} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, within)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
