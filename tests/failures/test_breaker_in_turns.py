"""The breaker where it works: which turns count, and what the customers after them get."""

import asyncio
from uuid import UUID

import pytest

from supportbot.conversations.events import TurnEvent
from supportbot.database import Database
from supportbot.models import ModelCall, Turn
from supportbot.turns import record
from supportbot.turns.breaker import FAULTS, LONGEST_REST, Breaker, ModelState
from supportbot.turns.frames import Stop
from tests.people import ALICE, conversation_of, says
from tests.scripted import ScriptedAssistant, SmallDesk, small_desk, told

pytestmark = pytest.mark.anyio


@pytest.fixture
def desk(database: Database) -> SmallDesk:
    return small_desk(database)


async def asks(desk: SmallDesk) -> UUID:
    conversation = await conversation_of(desk.database, ALICE)
    await says(desk.database, conversation.id, "How long?")
    return conversation.id


async def fails_often(desk: SmallDesk, code: str = "overloaded") -> None:
    for _ in range(FAULTS):
        desk.assistant.fails(code).then  # noqa: B018
        await desk.take_turn(await asks(desk))


def rested(breaker: Breaker) -> None:
    """The rest is over."""
    breaker._rests_until -= LONGEST_REST


async def running(desk: SmallDesk, stop: Stop) -> "asyncio.Task[list[TurnEvent]]":
    return asyncio.create_task(desk.take_turn(await asks(desk), stop))


@pytest.mark.parametrize("code", ["overloaded", "server_error", "unreachable", "timeout", "broken_stream"])
async def test_after_repeated_faults_customers_are_answered_without_waiting(
    desk: SmallDesk, code: str
) -> None:
    await fails_often(desk, code)

    events = await desk.take_turn(await asks(desk))

    assert told(events)[-1] == "ends complete"
    assert events[-1].message.notice == record.BUSY
    assert len(desk.assistant.requests) == FAULTS
    turn = (await desk.rows(Turn))[-1]
    assert (turn.assistant, turn.error_code) == ("articles_only", "breaker_open")
    assert len(await desk.rows(ModelCall)) == FAULTS


async def test_answers_that_break_in_the_middle_count_too(desk: SmallDesk) -> None:
    for _ in range(FAULTS):
        desk.assistant.says("They take").fails("broken_stream").then  # noqa: B018
        await desk.take_turn(await asks(desk))

    assert desk.kit.breaker.state == ModelState.RESTING


async def test_a_probe_brings_the_model_back_for_everybody(desk: SmallDesk) -> None:
    await fails_often(desk)
    rested(desk.kit.breaker)
    desk.assistant.says("Five days.").then.says("Six days.")

    assert "says Five days." in told(await desk.take_turn(await asks(desk)))
    assert "says Six days." in told(await desk.take_turn(await asks(desk)))
    assert desk.kit.breaker.state == ModelState.OK


async def test_while_a_probe_runs_the_others_get_the_articles(desk: SmallDesk) -> None:
    await fails_often(desk)
    rested(desk.kit.breaker)
    desk.assistant.pauses().says("Five days.")
    probe = await running(desk, Stop())
    await desk.assistant.paused()

    assert "says Our articles say: five days." in told(await desk.take_turn(await asks(desk)))

    desk.assistant.resume()
    assert "says Five days." in told(await probe)


async def test_a_probe_is_one_call(database: Database) -> None:
    desk = small_desk(database)
    await fails_often(desk)
    rested(desk.kit.breaker)
    patient = small_desk(database, assistant=desk.assistant, breaker=desk.kit.breaker, call_again=(0.0, 0.0))
    desk.assistant.fails("overloaded")

    assert "says Our articles say: five days." in told(await patient.take_turn(await asks(patient)))

    assert len(desk.assistant.requests) == FAULTS + 1


async def test_a_probe_the_customer_stops_makes_room_for_the_next(desk: SmallDesk) -> None:
    await fails_often(desk)
    rested(desk.kit.breaker)
    desk.assistant.says("They").pauses().then.says("Five days.")
    stop = Stop()
    probe = await running(desk, stop)
    await desk.assistant.paused()
    stop.set("stopped")
    await probe
    assert desk.kit.breaker.state == ModelState.RESTING

    assert "says Five days." in told(await desk.take_turn(await asks(desk)))


async def test_a_probe_that_is_cancelled_makes_room_for_the_next(desk: SmallDesk) -> None:
    await fails_often(desk)
    rested(desk.kit.breaker)
    desk.assistant.pauses().then.says("Five days.")
    probe = await running(desk, Stop())
    await desk.assistant.paused()
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)

    assert "says Five days." in told(await desk.take_turn(await asks(desk)))


# What is no fault of the model's


async def test_a_customers_stop_is_no_fault(desk: SmallDesk) -> None:
    for number in range(FAULTS + 1):
        desk.assistant.says("They").pauses().then  # noqa: B018
        stop = Stop()
        turn = await running(desk, stop)
        await desk.assistant.paused(number + 1)
        stop.set("stopped")
        await turn

    assert desk.kit.breaker.state == ModelState.OK


async def test_a_customers_stop_does_not_forget_the_faults_either(desk: SmallDesk) -> None:
    for _ in range(FAULTS - 1):
        desk.assistant.fails("overloaded").then  # noqa: B018
        await desk.take_turn(await asks(desk))
    desk.assistant.says("They").pauses().then.fails("overloaded")
    stop = Stop()
    turn = await running(desk, stop)
    await desk.assistant.paused()
    stop.set("stopped")
    await turn

    await desk.take_turn(await asks(desk))

    assert desk.kit.breaker.state == ModelState.RESTING


async def test_our_own_limit_is_no_fault(database: Database) -> None:
    desk = small_desk(database, may_call_model=False)
    for _ in range(FAULTS + 1):
        await desk.take_turn(await asks(desk))

    assert desk.kit.breaker.state == ModelState.OK


@pytest.mark.parametrize("reason", ["refusal", "max_tokens"])
async def test_an_answer_the_model_did_not_want_to_give_or_end_is_no_fault(
    desk: SmallDesk, reason: str
) -> None:
    for _ in range(FAULTS + 1):
        desk.assistant.says("I cannot").ends(reason).then  # noqa: B018
        await desk.take_turn(await asks(desk))

    assert desk.kit.breaker.state == ModelState.OK


async def test_an_answer_that_was_only_long_is_no_fault(database: Database) -> None:
    breaker = Breaker()
    for _ in range(FAULTS + 1):
        desk = small_desk(database, assistant=ScriptedAssistant(), breaker=breaker, deadline=0.1)
        desk.assistant.says(*["on and "] * 100_000)
        assert told(await desk.take_turn(await asks(desk)))[-1] == "fails failed"

    assert breaker.state == ModelState.OK
