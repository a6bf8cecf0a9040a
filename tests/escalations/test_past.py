"""Beside a case stand the same customer's other conversations, and nobody else's."""

from uuid import UUID

import pytest

from supportbot.conversations.events import Owner
from supportbot.conversations.live import MemoryLive
from supportbot.conversations.visitors import visitor_of
from supportbot.database import Database
from supportbot.escalations import handoff, queue
from supportbot.ids import now
from supportbot.models import ConversationGuest, Visitor
from tests.people import ALICE, BOB, CHARLIE, Customer, conversation_of, sam, says

pytestmark = pytest.mark.anyio


async def asks(database: Database, customer: Customer, text: str = "Hello?") -> UUID:
    conversation = await conversation_of(database, customer)
    await says(database, conversation.id, text)
    return conversation.id


async def others(database: Database, conversation_id: UUID) -> list[str]:
    return [row.subject for row in await queue.other_conversations(database, conversation_id)]


async def sets(database: Database, conversation_id: UUID, **facts: object) -> None:
    visitor = await visitor_of(database, conversation_id)
    async with database.transaction() as session:
        stored = await session.get(Visitor, visitor.id)
        for name, value in facts.items():
            setattr(stored, name, value)


async def test_the_same_browsers_conversations_come_newest_first(database: Database) -> None:
    first = await asks(database, ALICE, "First")
    second = await asks(database, ALICE, "Second")
    await asks(database, ALICE, "Third")
    await asks(database, BOB, "Bob's")
    await conversation_of(database, ALICE)

    assert await others(database, second) == ["Third", "First"]
    assert await others(database, first) == ["Third", "Second"]
    assert len(await queue.other_conversations(database, first, limit=1)) == 1


async def test_the_same_account_is_the_same_customer(database: Database) -> None:
    alices, bobs = await asks(database, ALICE, "At home"), await asks(database, BOB, "At work")
    await sets(database, alices, external_id="user-1")
    assert await others(database, alices) == []

    await sets(database, bobs, external_id="user-1")
    assert await others(database, alices) == ["At work"]


async def test_an_address_counts_when_both_have_proven_it(database: Database) -> None:
    alices, charlies = await asks(database, ALICE, "Alice's"), await asks(database, CHARLIE, "Charlie's")
    await sets(database, alices, email="alice@example.com", email_verified_at=now())

    await sets(database, charlies, email="alice@example.com")
    assert await others(database, charlies) == []
    assert await others(database, alices) == []

    await sets(database, charlies, email_verified_at=now())
    assert await others(database, charlies) == ["Alice's"]


async def test_a_browser_let_in_by_a_mail_is_the_customers(database: Database) -> None:
    alices, phone = await asks(database, ALICE, "At home"), await asks(database, BOB, "On the phone")
    visitor = await visitor_of(database, phone)
    async with database.transaction() as session:
        session.add(ConversationGuest(conversation_id=alices, visitor_id=visitor.id))

    assert await others(database, alices) == ["On the phone"]


async def test_a_row_says_who_answers_and_why_people_did(database: Database) -> None:
    live, staff = MemoryLive(), await sam(database)
    mine, done = await asks(database, ALICE, "Mine"), await asks(database, ALICE, "Done")
    for conversation_id in (mine, done):
        await handoff.take_over(database, live, conversation_id, staff)
    await handoff.resolve(database, live, done, staff)
    this = await asks(database, ALICE, "This")

    rows = await queue.other_conversations(database, this)

    assert [(row.subject, row.owner, row.reason, row.staff_name) for row in rows] == [
        ("Done", Owner.NOBODY, "taken_over", ""),
        ("Mine", Owner.STAFF, "taken_over", "Sam"),
    ]
