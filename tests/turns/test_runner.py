"""The runner: one turn at a time a conversation, to its end, whoever looks; and what ends it early."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from supportbot.conversations.events import TextArrived, Thinking, TurnEnded, TurnFailed
from supportbot.conversations.live import Position
from supportbot.conversations.transcript import read
from supportbot.database import Database
from supportbot.escalations import handoff
from supportbot.ids import now
from supportbot.models import MessageState, ModelCall, Outcome, Reason, Trigger, Turn
from supportbot.turns import leases, record
from supportbot.turns.runner import SUPERSEDE_UNDER_CHARACTERS
from tests.people import ALICE, BOB, conversation_of, sam, says
from tests.scripted import ShakyDatabase, SmallDesk, small_desk, told

pytestmark = pytest.mark.anyio

LONG = "They take five days. " * (SUPERSEDE_UNDER_CHARACTERS // 20 + 1)


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[SmallDesk]:
    desk = small_desk(database, save_every=0.0)
    yield desk
    await desk.runner.close()


@pytest.fixture
async def asked(desk: SmallDesk) -> UUID:
    """A conversation in which Alice has asked something; nobody was woken yet."""
    return await ask(desk, "How long do refunds take?")


async def ask(desk: SmallDesk, text: str, conversation_id: UUID | None = None) -> UUID:
    conversation_id = conversation_id or (await conversation_of(desk.database, ALICE)).id
    await says(desk.database, conversation_id, text, live=desk.live)
    return conversation_id


async def states(desk: SmallDesk, conversation_id: UUID) -> list[MessageState]:
    return [one.state for one in await desk.answers(conversation_id)]


async def story(desk: SmallDesk, conversation_id: UUID) -> list[str]:
    """What the live log tells of the turns so far."""
    end = await desk.live.position(conversation_id)
    if end.seq == 0:
        return []
    async for batch in desk.live.follow(conversation_id, Position(end.epoch, 0)):
        turns = Thinking | TextArrived | TurnEnded | TurnFailed
        return told([entry.event for entry in batch if isinstance(entry.event, turns)])
    raise AssertionError


async def until(happened: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not await happened():
            await asyncio.sleep(0.01)


# To the end, whoever looks


async def test_a_turn_runs_to_its_end_though_nobody_follows(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("Five days.")

    desk.runner.wake(asked)
    await desk.runner.idle()

    assert await states(desk, asked) == [MessageState.COMPLETE]
    assert await story(desk, asked) == ["thinks", "says Five days.", "ends complete"]
    assert not desk.runner.is_running(asked)


async def test_waking_it_for_nothing_does_nothing(desk: SmallDesk) -> None:
    conversation = await conversation_of(desk.database, ALICE)

    desk.runner.wake(conversation.id)
    await desk.runner.idle()

    assert await story(desk, conversation.id) == []


async def test_conversations_do_not_wait_for_each_other(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("Never mind").pauses().then.says("Five days.")
    bobs = (await conversation_of(desk.database, BOB)).id
    await says(desk.database, bobs, "Hello?", live=desk.live)

    desk.runner.wake(asked)
    await desk.assistant.paused()
    desk.runner.wake(bobs)
    await until(lambda: _is(desk, bobs, [MessageState.COMPLETE]))

    assert desk.runner.is_running(asked)
    desk.assistant.resume()
    await desk.runner.idle()


async def test_the_answer_so_far_is_in_the_database_while_it_runs(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("They ", "take ").pauses().says("five days.")
    desk.runner.wake(asked)
    await desk.assistant.paused()

    async def stored() -> bool:
        (running,) = (await read(desk.database, desk.live, asked)).messages[1:]
        return running.content == "They take "

    await until(stored)
    (running,) = (await read(desk.database, desk.live, asked)).messages[1:]
    assert running.position == await desk.live.position(asked)
    desk.assistant.resume()
    await desk.runner.idle()


async def test_a_write_the_database_refuses_does_not_end_the_answer(database: Database) -> None:
    desk = small_desk(ShakyDatabase(database), save_every=0.0)
    asked = await ask(desk, "How long?")
    desk.assistant.says("They ").pauses().says("take ").pauses().says("five days.")
    desk.runner.wake(asked)
    await desk.assistant.paused()
    desk.database.refuse(1)
    desk.assistant.resume()
    await desk.assistant.paused(2)
    desk.assistant.resume()
    await desk.runner.idle()

    (answer,) = await desk.answers(asked)
    assert (answer.content, answer.state) == ("They take five days.", MessageState.COMPLETE)


# One turn at a time


async def test_waking_it_often_takes_one_turn(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("Five days.")

    for _ in range(10):
        desk.runner.wake(asked)
    await desk.runner.idle()

    assert await states(desk, asked) == [MessageState.COMPLETE]


async def test_two_runners_take_one_turn(desk: SmallDesk, asked: UUID) -> None:
    other = small_desk(desk.database, assistant=desk.assistant, live=desk.live, runner="the other one")
    desk.assistant.says("Five days.")

    desk.runner.wake(asked)
    other.runner.wake(asked)
    await asyncio.gather(desk.runner.idle(), other.runner.idle())

    assert await states(desk, asked) == [MessageState.COMPLETE]


async def test_a_quick_second_message_starts_the_answer_over(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("They take").pauses().then.says("Five days, also for debit cards.")
    desk.runner.wake(asked)
    await desk.assistant.paused()

    await ask(desk, "I paid by debit card.", asked)
    desk.runner.wake(asked)
    await desk.runner.idle()

    assert await story(desk, asked) == [
        "thinks",
        "says They take",
        "ends superseded",
        "starts over",
        "says Five days, also for debit cards.",
        "ends complete",
    ]
    assert [said.text for said in desk.assistant.requests[1].history] == [
        "How long do refunds take?",
        "I paid by debit card.",
    ]


async def test_what_was_superseded_is_paid_and_never_read(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("They take").pauses().then.says("Five days.")
    desk.runner.wake(asked)
    await desk.assistant.paused()
    await ask(desk, "I paid by debit card.", asked)
    desk.runner.wake(asked)
    await desk.runner.idle()

    transcript = await read(desk.database, desk.live, asked)
    calls = await desk.rows(ModelCall)
    assert [one.content for one in transcript.messages][2:] == ["Five days."]
    assert [call.error for call in calls] == ["superseded", None]
    assert all(call.cost > 0 for call in calls)
    assert (await desk.only(Outcome)).assistant_messages == 1


async def test_a_later_message_is_answered_by_the_next_turn(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says(LONG).pauses().then.says("To your card.")
    desk.runner.wake(asked)
    await desk.assistant.paused()
    await until(lambda: _has_said(desk, asked, LONG))

    await ask(desk, "And where to?", asked)
    desk.runner.wake(asked)
    desk.assistant.resume()
    await desk.runner.idle()

    assert await states(desk, asked) == [MessageState.COMPLETE, MessageState.COMPLETE]
    assert desk.assistant.requests[1].question == "And where to?"
    assert [said.role for said in desk.assistant.requests[1].history] == ["user", "assistant", "user"]


async def test_an_answer_knows_nothing_of_what_is_said_after_it_began(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("Five days.").then.says("To your card.")

    desk.runner.wake(asked)
    await ask(desk, "And where to?", asked)
    desk.runner.wake(asked)
    await desk.runner.idle()

    turns = await desk.rows(Turn)
    messages = {one.id: one.seq for one in await desk.messages(asked)}
    for turn, request in zip(turns, desk.assistant.requests, strict=True):
        assert request.history[-1].role == "user"
        assert messages[turn.answers_id] < messages[turn.wrote_id]


async def test_a_message_that_comes_as_the_answer_ends_is_not_lost(desk: SmallDesk) -> None:
    asked = await ask(desk, "Question 0")
    for number in range(20):
        desk.assistant.says(f"Answer {number}").then  # noqa: B018
    desk.runner.wake(asked)

    for number in range(1, 15):
        await ask(desk, f"Question {number}", asked)
        desk.runner.wake(asked)
        for _ in range(number * 3):
            await asyncio.sleep(0)
    await desk.runner.idle()

    assert "Question 14" in desk.assistant.requests[-1].question
    assert (await states(desk, asked))[-1] == MessageState.COMPLETE
    assert MessageState.STREAMING not in await states(desk, asked)


async def test_a_message_another_worker_heard_is_answered_here(desk: SmallDesk, asked: UUID) -> None:
    other = small_desk(desk.database, live=desk.live, runner="the other one")
    desk.assistant.says(LONG).pauses().then.says("To your card.")
    desk.runner.wake(asked)
    await desk.assistant.paused()

    await ask(desk, "And where to?", asked)
    other.runner.wake(asked)
    await other.runner.idle()
    desk.assistant.resume()
    await desk.runner.idle()

    assert await states(desk, asked) == [MessageState.COMPLETE, MessageState.COMPLETE]


async def test_trying_again_answers_the_same_message(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("They take").fails("broken_stream").then.says("Five days.")
    desk.runner.wake(asked)
    await desk.runner.idle()

    desk.runner.wake(asked, again=True)
    await desk.runner.idle()

    assert await states(desk, asked) == [MessageState.FAILED, MessageState.COMPLETE]
    assert len({turn.answers_id for turn in await desk.rows(Turn)}) == 1


async def test_one_answer_that_crashes_does_not_keep_the_next_message_waiting(database: Database) -> None:
    desk = small_desk(ShakyDatabase(database), save_every=60, record_again=(0.01,) * 3)
    asked = await ask(desk, "How long?")
    desk.assistant.says(LONG).pauses().then.says("To your card.")
    desk.runner.wake(asked)
    await desk.assistant.paused()
    await until(lambda: _has_said(desk, asked, LONG))
    await ask(desk, "And where to?", asked)
    desk.runner.wake(asked)

    desk.database.refuse(4)
    desk.assistant.resume()
    await desk.runner.idle()
    await _let_leases_pass(desk)
    desk.runner.wake(asked)
    await desk.runner.idle()

    assert await states(desk, asked) == [MessageState.FAILED, MessageState.COMPLETE]


# Being stopped


async def test_the_customer_stops_an_answer(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("They take").pauses()
    desk.runner.wake(asked)
    await desk.assistant.paused()

    desk.runner.stop(asked)
    await desk.runner.idle()

    assert await story(desk, asked) == ["thinks", "says They take", "ends stopped"]
    assert not desk.runner.is_running(asked)


async def test_a_message_said_before_the_stop_is_answered_all_the_same(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says(LONG).pauses().then.says("To your card.")
    desk.runner.wake(asked)
    await desk.assistant.paused()
    await until(lambda: _has_said(desk, asked, LONG))
    await ask(desk, "And where to?", asked)
    desk.runner.wake(asked)

    desk.runner.stop(asked)
    await desk.runner.idle()

    assert await states(desk, asked) == [MessageState.STOPPED, MessageState.COMPLETE]


async def test_stopping_where_nothing_runs_does_nothing(desk: SmallDesk, asked: UUID) -> None:
    desk.runner.stop(asked)

    assert not desk.runner.is_running(asked)


@pytest.mark.parametrize("verb", ["take_over", "escalate"])
async def test_an_answer_stops_when_the_conversation_goes_to_people(
    desk: SmallDesk, asked: UUID, verb: str
) -> None:
    desk.runner.start()
    desk.assistant.says("They take").pauses()
    desk.runner.wake(asked)
    await desk.assistant.paused()

    if verb == "take_over":
        await handoff.take_over(desk.database, desk.live, asked, await sam(desk.database))
    else:
        await handoff.escalate(
            desk.database, desk.live, asked, reason=Reason.ASKED_FOR_PERSON, trigger=Trigger.CUSTOMER
        )
    async with asyncio.timeout(3):
        await desk.runner.idle()

    (answer,) = await desk.answers(asked)
    assert (answer.content, answer.state) == ("They take", MessageState.STOPPED)
    assert answer.notice == record.STOPPED_FOR_PEOPLE


async def test_without_the_desks_log_the_next_write_notices_the_new_owner(
    desk: SmallDesk, asked: UUID
) -> None:
    desk.assistant.says("They ").pauses().says("take ").pauses()
    desk.runner.wake(asked)
    await desk.assistant.paused()
    await handoff.take_over(desk.database, desk.live, asked, await sam(desk.database))

    desk.assistant.resume()
    async with asyncio.timeout(3):
        await desk.runner.idle()

    assert await states(desk, asked) == [MessageState.STOPPED]


async def test_the_runner_goes_on_listening_when_the_desks_log_is_lost(desk: SmallDesk, asked: UUID) -> None:
    desk.runner.start()
    await asyncio.sleep(0)
    desk.live.forget(UUID(int=0))
    await asyncio.sleep(0)
    desk.assistant.says("They take").pauses()
    desk.runner.wake(asked)
    await desk.assistant.paused()

    await handoff.take_over(desk.database, desk.live, asked, await sam(desk.database))

    async with asyncio.timeout(3):
        await desk.runner.idle()


async def test_closing_keeps_what_had_been_shown(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("They take").pauses()
    desk.runner.wake(asked)
    await desk.assistant.paused()

    async with asyncio.timeout(5):
        await desk.runner.close()

    (answer,) = await desk.answers(asked)
    assert (answer.content, answer.state) == ("They take", MessageState.FAILED)
    assert (await desk.only(Turn)).error_code == "shutdown"


async def test_a_closed_runner_begins_nothing(desk: SmallDesk, asked: UUID) -> None:
    await desk.runner.close()

    desk.runner.wake(asked)

    assert not desk.runner.is_running(asked)
    assert await desk.answers(asked) == []


# Leases


async def test_a_turn_whose_runner_died_is_failed_exactly_once(desk: SmallDesk, asked: UUID) -> None:
    await _a_dead_turn(desk, asked, "They take")

    failed = await asyncio.gather(*(leases.fail_expired(desk.database, desk.live) for _ in range(8)))

    assert [found for found in failed if found] == [[asked]]
    (answer,) = await desk.answers(asked)
    assert (answer.content, answer.state, answer.notice) == (
        "They take",
        MessageState.FAILED,
        leases.UNFINISHED,
    )
    assert (await desk.only(Turn)).error_code == "runner_died"
    assert (await desk.only(Outcome)).failed_answers == 1
    assert (await story(desk, asked)).count("fails failed") == 1


async def test_a_turn_that_is_alive_is_left_alone(desk: SmallDesk, asked: UUID) -> None:
    await _a_dead_turn(desk, asked, "They take", age=timedelta(0))

    assert await leases.fail_expired(desk.database, desk.live) == []


async def test_a_message_after_a_death_finds_the_conversation_free(desk: SmallDesk, asked: UUID) -> None:
    await _a_dead_turn(desk, asked, "They take")
    desk.assistant.says("Five days.")

    await ask(desk, "Hello?", asked)
    desk.runner.wake(asked)
    await desk.runner.idle()

    assert await states(desk, asked) == [MessageState.FAILED, MessageState.COMPLETE]


async def test_a_message_said_while_the_dead_turn_seemed_alive_is_answered_later(
    desk: SmallDesk, asked: UUID
) -> None:
    await _a_dead_turn(desk, asked, "They take", age=timedelta(0))
    desk.assistant.says("Five days.")
    await ask(desk, "Hello?", asked)
    desk.runner.wake(asked)
    await desk.runner.idle()
    assert desk.assistant.requests == []

    await _let_leases_pass(desk)
    desk.runner.start()
    await until(lambda: _is(desk, asked, [MessageState.FAILED, MessageState.COMPLETE]))


async def test_a_dead_turn_is_not_tried_again_by_itself(desk: SmallDesk, asked: UUID) -> None:
    await _a_dead_turn(desk, asked, "They take")

    desk.runner.start()
    await until(lambda: _is(desk, asked, [MessageState.FAILED]))
    await desk.runner.idle()

    assert desk.assistant.requests == []


async def test_leases_are_renewed_while_waiting_for_the_first_word(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.pauses()
    desk.runner.wake(asked)
    await desk.assistant.paused()
    await _let_leases_pass(desk)

    desk.runner.start()

    async def renewed() -> bool:
        return bool((await desk.only(Turn)).lease_until > now())

    await until(renewed)
    assert await states(desk, asked) == [MessageState.STREAMING]


async def test_a_turn_of_ours_that_nobody_works_on_is_not_kept_alive(desk: SmallDesk, asked: UUID) -> None:
    await _a_dead_turn(desk, asked, "They take", runner=desk.kit.runner)
    bobs = (await conversation_of(desk.database, BOB)).id
    await says(desk.database, bobs, "Hello?", live=desk.live)
    desk.assistant.pauses()
    desk.runner.wake(bobs)
    await desk.assistant.paused()

    desk.runner.start()

    await until(lambda: _is(desk, asked, [MessageState.FAILED]))


async def test_saving_a_part_renews_the_lease(desk: SmallDesk, asked: UUID) -> None:
    turn = await _a_dead_turn(desk, asked, "They", age=leases.LEASE / 2)

    assert await leases.save_partial(desk.database, turn.message.id, "They take", Position("e", 7))

    assert (await desk.only(Turn)).lease_until > now() + leases.LEASE / 2
    (answer,) = await desk.answers(asked)
    assert (answer.content, answer.log_epoch, answer.log_seq) == ("They take", "e", 7)


async def test_a_part_that_comes_after_the_end_is_not_saved(desk: SmallDesk, asked: UUID) -> None:
    turn = await _a_dead_turn(desk, asked, "They")
    await leases.fail_expired(desk.database, desk.live)

    assert not await leases.save_partial(desk.database, turn.message.id, "They take", Position("e", 7))

    (answer,) = await desk.answers(asked)
    assert answer.content == "They"


async def _a_dead_turn(
    desk: SmallDesk,
    conversation_id: UUID,
    text: str,
    *,
    age: timedelta = leases.LEASE,
    runner: str = "a server that was killed",
) -> record.Begun:
    """A turn that said something and then no longer gave a sign of life, `age` ago."""
    begun = await record.begin(
        desk.database, desk.live, conversation_id, runner=runner, assistant="claude", model=""
    )
    assert begun is not None
    await desk.live.append(conversation_id, Thinking(begun.message))
    position = await desk.live.append(conversation_id, TextArrived(begun.message.id, 0, text))
    assert await leases.save_partial(desk.database, begun.message.id, text, position)
    await _let_leases_pass(desk, age)
    return begun


async def _let_leases_pass(desk: SmallDesk, age: timedelta = leases.LEASE) -> None:
    async with desk.database.transaction() as session:
        for turn in await desk.rows(Turn, ended_at=None):
            (await session.merge(turn)).lease_until -= age + timedelta(milliseconds=1)


async def _is(desk: SmallDesk, conversation_id: UUID, expected: list[MessageState]) -> bool:
    return await states(desk, conversation_id) == expected


async def _has_said(desk: SmallDesk, conversation_id: UUID, text: str) -> bool:
    return f"says {text}" in await story(desk, conversation_id)
