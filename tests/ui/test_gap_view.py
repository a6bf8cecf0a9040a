"""Which gaps an address asks for."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from supportbot.knowledge.collecting import Cause
from supportbot.knowledge.gaps import GapState
from supportbot.ui.gaps.view import GapView


@pytest.mark.parametrize(
    "view",
    [
        GapView(),
        GapView(GapState.COVERED),
        GapView(GapState.DISMISSED, Cause.RATED_DOWN, "pt"),
        GapView(language="a&b=c"),
    ],
)
def test_an_address_leads_back_to_what_it_was_made_from(view: GapView) -> None:
    assert GapView.of(dict(parse_qsl(urlsplit(view.address).query))) == view


@pytest.mark.parametrize("query", [{}, {"state": "nonsense"}, {"cause": "x" * 10_000}, {"state": "open"}])
def test_what_cannot_be_understood_is_left_out(query: dict[str, str]) -> None:
    assert GapView.of(query) == GapView()
    assert GapView.of(query).address == "/articles/gaps"


@pytest.mark.parametrize(
    ("name", "to"), [("cause", "nonsense"), ("state", "covered"), (None, 7), ("cause", [])]
)
def test_narrowing_to_nonsense_is_narrowing_to_nothing(name: Any, to: Any) -> None:
    assert GapView(language="de").narrowed(name, to) == GapView(language="de")


def test_narrowing_keeps_the_rest() -> None:
    view = GapView(GapState.COVERED, language="de").narrowed("cause", "escalated")

    assert view == GapView(GapState.COVERED, Cause.ESCALATED, "de")
    assert view.narrowed("cause", "") == GapView(GapState.COVERED, language="de")
    assert view.narrowed("language", {"x": 1}) == GapView(GapState.COVERED, Cause.ESCALATED)
