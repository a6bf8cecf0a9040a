"""The model is away: the articles answer, marked as such, and nobody waits longer than promised."""

import asyncio
import time
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from supportbot.database import Database
from supportbot.integrations.claude import Claude
from supportbot.models import MessageState, ModelCall, Turn
from supportbot.turns import record
from supportbot.turns.frames import Stop
from tests.failures.conftest import claude_at, desk_with
from tests.scripted import SmallDesk, told
from tests.servers.anthropic_server import AnthropicServer
from tests.servers.postgres import free_port

pytestmark = pytest.mark.anyio

FROM_THE_ARTICLES = ["thinks", "says Our articles say: five days.", "cites Refunds", "ends complete"]


async def expect_the_articles(desk: SmallDesk, asked: UUID, code: str) -> None:
    """One turn, answered from the articles because of `code`, and marked."""
    async with asyncio.timeout(10):
        events = await desk.take_turn(asked)

    assert told(events) == FROM_THE_ARTICLES
    (answer,) = await desk.answers(asked)
    assert (answer.state, answer.notice) == (MessageState.COMPLETE, record.BUSY)
    turn = await desk.only(Turn)
    assert (turn.assistant, turn.model, turn.error_code) == ("articles_only", "", code)


@pytest.mark.parametrize(
    ("status", "code"),
    [(429, "rate_limited"), (500, "server_error"), (502, "server_error"), (529, "overloaded")],
)
async def test_a_server_that_refuses_again_and_again(
    database: Database, server: AnthropicServer, claude: Claude, asked: UUID, status: int, code: str
) -> None:
    desk = desk_with(database, claude)
    server.fails(status, times=3)

    await expect_the_articles(desk, asked, code)

    assert [call.error for call in await desk.rows(ModelCall)] == [code] * 3
    assert len(server.requests) == 3


async def test_a_connection_that_is_reset_again_and_again(
    database: Database, server: AnthropicServer, claude: Claude, asked: UUID
) -> None:
    server.hangs_up(times=3)

    await expect_the_articles(desk_with(database, claude), asked, "unreachable")


async def test_a_connection_that_is_refused(database: Database, asked: UUID) -> None:
    nobody = claude_at(f"http://127.0.0.1:{free_port()}")

    await expect_the_articles(desk_with(database, nobody), asked, "unreachable")

    await nobody.close()


SILENCES: dict[str, dict[str, Any]] = {
    "connection accepted, then nothing": {"headers_first": False},
    "headers, then no event": {},
    "headers, then nothing but pings": {"ping_every": 0.02},
}


@pytest.mark.parametrize("silence", SILENCES.values(), ids=SILENCES.keys())
async def test_no_first_word_in_time(
    database: Database, server: AnthropicServer, claude: Claude, asked: UUID, silence: dict[str, Any]
) -> None:
    desk = desk_with(database, claude, first_token_timeout=0.3)
    server.stays_silent(30, **silence)

    await expect_the_articles(desk, asked, "timeout")

    assert len(server.requests) == 1
    await server.until_left()


@pytest.mark.parametrize("how", ["only_pings", "stall"])
async def test_a_stream_that_opens_and_says_nothing(
    database: Database, server: AnthropicServer, claude: Claude, asked: UUID, how: Any
) -> None:
    desk = desk_with(database, claude, first_token_timeout=0.3)
    server.breaks_after(0, how)

    await expect_the_articles(desk, asked, "timeout")


@pytest.mark.parametrize("how", ["reset", "hangup", "clean_end", "error_event", "bad_json"])
async def test_a_stream_that_breaks_before_its_first_word_is_asked_for_again(
    database: Database, server: AnthropicServer, claude: Claude, asked: UUID, how: Any
) -> None:
    desk = desk_with(database, claude)
    server.breaks_after(0, how)
    server.says("Five days.")

    assert told(await desk.take_turn(asked)) == ["thinks", "says Five days.", "ends complete"]

    assert [call.error for call in await desk.rows(ModelCall)] == ["broken_stream", None]


# Calling again, within the time for the first word


async def test_a_fault_that_passes_is_not_noticed(
    database: Database, server: AnthropicServer, claude: Claude, asked: UUID
) -> None:
    desk = desk_with(database, claude)
    server.fails(529)
    server.fails(429)
    server.says("Five days.")

    events = await desk.take_turn(asked)

    assert told(events) == ["thinks", "says Five days.", "ends complete"]
    assert events[-1].message.notice == ""
    assert (await desk.only(Turn)).error_code is None
    assert [call.error for call in await desk.rows(ModelCall)] == ["overloaded", "rate_limited", None]


async def test_it_is_called_again_when_the_server_says_and_not_before(
    database: Database, server: AnthropicServer, claude: Claude, asked: UUID
) -> None:
    desk = desk_with(database, claude)
    server.fails(429, retry_after=0.4)
    server.says("Five days.")
    began = time.monotonic()

    await desk.take_turn(asked)

    assert time.monotonic() - began >= 0.4


@pytest.mark.parametrize("retry_after", [19.5, 3600])
async def test_a_server_that_asks_for_more_patience_than_is_left_is_left_at_once(
    database: Database, server: AnthropicServer, claude: Claude, asked: UUID, retry_after: float
) -> None:
    desk = desk_with(database, claude, first_token_timeout=20)
    server.fails(429, retry_after=retry_after)

    # Within `expect_the_articles`'s ten seconds, though the first word had twenty.
    await expect_the_articles(desk, asked, "rate_limited")

    assert len(server.requests) == 1


async def test_slow_refusals_take_no_more_than_the_time_for_the_first_word(
    database: Database, server: AnthropicServer, claude: Claude, asked: UUID
) -> None:
    desk = desk_with(database, claude, first_token_timeout=1.2)
    server.breaks_after(0, "error_event", silence=0.9)
    server.says("Too late.")

    await expect_the_articles(desk, asked, "broken_stream")

    assert len(server.unspoken) == 1, "with 0.3 s left, another call is not worth making"


async def test_every_call_counts_towards_everybodys_limit(
    database: Database, server: AnthropicServer, claude: Claude, asked: UUID
) -> None:
    left = [True, True]

    async def may_call_model() -> bool:
        return left.pop() if left else False

    desk = desk_with(database, claude)
    desk.kit = replace(desk.kit, may_call_model=may_call_model)
    server.fails(500, times=3)

    await expect_the_articles(desk, asked, "rate_limited")

    assert len(server.requests) == 2


async def test_stopping_does_not_wait_until_it_is_called_again(
    database: Database, server: AnthropicServer, claude: Claude, asked: UUID
) -> None:
    desk = desk_with(database, claude, first_token_timeout=3_600)
    server.fails(429, retry_after=600)
    stop = Stop()
    turn = asyncio.create_task(desk.take_turn(asked, stop))
    async with asyncio.timeout(5):
        while not server.requests:
            await asyncio.sleep(0.01)
        stop.set("stopped")

        assert told(await turn) == ["thinks", "ends stopped"]

    assert len(server.requests) == 1
