"""The configuration is wrong: customers see a fault like any other, owners are told what to mend."""

import logging
from uuid import UUID

import pytest

from supportbot.database import Database
from supportbot.integrations.claude import Claude
from supportbot.models import Turn
from supportbot.quality.alerts import CAUSES
from supportbot.turns import record
from tests.failures.conftest import desk_with
from tests.people import BOB, conversation_of, says
from tests.scripted import told
from tests.servers.anthropic_server import AnthropicServer

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "ANTHROPIC_API_KEY is wrong"),
        (402, "no credit"),
        (403, "ANTHROPIC_API_KEY may not use ANTHROPIC_MODEL"),
        (404, "no model of the name in ANTHROPIC_MODEL"),
    ],
)
async def test_owners_read_what_is_wrong_and_customers_get_the_articles(
    database: Database,
    server: AnthropicServer,
    claude: Claude,
    asked: UUID,
    caplog: pytest.LogCaptureFixture,
    status: int,
    words: str,
) -> None:
    desk = desk_with(database, claude)
    server.fails(status)

    events = await desk.take_turn(asked)

    assert told(events)[-1] == "ends complete"
    assert events[-1].message.notice == record.BUSY
    assert (await desk.only(Turn)).error_code in CAUSES
    assert any(words in line.getMessage() for line in caplog.records if line.levelno == logging.ERROR)
    assert "CANARY" not in caplog.text


async def test_it_is_asked_once_and_not_again_by_the_next_customer(
    database: Database, server: AnthropicServer, claude: Claude, asked: UUID
) -> None:
    desk = desk_with(database, claude)
    server.fails(401)
    await desk.take_turn(asked)
    another = (await conversation_of(database, BOB)).id
    await says(database, another, "And invoices?")

    assert told(await desk.take_turn(another))[-1] == "ends complete"

    assert len(server.requests) == 1
    assert [turn.error_code for turn in await desk.rows(Turn)] == ["key_refused", "breaker_open"]
    assert desk.kit.breaker.state == "misconfigured"


@pytest.mark.parametrize("status", [400, 413, 422])
async def test_a_request_that_is_refused_is_not_held_against_the_others(
    database: Database, server: AnthropicServer, claude: Claude, asked: UUID, status: int
) -> None:
    desk = desk_with(database, claude)
    server.fails(status)

    assert told(await desk.take_turn(asked))[-1] == "ends complete"

    assert (await desk.only(Turn)).error_code == "refused_request"
    assert len(server.requests) == 1
    assert desk.kit.breaker.state == "ok"
