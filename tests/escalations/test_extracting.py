"""A brief without a model: true, short, and in any language something to begin with."""

from dataclasses import replace

import pytest

from supportbot.conversations.events import MessageView
from supportbot.escalations.extracting import (
    BRIEF_CHARACTERS,
    NOTHING_MORE,
    NOTHING_SAID,
    NOTHING_WRITTEN,
    ONLY_A_PERSON,
    Parts,
    Who,
    completed,
    extract,
    read_parts,
)
from supportbot.models import MessageState, Reason, Role
from tests.turns.test_prompt import assistant, customer, happened, message


def cited(text: str, *titles: str, rating: int = 0) -> MessageView:
    return replace(assistant(text), sources=tuple({"title": title} for title in titles), rating=rating)


def test_it_says_what_is_wanted_what_was_tried_and_what_is_known() -> None:
    brief = extract(
        [
            customer("Hi there"),
            customer("I was charged twice for May on my Team plan, 49 € each. The invoice is INV-2024-118."),
            cited("Open **Billing > Invoices**.", "Invoices and tax", rating=-1),
            customer('I already checked the invoices page. It says "Payment failed: E-1042".'),
            customer("agent"),
        ],
        Who("Alice", "alice@example.com"),
    )

    assert str(brief) == (
        "Wanted: “I was charged twice for May on my Team plan, 49 € each. The invoice is INV-2024-118. "
        'I already checked the invoices page. It says "Payment failed: E-1042".”\n'
        "Tried: “I already checked the invoices page”; the assistant answered once (Invoices and tax); "
        "1 answer marked as not helpful.\n"
        "Known: Alice; alice@example.com; “Payment failed: E-1042”; invoice is INV-2024-118; Team plan; 49 €"
    )


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (
            ["Ich kann mich seit gestern nicht anmelden. Es kommt „Code abgelaufen“.", "Mitarbeiter bitte"],
            ["seit gestern nicht anmelden", "Code abgelaufen"],
        ),
        (
            ["Bonjour, je n'arrive plus à exporter mes tâches depuis lundi.", "Merci"],
            ["exporter mes tâches depuis lundi"],
        ),
        (
            ["Hola. Me han cobrado dos veces el pedido 778899. ¿Cómo lo arreglo?"],
            ["cobrado dos veces el pedido 778899", "¿Cómo lo arreglo?"],
        ),
        (["Minha equipe não recebe os e-mails de convite desde ontem."], ["convite desde ontem"]),
        (["二要素認証のコードが届きません。どうすればいいですか？"], ["コードが届きません", "どうすれば"]),
        (["لا أستطيع الدخول منذ أمس. كيف أستعيد الوصول؟"], ["لا أستطيع الدخول منذ أمس"]),
        (["Не приходит код подтверждения с понедельника."], ["код подтверждения"]),
        (["내보내기가 40%에서 멈춥니다. 버전 3.2.1입니다."], ["40%에서 멈춥니다"]),
    ],
)
def test_it_works_in_any_language(said: list[str], kept: list[str]) -> None:
    wanted = extract([customer(text) for text in said]).wanted

    assert all(words in wanted for words in kept)


def test_a_rant_is_read_for_what_it_is_about() -> None:
    rant = "YOU ARE ALL USELESS!!! " * 20
    brief = extract(
        [
            customer(
                rant + "\nthe export of project Falcon stops at 40 percent since version 3.2.1\n" + rant
            ),
            customer("I HATE THIS!!!"),
        ]
    )

    assert brief.wanted == "“the export of project Falcon stops at 40 percent since version 3.2.1”"


def test_messages_without_an_end_do_not_run_into_each_other() -> None:
    brief = extract([customer("the app closes when i open a board"), customer("android 14, always")])

    assert brief.wanted == "“the app closes when i open a board / android 14, always”"


