"""What a customer's page has shown is noted once, and announced when it is news."""

from uuid import UUID

import pytest

from supportbot.conversations.changes import changing
from supportbot.conversations.events import Seen
from supportbot.conversations.live import MemoryLive, Resync
from supportbot.conversations.seen import mark_seen
from supportbot.database import Database
from supportbot.ids import new_id
from supportbot.models import Conversation
from tests.people import ALICE, conversation_of, says

pytestmark = pytest.mark.anyio


@pytest.fixture
async def alices(database: Database) -> UUID:
    conversation = await conversation_of(database, ALICE)
    for number in range(3):
        await says(database, conversation.id, f"Message {number}")
    return conversation.id


async def announced(live: MemoryLive, conversation_id: UUID, position: object) -> list[object]:
    async for batch in live.follow(conversation_id, position, heartbeat=0.05):  # type: ignore[arg-type]
        assert not isinstance(batch, Resync)
        return [entry.event for entry in batch]
    return []


async def seen(database: Database, conversation_id: UUID) -> int:
    async with database.reading() as session:
        return (await session.get_one(Conversation, conversation_id)).customer_seen_seq


async def test_it_only_grows_and_only_news_is_announced(database: Database, alices: UUID) -> None:
    live = MemoryLive()
    begin = await live.position(alices)
    for seq in (2, 2, 1, 3):
        await mark_seen(database, live, alices, seq)

    assert await seen(database, alices) == 3
    assert await announced(live, alices, begin) == [Seen(2), Seen(3)]


async def test_what_was_never_said_is_not_seen(database: Database, alices: UUID) -> None:
    live = MemoryLive()
    begin = await live.position(alices)
    for seq in (4, 1_000_000, 0, -1):
        await mark_seen(database, live, alices, seq)
    await mark_seen(database, live, new_id(), 1)

    assert await seen(database, alices) == 0
    assert await announced(live, alices, begin) == []


async def test_seeing_changes_nothing_else(database: Database, alices: UUID) -> None:
    async with database.reading() as session:
        before = (await session.get_one(Conversation, alices)).model_dump(exclude={"customer_seen_seq"})
    await mark_seen(database, MemoryLive(), alices, 3)
    async with changing(database, MemoryLive(), alices) as change:
        assert change.conversation.model_dump(exclude={"customer_seen_seq"}) == before
