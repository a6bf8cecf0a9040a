"""How a message becomes the plain sentences that rules expect."""

import pytest

from supportbot.escalations.wording.reading import LONGEST_READ, sentences


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", []),
        ("  ...  !?", []),
        ("Hello there", [" hello there"]),
        ("One. Two! Three?\nFour; five…", [" one", " two", " three", " four", " five"]),
        ("¿Qué hago? ¡Ya!", [" que hago", " ya"]),
        ("I'd say I’m here, don`t you", [" id say im here , dont you"]),
        ("qu'un avocat s'il vous plaît", [" qu un avocat s il vous plait"]),
        ("our customers' invoices", [" our customers invoices"]),
        ("an ex-employee's e-mail", [" an ex employees e mail"]),
        ("GROẞE STRASSE, Größe", [" grosse strasse , grosse"]),
        ("nooooo pleeease", [" no please"]),
        ("a complaint with the BBB", [" a complaint with the bbb"]),
        ("it cost 1.299,50 euros", [" it cost 129950 euros"]),
        ("see acme.example please", [" see acme example please"]),
        ("well -- (really) , \U0001f621 , no", [" well , really , no"]),
        ("speak w/ someone", [" speak with someone"]),
        ("hu\u00adman\u200b", [" human"]),
        ("Ｈｕｍａｎ", [" human"]),
    ],
)
def test_a_message_is_read_plainly(text: str, read: list[str]) -> None:
    assert sentences(text) == read


def test_only_so_much_is_read() -> None:
    assert sentences("a " * LONGEST_READ + "the end") == sentences("a " * LONGEST_READ)


def test_signs_that_stand_for_many_letters_do_not_make_it_longer() -> None:
    (read,) = sentences("\ufdfa" * LONGEST_READ)

    assert len(read) <= LONGEST_READ + 1
