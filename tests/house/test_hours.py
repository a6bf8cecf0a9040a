"""When people answer: time zones, clocks that jump, holidays, nights."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from supportbot.house.hours import is_open, next_opening
from supportbot.house.sections import Holiday, Hours, Opening
from tests.properties import ON_A_DATABASE

BERLIN = ZoneInfo("Europe/Berlin")
SUNDAY = 6


def hours(*week: tuple[int, str, str], zone: str = "Europe/Berlin", free: tuple[date, ...] = ()) -> Hours:
    """Such as `hours((0, "09:00", "17:00"))`: Mondays from nine to five, in Berlin."""
    return Hours(
        always_open=False,
        time_zone=zone,
        week=tuple(
            Opening(weekday=day, opens=time.fromisoformat(opens), closes=time.fromisoformat(closes))
            for day, opens, closes in week
        ),
        holidays=tuple(Holiday(day=day) for day in free),
    )


def weekdays(*periods: tuple[str, str], **more) -> Hours:
    return hours(*((day, opens, closes) for day in range(5) for opens, closes in periods), **more)


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


OFFICE = weekdays(("09:00", "17:00"))


@pytest.mark.parametrize(
    ("at", "open_then"),
    [
        ("2026-06-08 08:59:59", False),  # a Monday
        ("2026-06-08 09:00", True),
        ("2026-06-08 16:59:59", True),
        ("2026-06-08 17:00", False),
        ("2026-06-13 12:00", False),  # a Saturday
    ],
)
def test_open_from_the_first_minute_up_to_the_last(at: str, open_then: bool) -> None:
    assert is_open(OFFICE, berlin(at)) is open_then


def test_a_house_that_is_always_open_opens_now() -> None:
    always = Hours(holidays=(Holiday(day=date(2026, 6, 8)),))
    at = datetime(2026, 6, 8, 3, tzinfo=UTC)

    assert is_open(always, at)
    assert next_opening(always, at) == at


def test_an_open_house_opens_now() -> None:
    assert next_opening(OFFICE, berlin("2026-06-08 10:30")) == berlin("2026-06-08 10:30")


def test_on_friday_evening_the_next_opening_is_on_monday() -> None:
    assert next_opening(OFFICE, berlin("2026-06-12 17:00")) == berlin("2026-06-15 09:00")


def test_a_lunch_break_ends_on_the_same_day() -> None:
    with_a_break = weekdays(("09:00", "12:00"), ("13:30", "17:00"))

    assert not is_open(with_a_break, berlin("2026-06-08 12:15"))
    assert next_opening(with_a_break, berlin("2026-06-08 12:15")) == berlin("2026-06-08 13:30")


def test_the_order_of_the_periods_does_not_matter() -> None:
    with_a_break = weekdays(("13:30", "17:00"), ("09:00", "12:00"))

    assert next_opening(with_a_break, berlin("2026-06-08 07:00")) == berlin("2026-06-08 09:00")


def test_a_period_to_midnight_ends_with_the_day() -> None:
    late = hours((0, "18:00", "00:00"))

    assert is_open(late, berlin("2026-06-08 23:59:59"))
    assert not is_open(late, berlin("2026-06-09 00:00"))


def test_a_whole_day_goes_from_midnight_to_midnight() -> None:
    monday = hours((0, "00:00", "00:00"))

    assert is_open(monday, berlin("2026-06-08 00:00"))
    assert is_open(monday, berlin("2026-06-08 23:59:59"))
    assert not is_open(monday, berlin("2026-06-09 00:00"))


def test_a_night_is_an_evening_and_a_morning() -> None:
    night = hours((SUNDAY, "22:00", "00:00"), (0, "00:00", "06:00"))

    assert is_open(night, berlin("2026-06-07 23:59:59"))
    assert is_open(night, berlin("2026-06-08 00:00"))
    assert not is_open(night, berlin("2026-06-08 06:00"))


def test_a_holiday_is_skipped_whatever_its_weekday() -> None:
    whit_monday = date(2026, 5, 25)
    with_holiday = weekdays(("09:00", "17:00"), free=(whit_monday,))

    assert not is_open(with_holiday, berlin("2026-05-25 10:00"))
    assert next_opening(with_holiday, berlin("2026-05-22 18:00")) == berlin("2026-05-26 09:00")


def test_a_holiday_lasts_from_midnight_to_midnight() -> None:
    always = hours(*((day, "00:00", "00:00") for day in range(7)), free=(date(2026, 12, 25),))

    assert is_open(always, berlin("2026-12-24 23:59:59"))
    assert not is_open(always, berlin("2026-12-25 00:00"))
    assert next_opening(always, berlin("2026-12-25 12:00")) == berlin("2026-12-26 00:00")


def test_the_day_is_the_one_of_the_house_not_of_greenwich() -> None:
    auckland = hours((0, "09:00", "17:00"), zone="Pacific/Auckland")

    assert is_open(auckland, datetime(2026, 6, 7, 21, 30, tzinfo=UTC))
    assert next_opening(auckland, datetime(2026, 6, 7, 12, tzinfo=UTC)) == datetime(
        2026, 6, 7, 21, tzinfo=UTC
    )


def test_nine_o_clock_stays_nine_o_clock_when_summer_begins() -> None:
    every_day = hours(*((day, "09:00", "17:00") for day in range(7)))

    opening = next_opening(every_day, berlin("2026-03-28 20:00"))

    assert opening == datetime(2026, 3, 29, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("opens", "closes", "at", "open_then"),
    [
        # In Berlin 02:00 to 03:00 does not happen on 29 March 2026.
        ("02:30", "04:00", "2026-03-29T00:59:59+00:00", False),
        ("02:30", "04:00", "2026-03-29T01:00:00+00:00", True),
        ("02:10", "02:50", "2026-03-29T01:00:00+00:00", False),
        ("01:00", "02:30", "2026-03-29T00:59:59+00:00", True),
        ("01:00", "02:30", "2026-03-29T01:00:00+00:00", False),
        # And on 25 October it happens twice.
        ("01:00", "02:30", "2026-10-25T00:29:59+00:00", True),
        ("01:00", "02:30", "2026-10-25T01:15:00+00:00", False),
        ("02:30", "04:00", "2026-10-25T00:30:00+00:00", True),
        ("02:30", "04:00", "2026-10-25T02:59:59+00:00", True),
        ("02:30", "04:00", "2026-10-25T03:00:00+00:00", False),
    ],
)
def test_in_a_night_in_which_the_clock_jumps(opens: str, closes: str, at: str, open_then: bool) -> None:
    assert is_open(hours((SUNDAY, opens, closes)), datetime.fromisoformat(at)) is open_then


def test_a_midnight_that_does_not_exist_is_no_trouble() -> None:
    # In Cairo 24 April 2026 began at one o'clock.
    friday = hours((4, "00:00", "09:00"), zone="Africa/Cairo")

    assert next_opening(friday, datetime(2026, 4, 23, 12, tzinfo=UTC)) == datetime(
        2026, 4, 23, 22, tzinfo=UTC
    )


def test_when_every_day_of_a_year_is_a_holiday_there_is_no_next_opening() -> None:
    a_year = tuple(date(2026, 6, 8) + timedelta(days=day) for day in range(380))

    assert next_opening(weekdays(("09:00", "17:00"), free=a_year), berlin("2026-06-08 10:00")) is None


# What holds for any hours: periods on whole quarters of an hour, so that looking at each quarter sees all.

QUARTER = timedelta(minutes=15)
A_DAY = 96


def on_the_clock(quarters: int) -> time:
    """So many quarters of an hour after midnight; all of a day is midnight again."""
    return time(quarters // 4 % 24, quarters % 4 * 15)


def openings(weekday: int, quarters: set[int]) -> list[Opening]:
    """Periods of one day, one after the other: open, closed, open, closed."""
    ordered = sorted(quarters)
    return [
        Opening(weekday=weekday, opens=on_the_clock(opens), closes=on_the_clock(closes))
        for opens, closes in zip(ordered[::2], ordered[1::2], strict=False)
    ]


ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Africa/Cairo", "Australia/Lord_Howe"]
STARTS = [
    datetime(2026, month, day, tzinfo=UTC)
    for month, day in [
        (1, 1),
        (3, 6),
        (3, 27),
        (4, 3),
        (4, 22),
        (6, 1),
        (10, 2),
        (10, 23),
        (10, 28),
        (12, 24),
    ]
]
WEEKS = st.dictionaries(
    st.integers(0, 6), st.sets(st.integers(0, A_DAY), min_size=2, max_size=4), min_size=1, max_size=4
)
HOURS = st.builds(
    Hours,
    always_open=st.just(False),
    time_zone=st.sampled_from(ZONES),
    week=WEEKS.map(lambda days: tuple(one for day, times in days.items() for one in openings(day, times))),
    holidays=st.sets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=4).map(
        lambda days: tuple(Holiday(day=day) for day in days)
    ),
)
MOMENTS = st.builds(
    lambda start, steps: start + steps * QUARTER, st.sampled_from(STARTS), st.integers(0, 400)
)


@ON_A_DATABASE
@given(HOURS, MOMENTS)
def test_the_next_opening_is_the_first_moment_that_is_open(some: Hours, at: datetime) -> None:
    walked = next(
        (at + step * QUARTER for step in range(9 * 24 * 4) if is_open(some, at + step * QUARTER)), None
    )
    opening = next_opening(some, at)

    if walked is None:
        assert opening is None or opening > at + timedelta(days=8)
    else:
        assert opening == walked


@ON_A_DATABASE
@given(HOURS, MOMENTS)
def test_a_promised_opening_is_open_and_the_moment_before_is_not(some: Hours, at: datetime) -> None:
    opening = next_opening(some, at)
    assume(opening is not None and opening != at)
    assert opening is not None

    assert is_open(some, opening)
    assert not is_open(some, opening - timedelta(seconds=1))
    assert opening > at


@ON_A_DATABASE
@given(HOURS, MOMENTS)
def test_waiting_longer_never_brings_an_earlier_opening(some: Hours, at: datetime) -> None:
    openings = [next_opening(some, at + step * QUARTER * 7) for step in range(8)]

    assert all(a is None or b is None or a <= b for a, b in pairwise(openings))


@ON_A_DATABASE
@given(HOURS, MOMENTS)
def test_nobody_is_there_on_a_holiday(some: Hours, at: datetime) -> None:
    local = at.astimezone(ZoneInfo(some.time_zone)).date()
    that_day = some.model_copy(update={"holidays": (Holiday(day=local),)})

    assert not is_open(that_day, at)
