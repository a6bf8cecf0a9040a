"""What the desk sees: at which place somebody waits, and what a row says of a conversation."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from supportbot.conversations.changes import changing
from supportbot.conversations.events import Owner
from supportbot.conversations.live import MemoryLive
from supportbot.conversations.visitors import introduce, visitor_of
from supportbot.database import Database
from supportbot.escalations import handoff, queue
from supportbot.escalations.queue import List, Row
from supportbot.ids import new_id, now
from supportbot.models import Conversation, Handoff, Kind, Message, MessageState, Reason, Role, Trigger
from tests.people import ALICE, BOB, CHARLIE, Customer, conversation_of, sam, says

pytestmark = pytest.mark.anyio

NOBODY = new_id()


class Desk:
    """Conversations that wait, by the name of their customer."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.live = MemoryLive()
        self.names: dict[UUID, str] = {}

    async def asks(self, customer: Customer, text: str = "Hello?") -> UUID:
        conversation = await conversation_of(self.database, customer)
        await says(self.database, conversation.id, text)
        self.names[conversation.id] = customer.name
        return conversation.id

    async def waits(self, customer: Customer, minutes: int = 0) -> UUID:
        conversation_id = await self.asks(customer)
        await handoff.escalate(
            self.database,
            self.live,
            conversation_id,
            reason=Reason.ASKED_FOR_PERSON,
            trigger=Trigger.CUSTOMER,
        )
        async with self.database.transaction() as session:
            theirs = select(Handoff).where(Handoff.conversation_id == conversation_id)
            (await session.exec(theirs)).one().requested_at = now() - timedelta(minutes=minutes)
        return conversation_id

    async def row(self) -> Row:
        """The only one that is open."""
        (row,) = (await queue.listed(self.database, List.OPEN, NOBODY)).rows
        return row

    async def place(self, conversation_id: UUID) -> int:
        return await queue.place_in_queue(self.database, conversation_id)


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


async def test_the_place_in_the_queue_counts_those_before(desk: Desk) -> None:
    first, second = await desk.waits(ALICE, minutes=30), await desk.waits(BOB, minutes=10)
    active = await desk.asks(CHARLIE)

    assert [await desk.place(one) for one in (first, second, active)] == [1, 2, 0]


async def test_a_claim_moves_everybody_up(desk: Desk) -> None:
    first, second = await desk.waits(ALICE, minutes=30), await desk.waits(BOB, minutes=10)

    await handoff.claim(desk.database, desk.live, first, await sam(desk.database))

    assert (await desk.place(first), await desk.place(second)) == (0, 1)


async def test_keeping_the_place_keeps_it_and_giving_it_up_gives_it_up(desk: Desk) -> None:
    first, second = await desk.waits(ALICE, minutes=30), await desk.waits(BOB, minutes=10)

    await handoff.keep_place(desk.database, desk.live, first)
    assert (await desk.place(first), await desk.place(second)) == (1, 2)
    await handoff.no_longer_needed(desk.database, desk.live, first)
    assert (await desk.place(first), await desk.place(second)) == (0, 1)


async def test_a_row_says_who_it_is_what_about_and_what_was_said_last(desk: Desk) -> None:
    conversation_id = await desk.asks(ALICE, "How long do\nrefunds take?")
    visitor = await visitor_of(desk.database, conversation_id)
    await introduce(desk.database, visitor.id, "Alice", "alice@example.com")
    await says(desk.database, conversation_id, "x " * 500)

    row = await desk.row()

    assert (row.customer, row.subject, row.last_role) == ("Alice", "How long do refunds take?", "user")
    assert (row.reason, row.owner, row.staff_name, row.reopened) == ("", Owner.ASSISTANT, "", False)
    assert row.last_words.startswith("x x x")
    assert len(row.last_words) <= queue.LAST_WORDS_CHARACTERS


async def test_notes_and_superseded_text_are_not_the_last_words(desk: Desk) -> None:
    conversation_id = await desk.asks(ALICE, "Hello?")
    async with changing(desk.database, desk.live, conversation_id) as change:
        for fields in (
            {"role": Role.STAFF, "kind": Kind.NOTE, "content": "A note."},
            {"role": Role.ASSISTANT, "state": MessageState.SUPERSEDED, "content": "Superseded."},
        ):
            await change.add(Message(conversation_id=conversation_id, seq=0, **fields))

    row = await desk.row()

    assert row.last_words == "Hello?"


async def test_a_customer_without_a_name_is_called_by_a_number(desk: Desk) -> None:
    await desk.asks(ALICE)

    row = await desk.row()

    assert row.customer.startswith("Visitor ")


async def test_an_empty_desk_is_empty(desk: Desk) -> None:
    for which in List:
        rows = await queue.listed(desk.database, which, NOBODY)
        assert (rows.rows, set(rows.counts.values()), rows.unread, rows.more) == ((), {0}, 0, False)


async def test_the_languages_of_what_is_open(database: Database) -> None:
    for number, language in enumerate(("de", "en", "de", None)):
        conversation = await conversation_of(database, ALICE)
        await says(database, conversation.id, f"Question {number}")
        async with database.transaction() as session:
            found = await session.get(Conversation, conversation.id)
            assert found is not None
            found.language = language

    assert await queue.languages_in_use(database) == ["de", "en"]
