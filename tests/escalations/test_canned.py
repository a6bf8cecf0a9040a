"""Replies kept for use: what is known goes into the gaps, what is not stays to be seen."""

import pytest

from supportbot.escalations.canned import filled, gaps

KNOWN = gaps(customer="Alice Miller", agent="Sam", company="Acme")


@pytest.mark.parametrize(
    ("body", "reads"),
    [
        ("Hello {customer}, {agent} of {company} here.", "Hello Alice Miller, Sam of Acme here."),
        ("Hello { first_name }.", "Hello Alice."),
        ("Your order {order} is on its way.", "Your order {order} is on its way."),
        ("Use {} and {a b} as they are.", "Use {} and {a b} as they are."),
    ],
)
def test_gaps_are_filled_with_what_is_known(body: str, reads: str) -> None:
    assert filled(body, KNOWN) == reads


def test_nobody_is_greeted_by_a_made_up_name() -> None:
    assert filled("Hello {customer}.", gaps(customer="", agent="Sam", company="Acme")) == "Hello {customer}."


def test_what_is_filled_in_is_not_read_for_gaps_again() -> None:
    words = gaps(customer="{agent}", agent="Sam", company="Acme")

    assert filled("Hello {customer}.", words) == "Hello {agent}."
