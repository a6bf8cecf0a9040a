"""The first words a customer reads after a conversation went to people: kind, true, and the server's own."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from supportbot.escalations.acknowledging import (
    ACKNOWLEDGEMENTS,
    HERE,
    WHY,
    Closed,
    acknowledgement,
    reason_of,
    welcome_back,
)
from supportbot.models import Reason

MONDAY = datetime(2026, 3, 2, 9, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_is_acknowledged_in_words_of_its_own(reason: Reason) -> None:
    assert ACKNOWLEDGEMENTS[reason] == acknowledgement(reason) == acknowledgement(reason, lambda: None)
    assert ACKNOWLEDGEMENTS[reason].endswith(HERE)
    assert "!" not in ACKNOWLEDGEMENTS[reason]
    assert len(set(WHY.values())) == len(Reason)


@pytest.mark.parametrize("reason", list(Reason))
@pytest.mark.parametrize("closed", [Closed(), Closed(MONDAY)])
def test_while_nobody_is_there_no_answer_is_promised_for_now(reason: Reason, closed: Closed) -> None:
    told = acknowledgement(reason, lambda: closed)

    assert told.startswith(WHY[reason])
    assert HERE not in told
    assert "Nobody is at the desk right now" in told


def test_the_next_opening_is_named_by_the_clock_of_the_house() -> None:
    told = acknowledgement(Reason.ASKED_FOR_PERSON, lambda: Closed(MONDAY))

    assert told == (
        "You asked for a person. Our team has your conversation. Nobody is at the desk right now; "
        "we are back on Monday, 2 March, at 09:00 (Europe/Berlin) and will answer here."
    )
    assert "at 08:00 (UTC)" in acknowledgement(Reason.FAULT, lambda: Closed(MONDAY.astimezone(UTC)))


def test_who_comes_back_is_promised_no_more() -> None:
    assert welcome_back() == f"Welcome back. {HERE}"
    assert "Monday" in welcome_back(lambda: Closed(MONDAY))


@pytest.mark.parametrize("reason", list(Reason))
@pytest.mark.parametrize("closed", [None, Closed(), Closed(MONDAY)])
def test_the_reason_is_known_by_what_was_said(reason: Reason, closed: Closed | None) -> None:
    assert reason_of(acknowledgement(reason, lambda: closed)) == reason


def test_other_lines_of_the_history_acknowledge_nothing() -> None:
    assert reason_of("Sam has joined the conversation.") is None
    assert reason_of(WHY[Reason.FAULT]) is None
