"""What a colleague would otherwise have to ask for, found in the customer's own words."""

import pytest

from supportbot.escalations.facts import LONGEST_FACT, MOST_FACTS, facts, without_secrets


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("My order number is 88-1234.", "order number is 88-1234"),
        ("Rechnung Nr. 2024/118 fehlt", "Rechnung Nr. 2024/118"),
        ("la facture n° 5512 est fausse", "facture n° 5512"),
        ("mi pedido 778899 no llega", "pedido 778899"),
        ("a fatura 4455 está errada", "fatura 4455"),
        ("注文番号：A-1234 です", "注文番号：A-1234"),
        ("see #4711", "#4711"),
        ("It says “Payment failed”.", "“Payment failed”"),
        ("Die Meldung „Code abgelaufen“ erscheint", "“Code abgelaufen”"),
        ("le message « accès refusé » s'affiche", "“accès refusé”"),
        ("ERR_CONNECTION_RESET all the time", "ERR_CONNECTION_RESET"),
        ("error code 503 again", "error code 503"),
        ("we are on the Team plan", "Team plan"),
        ("wir haben den Business-Tarif", "Business-Tarif"),
        ("j'ai le forfait Équipe", "forfait Équipe"),
        ("i have the pro plan", "pro plan"),
        ("49,00 € were taken", "49,00 €"),
        ("I paid $1,200 for it", "$1,200"),
        ("since iOS 17.4 it crashes", "iOS 17.4"),
        ("version 3.2.1", "version 3.2.1"),
        ("it broke on 2026-03-02", "2026-03-02"),
        ("write to ops@acme.example please", "ops@acme.example"),
    ],
)
def test_it_is_found(said: str, found: str) -> None:
    assert found in facts([said])


@pytest.mark.parametrize(
    "said",
    [
        "Hello there",
        "I have 3 questions",
        "“Hamlet” is a play",
        "in order to pay",
        "the customer is right",
        "",
    ],
)
def test_what_is_no_fact_is_left_out(said: str) -> None:
    assert facts([said]) == []


def test_each_is_named_once_and_not_too_many_are() -> None:
    assert facts(["order 88123", "Order 88123!", "it was order 88123"]) == ["order 88123"]
    many = facts([f"order {number}" for number in range(10_000, 10_100)])
    assert len(many) == MOST_FACTS
    assert all(len(fact) <= LONGEST_FACT for fact in facts(["error: “" + "x " * 38 + "”", "x" * 5_000]))


@pytest.mark.parametrize(
    ("said", "safe"),
    [
        ("My card 4242 4242 4242 4242 was charged", "My card •••• 4242 was charged"),
        ("4111-1111-1111-1111", "•••• 1111"),
        ("my password is Sommer2019, why?", "my password is (hidden) why?"),
        ("Passwort: geheim", "Passwort: (hidden)"),
        ("mein Passwort ist geheim", "mein Passwort ist (hidden)"),
        ("mi contraseña es secreta", "mi contraseña es (hidden)"),
        ("mot de passe = abc", "mot de passe = (hidden)"),
        ("the key sk-ant-api03-abcdefghijklmnop fails", "the key (hidden) fails"),
    ],
)
def test_secrets_are_taken_out(said: str, safe: str) -> None:
    assert without_secrets(said) == safe


@pytest.mark.parametrize("said", ["order 1234567890123", "I forgot my password", "the pin on the map"])
def test_what_is_no_secret_stays(said: str) -> None:
    assert without_secrets(said) == said
