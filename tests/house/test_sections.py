"""What the settings refuse, in a sentence that names the field, and what they begin with."""

from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from supportbot.house.sections import NAMES, Company, Look, Opening, Sections, kind_of, time_zones
from supportbot.house.stored import content_of, section_of
from supportbot.house.words import complaint, listed, shown
from supportbot.ids import new_id
from supportbot.settings import Settings

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID = str(new_id())


def opening(weekday: int, opens: str, closes: str) -> dict[str, Any]:
    return {"weekday": weekday, "opens": opens, "closes": closes}


NO_WEBSITE = "A website the assistant may link to is written like docs.example.com."
NO_WEBSITES = [
    *("localhost", "10.0.0.1", "a b.example", "-a.example", "*.example.com", "x" * 300 + ".com"),
    *("javascript:alert(1)", "ftp://a.example", "https://user@a.example", "https://a.example:8443"),
    "https://[::1",
]
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("company", {"name": " "}, "The company's name must not be empty."),
    ("company", {"name": "x" * 61}, "The company's name may have at most 60 characters."),
    ("company", {"facts": "x" * 4001}, "The facts about the company may have at most 4,000 characters."),
    ("company", {"instructions": "x" * 4001}, "The further instructions may have at most 4,000 characters."),
    ("company", {"tone": "rude"}, "The tone must be one of friendly, neutral or formal."),
    ("company", {"name": 7}, "The company's name cannot be used as it is."),
    *(("company", {"link_hosts": f"docs.example.com\n{typed}"}, NO_WEBSITE) for typed in NO_WEBSITES),
    (
        "company",
        {"link_hosts": "\n".join(f"a{number}.example" for number in range(51))},
        "The websites the assistant may link to may be at most 50.",
    ),
    ("company", {"link_hosts": 7}, "The websites the assistant may link to cannot be used as it is."),
    (
        "hours",
        {"week": [opening(1, "17:00", "09:00")]},
        "The closing time must be after the opening time on Tuesday.",
    ),
    (
        "hours",
        {"week": [opening(6, "09:00", "09:00")]},
        "The closing time must be after the opening time on Sunday.",
    ),
    (
        "hours",
        {"week": [opening(1, "9 o'clock", "10:00")]},
        "The opening time on Tuesday must be a time such as 09:00.",
    ),
    (
        "hours",
        {"week": [opening(1, "09:00", "")]},
        "The closing time on Tuesday must be a time such as 09:00.",
    ),
    (
        "hours",
        {"week": [opening(2, "09:00", "12:00"), opening(2, "11:59", "15:00")]},
        "Two of the opening times on Wednesday overlap.",
    ),
    (
        "hours",
        {"week": [opening(2, "09:00", "00:00"), opening(2, "20:00", "21:00")]},
        "Two of the opening times on Wednesday overlap.",
    ),
    ("hours", {"week": [opening(7, "09:00", "12:00")]}, "Number 1 of the opening hours must be at most 6."),
    (
        "hours",
        {"time_zone": "Middle/Earth"},
        "There is no time zone of this name; choose one such as Europe/Berlin.",
    ),
    (
        "hours",
        {"holidays": [{"day": "2026-12-25"}, {"day": "2026-12-25", "name": "Christmas"}]},
        "25 December 2026 is in the list of holidays twice.",
    ),
    (
        "hours",
        {"holidays": [{"day": "Christmas"}]},
        "The date of holiday 1 must be a date such as 2026-12-25.",
    ),
    (
        "hours",
        {"always_open": False, "week": []},
        "Name at least one opening time, or choose to be always open.",
    ),
    ("look", {"colour": "blue"}, "The colour must be written like #1d4ed8."),
    ("look", {"logo": "a picture"}, "The logo could not be found; please choose it again."),
    ("look", {"greeting": "  "}, "The greeting must not be empty."),
    ("look", {"suggestions": ["a", "b", "c", "d", "e"]}, "The suggestions may be at most 4."),
    ("look", {"suggestions": ["x" * 121]}, "Number 1 of the suggestions may have at most 120 characters."),
    (
        "search",
        {"synonyms": "board, wall\nseat"},
        "Line 2 has one word only. Write at least two, with a comma between them.",
    ),
    (
        "search",
        {"synonyms": "board, Board"},
        "Line 1 has one word only. Write at least two, with a comma between them.",
    ),
    (
        "search",
        {"synonyms": ",".join(map(str, range(13)))},
        "Line 1 has more than 12 words. Make several lines of it.",
    ),
    ("search", {"synonyms": "a, " + "b" * 61}, f"“{'b' * 20}…” on line 1 has more than 60 characters."),
    ("search", {"synonyms": "a, !"}, "“!” on line 1 has no letter or digit, so it cannot be found."),
    ("search", {"synonyms": "a, b\n" * 301}, "There may be at most 300 lines."),
    ("limits", {"messages_per_minute": "0"}, "The messages of a customer a minute must be at least 1."),
    (
        "limits",
        {"messages_per_minute": "a few"},
        "The messages of a customer a minute must be a whole number.",
    ),
    (
        "limits",
        {"model_calls_per_minute": 10**9},
        "The calls to the model a minute must be at most 1,000,000.",
    ),
    (
        "targets",
        {"claim_within_minutes": 2.5},
        "The minutes until somebody has claimed must be a whole number.",
    ),
    (
        "replies",
        {"replies": [{"id": ID, "title": "Hello", "body": " "}]},
        "The text of reply 1 must not be empty.",
    ),
    (
        "replies",
        {"replies": [{"id": ID, "title": "", "body": "Hi"}]},
        "The title of reply 1 must not be empty.",
    ),
    (
        "replies",
        {"replies": [{"id": ID, "title": "A", "body": "x"}, {"id": ID, "title": "B", "body": "x"}]},
        "Two replies have the same id. Please load this page again.",
    ),
    (
        "replies",
        {
            "replies": [
                {"id": ID, "title": "A", "body": "x"},
                {"id": str(new_id()), "title": "a", "body": "x"},
            ]
        },
        "There are two replies called “a”; call one of them otherwise.",
    ),
    (
        "sending",
        {"mail_from": "nobody"},
        "The sender of mails must be written like support@example.com or Name <support@example.com>.",
    ),
    ("sending", {"mail_host": "mail.example"}, "Mail needs a sender: the address it comes from."),
    (
        "sending",
        {"mail_host": "smtp://mail.example", "mail_from": "a@b.example"},
        "The mail server must be written like mail.example.com, without a port or a path.",
    ),
    (
        "sending",
        {"mail_host": "mail.example", "mail_from": "a@b.example", "mail_user": "u"},
        "Give both the user and the password of the mail server, or neither.",
    ),
    (
        "sending",
        {
            "mail_host": "mail.example",
            "mail_from": "a@b.example",
            "mail_user": "u",
            "mail_password": "p",
            "mail_security": "none",
        },
        "Without encryption the password would travel readable: choose STARTTLS or TLS.",
    ),
    ("sending", {"mail_port": 70_000}, "The port of the mail server must be at most 65,535."),
    (
        "sending",
        {"webhook_url": "hooks.example"},
        "The address for webhooks must be written like https://hooks.example.com/support.",
    ),
    (
        "sending",
        {"webhook_url": "https://[::1"},
        "The address for webhooks must be written like https://hooks.example.com/support.",
    ),
    (
        "sending",
        {"webhook_url": "https://user:word@hooks.example"},
        "The address for webhooks cannot hold a user or a password.",
    ),
    (
        "sending",
        {"webhook_url": "https://hooks.example"},
        "Webhooks need a secret: the receiver checks the signature with it.",
    ),
    (
        "sending",
        {"webhook_secret": "short"},
        "The secret of webhooks cannot be used: use whsec_ and then 24 to 64 random bytes in base64.",
    ),
]


