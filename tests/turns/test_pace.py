"""Frames are short while few answers run, and grow with their number, up to a point."""

import pytest

from supportbot.turns.pace import LONGEST, SHORTEST, Pace


def pace_of(running: int) -> float:
    pace = Pace()
    pace.running = running
    return pace.seconds


@pytest.mark.parametrize("running", [0, 1, 10])
def test_few_answers_have_the_shortest_frames(running: int) -> None:
    assert pace_of(running) == SHORTEST


def test_frames_grow_with_the_answers_that_run() -> None:
    assert SHORTEST < pace_of(30) < pace_of(50) < pace_of(70)


def test_fifty_answers_leave_room_below_the_promised_gap() -> None:
    # 120 ms between two frames are promised for fifty; a third of that is for a busy machine.
    assert pace_of(50) <= 0.085


def test_frames_do_not_grow_for_ever() -> None:
    assert pace_of(10_000) == LONGEST
