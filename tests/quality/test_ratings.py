"""A thumb on an answer: the last one counts, and only a thumb is one."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from supportbot.conversations.changes import changing
from supportbot.conversations.events import Rated
from supportbot.conversations.live import MemoryLive, Position
from supportbot.conversations.transcript import read
from supportbot.database import Database
from supportbot.errors import Refused
from supportbot.models import Message, Outcome, Role
from supportbot.quality.ratings import rate
from tests.people import ALICE, conversation_of

pytestmark = pytest.mark.anyio


@pytest.fixture
def live() -> MemoryLive:
    return MemoryLive()


@pytest.fixture
async def alices(database: Database) -> UUID:
    return (await conversation_of(database, ALICE)).id


@pytest.fixture
async def answer(database: Database, alices: UUID) -> Message:
    return await answered(database, alices)


async def answered(database: Database, conversation_id: UUID) -> Message:
    async with changing(database, MemoryLive(), conversation_id) as change:
        return await change.add(
            Message(conversation_id=conversation_id, seq=0, role=Role.ASSISTANT, content="Five days.")
        )


async def shown(database: Database, answer: Message) -> int:
    messages = (await read(database, MemoryLive(), answer.conversation_id)).messages
    return next(one.rating for one in messages if one.id == answer.id)


async def outcome(database: Database, conversation_id: UUID) -> int | None:
    async with database.reading() as session:
        return (await session.get_one(Outcome, conversation_id)).rating


@pytest.mark.parametrize("value", [1, -1])
async def test_a_thumb_is_kept_and_shown(
    database: Database, live: MemoryLive, answer: Message, value: int
) -> None:
    await rate(database, live, answer, value)

    assert await shown(database, answer) == value
    assert await outcome(database, answer.conversation_id) == value


async def test_the_last_thumb_counts(database: Database, live: MemoryLive, answer: Message) -> None:
    for value in (1, -1, -1, 1):
        await rate(database, live, answer, value)

    assert await shown(database, answer) == 1


async def test_a_thumb_can_be_taken_back(database: Database, live: MemoryLive, answer: Message) -> None:
    await rate(database, live, answer, 1)
    await rate(database, live, answer, 0)

    assert await shown(database, answer) == 0
    assert await outcome(database, answer.conversation_id) is None


async def test_taking_back_what_was_never_given_is_nothing(
    database: Database, live: MemoryLive, answer: Message
) -> None:
    await rate(database, live, answer, 0)

    assert await outcome(database, answer.conversation_id) is None


async def test_taking_one_back_leaves_the_other(
    database: Database, live: MemoryLive, answer: Message
) -> None:
    other = await answered(database, answer.conversation_id)
    await rate(database, live, answer, -1)
    await rate(database, live, other, 1)

    await rate(database, live, other, 0)

    assert (await shown(database, answer), await shown(database, other)) == (-1, 0)
    assert await outcome(database, answer.conversation_id) == -1


@pytest.mark.parametrize(
    "value", [2, -2, 10**30, True, False, 1.0, "1", None, [], {}, [1], "\x00", float("nan")]
)
async def test_anything_else_is_refused(
    database: Database, live: MemoryLive, answer: Message, value: Any
) -> None:
    with pytest.raises(Refused, match="thumbs up or thumbs down"):
        await rate(database, live, answer, value)

    assert await shown(database, answer) == 0


async def test_thumbs_at_once_are_one_rating(database: Database, live: MemoryLive, answer: Message) -> None:
    await asyncio.gather(*(rate(database, live, answer, value) for value in (1, -1, 1, -1, 1)))

    assert await shown(database, answer) in (1, -1)
    assert await outcome(database, answer.conversation_id) == await shown(database, answer)


async def test_the_other_tab_hears_of_it(database: Database, live: MemoryLive, answer: Message) -> None:
    start: Position = await live.position(answer.conversation_id)

    await rate(database, live, answer, -1)

    batch = await anext(live.follow(answer.conversation_id, start))
    assert [entry.event for entry in batch] == [Rated(answer.id, -1)]