@pytest.mark.parametrize(("section", "content", "sentence"), REFUSED)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    section: str, content: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValidationError) as refusal:
        section_of(section, content)

    assert complaint(refusal.value, kind_of(section), content) == sentence


TAKEN: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "company",
        {"name": "  Birch \n & Sons ", "facts": "a\r\nb\x00 "},
        {"name": "Birch & Sons", "facts": "a\nb"},
    ),
    ("company", {"name": "{company}"}, {"name": "{company}"}),
    ("hours", {"week": [opening(0, "00:00", "00:00")]}, {}),
    ("hours", {"week": [opening(0, "12:00", "17:00"), opening(0, "09:00", "12:00")]}, {}),
    (
        "company",
        {"link_hosts": " https://Docs.Example.com/a?b \n\nmünchen.example\nstatus.example.com:443\n"},
        {"link_hosts": ("docs.example.com", "xn--mnchen-3ya.example", "status.example.com")},
    ),
    ("company", {"link_hosts": ["docs.example.com"]}, {"link_hosts": ("docs.example.com",)}),
    ("company", {"link_hosts": ""}, {"link_hosts": ()}),
    ("look", {"colour": " #1D4ED8 "}, {"colour": "#1d4ed8"}),
    ("look", {"colour": "#abc"}, {"colour": "#aabbcc"}),
    ("look", {"colour": "", "logo": ""}, {"colour": "", "logo": None}),
    ("look", {"suggestions": ["a", " ", "b", "a", ""]}, {"suggestions": ("a", "b")}),
    ("look", {"suggestions": []}, {"suggestions": ()}),
    (
        "search",
        {"synonyms": " board ,wall,, board\n\n seat,  a  licence "},
        {"synonyms": "board, wall\nseat, a licence"},
    ),
    ("limits", {"messages_per_minute": "12"}, {"messages_per_minute": 12}),
    ("sending", {"mail_port": ""}, {"mail_port": None}),
    (
        "sending",
        {
            "mail_host": "127.0.0.1",
            "mail_from": "a@b.example",
            "mail_user": "u",
            "mail_password": "p",
            "mail_security": "none",
        },
        {"mail_user": "u"},
    ),
    ("sending", {"mail_host": "fd00::1", "mail_from": "Birch <a@b.example>"}, {"mail_host": "fd00::1"}),
]


