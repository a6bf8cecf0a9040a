"""How far something long is."""

from collections.abc import Callable

Told = Callable[[int, int], None]
"""Hears how many are done, and of how many."""


def nobody(_done: int, _total: int) -> None:
    """Somebody who does not want to know."""
