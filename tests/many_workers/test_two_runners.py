"""Two workers on one database and one log: who answers, who stops, and who takes over from the dead."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from supportbot.conversations.events import Owner
from supportbot.conversations.following import follow
from supportbot.conversations.page import ConversationPage
from supportbot.conversations.transcript import read
from supportbot.database import Database
from supportbot.errors import Refused
from supportbot.escalations.handoff import take_over
from supportbot.ids import new_id
from supportbot.integrations.redis_live import PREFIX
from supportbot.models import MessageState, Role, Turn
from supportbot.turns import leases, record, runner
from tests.lives import redis_live
from tests.people import ALICE, conversation_of, sam, says
from tests.scripted import ScriptedAssistant, SmallDesk, small_desk
from tests.servers.redis import Redis

pytestmark = pytest.mark.anyio

HOME = "192.0.2.1"
SOON = 10


class Pair:
    """Two workers; each has an assistant of its own, so that a test sees who was asked."""

    def __init__(self, one: SmallDesk, other: SmallDesk) -> None:
        self.one, self.other = one, other

    async def says(self, desk: SmallDesk, conversation_id: UUID, visitor_id: UUID, text: str) -> None:
        await desk.intake.say(conversation_id, visitor_id, HOME, text, str(new_id()))

    async def idle(self) -> None:
        async with asyncio.timeout(SOON):
            await self.one.runner.idle()
            await self.other.runner.idle()


@pytest.fixture
async def pair(database: Database, redis_server: Redis) -> AsyncIterator[Pair]:
    prefix = f"{PREFIX}{new_id().hex}:"
    async with (
        redis_live(redis_server.url, prefix=prefix, poll=0.05) as live_of_one,
        redis_live(redis_server.url, prefix=prefix, poll=0.05) as live_of_other,
    ):
        how: dict[str, Any] = {"save_every": 0.05}
        one = small_desk(database, assistant=ScriptedAssistant(), live=live_of_one, runner="one", **how)
        other = small_desk(database, assistant=ScriptedAssistant(), live=live_of_other, runner="other", **how)
        for desk in (one, other):
            desk.runner.start()
        for live in (live_of_one, live_of_other):
            await _listening(live)
        yield Pair(one, other)
        for desk in (one, other):
            await desk.runner.close(grace=1)


async def _listening(live: Any) -> None:
    """Wait until a worker hears what happens on the desk's topic."""
    async with asyncio.timeout(SOON):
        while not any(topic.followers for topic in live._topics.values()):
            await asyncio.sleep(0.01)


async def until(condition: Any) -> None:
    async with asyncio.timeout(SOON):
        while not condition():
            await asyncio.sleep(0.01)


async def test_the_customer_stops_an_answer_that_another_worker_gives(database: Database, pair: Pair) -> None:
    conversation = await conversation_of(database, ALICE)
    pair.one.assistant.says("The first half").pauses().says(" and the second.")
    await pair.says(pair.one, conversation.id, conversation.visitor_id, "How long?")
    await pair.one.assistant.paused()

    await pair.other.intake.stop(conversation.id)
    await pair.idle()

    (answer,) = await pair.one.answers(conversation.id)
    assert (answer.state, answer.content) == (MessageState.STOPPED, "The first half")
    assert answer.notice == record.STOPPED


async def test_stopping_what_does_not_run_tells_nobody(database: Database, pair: Pair) -> None:
    conversation = await conversation_of(database, ALICE)
    await says(database, conversation.id, "Hello?")
    before = await pair.one.live.position(runner.DESK)

    await pair.other.intake.stop(conversation.id)

    assert await pair.one.live.position(runner.DESK) == before


async def test_a_stop_that_cannot_be_told_is_refused_with_a_sentence(database: Database, pair: Pair) -> None:
    conversation = await conversation_of(database, ALICE)
    pair.one.assistant.says("The first half").pauses().says(" and the second.")
    await pair.says(pair.one, conversation.id, conversation.visitor_id, "How long?")
    await pair.one.assistant.paused()

    pair.other.live._link.note_away(OSError())  # type: ignore[attr-defined]
    with pytest.raises(Refused, match="will end by itself"):
        await pair.other.intake.stop(conversation.id)

    pair.one.assistant.resume()
    await pair.idle()


