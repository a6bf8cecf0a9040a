"""Which list an address asks for."""

from urllib.parse import parse_qsl

import pytest

from supportbot.escalations.lists import List
from supportbot.ui.escalations.view import View


@pytest.mark.parametrize(
    "view",
    [
        View(),
        View(List.MINE),
        View(List.JUNK, tag="ümläut & more", language="de"),
        View(List.RESOLVED, reason="legal_threat"),
        View(search="50% of “it” & more"),
    ],
)
def test_an_address_leads_back_to_what_it_was_made_of(view: View) -> None:
    assert View.of(dict(parse_qsl(view.query.lstrip("?")))) == view


def test_the_first_list_needs_no_query() -> None:
    assert View().address == "/escalations"


@pytest.mark.parametrize("query", [{"list": "nonsense"}, {"list": ""}, {"other": "x"}, {"tag": "\x00"}])
def test_what_cannot_be_understood_is_left_out(query: dict[str, str]) -> None:
    assert View.of(query) == View()


def test_a_very_long_search_is_cut() -> None:
    assert len(View.of({"search": "x" * 100_000}).search) == 200


def test_a_list_is_narrowed_further() -> None:
    assert View(List.OPEN, tag="vip").narrowed(tag="", reason="abuse") == View(List.OPEN, reason="abuse")
