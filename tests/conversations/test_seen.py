"""Who has seen what: it only ever grows, and nobody can see what nobody has said."""

import asyncio
from uuid import UUID, uuid4

import pytest

from supportbot.conversations.events import Seen
from supportbot.conversations.live import MemoryLive, Position
from supportbot.conversations.seen import mark_read, mark_seen
from supportbot.database import Database
from supportbot.models import Conversation, StaffRead
from tests.people import ALICE, BOB, alex, conversation_of, sam, says

pytestmark = pytest.mark.anyio

NONSENSE = [0, -1, 4, 10**12, "2", None, True, 2.0, [2], {"seq": 2}]


@pytest.fixture
def live() -> MemoryLive:
    return MemoryLive()


@pytest.fixture
async def alices(database: Database) -> UUID:
    """A conversation of three messages."""
    conversation = await conversation_of(database, ALICE)
    for number in range(3):
        await says(database, conversation.id, f"message {number}")
    return conversation.id


async def seen_to(database: Database, conversation_id: UUID) -> int:
    async with database.reading() as session:
        return (await session.get_one(Conversation, conversation_id)).customer_seen_seq


async def read_to(database: Database, staff_id: UUID, conversation_id: UUID) -> int:
    async with database.reading() as session:
        read = await session.get(StaffRead, (staff_id, conversation_id))
        return read.seq if read else 0


async def told(live: MemoryLive, topic: UUID) -> list[object]:
    end = await live.position(topic)
    batch = await anext(live.follow(topic, Position(end.epoch, 0), heartbeat=0))
    return [entry.event for entry in batch]


async def test_what_a_page_has_shown_is_kept_and_told(
    database: Database, live: MemoryLive, alices: UUID
) -> None:
    assert await mark_seen(database, live, alices, 2)

    assert await seen_to(database, alices) == 2
    assert await told(live, alices) == [Seen(2)]


async def test_it_never_goes_back_and_is_told_once(
    database: Database, live: MemoryLive, alices: UUID
) -> None:
    await mark_seen(database, live, alices, 3)

    assert not await mark_seen(database, live, alices, 3)
    assert not await mark_seen(database, live, alices, 1)

    assert await seen_to(database, alices) == 3
    assert await told(live, alices) == [Seen(3)]


async def test_two_pages_at_once_tell_the_furthest(
    database: Database, live: MemoryLive, alices: UUID
) -> None:
    await asyncio.gather(*(mark_seen(database, live, alices, seq) for seq in (1, 3, 2, 3)))

    assert await seen_to(database, alices) == 3
    seqs = [event.seq for event in await told(live, alices)]
    assert (max(seqs), len(seqs)) == (3, len(set(seqs)))


@pytest.mark.parametrize("seq", NONSENSE)
async def test_a_number_no_message_has_is_nothing_seen(
    database: Database, live: MemoryLive, alices: UUID, seq: object
) -> None:
    assert not await mark_seen(database, live, alices, seq)
    assert not await mark_read(database, await sam(database), alices, seq)

    assert (await seen_to(database, alices), await told(live, alices)) == (0, [])


async def test_seeing_changes_nothing_else(database: Database, live: MemoryLive, alices: UUID) -> None:
    async with database.reading() as session:
        before = await session.get_one(Conversation, alices)

    await mark_seen(database, live, alices, 3)

    async with database.reading() as session:
        after = await session.get_one(Conversation, alices)
    assert (after.updated_at, after.version) == (before.updated_at, before.version)


async def test_everybody_at_the_desk_reads_for_themselves(database: Database, alices: UUID) -> None:
    one, other = await sam(database), await alex(database)
    bobs = (await conversation_of(database, BOB)).id
    await says(database, bobs, "Hello?")

    assert await mark_read(database, one, alices, 2)

    assert [await read_to(database, who.id, alices) for who in (one, other)] == [2, 0]
    assert await read_to(database, one.id, bobs) == 0


async def test_reading_never_goes_back(database: Database, alices: UUID) -> None:
    staff = await sam(database)
    await mark_read(database, staff, alices, 2)

    assert not await mark_read(database, staff, alices, 1)
    assert not await mark_read(database, staff, alices, 2)
    assert await mark_read(database, staff, alices, 3)

    assert await read_to(database, staff.id, alices) == 3


async def test_two_tabs_that_read_at_once_keep_the_furthest(database: Database, alices: UUID) -> None:
    staff = await sam(database)

    await asyncio.gather(*(mark_read(database, staff, alices, seq) for seq in (1, 3, 2, 1, 3)))

    assert await read_to(database, staff.id, alices) == 3


async def test_nobody_sees_what_does_not_exist(database: Database, live: MemoryLive) -> None:
    assert not await mark_seen(database, live, uuid4(), 1)
    assert not await mark_read(database, await sam(database), uuid4(), 1)
