"""Opened again by staff: resolved too early, put away by mistake, or one more thing to say."""

import asyncio

import pytest

from supportbot.conversations.events import Owner
from supportbot.errors import Refused
from supportbot.escalations import handoff, sorting
from supportbot.escalations.handoff import AlreadyClaimed
from supportbot.models import Reason, Status, Trigger
from tests.escalations.case import Case

pytestmark = pytest.mark.anyio


async def resolved(case: Case) -> None:
    await case.escalate(Reason.FRUSTRATED)
    await case.do(handoff.claim, case.sam)
    await case.do(handoff.resolve, case.sam)


async def test_a_resolved_conversation_is_opened_by_and_for_whoever_wants_to(case: Case) -> None:
    await resolved(case)

    await case.do(handoff.reopen, case.alex)

    row, (_, again) = await case.row(), await case.handoffs()
    assert (row.status, row.assigned_staff_id) == (Status.ESCALATED, case.alex.id)
    assert (again.reason, again.trigger, again.reopened, again.claimed_by) == (
        Reason.FRUSTRATED,
        Trigger.STAFF,
        True,
        case.alex.id,
    )
    assert await case.last_event() == "Alex has reopened this conversation."
    assert (await case.outcome()).reopened_at is not None
    await case.reply(case.alex)


async def test_resolving_by_mistake_is_undone_at_once(case: Case) -> None:
    await resolved(case)
    await case.do(handoff.reopen, case.sam)

    await case.reply(case.sam, "One more thing.")

    assert (await case.shown())[-1] == "One more thing."


async def test_handing_back_by_mistake_is_undone_by_taking_over(case: Case) -> None:
    await case.do(handoff.take_over, case.sam)
    await case.do(handoff.hand_back, case.sam)

    await case.do(handoff.take_over, case.sam)

    await case.reply(case.sam)


async def test_pressing_twice_opens_it_once(case: Case) -> None:
    await resolved(case)

    await asyncio.gather(*(case.do(handoff.reopen, case.sam) for _ in range(4)))

    assert len(await case.handoffs()) == 2


async def test_two_open_it_at_once_and_the_slower_is_told_who_won(case: Case) -> None:
    await resolved(case)

    outcomes = await asyncio.gather(
        case.do(handoff.reopen, case.sam), case.do(handoff.reopen, case.alex), return_exceptions=True
    )

    (refusal,) = [one for one in outcomes if one is not None]
    assert isinstance(refusal, AlreadyClaimed)
    assert len(await case.handoffs()) == 2


async def test_a_customer_who_writes_at_the_same_moment_is_with_people_in_any_case(case: Case) -> None:
    await resolved(case)

    outcomes = await asyncio.gather(
        case.do(handoff.reopen, case.alex), case.says("It is back."), return_exceptions=True
    )

    owner = await case.owner()
    assert outcomes[1] is None
    # Either Alex was first; or the customer, and waits, and Alex is told to take it over.
    assert owner == Owner.STAFF if outcomes[0] is None else owner == Owner.WAITING


async def test_junk_is_opened_again_for_whoever_does_it(case: Case) -> None:
    await case.do(sorting.junk, case.sam)

    await case.do(handoff.reopen, case.sam)

    row = await case.row()
    assert (row.junk_at, row.assigned_staff_id) == (None, case.sam.id)
    assert await case.last_event() == "Sam has reopened this conversation."


async def test_what_is_open_is_taken_over_and_not_reopened(case: Case) -> None:
    with pytest.raises(Refused, match="open already"):
        await case.do(handoff.reopen, case.sam)

    await case.escalate()
    with pytest.raises(Refused, match="open already"):
        await case.do(handoff.reopen, case.sam)


async def test_a_colleagues_open_conversation_stays_theirs(case: Case) -> None:
    await case.do(handoff.take_over, case.alex)

    with pytest.raises(AlreadyClaimed, match="Alex"):
        await case.do(handoff.reopen, case.sam)
