"""When people answer: pure, from the settings and a moment.

Times are those of the clock on the wall of the house. When that clock jumps, a period begins and ends at
the first moment at which the clock shows its time or has passed it: nobody is sent home twice in the night
in which an hour comes again.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from supportbot.house.sections import Hours

MIDNIGHT = time(0)
DAY = timedelta(days=1)

LOOK_AHEAD_DAYS = 366
"""Whoever does not open within a year has no opening to promise."""

Period = tuple[datetime, datetime]
"""From a moment up to another one, which is outside."""


def is_open(hours: Hours, at: datetime) -> bool:
    """Whether people are there at this moment."""
    if hours.always_open:
        return True
    today = at.astimezone(ZoneInfo(hours.time_zone)).date()
    return any(begins <= at < ends for begins, ends in _periods(hours, today))


def next_opening(hours: Hours, at: datetime) -> datetime | None:
    """The first moment from `at` on at which people are there, in UTC.

    Returns:
        `at` itself while they are there, and None when they are not within a year.
    """
    if is_open(hours, at):
        return at.astimezone(UTC)
    today = at.astimezone(ZoneInfo(hours.time_zone)).date()
    for ahead in range(LOOK_AHEAD_DAYS + 1):
        later = [begins for begins, _ in _periods(hours, today + ahead * DAY) if begins > at]
        if later:
            return min(later)
    return None


def _periods(hours: Hours, day: date) -> Iterator[Period]:
    """When people are there on a day, in UTC. What goes on after midnight is the next day's."""
    if any(holiday.day == day for holiday in hours.holidays):
        return
    zone = ZoneInfo(hours.time_zone)
    for opening in hours.week:
        if opening.weekday == day.weekday():
            last = day if opening.closes != MIDNIGHT else day + DAY
            begins, ends = _moment(day, opening.opens, zone), _moment(last, opening.closes, zone)
            if begins < ends:
                yield begins, ends


def _moment(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """The first moment at which the zone's clock shows this or has passed it."""
    local = datetime.combine(day, wall, zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    # The clock skips this time. Read with the offset of afterwards it lies before the jump, read with the
    # one of before it lies after it: the jump is between the two.
    before, after = local.replace(fold=1).astimezone(UTC), moment
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
