"""A colleague's reply to one customer becomes a text for all, and holds nothing of that customer's."""

import pytest

from supportbot.knowledge.drafting import TO_WRITE, UNTITLED, body_from, title_from, words_in
from supportbot.knowledge.privacy import MAIL, NAME, NUMBER, PHONE, without_personal_data

NAMES = ("Alice Miller", "Sam")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Write to alice.miller+x@mail.example.co.uk.", f"Write to {MAIL}."),
        ("[mail](mailto:alice@example.com)", f"[mail]({MAIL})"),
        ("Call +49 (0)30 901820-11 or 030/901820.", f"Call {PHONE} or {PHONE}."),
        ("Call 555-0134-22.", f"Call {PHONE}."),
        ("Your order #48213 and invoice RE-2024-00017", f"Your order {NUMBER} and invoice {NUMBER}"),
        ("Customer 4711042", f"Customer {PHONE}"),
        ("IBAN DE89 3704 0044 0532 0130 00, please", f"IBAN {NUMBER}, please"),
        ("alice miller asked, ALICE MILLER did", f"{NAME} asked, {NAME} did"),
        ("Hello Alice, Mrs Miller and Sam say so", f"Hello {NAME}, Mrs {NAME} and {NAME} say so"),
    ],
)
def test_what_belongs_to_one_customer_is_taken_out(text: str, left: str) -> None:
    assert without_personal_data(text, NAMES) == left


@pytest.mark.parametrize(
    "text",
    [
        "It takes 14 days, costs $1,200.50 and ends on 2024-12-31 or 31.12.2024.",
        "Version 10.4.2 opens port 8080; see https://acme.example/help/2024/export-1234567.",
        "Press Ctrl+C 3 times; 1,000 rows at 99.9 %.",
        "1. Open Settings. 2. Press Export.",
        "The miller grinds alice blue samples.",
    ],
)
def test_what_belongs_to_everybody_stays(text: str) -> None:
    assert without_personal_data(text, NAMES) == text


def test_a_name_that_is_a_word_everybody_uses_is_taken_out_as_a_whole_only() -> None:
    assert without_personal_data("Will you ask Will Page? Page two.", ["Will Page"]) == (
        f"Will you ask {NAME}? {NAME} two."
    )


@pytest.mark.parametrize("name", [None, "", "X", "  "])
def test_a_name_that_is_none_takes_nothing_out(name: str | None) -> None:
    assert without_personal_data("X marks the spot", [name]) == "X marks the spot"


def test_a_very_long_text_is_read_in_time_proportional_to_its_length() -> None:
    for text in ("1" * 50_000, "1 " * 50_000, "a@" * 50_000, "A1-" * 30_000, "\n" * 50_000):
        without_personal_data(text, NAMES)
        body_from([text[:10_000]], NAMES)


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("how do i export my data?", "How do i export my data?"),
        ("Hello!\nI have two accounts. How can I join them? Thanks, Alice", "How can I join them?"),
        ("Good morning, can alice@example.com be changed?", f"Can {MAIL} be changed?"),
        ("export", "Export"),
        ("Hi", UNTITLED),
        ("", UNTITLED),
    ],
)
def test_the_title_is_what_was_asked(question: str, title: str) -> None:
    assert title_from(question, NAMES) == title


def test_a_rant_becomes_a_title_one_can_read() -> None:
    title = title_from("I want to export " + "everything I have ever written " * 20, NAMES)

    assert len(title) <= 120
    assert title.endswith("…")


def test_a_reply_becomes_a_text_without_greeting_and_signature() -> None:
    reply = (
        "Hello Alice,\n\nthank you for your message. You can export everything under Settings > Data:\n\n"
        "1. Open Settings.\n2. Press Export.\n\nThe file goes to alice@example.com.\n\nRegards,\nSam\nAcme"
    )

    assert body_from([reply], NAMES) == (
        "You can export everything under Settings > Data:\n\n1. Open Settings.\n2. Press Export.\n\n"
        f"The file goes to {MAIL}."
    )


@pytest.mark.parametrize(
    "reply",
    [
        "Hallo Frau Miller,\nder Export steht unter Einstellungen.\n\nViele Grüße\nSam",
        "Sehr geehrte Frau Miller, der Export steht unter Einstellungen.\nMit freundlichen Grüßen",
        "Der Export steht unter Einstellungen.",
    ],
)
def test_so_it_is_in_other_languages(reply: str) -> None:
    assert body_from([reply], NAMES) == "Der Export steht unter Einstellungen."


def test_words_that_only_keep_somebody_company_are_left_out_and_nothing_comes_twice() -> None:
    replies = ["One moment, please.", "Let me check.", "Press Export.", "Press Export.", "It takes an hour."]

    assert body_from(replies) == "Press Export.\n\nIt takes an hour."


@pytest.mark.parametrize("replies", [[], ["Hello!"], ["Thank you."]])
def test_without_a_reply_there_is_a_place_to_write(replies: list[str]) -> None:
    assert body_from(replies) == TO_WRITE


@pytest.mark.parametrize(
    ("written", "title", "body"),
    [
        ("# Export your data\n\nPress Export.", "Export your data", "Press Export."),
        ("## **Export your data**\nPress Export.", "Export your data", "Press Export."),
        ("Title: Export your data\n\nPress Export.", "Export your data", "Press Export."),
        ("Press Export.", "How do I export?", "Press Export."),
        ("# Export", "Export", TO_WRITE),
        ("# For Alice Miller\n\nCall +49 30 9018200.", f"For {NAME}", f"Call {PHONE}."),
        ("# Export\n\n<script>x</script>Press Export.\x00", "Export", "Press Export."),
    ],
)
def test_what_a_model_wrote_is_taken_apart_and_cleaned(written: str, title: str, body: str) -> None:
    words = words_in(written, "How do I export?", "de", NAMES)

    assert (words.title, words.body, words.language) == (title, body, "de")
