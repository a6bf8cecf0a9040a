"""A thumb down may send a conversation to people; it never takes one away from them."""

import asyncio
from typing import Any

import pytest

from supportbot.conversations.events import Owner
from supportbot.conversations.transcript import Browser, read
from supportbot.database import Database
from supportbot.errors import Refused
from supportbot.escalations import handoff
from supportbot.models import Conversation, Handoff, Message, MessageState, Reason, Role, Trigger
from tests.people import ALICE, sam
from tests.scripted import SmallDesk, small_desk

pytestmark = pytest.mark.anyio


@pytest.fixture
async def desk(database: Database) -> SmallDesk:
    """Alice has had two answers."""
    desk = small_desk(database)
    desk.assistant.says("Five days.").then.says("Five.")
    conversation_id = await desk.intake.begin(ALICE.token_hash, "192.0.2.1", "How long?", "key", Browser())
    await desk.runner.idle()
    visitor = (await read(database, desk.live, conversation_id)).conversation.visitor_id
    await desk.intake.say(conversation_id, visitor, "192.0.2.1", "Really?", "another")
    await desk.runner.idle()
    return desk


async def rate(desk: SmallDesk, *values: Any) -> None:
    """Alice rates her answers, the first one first."""
    for answer, value in zip(await desk.rows(Message, role=Role.ASSISTANT, order="seq"), values, strict=True):
        if value is not None:
            await desk.intake.rate(answer, value)


async def owner(desk: SmallDesk) -> Owner:
    return (await read(desk.database, desk.live, (await desk.only(Conversation)).id)).owner


@pytest.mark.parametrize("values", [(-1, None), (1, 1), (-1, 1), (-1, 0)])
async def test_one_thumb_down_is_only_one(desk: SmallDesk, values: tuple[Any, ...]) -> None:
    await rate(desk, *values)

    assert await owner(desk) == Owner.ASSISTANT
    assert await desk.rows(Handoff) == []


async def test_the_second_sends_it_to_people(desk: SmallDesk) -> None:
    await rate(desk, -1, -1)

    waiting = await desk.only(Handoff)
    assert (waiting.reason, waiting.trigger) == (Reason.CANNOT_RESOLVE, Trigger.POLICY)
    assert "2 answers marked as not helpful" in waiting.brief


async def test_a_thumb_that_was_taken_back_is_none(desk: SmallDesk) -> None:
    await rate(desk, -1, None)
    await rate(desk, 0, -1)

    assert await desk.rows(Handoff) == []


async def test_the_same_thumb_twice_is_one(desk: SmallDesk) -> None:
    await asyncio.gather(*(rate(desk, -1, None) for _ in range(4)))

    assert await desk.rows(Handoff) == []


async def test_thumbs_at_once_are_one_hand_off(desk: SmallDesk) -> None:
    await asyncio.gather(*(rate(desk, -1, -1) for _ in range(3)))

    assert len(await desk.rows(Handoff)) == 1


async def test_it_stops_the_answer_that_is_being_written(desk: SmallDesk) -> None:
    conversation = await desk.only(Conversation)
    first, second = await desk.answers(conversation.id)
    desk.assistant.then.says("They").pauses()
    await desk.intake.say(conversation.id, conversation.visitor_id, "192.0.2.1", "In June too?", "third")
    await desk.assistant.paused()

    await desk.intake.rate(first, -1)
    await desk.intake.rate(second, -1)
    await desk.runner.idle()

    assert (await desk.answers(conversation.id))[-1].state == MessageState.STOPPED
    assert await owner(desk) == Owner.WAITING


@pytest.mark.parametrize("resolves", [True, False])
async def test_what_people_have_or_had_is_left_to_them(desk: SmallDesk, resolves: bool) -> None:
    where = (desk.database, desk.live, (await desk.only(Conversation)).id, await sam(desk.database))
    await handoff.take_over(*where)
    if resolves:
        await handoff.resolve(*where)
    before = await owner(desk)

    await rate(desk, -1, -1)

    assert await owner(desk) == before
    assert len(await desk.rows(Handoff)) == 1


async def test_answers_from_before_people_had_it_do_not_count(desk: SmallDesk) -> None:
    where = (desk.database, desk.live, (await desk.only(Conversation)).id, await sam(desk.database))
    await handoff.take_over(*where)
    await handoff.hand_back(*where)

    await rate(desk, -1, -1)

    assert await owner(desk) == Owner.ASSISTANT


async def test_anything_else_is_refused(desk: SmallDesk) -> None:
    with pytest.raises(Refused):
        await rate(desk, -2, None)