def test_what_comes_back_in_many_messages_is_what_it_is_about() -> None:
    talk = [customer("Good morning to all of you at the company")]
    for number in range(30):
        talk += [customer(f"The webhook fails, try {number}."), assistant("Try again.")]
        talk += [customer(f"Something else entirely with {'lots of ' * 20}words, part {number}.")]

    assert "webhook" in extract(talk).wanted


def test_before_a_word_was_written_it_says_so() -> None:
    assert str(extract([])) == NOTHING_WRITTEN
    assert str(extract([happened("Sam has joined.")], Who("Bob"))) == f"{NOTHING_WRITTEN}\nKnown: Bob"
    assert str(extract([], reason=Reason.TAKEN_OVER)) == NOTHING_SAID


def test_asking_again_without_a_word_says_what_became_of_it_before() -> None:
    brief = extract([], before="the team resolved it before (then: the May invoice)")

    assert str(brief) == f"{NOTHING_MORE}\nTried: the team resolved it before (then: the May invoice)."


@pytest.mark.parametrize("said", ["agent", "I want to talk to a human", "Hi!", "?", "…"])
def test_nothing_but_a_request_for_a_person_is_named_as_that(said: str) -> None:
    assert extract([customer(said)]).wanted in (ONLY_A_PERSON, f"“{said}”")
    assert extract([customer("Let me talk to a human, please.")]).wanted == ONLY_A_PERSON


def test_a_request_for_a_person_that_says_what_for_is_kept() -> None:
    said = "I want to talk to a person about the double charge on order 88123 from last Monday."

    assert "double charge on order 88123" in extract([customer(said)]).wanted


def test_failed_answers_and_thumbs_down_are_counted() -> None:
    brief = extract(
        [
            customer("How long?"),
            assistant("They", MessageState.FAILED),
            assistant("", MessageState.SUPERSEDED),
            cited("Five days.", "Refunds", rating=-1),
            cited("Five.", "Refunds", rating=-1),
        ]
    )

    assert brief.tried == (
        "the assistant answered twice (Refunds); 1 answer failed; 2 answers marked as not helpful."
    )


def test_what_colleagues_said_is_never_put_into_the_customers_mouth() -> None:
    brief = extract([customer("How long?"), message(Role.STAFF, "Our secret margin is 80 %.")])

    assert "margin" not in str(brief)


def test_secrets_do_not_travel() -> None:
    brief = str(extract([customer("My password is Sommer2019 and my card is 4242 4242 4242 4242.")]))

    assert "Sommer2019" not in brief
    assert "4242 4242" not in brief


@pytest.mark.parametrize(
    "text", ["x" * 2_000, "字" * 2_000, "a. " * 660, "“" * 2_000, "\u200d\u200b", "1 " * 1_000, "A-" * 1_000]
)
def test_it_is_short_whatever_was_written(text: str) -> None:
    brief = str(extract([customer(text)] * 50, Who("n" * 120, "a" * 240 + "@example.com")))

    assert 0 < len(brief) <= BRIEF_CHARACTERS
    assert brief.count("\n") <= 2


# What others write


def test_parts_are_read_by_their_labels() -> None:
    assert read_parts("Wanted: a refund.\nTried: nothing yet.\nknown: order 1") == Parts(
        "a refund.", "nothing yet.", "order 1"
    )
    assert read_parts("Wanted: a refund. Tried: the steps. Known: order 1") == Parts(
        "a refund.", "the steps.", "order 1"
    )
    assert read_parts("Angry. Known: order 1") == Parts("Angry.", "", "order 1")


def test_without_labels_all_of_it_is_what_is_wanted() -> None:
    assert read_parts("Angry about\nthe invoice.") == Parts("Angry about the invoice.")
    assert read_parts("") == Parts()


def test_what_is_missing_comes_from_the_conversation() -> None:
    assert completed(Parts("a refund."), Parts("x", "y", "z")) == Parts("a refund.", "y", "z")
