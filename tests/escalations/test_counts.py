"""What the policy may hold against the assistant: only what happened since it got the conversation."""

from uuid import UUID

import pytest

from supportbot.conversations.changes import changing
from supportbot.conversations.live import MemoryLive
from supportbot.database import Database
from supportbot.escalations import handoff
from supportbot.escalations.counts import SinceBoundary, since_boundary
from supportbot.models import Kind, Message, MessageState, Rating, Reason, Role, Trigger
from tests.people import ALICE, BOB, conversation_of, sam

pytestmark = pytest.mark.anyio


@pytest.fixture
def live() -> MemoryLive:
    return MemoryLive()


@pytest.fixture
async def alices(database: Database) -> UUID:
    return (await conversation_of(database, ALICE)).id


async def answers(
    database: Database,
    live: MemoryLive,
    conversation_id: UUID,
    state: MessageState = MessageState.COMPLETE,
    *,
    rating: int = 0,
    role: Role = Role.ASSISTANT,
) -> UUID:
    async with changing(database, live, conversation_id) as change:
        message = await change.add(
            Message(conversation_id=conversation_id, seq=0, role=role, content="Five days.", state=state)
        )
        if rating:
            change.session.add(Rating(message_id=message.id, conversation_id=conversation_id, value=rating))
    return message.id


async def counted(database: Database, conversation_id: UUID) -> SinceBoundary:
    async with database.reading() as session:
        return await since_boundary(session, conversation_id)


async def test_a_new_conversation_has_nothing_to_count(database: Database, alices: UUID) -> None:
    assert await counted(database, alices) == SinceBoundary(0, 0, 0)


async def test_answers_failures_and_thumbs_down_are_counted(
    database: Database, live: MemoryLive, alices: UUID
) -> None:
    await answers(database, live, alices)
    await answers(database, live, alices, rating=1)
    await answers(database, live, alices, rating=-1)
    await answers(database, live, alices, MessageState.FAILED)
    await answers(database, live, alices, MessageState.STOPPED)
    await answers(database, live, alices, MessageState.SUPERSEDED)

    assert await counted(database, alices) == SinceBoundary(
        assistant_answers=3, failed_answers=1, thumbs_down=1
    )


async def test_a_thumb_on_a_colleagues_reply_is_not_the_assistants(
    database: Database, live: MemoryLive, alices: UUID
) -> None:
    await answers(database, live, alices, role=Role.STAFF, rating=-1)

    assert await counted(database, alices) == SinceBoundary(0, 0, 0)


async def test_other_conversations_do_not_count(database: Database, live: MemoryLive, alices: UUID) -> None:
    bobs = (await conversation_of(database, BOB)).id
    await answers(database, live, bobs, MessageState.FAILED)

    assert await counted(database, alices) == SinceBoundary(0, 0, 0)


async def test_what_lies_before_the_contexts_boundary_is_settled(
    database: Database, live: MemoryLive, alices: UUID
) -> None:
    await answers(database, live, alices, MessageState.FAILED, rating=-1)
    async with changing(database, live, alices) as change:
        line = await change.add(
            Message(conversation_id=alices, seq=0, role=Role.SYSTEM, kind=Kind.EVENT, content="Done.")
        )
        change.conversation.context_starts_after = line.id

    assert await counted(database, alices) == SinceBoundary(0, 0, 0)

    await answers(database, live, alices, rating=-1)
    assert await counted(database, alices) == SinceBoundary(1, 0, 1)


async def test_what_lies_before_a_handoff_that_has_ended_is_settled(
    database: Database, live: MemoryLive, alices: UUID
) -> None:
    for _ in range(2):
        await answers(database, live, alices, rating=-1)
    await handoff.escalate(database, live, alices, reason=Reason.FRUSTRATED, trigger=Trigger.POLICY)
    assert (await counted(database, alices)).thumbs_down == 2

    await handoff.no_longer_needed(database, live, alices)
    await answers(database, live, alices)

    assert await counted(database, alices) == SinceBoundary(1, 0, 0)


async def test_a_colleagues_time_with_it_leaves_nothing_behind(
    database: Database, live: MemoryLive, alices: UUID
) -> None:
    staff = await sam(database)
    await answers(database, live, alices, MessageState.FAILED)
    await answers(database, live, alices, MessageState.FAILED)
    await handoff.take_over(database, live, alices, staff)
    await handoff.hand_back(database, live, alices, staff)

    assert await counted(database, alices) == SinceBoundary(0, 0, 0)
