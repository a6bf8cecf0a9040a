"""What the desk calls reasons, browsers, and the last words of an answer."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from supportbot import rendering
from supportbot.commands.demo_stories import steps
from supportbot.escalations.acknowledging import ACKNOWLEDGEMENTS, Closed, acknowledgement, welcome_back
from supportbot.models import Reason
from supportbot.ui.bubbles import Bubble
from supportbot.ui.escalations import labels


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_words_of_its_own(reason: Reason) -> None:
    assert reason.value in labels.REASONS
    assert "_" not in labels.reason(reason.value)


def test_no_two_reasons_are_called_alike() -> None:
    assert len(set(labels.REASONS.values())) == len(labels.REASONS)


def test_a_reason_nobody_has_named_yet_is_still_readable() -> None:
    assert labels.reason("out_of_hours") == "Out of hours"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (steps.CHROME_WINDOWS, "Chrome on Windows"),
        (steps.CHROME_ANDROID, "Chrome on Android"),
        (steps.EDGE_WINDOWS, "Edge on Windows"),
        (steps.FIREFOX_LINUX, "Firefox on Linux"),
        (steps.SAFARI_MAC, "Safari on macOS"),
        (steps.SAFARI_IPHONE, "Safari on iPhone"),
    ],
)
def test_a_browser_is_named_in_three_words(user_agent: str, words: str) -> None:
    assert labels.browser(user_agent) == words


def test_a_browser_nobody_knows_is_quoted_shortly() -> None:
    assert labels.browser("curl/8.5.0") == "curl/8.5.0"
    assert labels.browser("x" * 500) == "x" * 60
    assert labels.browser("") == ""


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("Open **Settings > Billing** and select *Pay*.", "Open Settings > Billing and select Pay."),
        ("1. Sign in. 2. Choose the invoice.", "1. Sign in. 2. Choose the invoice."),
        ("See [the article](https://acme.example/help/x) first", "See the article first"),
        ("## Refunds - one - two `code` ~~old~~", "Refunds - one - two code old"),
        ("```python import hmac", "import hmac"),
        ("| | Free | | --- | --- | | Price | $0 |", "Free Price $0"),
        ("5 * 3 - 2, #1 and snake_case_names", "5 * 3 - 2, #1 and snake_case_names"),
    ],
)
def test_last_words_lose_their_markup(markdown: str, words: str) -> None:
    assert labels.words(markdown) == words


CLOSED = Closed(datetime(2026, 3, 2, 9, tzinfo=ZoneInfo("Europe/Berlin")))


def at_the_desk(said: str) -> str:
    return labels.for_the_desk(Bubble(role="system", kind="event", html=rendering.plain(said))).html


@pytest.mark.parametrize("reason", list(Reason))
def test_every_acknowledgement_is_read_differently_at_the_desk(reason: Reason) -> None:
    assert ACKNOWLEDGEMENTS[reason] in labels.FOR_THE_DESK
    assert at_the_desk(ACKNOWLEDGEMENTS[reason]) == labels.ACKNOWLEDGED[reason]


@pytest.mark.parametrize("closed", [None, Closed(), CLOSED])
@pytest.mark.parametrize("reason", list(Reason))
def test_no_event_calls_the_agent_you(reason: Reason, closed: Closed | None) -> None:
    shown = at_the_desk(acknowledgement(reason, lambda: closed))

    assert shown == labels.ACKNOWLEDGED[reason]
    assert "you" not in shown.lower()


@pytest.mark.parametrize("closed", [None, Closed(), CLOSED])
def test_who_comes_back_is_not_welcomed_at_the_desk(closed: Closed | None) -> None:
    assert at_the_desk(welcome_back(lambda: closed)) == labels.CAME_BACK


def test_any_other_event_is_left_as_it_is() -> None:
    assert at_the_desk("Sam has joined the conversation.") == "Sam has joined the conversation."


def test_what_a_customer_quotes_is_left_alone() -> None:
    quoted = rendering.plain(ACKNOWLEDGEMENTS[Reason.ASKED_FOR_PERSON])

    assert labels.for_the_desk(Bubble(role="user", kind="text", html=quoted)).html == quoted
