"""How long a wait is likely to be, in the words a person would use. Pure."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from math import ceil

from supportbot.escalations.waiting import WaitRange

IN_HOURS = 90
"""Minutes above which a wait is told in hours."""


class Wording(StrEnum):
    """How a waiting time is said."""

    UNKNOWN = ""
    MINUTE = "minute"
    WITHIN_MINUTES = "within_minutes"
    MINUTES = "minutes"
    WITHIN_HOURS = "within_hours"
    HOURS = "hours"
    DAY = "day"
    LONGER = "longer"
    """It has already taken longer than it usually does."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A waiting time in the words a person would use."""

    wording: Wording = Wording.UNKNOWN
    low: int = 0
    high: int = 0


def expected(usual: WaitRange | None, waited: timedelta) -> Expected:
    """What to tell somebody who has waited this long already."""
    if usual is None:
        return Expected()
    if waited > timedelta(minutes=max(usual.high, 1)):
        return Expected(Wording.LONGER)
    if usual.high > 24 * 60:
        return Expected(Wording.DAY)
    if usual.high > IN_HOURS:
        low, high = usual.low // 60, ceil(usual.high / 60)
        return Expected(Wording.HOURS if 0 < low < high else Wording.WITHIN_HOURS, low, high)
    if usual.high <= 1:
        return Expected(Wording.MINUTE, 0, 1)
    several = 0 < usual.low < usual.high
    return Expected(Wording.MINUTES if several else Wording.WITHIN_MINUTES, usual.low, usual.high)
