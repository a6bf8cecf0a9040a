"""Two tabs, a double click, a resend after reconnecting: one message, and always acknowledged."""

import asyncio
from uuid import UUID

import pytest

from supportbot.conversations.events import MessageView
from supportbot.conversations.transcript import Browser
from supportbot.database import Database
from supportbot.errors import RateLimited
from supportbot.escalations import handoff
from supportbot.house.sections import Limits
from supportbot.models import Conversation, Handoff, MessageState, Turn
from supportbot.usage.rate_limits import RateLimits
from tests.people import ALICE
from tests.scripted import SmallDesk, small_desk

pytestmark = pytest.mark.anyio

HOME = "192.0.2.1"


@pytest.fixture
def desk(database: Database) -> SmallDesk:
    return small_desk(database)


async def begin(desk: SmallDesk, text: str = "How long?", key: str = "first") -> UUID:
    return await desk.intake.begin(ALICE.token_hash, HOME, text, key, Browser())


async def say(desk: SmallDesk, conversation_id: UUID, text: str, key: str) -> MessageView:
    alice = (await desk.only(Conversation)).visitor_id
    return await desk.intake.say(conversation_id, alice, HOME, text, key)


def with_limits(desk: SmallDesk, messages: int) -> SmallDesk:
    """The same desk, with limits that count."""
    limits = RateLimits(lambda: Limits(messages_per_minute=messages))
    vars_of = {name: getattr(desk.intake, name) for name in ("database", "live", "runner", "reopen_to_staff")}
    desk.intake = type(desk.intake)(limits=limits, **vars_of)
    return desk


async def test_a_resend_at_the_limit_is_acknowledged(desk: SmallDesk) -> None:
    with_limits(desk, messages=2)
    desk.assistant.says("Five days.").then.says("Yes.")
    conversation_id = await begin(desk)
    await desk.runner.idle()
    stored = await say(desk, conversation_id, "To my card?", "second")
    await desk.runner.idle()

    again = await say(desk, conversation_id, "To my card?", "second")

    assert again.id == stored.id
    assert await begin(desk) == conversation_id
    with pytest.raises(RateLimited):
        await say(desk, conversation_id, "And now?", "third")


async def test_a_double_click_neither_asks_twice_nor_starts_over(desk: SmallDesk) -> None:
    desk.assistant.pauses().says("Five days.")
    conversation_id = await begin(desk)
    await desk.assistant.paused()

    for _ in range(3):
        await asyncio.gather(begin(desk), say(desk, conversation_id, "How long?", "first"))
    desk.assistant.resume()
    await desk.runner.idle()

    assert [one.state for one in await desk.answers(conversation_id)] == [MessageState.COMPLETE]
    assert len(desk.assistant.requests) == 1


async def test_a_resend_after_the_answer_asks_nobody(desk: SmallDesk) -> None:
    desk.assistant.says("Five days.")
    conversation_id = await begin(desk)
    await desk.runner.idle()

    await say(desk, conversation_id, "How long?", "first")
    await desk.runner.idle()

    assert len(await desk.rows(Turn)) == 1


async def test_a_resend_of_a_message_nobody_was_sent_to_is_answered(desk: SmallDesk) -> None:
    desk.assistant.says("Five days.")
    wake, desk.intake.runner.wake = desk.runner.wake, lambda *_, **__: None  # type: ignore[method-assign]
    conversation_id = await begin(desk)
    desk.runner.wake = wake  # type: ignore[method-assign]
    assert await desk.answers(conversation_id) == []

    await begin(desk)
    await desk.runner.idle()

    assert [one.content for one in await desk.answers(conversation_id)] == ["Five days."]


async def test_a_resend_asks_for_a_person_once(desk: SmallDesk) -> None:
    conversation_id = await begin(desk, "I want to talk to a person")

    await begin(desk, "I want to talk to a person")
    await say(desk, conversation_id, "I want to talk to a person", "first")

    assert len(await desk.rows(Handoff)) == 1


async def test_a_resend_does_not_ask_for_a_person_again_who_was_sent_away(desk: SmallDesk) -> None:
    conversation_id = await begin(desk, "I want to talk to a person")
    await handoff.no_longer_needed(desk.database, desk.live, conversation_id)

    await begin(desk, "I want to talk to a person")
    await say(desk, conversation_id, "I want to talk to a person", "first")
    await desk.runner.idle()

    assert len(await desk.rows(Handoff)) == 1
    assert desk.assistant.requests == []


async def test_a_browser_that_never_heard_where_its_first_message_went_can_ask(desk: SmallDesk) -> None:
    desk.assistant.says("Five days.")
    conversation_id = await begin(desk)
    await desk.runner.idle()

    assert await desk.intake.taken(ALICE.token_hash, "first") == conversation_id
    for key in ("another", "", None, 7, "visitor:first", ["first"]):
        assert await desk.intake.taken(ALICE.token_hash, key) is None
    assert await desk.intake.taken("a stranger's", "first") is None