@pytest.mark.parametrize(("section", "content", "becomes"), TAKEN)
def test_what_makes_sense_is_taken_and_tidied(
    section: str, content: dict[str, Any], becomes: dict[str, Any]
) -> None:
    taken = section_of(section, content)

    assert {name: getattr(taken, name) for name in becomes} == becomes
    assert section_of(section, content_of(taken)) == taken


def test_every_time_zone_there_is_can_be_chosen() -> None:
    assert {"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Asia/Kathmandu"} <= set(time_zones())
    assert len(time_zones()) > 400
    for name in time_zones():
        section_of("hours", {"time_zone": name})


@pytest.mark.parametrize("section", NAMES)
def test_every_field_has_a_name_that_people_use(section: str) -> None:
    assert all(field.title for field in kind_of(section).model_fields.values())
    assert all(title for title, _ in listed(getattr(Sections(), section)))


def test_a_fresh_house_begins_with_what_the_environment_says() -> None:
    told = Settings(
        _env_file=None,
        company_name="Birch",
        assistant_name="Bea",
        company_facts="We sell trees.",
        messages_per_minute=5,
        reopen_to_staff_hours=1,
        unclaimed_after_minutes=2,
        smtp_url=SecretStr("smtp+starttls://user:p%40ss@mail.birch.example"),
        mail_from="help@birch.example",
        webhook_url="http://127.0.0.1:8080/x",
        webhook_secret=SecretStr(SECRET),
    )

    begun = Sections.beginning(told)

    assert begun.company == Company(name="Birch", assistant_name="Bea", facts="We sell trees.")
    assert (begun.limits.messages_per_minute, begun.limits.model_calls_per_minute) == (5, 600)
    assert (begun.targets.reopen_to_staff_hours, begun.targets.claim_within_minutes) == (1, 2)
    assert (begun.sending.mail_host, begun.sending.mail_port) == ("mail.birch.example", 587)
    assert begun.sending.mail_password is not None
    assert begun.sending.mail_password.get_secret_value() == "p@ss"
    assert begun.sending.webhook_url == "http://127.0.0.1:8080/x"
    # What it begins with can be saved as it is.
    for name in NAMES:
        assert section_of(name, content_of(getattr(begun, name))) == getattr(begun, name)


def test_what_the_environment_allowed_before_there_were_pages_goes_on_working() -> None:
    told = Settings(
        _env_file=None, company_name="B" * 300, company_facts="f" * 9000, messages_per_minute=10**7
    )

    begun = Sections.beginning(told)

    assert begun.company.name == "B" * 300
    assert len(begun.company.facts) == 9000
    assert begun.limits.messages_per_minute == 10**7


def test_values_are_shown_as_people_write_them() -> None:
    week = (Opening.model_validate(opening(0, "09:00", "17:30")),)

    assert shown(week) == "Monday 09:00–17:30"
    assert shown(Look(suggestions=("a", "b")).suggestions) == "a\nb"
    assert [shown(True), shown(None), shown(""), shown(()), shown(3)] == ["yes", "–", "–", "–", "3"]
    assert shown(SecretStr("open sesame")) == "set"
