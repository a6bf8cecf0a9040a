"""Excerpts: which part of a passage is shown, and which words of it are marked."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.web.help.found import ABOUT, LEAD, excerpt, marks

LONG = (
    "Before that, much is said about other things. " * 20
    + "You can export invoices as PDF. "
    + "And more. " * 60
)


def shown(text: str, question: str) -> str:
    return "".join(f"[{one.text}]" if one.marked else one.text for one in excerpt(text, question))


@pytest.mark.parametrize(
    ("text", "question", "expected"),
    [
        ("Invoices are exported here.", "exporting an invoice", "[Invoices] are [exported] here."),
        ("Ein Café in München", "cafe munchen", "Ein [Café] in [München]"),
        ("返金には五日かかります", "返金", "[返金]には五日かかります"),
        ("the end", "the", "the end"),
        ("", "anything", ""),
        ("nothing of it", "invoice", "nothing of it"),
    ],
)
def test_words_are_marked_as_the_index_knows_them(text, question, expected):
    assert shown(text, question) == expected


def test_a_long_passage_is_shown_where_the_words_are():
    words = shown(LONG, "export invoices pdf")
    assert words.startswith("… You can [export] [invoices] as [PDF].")
    assert words.endswith(" …")
    assert len(words) < ABOUT + 30


def test_a_long_passage_without_the_words_is_shown_from_its_beginning():
    words = shown(LONG, "xylophone")
    assert words.startswith("Before that, much")
    assert words.endswith(" …")


@given(st.text(max_size=1_500), st.text(max_size=60))
def test_an_excerpt_is_a_piece_of_the_passage(text, question):
    words = "".join(one.text for one in excerpt(text, question))
    inside = re.sub(r"^… |(?<!^) …$", "", words) if words not in text else words
    assert inside in text or words in text
    assert len(words) <= ABOUT + LEAD + 4


@given(st.text(alphabet="ab 返金す", max_size=40), st.text(alphabet="ab 返金す", max_size=8))
def test_marks_are_in_order_and_none_lies_over_another(text, question):
    spans = marks(text, {question, *question.split(), "返金", "金す"})
    assert all(start < end for start, end in spans)
    assert all(one[1] < two[0] for one, two in pairwise(spans))
