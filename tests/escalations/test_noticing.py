"""What somebody at the desk should notice: the newest of what waits, is late, is theirs, or was written."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from supportbot.conversations.changes import changing
from supportbot.conversations.live import MemoryLive
from supportbot.conversations.visitors import introduce
from supportbot.database import Database
from supportbot.escalations import handoff
from supportbot.escalations.noticing import Cause, Noticed, look
from supportbot.ids import now
from supportbot.models import Conversation, Handoff, Reason, Staff, Status, Trigger
from tests.people import ALICE, BOB, Customer, alex, conversation_of, sam, says

pytestmark = pytest.mark.anyio


class Desk:
    """Sam's desk, and what happens around it."""

    def __init__(self, database: Database, staff: Staff) -> None:
        self.database, self.staff, self.live = database, staff, MemoryLive()

    async def waits(self, customer: Customer, reason: Reason = Reason.ASKED_FOR_PERSON) -> UUID:
        conversation = await conversation_of(self.database, customer)
        await introduce(self.database, conversation.visitor_id, customer.name, None)
        await says(self.database, conversation.id, "Hello?")
        await handoff.escalate(
            self.database, self.live, conversation.id, reason=reason, trigger=Trigger.CUSTOMER
        )
        return conversation.id

    async def claims(self, conversation_id: UUID, staff: Staff | None = None) -> None:
        await handoff.claim(self.database, self.live, conversation_id, staff or self.staff)

    async def change(self, conversation_id: UUID, **facts: object) -> None:
        async with self.database.transaction() as session:
            theirs = select(Handoff).where(Handoff.conversation_id == conversation_id)
            row = (await session.exec(theirs)).one()
            for name, value in facts.items():
                setattr(row, name, value)

    async def snooze(self, conversation_id: UUID, until: datetime | None) -> None:
        async with self.database.transaction() as session:
            (await session.get_one(Conversation, conversation_id)).snoozed_until = until

    async def look(self, *given: UUID) -> Noticed:
        return await look(self.database, self.staff.id, given)

    async def newest(self) -> tuple[str, Cause] | None:
        newest = (await self.look()).newest
        return (newest.customer, newest.cause) if newest else None


@pytest.fixture
async def desk(database: Database) -> Desk:
    return Desk(database, await sam(database))


async def test_where_nobody_waits_there_is_nothing_to_notice(desk: Desk) -> None:
    assert await desk.look() == Noticed(0, None)


async def test_who_has_just_begun_to_wait_is_noticed_with_name_and_reason(desk: Desk) -> None:
    await desk.waits(ALICE)
    conversation_id = await desk.waits(BOB, Reason.LEGAL_THREAT)

    noticed = await desk.look()

    assert noticed.waiting == 2
    assert noticed.newest is not None
    assert (noticed.newest.customer, noticed.newest.reason) == ("Bob", "legal_threat")
    assert (noticed.newest.cause, noticed.newest.conversation_id) == (Cause.WAITS, conversation_id)


async def test_a_wait_past_its_target_is_noticed_again(desk: Desk) -> None:
    late = await desk.waits(ALICE)
    await desk.waits(BOB)
    assert await desk.newest() == ("Bob", Cause.WAITS)

    await desk.change(late, unclaimed_told_at=now())

    assert await desk.newest() == ("Alice", Cause.LATE)


async def test_what_has_become_mine_is_noticed_and_waits_no_more(desk: Desk) -> None:
    await desk.claims(await desk.waits(ALICE))

    assert await desk.newest() == ("Alice", Cause.YOURS)
    assert (await desk.look()).waiting == 0


async def test_what_a_colleague_gives_me_later_is_noticed_when_it_is_given(desk: Desk) -> None:
    given = await desk.waits(ALICE)
    await desk.claims(given, await alex(desk.database))
    await desk.waits(BOB)
    await desk.change(given, claimed_by=desk.staff.id)  # the claim keeps its time

    async with changing(desk.database, desk.live, given) as change:
        await change.note_event("Alex asked Sam to take care of this conversation.")
        await change.own(Status.ESCALATED, desk.staff)

    assert await desk.newest() == ("Bob", Cause.WAITS)
    noticed = await desk.look(given)
    assert noticed.newest is not None
    assert (noticed.newest.customer, noticed.newest.cause) == ("Alice", Cause.YOURS)


async def test_what_was_given_and_taken_away_again_is_not_noticed(desk: Desk) -> None:
    conversation_id = await desk.waits(ALICE)
    await desk.claims(conversation_id, await alex(desk.database))

    assert await desk.look(conversation_id) == Noticed(0, None)


async def test_what_a_customer_of_mine_writes_is_noticed_and_a_colleagues_is_not(desk: Desk) -> None:
    mine, theirs = await desk.waits(ALICE), await desk.waits(BOB)
    await desk.claims(mine)
    await desk.claims(theirs, await alex(desk.database))
    assert await desk.newest() == ("Alice", Cause.YOURS)

    await says(desk.database, theirs, "Are you there?")
    assert await desk.newest() == ("Alice", Cause.YOURS)
    await says(desk.database, mine, "One more thing")
    assert await desk.newest() == ("Alice", Cause.WROTE)


async def test_what_is_resolved_is_noticed_no_more(desk: Desk) -> None:
    conversation_id = await desk.waits(ALICE)
    await desk.claims(conversation_id)
    await handoff.resolve(desk.database, desk.live, conversation_id, desk.staff)

    assert await desk.look() == Noticed(0, None)


async def test_what_is_snoozed_does_not_wait_until_it_wakes(desk: Desk) -> None:
    conversation_id = await desk.waits(ALICE)
    await desk.snooze(conversation_id, now() + timedelta(hours=1))
    assert await desk.look() == Noticed(0, None)

    await desk.snooze(conversation_id, None)
    assert (await desk.look()).waiting == 1