async def test_a_message_on_another_worker_makes_a_young_answer_start_over(
    database: Database, pair: Pair
) -> None:
    conversation = await conversation_of(database, ALICE)
    pair.one.assistant.says("Little").pauses().says(" more.")
    # Whichever is quicker becomes the next turn.
    pair.one.assistant.then.says("Both answered.")
    pair.other.assistant.says("Both answered.")
    await pair.says(pair.one, conversation.id, conversation.visitor_id, "How long?")
    await pair.one.assistant.paused()

    await pair.says(pair.other, conversation.id, conversation.visitor_id, "And how much?")
    await until(lambda: len(pair.one.assistant.requests) + len(pair.other.assistant.requests) == 2)
    await pair.idle()

    first, second = await pair.one.answers(conversation.id)
    assert (first.state, second.state) == (MessageState.SUPERSEDED, MessageState.COMPLETE)
    assert second.content == "Both answered."
    last = (pair.one.assistant.requests[1:] + pair.other.assistant.requests)[0]
    assert [said.text for said in last.history] == ["How long?", "And how much?"]


async def test_a_message_on_another_worker_waits_for_a_long_answer_and_is_answered_then(
    database: Database, pair: Pair
) -> None:
    conversation = await conversation_of(database, ALICE)
    pair.one.assistant.says("x" * 300).pauses().says("!")
    pair.one.assistant.then.says("And the second.")
    pair.other.assistant.says("And the second.")  # whoever begins first after the first answer's end
    await pair.says(pair.one, conversation.id, conversation.visitor_id, "How long?")
    await pair.one.assistant.paused()
    await until(lambda: all(run.shown >= 300 for run in pair.one.runner._running.values()))

    await pair.says(pair.other, conversation.id, conversation.visitor_id, "And how much?")
    pair.one.assistant.resume()
    await pair.idle()

    first, second = await pair.one.answers(conversation.id)
    assert (first.state, first.content) == (MessageState.COMPLETE, "x" * 300 + "!")
    assert (second.state, second.content) == (MessageState.COMPLETE, "And the second.")


async def test_ones_own_message_does_not_make_its_answer_start_over(database: Database, pair: Pair) -> None:
    """The desk's topic tells the worker that answers also of the very message it answers."""
    conversation = await conversation_of(database, ALICE)
    pair.one.assistant.says("Little").pauses().says(" more.")
    await pair.says(pair.one, conversation.id, conversation.visitor_id, "How long?")
    await pair.one.assistant.paused()
    await asyncio.sleep(0.1)

    pair.one.assistant.resume()
    await pair.idle()

    (answer,) = await pair.one.answers(conversation.id)
    assert (answer.state, answer.content) == (MessageState.COMPLETE, "Little more.")


async def test_the_same_question_is_answered_once_however_many_workers_wake(
    database: Database, pair: Pair
) -> None:
    conversation = await conversation_of(database, ALICE)
    pair.one.assistant.says("An answer.")
    pair.other.assistant.says("An answer.")
    await says(database, conversation.id, "How long?")

    for _ in range(3):
        pair.one.runner.wake(conversation.id)
        pair.other.runner.wake(conversation.id)
    await pair.idle()

    (answer,) = await pair.one.answers(conversation.id)
    assert answer.state == MessageState.COMPLETE
    assert len(pair.one.assistant.requests) + len(pair.other.assistant.requests) == 1


async def test_trying_again_in_two_tabs_on_two_workers_is_trying_once(database: Database, pair: Pair) -> None:
    conversation = await conversation_of(database, ALICE)
    pair.one.assistant.says("It takes").crashes(ValueError("a fault of ours"))
    await pair.says(pair.one, conversation.id, conversation.visitor_id, "How long?")
    await pair.idle()
    pair.one.assistant.then.says("Five days.")
    pair.other.assistant.says("Five days.")

    visitor = conversation.visitor_id
    await asyncio.gather(
        pair.one.intake.try_again(conversation.id, visitor, HOME),
        pair.other.intake.try_again(conversation.id, visitor, HOME),
    )
    await pair.idle()

    failed, answer = await pair.one.answers(conversation.id)
    assert (failed.state, answer.state) == (MessageState.FAILED, MessageState.COMPLETE)


