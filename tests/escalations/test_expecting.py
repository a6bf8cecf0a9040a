"""How a waiting time is said."""

from datetime import timedelta

import pytest

from supportbot.escalations.expecting import Expected, Wording, expected
from supportbot.escalations.waiting import WaitRange


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (1, 1, Expected(Wording.MINUTE, 0, 1)),
        (1, 3, Expected(Wording.MINUTES, 1, 3)),
        (5, 5, Expected(Wording.WITHIN_MINUTES, 5, 5)),
        (10, 90, Expected(Wording.MINUTES, 10, 90)),
        (45, 120, Expected(Wording.WITHIN_HOURS, 0, 2)),
        (60, 240, Expected(Wording.HOURS, 1, 4)),
        (180, 180, Expected(Wording.WITHIN_HOURS, 3, 3)),
        (720, 1_440, Expected(Wording.HOURS, 12, 24)),
        (60, 2_880, Expected(Wording.DAY)),
    ],
)
def test_a_range_is_said_as_a_person_would(low: int, high: int, said: Expected) -> None:
    assert expected(WaitRange(low, high), timedelta(0)) == said


def test_who_has_waited_longer_than_usual_is_told_so() -> None:
    usual = WaitRange(3, 10)

    assert expected(usual, timedelta(minutes=10)).wording == Wording.MINUTES
    assert expected(usual, timedelta(minutes=10, seconds=1)).wording == Wording.LONGER


def test_an_unknown_time_is_not_guessed() -> None:
    assert expected(None, timedelta(hours=5)) == Expected(Wording.UNKNOWN)
