"""Giving a conversation to a colleague, and what a colleague who no longer works here had left behind."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from supportbot.conversations.events import DESK, Owner, OwnerChanged
from supportbot.errors import Refused
from supportbot.escalations import handoff, sorting
from supportbot.escalations.handoff import AlreadyClaimed
from supportbot.escalations.releasing import release_abandoned
from supportbot.ids import now
from supportbot.models import Kind, MessageState, Reason, Status, Trigger
from tests.escalations.case import Case, Verb

pytestmark = pytest.mark.anyio

GONE = "does not work here any more"


async def test_ones_own_conversation_goes_to_a_colleague_and_the_customer_is_told(case: Case) -> None:
    await case.escalate()
    await case.do(handoff.claim, case.sam)

    await case.do(handoff.assign, case.sam, case.alex.id)

    assert await case.owner() == Owner.STAFF
    assert (await case.row()).assigned_staff_id == case.alex.id
    assert (await case.handoffs())[0].claimed_by == case.alex.id
    assert await case.last_event() == "Sam asked Alex to take care of this conversation."
    heard = [event for event in await case.news(DESK) if isinstance(event, OwnerChanged)]
    assert (heard[-1].staff_id, heard[-1].staff_name) == (case.alex.id, "Alex")


async def test_whoever_gave_it_away_no_longer_answers_and_the_colleague_does(case: Case) -> None:
    await case.do(handoff.take_over, case.sam)
    await case.do(handoff.assign, case.sam, case.alex.id)

    with pytest.raises(AlreadyClaimed, match="Alex"):
        await case.reply(case.sam)

    await case.reply(case.alex)


async def test_a_waiting_conversation_keeps_its_reason_and_when_it_was_asked_for(case: Case) -> None:
    await case.escalate(Reason.FRUSTRATED)
    (before,) = await case.handoffs()

    await case.do(handoff.assign, case.sam, case.alex.id)

    (given,) = await case.handoffs()
    assert (given.reason, given.requested_at) == (Reason.FRUSTRATED, before.requested_at)
    assert (given.claimed_by, given.claimed_at is not None) == (case.alex.id, True)


async def test_the_assistants_conversation_is_taken_over_for_the_colleague(case: Case) -> None:
    await case.do(handoff.assign, case.sam, case.alex.id)

    (taken,) = await case.handoffs()
    assert (taken.reason, taken.trigger, taken.claimed_by) == (
        Reason.TAKEN_OVER,
        Trigger.STAFF,
        case.alex.id,
    )
    assert (await case.row()).status == Status.ESCALATED


async def test_the_running_answer_stops(case: Case) -> None:
    case.desk.assistant.says("Five").pauses().says(" days.")
    case.desk.runner.start()
    case.desk.runner.wake(case.id)
    await case.desk.assistant.paused()

    await case.do(handoff.assign, case.sam, case.alex.id)
    case.desk.assistant.resume()
    await case.desk.runner.idle()

    (answer,) = await case.desk.answers(case.id)
    assert answer.state == MessageState.STOPPED


async def test_how_long_the_customer_waited_for_the_first_of_us_stays_known(case: Case) -> None:
    await case.escalate()
    await case.do(handoff.claim, case.sam)
    claimed = (await case.handoffs())[0].claimed_at

    await case.do(handoff.assign, case.sam, case.alex.id)

    assert (await case.handoffs())[0].claimed_at == claimed


async def test_assigning_it_to_oneself_is_taking_it(case: Case) -> None:
    await case.escalate()

    await case.do(handoff.assign, case.sam, case.sam.id)

    assert (await case.row()).assigned_staff_id == case.sam.id
    assert await case.last_event() == "Sam has joined the conversation."


# The note that goes along


async def test_the_note_is_for_the_colleague_and_never_for_the_customer(case: Case) -> None:
    await case.do(handoff.assign, case.sam, case.alex.id, "She is furious: be gentle.")

    (note,) = [one for one in await case.stored() if one.kind == Kind.NOTE]
    assert (note.content, note.staff_id) == ("She is furious: be gentle.", case.sam.id)
    assert "She is furious: be gentle." in await case.whispered()
    assert not any("furious" in text for text in await case.shown())
    assert "furious" not in str(await case.news()) + str(await case.news(DESK))


@pytest.mark.parametrize("note", ["", "  \n "])
async def test_no_note_is_no_note(case: Case, note: str) -> None:
    await case.do(handoff.assign, case.sam, case.alex.id, note)

    assert [one for one in await case.stored() if one.kind == Kind.NOTE] == []


async def test_pressing_twice_is_assigning_once_with_one_note(case: Case) -> None:
    await case.escalate()
    await case.do(handoff.claim, case.sam)

    await asyncio.gather(
        *(case.do(handoff.assign, case.sam, case.alex.id, "Yours, I think.") for _ in range(4))
    )

    told = [text for text in await case.shown() if text.startswith("Sam asked")]
    assert len(told) == 1
    assert len([one for one in await case.stored() if one.kind == Kind.NOTE]) == 1


async def test_a_note_to_somebody_who_has_it_already_is_kept(case: Case) -> None:
    await case.do(handoff.take_over, case.alex)

    await case.do(handoff.assign, case.sam, case.alex.id, "She wrote to me before.")

    assert "She wrote to me before." in await case.whispered()


@pytest.mark.parametrize("note", ["x" * 10_001, ["a list"], {"a": 1}, None, 7, "\ud800"])
async def test_a_note_that_cannot_be_kept_changes_nothing(case: Case, note: object) -> None:
    before = await case.row()

    with pytest.raises(Refused):
        await case.do(handoff.assign, case.sam, case.alex.id, note)

    assert (await case.row()).version == before.version
    assert await case.handoffs() == []


# What is refused


async def test_a_colleagues_conversation_is_not_ours_to_give_away(case: Case) -> None:
    await case.do(handoff.take_over, case.alex)

    with pytest.raises(AlreadyClaimed, match="Alex"):
        await case.do(handoff.assign, case.sam, case.sam.id, "Mine now.")

    assert (await case.row()).assigned_staff_id == case.alex.id
    assert [one for one in await case.stored() if one.kind == Kind.NOTE] == []


async def test_a_resolved_conversation_is_nobodys_work(case: Case) -> None:
    await case.do(handoff.take_over, case.sam)
    await case.do(handoff.resolve, case.sam)

    with pytest.raises(Refused, match="Reopen it first"):
        await case.do(handoff.assign, case.sam, case.alex.id)


@pytest.mark.parametrize("to", [uuid4(), None, "alex", 7, {"id": 1}])
async def test_nobody_but_a_colleague_is_given_work(case: Case, to: object) -> None:
    await case.escalate()

    with pytest.raises(Refused, match=GONE):
        await case.do(handoff.assign, case.sam, to)

    assert await case.owner() == Owner.WAITING


async def test_somebody_whose_account_is_disabled_is_given_no_work(case: Case) -> None:
    await case.leaves(case.alex)

    with pytest.raises(Refused, match=GONE):
        await case.do(handoff.assign, case.sam, case.alex.id)


# Two people at once


async def test_two_assign_the_same_conversation_and_one_of_them_is_told_who_won(case: Case) -> None:
    await case.escalate()

    outcomes = await asyncio.gather(
        case.do(handoff.assign, case.sam, case.alex.id),
        case.do(handoff.assign, case.alex, case.sam.id),
        return_exceptions=True,
    )

    # Whoever is second finds it either with the other one, or with themselves to give away again.
    owner = (await case.row()).assigned_staff_id
    assert owner in (case.sam.id, case.alex.id)
    assert all(outcome is None or isinstance(outcome, AlreadyClaimed) for outcome in outcomes)
    assert outcomes.count(None) >= 1


async def test_a_claim_and_an_assignment_at_once_have_one_winner(case: Case) -> None:
    await case.escalate()

    claimed, assigned = await asyncio.gather(
        case.do(handoff.claim, case.alex),
        case.do(handoff.assign, case.sam, case.sam.id),
        return_exceptions=True,
    )

    assert (claimed is None) != (assigned is None)
    winner = case.alex if claimed is None else case.sam
    assert (await case.row()).assigned_staff_id == winner.id


# Somebody who has left


@pytest.mark.parametrize("verb", [handoff.claim, handoff.take_over])
async def test_what_somebody_had_who_left_can_be_taken(case: Case, verb: Verb) -> None:
    await case.escalate()
    await case.do(handoff.claim, case.alex)
    await case.leaves(case.alex)

    await case.do(verb, case.sam)

    assert (await case.row()).assigned_staff_id == case.sam.id
    assert len(await case.handoffs()) == 1
    await case.reply(case.sam)


async def test_what_somebody_had_who_left_can_be_assigned(case: Case) -> None:
    await case.do(handoff.take_over, case.alex)
    await case.leaves(case.alex)

    await case.do(handoff.assign, case.sam, case.sam.id)

    assert (await case.row()).assigned_staff_id == case.sam.id


async def test_it_has_to_be_taken_before_it_is_answered(case: Case) -> None:
    await case.do(handoff.take_over, case.alex)
    await case.leaves(case.alex)

    with pytest.raises(Refused, match="claim this conversation first"):
        await case.reply(case.sam)


async def test_while_a_colleague_works_here_their_conversation_stays_theirs(case: Case) -> None:
    await case.do(handoff.take_over, case.alex)

    for verb in (handoff.claim, handoff.take_over):
        with pytest.raises(AlreadyClaimed, match="Alex"):
            await case.do(verb, case.sam)


async def test_what_somebody_had_who_left_is_back_in_the_queue_in_its_place(case: Case) -> None:
    await case.escalate(Reason.FRUSTRATED)
    (asked,) = await case.handoffs()
    await case.do(handoff.claim, case.alex)
    await case.do(sorting.snooze, case.alex, now() + timedelta(hours=1))
    await case.leaves(case.alex)

    assert await release_abandoned(case.desk.database, case.desk.live) == 1

    (waits,) = await case.handoffs()
    row = await case.row()
    assert (await case.owner(), row.assigned_staff_id, row.snoozed_until) == (Owner.WAITING, None, None)
    assert (waits.reason, waits.requested_at) == (Reason.FRUSTRATED, asked.requested_at)
    assert await case.last_event() == (
        "Alex is no longer available. Our team has your conversation and will answer here."
    )
    heard = [event for event in await case.news(DESK) if isinstance(event, OwnerChanged)]
    assert heard[-1].owner == Owner.WAITING
    await case.do(handoff.claim, case.sam)


async def test_what_anybody_has_who_works_here_stays_theirs(case: Case) -> None:
    await case.do(handoff.take_over, case.alex)

    assert await release_abandoned(case.desk.database, case.desk.live) == 0

    assert (await case.row()).assigned_staff_id == case.alex.id


async def test_two_workers_release_it_once(case: Case) -> None:
    await case.do(handoff.take_over, case.alex)
    await case.leaves(case.alex)

    released = await asyncio.gather(
        *(release_abandoned(case.desk.database, case.desk.live) for _ in range(3))
    )

    assert sorted(released) == [0, 0, 1]


async def test_a_claim_and_a_release_at_once_end_with_the_colleague(case: Case) -> None:
    await case.do(handoff.take_over, case.alex)
    await case.leaves(case.alex)

    await asyncio.gather(
        release_abandoned(case.desk.database, case.desk.live), case.do(handoff.claim, case.sam)
    )

    assert (await case.row()).assigned_staff_id == case.sam.id
