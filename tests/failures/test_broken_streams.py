"""A stream that goes wrong in the middle: what arrived is kept and marked, and there is a way on."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import anthropic
import httpx2
import pytest

from supportbot.conversations.page import ConversationPage
from supportbot.conversations.transcript import read
from supportbot.database import Database
from supportbot.integrations.claude import Claude
from supportbot.models import Conversation, MessageState, ModelCall, Outcome, Role, Turn
from supportbot.turns import leases
from tests.failures.conftest import QUESTION, claude_at, desk_with
from tests.people import says
from tests.scripted import SmallDesk, small_desk, told
from tests.servers.anthropic_server import AnthropicServer

pytestmark = pytest.mark.anyio

BREAKAGES = ["reset", "hangup", "error_event", "clean_end", "bad_json", "bad_utf8", "stall", "only_pings"]
PART = "They take five days,"


async def breaks(desk: SmallDesk, server: AnthropicServer, asked: UUID, how: Any) -> None:
    """One turn whose stream goes wrong in this way after `PART`."""
    server.breaks_after(len(PART), how, text=PART + " as a rule.", split_every=4)
    async with asyncio.timeout(10):
        events = await desk.take_turn(asked)
    assert told(events) == ["thinks", f"says {PART}", "fails failed"]


@pytest.mark.parametrize("how", BREAKAGES)
async def test_the_part_is_kept_and_marked(
    database: Database, server: AnthropicServer, claude: Claude, asked: UUID, how: str
) -> None:
    desk = desk_with(database, claude, stall_timeout=0.3)

    await breaks(desk, server, asked, how)

    (answer,) = await desk.answers(asked)
    assert (answer.content, answer.state, answer.notice) == (PART, MessageState.FAILED, leases.UNFINISHED)
    code = "stalled" if how in ("stall", "only_pings") else "broken_stream"
    turn, call, outcome = await desk.only(Turn), await desk.only(ModelCall), await desk.only(Outcome)
    assert (turn.error_code, call.error) == (code, code)
    assert call.input_tokens > 0, "what broke was paid for all the same"
    assert (outcome.assistant_messages, outcome.failed_answers) == (0, 1)
    assert len(server.requests) == 1, "half an answer is never replaced behind the customer's back"


@pytest.mark.parametrize("how", BREAKAGES)
async def test_trying_again_answers_and_repeats_nothing(
    database: Database, server: AnthropicServer, claude: Claude, asked: UUID, how: str
) -> None:
    desk = desk_with(database, claude, stall_timeout=0.3)
    await breaks(desk, server, asked, how)
    server.says("They take five days, as a rule.")
    alice = (await desk.only(Conversation)).visitor_id

    await desk.intake.try_again(asked, alice, "192.0.2.1")
    await desk.runner.idle()

    assert [(one.role, one.state) for one in await desk.messages(asked)] == [
        (Role.USER, MessageState.COMPLETE),
        (Role.ASSISTANT, MessageState.FAILED),
        (Role.ASSISTANT, MessageState.COMPLETE),
    ]


async def test_a_new_message_after_a_broken_answer_is_answered(
    database: Database, server: AnthropicServer, claude: Claude, asked: UUID
) -> None:
    desk = desk_with(database, claude)
    await breaks(desk, server, asked, "reset")
    await says(database, asked, "And to a debit card?")
    server.says("The same.")

    assert told(await desk.take_turn(asked)) == ["thinks", "says The same.", "ends complete"]

    page = ConversationPage()
    page.load(await read(database, desk.live, asked))
    assert [one.content for one in page.in_order] == [QUESTION, PART, "And to a debit card?", "The same."]


# Whatever a library may let through


class Breaking(httpx2.AsyncBaseTransport, httpx2.AsyncByteStream):
    """A connection whose answer ends in this error, after a few words or before them."""

    def __init__(self, error: Exception, words: str = "") -> None:
        self._error, self._words = error, words

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, stream=self)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._words:
            delta = {"type": "text_delta", "text": self._words}
            data = json.dumps({"type": "content_block_delta", "index": 0, "delta": delta})
            yield f"event: content_block_delta\ndata: {data}\n\n".encode()
        raise self._error


@asynccontextmanager
async def claude_over(connection: Breaking) -> AsyncIterator[Claude]:
    claude = claude_at("http://localhost")
    await claude.close()
    claude._client = anthropic.AsyncAnthropic(
        api_key="test", max_retries=0, http_client=httpx2.AsyncClient(transport=connection)
    )
    yield claude
    await claude.close()


ERRORS: list[tuple[Exception, str]] = [
    (httpx2.ReadError("reset"), "broken_stream"),
    (httpx2.ReadTimeout("slow"), "broken_stream"),
    (httpx2.RemoteProtocolError("short body"), "broken_stream"),
    (httpx2.PoolTimeout("full"), "broken_stream"),
    (json.JSONDecodeError("bad", "{", 1), "broken_stream"),
    (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), "broken_stream"),
    (RuntimeError("anything"), "internal"),
    (OSError(104, "reset by peer"), "internal"),
]


@pytest.mark.parametrize(("error", "code"), ERRORS, ids=lambda one: type(one).__name__)
async def test_an_error_of_any_kind_in_the_middle_keeps_the_part(
    database: Database, asked: UUID, error: Exception, code: str
) -> None:
    async with claude_over(Breaking(error, PART)) as claude:
        desk = small_desk(database, assistant=claude)
        events = await desk.take_turn(asked)

    assert told(events) == ["thinks", f"says {PART}", "fails failed"]
    assert (await desk.only(Turn)).error_code == code


@pytest.mark.parametrize(("error", "code"), ERRORS, ids=lambda one: type(one).__name__)
async def test_an_error_of_any_kind_before_the_first_word_leaves_it_to_the_articles(
    database: Database, asked: UUID, error: Exception, code: str
) -> None:
    async with claude_over(Breaking(error)) as claude:
        desk = small_desk(database, assistant=claude)
        events = await desk.take_turn(asked)

    assert told(events)[-1] == "ends complete"
    turn = await desk.only(Turn)
    assert (turn.assistant, turn.error_code) == ("articles_only", code)
