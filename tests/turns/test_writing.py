"""Whatever the model writes besides answers: limited, spared while it is away, recorded and paid for."""

from dataclasses import replace
from time import monotonic
from uuid import UUID

import pytest

from supportbot.database import Database
from supportbot.models import ModelCall, Outcome
from supportbot.turns.assistant import AssistantUnavailable, Usage
from supportbot.turns.breaker import FAULTS, Breaker, ModelState
from supportbot.turns.writing import write
from tests.people import ALICE, conversation_of
from tests.scripted import ScriptedWriter, SmallDesk, small_desk

pytestmark = pytest.mark.anyio

AWAY = AssistantUnavailable("overloaded", usage=Usage(input=7))


@pytest.fixture
async def alices(database: Database) -> UUID:
    return (await conversation_of(database, ALICE)).id


async def written(desk: SmallDesk, conversation: UUID) -> str | None:
    text = await write(desk.kit, "essay", "Write an essay.", "About refunds.", conversation)
    return text.text if text else None


async def test_what_was_written_comes_back_and_is_paid_for(database: Database, alices: UUID) -> None:
    writer = ScriptedWriter("An essay.")
    desk = small_desk(database, writer=writer)

    assert await written(desk, alices) == "An essay."

    assert writer.asked == [("essay", "Write an essay.", "About refunds.")]
    call = await desk.only(ModelCall)
    assert (call.purpose, call.conversation_id, call.model) == ("essay", alices, "claude-sonnet-5-5")
    assert (call.input_tokens, call.output_tokens, call.error) == (100, 20, None)
    assert (await desk.only(Outcome)).cost == call.cost > 0


async def test_without_a_model_nothing_is_written(database: Database, alices: UUID) -> None:
    desk = small_desk(database)

    assert await written(desk, alices) is None
    assert await desk.rows(ModelCall) == []


async def test_beyond_the_limit_for_everybody_nothing_is_written(database: Database, alices: UUID) -> None:
    writer = ScriptedWriter("An essay.")
    desk = small_desk(database, writer=writer, may_call_model=False)

    assert await written(desk, alices) is None
    assert (writer.asked, await desk.rows(ModelCall)) == ([], [])


async def test_a_fault_is_recorded_with_what_it_cost_and_told_to_the_breaker(
    database: Database, alices: UUID
) -> None:
    desk = small_desk(database, writer=ScriptedWriter(*[AWAY] * FAULTS, "Never asked for."))

    for _ in range(FAULTS):
        assert await written(desk, alices) is None

    assert [(call.error, call.input_tokens) for call in await desk.rows(ModelCall)] == (
        [("overloaded", 7)] * FAULTS
    )
    assert desk.kit.breaker.state == ModelState.RESTING
    assert await written(desk, alices) is None
    assert len(desk.kit.writer.asked) == FAULTS


async def test_a_call_that_the_breaker_forbids_counts_towards_no_limit(
    database: Database, alices: UUID
) -> None:
    breaker, counted = Breaker(), []
    breaker.failed(breaker.ask(monotonic()), monotonic(), misconfigured=True)

    async def counts() -> bool:
        counted.append(1)
        return True

    desk = small_desk(database, writer=ScriptedWriter("An essay."), breaker=breaker)
    desk.kit = replace(desk.kit, may_call_model=counts)

    assert await written(desk, alices) is None
    assert counted == []


async def test_a_probe_that_our_own_limit_forbids_makes_room_for_the_next(
    database: Database, alices: UUID
) -> None:
    breaker = Breaker()
    breaker.failed(breaker.ask(0), 0, misconfigured=True)
    desk = small_desk(database, writer=ScriptedWriter("x"), breaker=breaker, may_call_model=False)
    breaker._rests_until = 0

    assert await written(desk, alices) is None

    assert breaker.ask(monotonic()) is not None
