"""What the pages of the settings read from a form."""

import pytest

from supportbot.house.sections import Hours, Look
from supportbot.ui.settings import hours_state, look_state
from supportbot.ui.settings.hours_state import DayRow, HolidayRow, OpeningRow
from supportbot.ui.settings.replies_state import ReplyRow, moved
from supportbot.ui.settings.section_state import form_of
from supportbot.ui.settings.sending_state import field_of


def test_a_form_is_words_by_name() -> None:
    assert form_of({"name": "Acme", "tone": 7, 3: "x", "list": []}) == {"name": "Acme"}
    for nonsense in (None, [], "x", 7):
        assert form_of(nonsense) is None


def test_a_week_is_read_row_by_row() -> None:
    days = [DayRow(0, [OpeningRow("a"), OpeningRow("b", "", "")]), DayRow(6, [OpeningRow("c")])]
    typed = {
        "always_open": "no",
        "time_zone": "Europe/Berlin",
        "opens:a": "08:30",
        "closes:a": "12:00",
        "opens:b": "13:00",
        "closes:b": "00:00",
        "day:h": "2026-12-25",
        "holiday:h": "Christmas",
        "day:empty": "",
        "holiday:empty": " ",
    }
    content = hours_state.content(typed, days, [HolidayRow("h"), HolidayRow("empty")])
    hours = Hours.model_validate(content)

    assert [(one.weekday, f"{one.opens:%H:%M}", f"{one.closes:%H:%M}") for one in hours.week] == [
        (0, "08:30", "12:00"),
        (0, "13:00", "00:00"),
        (6, "09:00", "17:00"),
    ]
    assert [(f"{one.day}", one.name) for one in hours.holidays] == [("2026-12-25", "Christmas")]
    assert not hours.always_open


def test_a_look_leaves_out_empty_suggestions() -> None:
    typed = {"greeting": "Hi", "suggestion:0": "One?", "suggestion:1": " ", "suggestion:3": "Two?"}

    look = Look.model_validate(look_state.content(typed))

    assert look.suggestions == ("One?", "Two?")
    assert (look.colour, look.logo) == ("", None)


@pytest.mark.parametrize(
    ("row", "by", "expected"),
    [("b", -1, "bac"), ("b", 1, "acb"), ("a", -1, "abc"), ("c", 1, "abc"), ("x", 1, "abc"), ("a", 5, "abc")],
)
def test_a_reply_moves_one_place(row: str, by: int, expected: str) -> None:
    assert "".join(one.id for one in moved([ReplyRow(name) for name in "abc"], row, by)) == expected


@pytest.mark.parametrize(
    ("sentence", "field"),
    [
        ("Mail needs a sender: the address it comes from.", "mail_from"),
        ("Webhooks need a secret: the receiver checks the signature with it.", "webhook_secret"),
        ("The address for webhooks cannot hold a user or a password.", "webhook_url"),
        ("Give both the user and the password of the mail server, or neither.", "mail_user"),
        ("Please type the password of the mail server again: it belongs to another one.", "mail_password"),
        ("The mail server must be written like mail.example.com, without a port or a path.", "mail_host"),
        (
            "Without encryption the password would travel readable: choose STARTTLS or TLS.",
            "mail_security",
        ),
        ("Somebody else is saving these settings at the moment. Please try again.", ""),
    ],
)
def test_a_refusal_about_sending_is_said_at_its_field(sentence: str, field: str) -> None:
    assert field_of(sentence) == field
