"""Whatever the API sends: each source shown was found and cited in this turn, and no link is invented.

The API is a server that sends made-up streams. What it may rightly claim is worked out here anew, from the
requests it was sent and the citations it gave, without any of our own reading of them.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.conversations.changes import view
from supportbot.database import Database
from supportbot.integrations.claude import Claude
from supportbot.knowledge.retrieval import Hit
from supportbot.models import Evidence, Message, MessageState, Turn
from supportbot.turns.links import LinkRules
from supportbot.ui.bubbles import bubble
from tests.people import ALICE, BOB, conversation_of, says
from tests.properties import LONG, ON_A_DATABASE
from tests.scripted import ArticlesFor, SmallDesk, hit, put_articles, small_desk
from tests.turns.test_links import Links

pytestmark = pytest.mark.anyio

FAR = "https://elsewhere.example/"
ALLOWED = "https://status.acme.example/now"
EVIL = "https://evil.example/"


def passage(number: int) -> Hit:
    return hit(number, f"Article {number}", f"Facts. See [more]({FAR}{number}).", heading=f"Part {number}")


ONE, TWO, THREE, FOUR, FIVE, SIX = (passage(number) for number in range(1, 7))
EVERYTHING = (ONE, TWO, THREE, FOUR, FIVE, SIX)
FOUND = {"first": (ONE, TWO), "second": (THREE, FOUR), "more": (FIVE,), "again": (SIX, ONE, THREE)}


Reply = list[dict[str, Any]]
"""The events of one stream."""


@dataclass
class Api:
    """Sends the next of its replies to whatever is asked, and remembers both."""

    replies: list[Reply] = field(default_factory=list)
    heard: list[tuple[Any, Reply]] = field(default_factory=list)

    async def give(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length:")[2].split()[0])
        asked = json.loads(await reader.readexactly(length))
        events = self.replies.pop(0) if self.replies else [text("Enough."), *end("end_turn")]
        self.heard.append((asked, events))
        stream = "".join(f"event: {one.get('type')}\ndata: {json.dumps(one)}\n\n" for one in events)
        answer = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
        writer.write((answer + stream).encode())
        await writer.drain()
        writer.close()


@pytest.fixture
async def api() -> AsyncIterator[tuple[Api, Claude]]:
    api = Api()
    server = await asyncio.start_server(api.give, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    claude = Claude(model="claude-sonnet-5-5", api_key="key", base_url=f"http://{host}:{port}")
    claude.cites_sources = True
    async with server:
        yield api, claude
        await claude.close()


# What it may send


def text(words: str) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": words}}


def cites(citation: Any) -> dict[str, Any]:
    return {
        "type": "content_block_delta",
        "index": 0,
        "delta": {"type": "citations_delta", "citation": citation},
    }


def tool(name: str, raw: str, number: int) -> list[dict[str, Any]]:
    block = {"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": {}}
    return [
        {"type": "content_block_start", "index": 1, "content_block": block},
        {
            "type": "content_block_delta",
            "index": 1,
            "delta": {"type": "input_json_delta", "partial_json": raw},
        },
        {"type": "content_block_stop", "index": 1},
    ]


def end(stop_reason: str) -> list[dict[str, Any]]:
    usage = {"output_tokens": 5}
    return [
        {"type": "message_delta", "delta": {"stop_reason": stop_reason}, "usage": usage},
        {"type": "message_stop"},
    ]


ADDRESSES = [
    *(f"{EVIL}x", "//evil.example", "javascript:alert(1)", "/help/article-9", ALLOWED),
    *(one.url for one in EVERYTHING),
    *(f"{FAR}{number}" for number in range(1, 7)),
]
WORDS = st.sampled_from(["Five days. ", "See ", "**Plans**: ", "\n\n", "[ESC", "[half]("])
WHERE = st.sampled_from(ADDRESSES)
LINKS = st.sampled_from(["[here]({})", "<{}>", "[here][x]\n\n[x]: {}\n\n", "{} "])
ODD_INDEXES = [10**30, -(10**30), True, None, "0", 0.0, 1.5, [0], {}]
INDEXES = st.sampled_from([*[0, 1] * 8, *[2, 3, 4, 5] * 2, *[-1, -2] * 2, *ODD_INDEXES])
SOURCES = st.sampled_from([*[None] * 12, *(one.url for one in EVERYTHING), EVIL, 7])
KINDS = st.sampled_from([*["search_result_location"] * 9, "char_location", "page_location", None])
HOW_ODD = st.sampled_from([*["as it should be"] * 14, "odd"])
NO_CITATIONS = st.sampled_from([None, [], {}, "text", 3])
QUERIES = st.sampled_from(["more", "more", "again", "again", "nothing", "", 5, None])
ODD_ARGUMENTS = st.sampled_from(["", "{}", "[]", '{"query', '{"reason": "policy"}'])
TOOLS = st.sampled_from(["refund", "search_articles", "escalate"])
PIECES = st.lists(
    st.sampled_from([*["words", "link", "cites"] * 4, "cites", "search", "search", "tool"]),
    min_size=1,
    max_size=7,
)
ENDS = st.sampled_from([*["end_turn", "tool_use"] * 4, "max_tokens", "refusal", "breaks", "error"])


@st.composite
def citations(draw: st.DrawFn) -> Any:
    """Mostly what the API would send, with any index and any source."""
    if draw(HOW_ODD) == "odd":
        return draw(NO_CITATIONS)
    citation = {"type": draw(KINDS), "search_result_index": draw(INDEXES), "cited_text": "Facts."}
    source = draw(SOURCES)
    return citation if source is None else {**citation, "source": source}


@st.composite
def replies(draw: st.DrawFn) -> Reply:
    """One stream: pieces in any order, and an end of any kind, or none."""
    events: Reply = []
    for number, piece in enumerate(draw(PIECES)):
        if piece == "words":
            events.append(text(draw(WORDS)))
        elif piece == "link":
            events.append(text(draw(LINKS).format(draw(WHERE))))
        elif piece == "cites":
            events.append(cites(draw(citations())))
        elif piece == "search":
            events += tool("search_articles", json.dumps({"query": draw(QUERIES)}), number)
        else:
            events += tool(draw(TOOLS), draw(ODD_ARGUMENTS), number)
    how = draw(ENDS)
    if how == "error":
        return [*events, {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}]
    return events if how == "breaks" else [*events, *end(how)]


# What must hold


SCRIPTS = st.tuples(*[st.lists(replies(), min_size=1, max_size=4)] * 2)
"""Of two turns, one after the other."""


@given(SCRIPTS)
@settings(ON_A_DATABASE, max_examples=15)
async def test_what_is_shown_is_true_whatever_the_api_sends(
    database: Database, api: tuple[Api, Claude], scripts: tuple[list[Reply], ...]
) -> None:
    await play(database, *api, scripts)


@pytest.mark.soak
@given(SCRIPTS)
@LONG
async def test_what_is_shown_is_true_whatever_the_api_sends_at_length(
    database: Database, api: tuple[Api, Claude], scripts: tuple[list[Reply], ...]
) -> None:
    await play(database, *api, scripts)


async def play(database: Database, server: Api, claude: Claude, scripts: tuple[list[Reply], ...]) -> None:
    await put_articles(database, *EVERYTHING)
    for customer, question, script in zip((ALICE, BOB), ("first", "second"), scripts, strict=True):
        articles = ArticlesFor(FOUND)
        rules = LinkRules(("status.acme.example",))
        desk = small_desk(database, assistant=claude, retrieval=articles, link_rules=lambda: rules)  # noqa: B023
        server.replies, server.heard = list(script), []
        conversation = await conversation_of(database, customer)
        await says(database, conversation.id, question)

        *_, last = await desk.take_turn(conversation.id)

        assert last is not None
        await expect_the_truth(desk, conversation.id, server, articles.questions)


async def expect_the_truth(desk: SmallDesk, conversation_id: UUID, api: Api, searched: list[str]) -> None:
    (answer,) = await desk.answers(conversation_id)
    turn: Turn = await desk.only(Turn, conversation_id=conversation_id)
    found = {one.url: one for query in searched for one in FOUND.get(query, ())}
    rightly_cited = {url for asked, events in api.heard for url in cited_in(asked, events)}
    shown = [source["url"] for source in answer.sources]

    # Sources: found in this turn, cited in it, and nothing of it is kept back.
    assert rightly_cited <= set(found)
    assert all(source["kind"] == "cited" for source in answer.sources)
    if turn.assistant == "claude":
        assert set(shown) <= rightly_cited
        if answer.state == MessageState.COMPLETE and answer.content.strip():
            assert set(shown) == rightly_cited
    else:
        assert set(shown) <= {next(iter(found), "")}

    # Evidence says the same.
    rows: list[Evidence] = await desk.rows(Evidence, message_id=answer.id, order="place")
    by_article = {one.article_id: one.url for one in EVERYTHING}
    assert [row.place for row in rows] == list(range(len(rows)))
    assert {by_article[row.article_id] for row in rows} <= set(found)
    assert {by_article[row.article_id] for row in rows if row.cited} == set(shown)
    assert len(rows) == len({row.article_id for row in rows})

    # Links: of what is cited, or allowed.
    for address in clickable_in(answer):
        of_sources = [one for one in EVERYTHING if one.url in shown]
        assert address == ALLOWED or any(
            address == f"{FAR}{one.id}" or address.partition("#")[0] == one.page for one in of_sources
        )


def cited_in(asked: Any, events: Reply) -> set[str]:
    """The sources that this reply cites of what this request held."""
    held = list(results_in(asked["messages"]))
    cited = set()
    for event in events:
        citation = event.get("delta", {}).get("citation") if event["type"] == "content_block_delta" else None
        if not isinstance(citation, dict) or citation.get("type") != "search_result_location":
            continue
        index = citation["search_result_index"]
        known = held[index] if type(index) is int and 0 <= index < len(held) else None
        if known is not None and citation.get("source", known) == known:
            cited.add(known)
    return cited


def results_in(content: Any) -> list[str]:
    """The sources of all search results, in the order of the request, also inside of tool results."""
    if isinstance(content, list):
        return [source for block in content for source in results_in(block)]
    if not isinstance(content, dict):
        return []
    return (
        [content["source"]] if content.get("type") == "search_result" else results_in(content.get("content"))
    )


def clickable_in(answer: Message) -> list[str]:
    """What a page lets people click in the answer."""
    return Links(bubble(view(answer)).html).found
