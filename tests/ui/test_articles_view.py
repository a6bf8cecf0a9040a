"""The address of the list of articles says what it shows, and nothing it does not know."""

import pytest

from supportbot.knowledge.shelf import Order, Wanted
from supportbot.ui.articles.view import LONGEST, View


def test_an_address_leads_back_to_the_same_view() -> None:
    view = View(Wanted("a & b", "draft", "de", "help", Order.CITED, 3))

    query = dict(part.split("=") for part in view.address.partition("?")[2].split("&"))
    assert query["state"] == "draft"
    assert View.of({**query, "search": "a & b"}) == view
    assert View().address == "/articles"


@pytest.mark.parametrize(
    "query",
    [
        {"state": "eaten", "order": "'; DROP", "page": "0x10"},
        {"page": "-1", "search": None, "state": ["draft"]},
        {"page": "9999999999999999999", "order": {}, "language": 7},
    ],
)
def test_what_it_does_not_know_is_left_out(query: dict[str, object]) -> None:
    assert View.of(query) == View()


def test_narrowing_begins_with_the_first_page_again() -> None:
    view = View(Wanted(search="refund", page=4))

    assert view.narrowed("state", "draft") == View(Wanted(search="refund", state="draft"))
    assert view.narrowed("search", "x" * 5_000).wanted.search == "x" * LONGEST
    assert not view.narrowed("search", "").is_narrowed