async def test_whoever_tries_again_too_late_finds_the_answer_there(database: Database, pair: Pair) -> None:
    conversation = await conversation_of(database, ALICE)
    pair.one.assistant.says("Five days.")
    await pair.says(pair.one, conversation.id, conversation.visitor_id, "How long?")
    await pair.idle()

    pair.other.runner.wake(conversation.id, again=True)
    await pair.idle()

    assert [one.content for one in await pair.one.answers(conversation.id)] == ["Five days."]


async def test_a_press_on_try_again_while_another_worker_tries_refuses_nobody(
    database: Database, pair: Pair
) -> None:
    conversation = await conversation_of(database, ALICE)
    pair.one.assistant.says("Five").pauses().says(" days.")
    await pair.says(pair.one, conversation.id, conversation.visitor_id, "How long?")
    await pair.one.assistant.paused()

    await pair.other.intake.try_again(conversation.id, conversation.visitor_id, HOME)

    pair.one.assistant.resume()
    await pair.idle()
    (answer,) = await pair.one.answers(conversation.id)
    assert answer.content == "Five days."


async def test_staff_take_over_on_another_worker(database: Database, pair: Pair) -> None:
    conversation = await conversation_of(database, ALICE)
    pair.one.assistant.says("The first half").pauses().says(" and the second.")
    await pair.says(pair.one, conversation.id, conversation.visitor_id, "How long?")
    await pair.one.assistant.paused()

    await take_over(database, pair.other.live, conversation.id, await sam(database))
    await pair.idle()

    (answer,) = await pair.one.answers(conversation.id)
    assert (answer.state, answer.content) == (MessageState.STOPPED, "The first half")


async def test_staff_take_over_on_another_worker_while_redis_is_away(database: Database, pair: Pair) -> None:
    """Nobody hears of it; the runner's next write does."""
    conversation = await conversation_of(database, ALICE)
    pair.one.assistant.says("The first half").pauses().says(" and the second.")
    await pair.says(pair.one, conversation.id, conversation.visitor_id, "How long?")
    await pair.one.assistant.paused()

    for desk in (pair.one, pair.other):
        desk.live._link.note_away(OSError())  # type: ignore[attr-defined]
    await take_over(database, pair.other.live, conversation.id, await sam(database))
    pair.one.assistant.resume()
    await pair.idle()

    (answer,) = await pair.one.answers(conversation.id)
    assert answer.state == MessageState.STOPPED


async def test_a_turn_whose_worker_died_is_failed_by_the_other_and_both_workers_pages_see_it(
    database: Database, pair: Pair
) -> None:
    conversation = await conversation_of(database, ALICE)
    await says(database, conversation.id, "How long?", live=pair.one.live)
    begun = await record.begin(
        database, pair.one.live, conversation.id, runner="dead", assistant="claude", model=""
    )
    assert begun is not None
    await leases.save_partial(database, begun.message.id, "Five", begun.message.position)
    pages = [
        asyncio.create_task(_until_nothing_runs(database, desk, conversation.id))
        for desk in (pair.one, pair.other)
    ]
    async with database.transaction() as session:
        turn = await session.get_one(Turn, begun.turn_id)
        turn.lease_until -= leases.LEASE + timedelta(seconds=1)

    by_one, by_other = await asyncio.gather(
        *(leases.fail_expired(database, desk.live) for desk in (pair.one, pair.other))
    )

    # The workers' own sweeps may have been quicker; failed twice it must not be.
    assert (by_one + by_other).count(conversation.id) <= 1
    for page in await asyncio.gather(*pages):
        (answer,) = [one for one in page.in_order if one.role == Role.ASSISTANT]
        assert (answer.state, answer.content) == (MessageState.FAILED, "Five")
        assert answer.notice == leases.UNFINISHED
        assert page.owner == Owner.ASSISTANT


async def _until_nothing_runs(database: Database, desk: SmallDesk, conversation_id: UUID) -> ConversationPage:
    transcript = await read(database, desk.live, conversation_id)
    page = ConversationPage()
    page.load(transcript)
    following = follow(database, desk.live, conversation_id, page, transcript.follow_from, heartbeat=0.05)
    async with asyncio.timeout(SOON), aclosing(following):
        while page.running is not None:
            await anext(following)
    return page
