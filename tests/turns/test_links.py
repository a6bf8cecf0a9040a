"""Only links that come from what an answer cites, or lead to an allowed website, may be clicked."""

from html.parser import HTMLParser
from uuid import UUID

import pytest

from supportbot.database import Database
from supportbot.rendering import NO_LINKS, addresses
from supportbot.turns.assistant import SEARCH_TOOL
from supportbot.turns.links import LinkRules, clickable
from supportbot.ui.bubbles import bubble
from supportbot.ui.documents import document
from tests.people import ALICE, conversation_of, says
from tests.scripted import INVOICES, REFUNDS, FixedRetrieval, hit, small_desk

OWN = "https://support.acme.example"
RULES = LinkRules(("status.acme.example", "acme.example"), OWN)
EXPORT = hit(
    5,
    "Export",
    "Open [your files](https://files.acme.example/mine?all=1), read [on](#limits) or ask "
    "<mailto:export@acme.example>. The API is at https://api.acme.example/v1.",
)

GOOD = [
    REFUNDS.url,
    "/help/refunds",
    "/help/refunds#anything",
    f"{OWN}/help/refunds",
    f"{OWN}{REFUNDS.url}",
    "/help/export#limits",
    "https://files.acme.example/mine?all=1",
    "https://api.acme.example/v1",
    "mailto:export@acme.example",
    "https://status.acme.example",
    "https://status.acme.example/incidents?id=1#top",
    "https://STATUS.acme.example:443/",
]
INVENTED = [
    INVOICES.url,
    "/help/refund",
    "/help/refunds/../invoices",
    "/help/refunds?next=https://evil.example",
    "/help/",
    "/",
    "/desk",
    "refunds",
    "#how-long",
    "//evil.example",
    "//status.acme.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "https://evil.example/help/refunds",
    f"{OWN}/help/invoices",
    f"{OWN}.evil.example/help/refunds",
    "http://status.acme.example",
    "https://status.acme.example.evil.example",
    "https://status.acme.example:8443/",
    "https://status.acme.example@evil.example",
    "https://status.acme.example%40evil.example",
    "https://status.acme.example\\@evil.example",
    "https://user:word@status.acme.example",
    "https://deeper.status.acme.example",
    "https://xn--cme-5cd.example",
    "https://аcme.example",
    "https://ａcme.example.evil.example",
    "https:status.acme.example",
    "https:///status.acme.example",
    "ftp://status.acme.example",
    "mailto:somebody@evil.example",
    "tel:+1900",
    "https://files.acme.example/mine",
    "https://files.acme.example/mine?all=2",
    "https://[::1]/",
    "https://status.acme.example:port/",
]


class Links(HTMLParser):
    """The addresses a page would let somebody click, and the words it shows."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if tag == "a" and name == "href"]

    def handle_data(self, data: str) -> None:
        self.words += data


def shown(text: str, *, rules: LinkRules = RULES) -> Links:
    """An answer that cites two articles, as a page shows it."""
    return Links(document(text, frozenset(clickable(text, (REFUNDS, EXPORT), rules))))


@pytest.mark.parametrize("address", GOOD)
def test_what_an_answer_cites_and_what_is_allowed_may_be_clicked(address: str) -> None:
    page = shown(f"Look [here](<{address}>).")

    assert len(page.found) == 1
    assert page.words.strip() == "Look here."


@pytest.mark.parametrize("address", INVENTED)
def test_of_any_other_link_the_words_stay(address: str) -> None:
    page = shown(f"Look [here](<{address}>).")

    assert page.found == []
    assert page.words.strip() == "Look here."


@pytest.mark.parametrize(
    "text",
    [
        "[a](//evil.example)",
        "[a][1]\n\n[1]: https://evil.example",
        "[a]\n\n[a]: https://evil.example 'title'",
        "[a][]\n\n[A]: <https://evil.example>",
        "<https://evil.example>",
        "<mailto:me@evil.example>",
        "<me@evil.example>",
        "https://evil.example",
        "www.evil.example",
        "[https://status.acme.example](https://evil.example)",
        "[**a** `b` *c*](https://evil.example)",
        "![a](https://evil.example/x.png)",
        "[![a](https://evil.example/x.png)](https://evil.example)",
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))",
        "[a](&#106;avascript:alert(1))",
        "[a](data:text/html,x)",
        "[a](vbscript:x)",
        "<javascript:alert(1)>",
        "<a href='https://evil.example'>a</a>",
        "| a |\n|---|\n| [a](https://evil.example) |",
        "- > 1. [a](https://evil.example)",
        "# [a](https://evil.example)",
        '[a](https://evil.example\n"title")',
        "\\[a](https://evil.example) [b\\](https://evil.example)",
        "[a](https://evil.example) [b](https://evil.example) [c](https://evil.example)",
        "[[a](https://evil.example)](https://evil.example)",
        "[a](h&#116;tps://evil.example)",
        "[a](https&colon;//evil.example)",
        "[a]( https://evil.example )",
    ],
)
def test_no_trick_of_markdown_makes_a_link(text: str) -> None:
    assert shown(text).found == []
    assert Links(document(text)).found == []


def test_what_stays_of_a_link_keeps_its_marks() -> None:
    html = document("Go **[to *them*](https://evil.example)** now, `[or](not)`.")

    assert html == "<p>Go <strong>to <em>them</em></strong> now, <code>[or](not)</code>.</p>\n"


def test_a_good_link_beside_an_invented_one_stays() -> None:
    page = shown("[good](/help/refunds) and [bad](https://evil.example) and [good](/help/refunds#a)")

    assert page.found == ["/help/refunds", "/help/refunds#a"]
    assert page.words.strip() == "good and bad and good"


def test_an_article_that_is_not_cited_lends_no_links() -> None:
    text = "[files](https://files.acme.example/mine?all=1)"

    assert clickable(text, (EXPORT,), LinkRules()) != ()
    assert clickable(text, (REFUNDS,), LinkRules()) == ()


def test_without_an_address_of_our_own_only_relative_ones_are_ours() -> None:
    text = f"[a](/help/refunds) [b]({OWN}/help/refunds) [c](https://x.example/help/refunds)"

    assert clickable(text, (REFUNDS,), LinkRules()) == ("/help/refunds",)


def test_addresses_in_other_letters_are_the_same_address() -> None:
    umlaut = hit(6, "Über uns")

    assert clickable("[a](/help/über-uns)", (umlaut,), LinkRules()) == ("/help/%C3%BCber-uns",)
    assert clickable(f"[a]({umlaut.url})", (umlaut,), LinkRules()) == (umlaut.url,)


def test_a_text_without_links_is_not_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supportbot.rendering._markdown", None)

    assert addresses("Refunds take **five** days.") == ()


# Through a whole turn


@pytest.fixture
async def asked(database: Database) -> UUID:
    conversation = await conversation_of(database, ALICE)
    await says(database, conversation.id, "How long do refunds take?")
    return conversation.id


@pytest.mark.anyio
async def test_the_page_is_told_which_links_of_an_answer_are_good(database: Database, asked: UUID) -> None:
    desk = small_desk(database, link_rules=lambda: RULES)
    desk.assistant.says(
        "[This](/help/refunds), [that](/help/invoices), [state](https://status.acme.example)."
    ).cites(REFUNDS)

    *_, ended = await desk.take_turn(asked)

    (answer,) = await desk.answers(asked)
    assert answer.links == ["/help/refunds", "https://status.acme.example"]
    page = Links(bubble(ended.message).html)
    assert page.found == answer.links
    assert page.words.strip() == "This, that, state."


@pytest.mark.anyio
async def test_what_the_articles_answer_keeps_its_links(database: Database, asked: UUID) -> None:
    desk = small_desk(database)
    desk.fallback.text = "Our articles say: [five days](https://bank.example/transfers)."
    desk.assistant.fails("overloaded")

    *_, ended = await desk.take_turn(asked)

    assert Links(bubble(ended.message).html).found == ["https://bank.example/transfers"]


@pytest.mark.anyio
async def test_an_answer_whose_server_died_has_no_links(database: Database, asked: UUID) -> None:
    desk = small_desk(database, retrieval=FixedRetrieval(REFUNDS))
    desk.assistant.says("[Now](https://evil.example)").calls_tool(SEARCH_TOOL, {"query": "x"}).ends(None)

    *_, ended = await desk.take_turn(asked)

    assert ended.message.links == ()
    assert document(ended.message.content, NO_LINKS) == "<p>Now</p>\n"


@pytest.mark.parametrize("around", ["> ", "1. ", "- "])
def test_an_address_does_not_become_a_link_by_lying_deep(around: str) -> None:
    text = around * 20 + "see https://evil.example/?told=4711 and [x](https://evil.example)"

    page = Links(document(text, frozenset(clickable(text, (REFUNDS,), RULES))))

    assert page.found == []
    assert "https://evil.example/?told=4711" in page.words
