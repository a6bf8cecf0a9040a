"""Moving a conversation between the assistant and people: one owner at a time, and everybody is told."""

import asyncio
from uuid import uuid4

import pytest

from supportbot.conversations.events import DESK, Escalated, MessageAdded, Owner, OwnerChanged
from supportbot.conversations.live import MemoryLive
from supportbot.errors import NotFound, Refused
from supportbot.escalations import handoff
from supportbot.escalations.acknowledging import ACKNOWLEDGEMENTS
from supportbot.escalations.extracting import BRIEF_CHARACTERS
from supportbot.escalations.handoff import AlreadyClaimed
from supportbot.models import ClosedAs, Outcome, Reason, Role, Staff, Status, Trigger
from tests.escalations.case import Case, Verb
from tests.people import says

pytestmark = pytest.mark.anyio


# To the queue


async def test_escalating_queues_it_and_tells_the_customer_in_the_servers_words(case: Case) -> None:
    assert await case.escalate(brief="Wants a person.")

    (waiting,) = await case.handoffs()
    assert await case.owner() == Owner.WAITING
    assert (await case.row()).status == Status.ESCALATED
    assert (waiting.reason, waiting.brief, waiting.claimed_by) == (
        Reason.ASKED_FOR_PERSON,
        "Wanted: Wants a person.\nTried: nothing yet.\nKnown: no name or address was given.",
        None,
    )
    assert await case.last_event() == ACKNOWLEDGEMENTS[Reason.ASKED_FOR_PERSON]


@pytest.mark.parametrize("reason", list(Reason))
async def test_every_reason_is_acknowledged(case: Case, reason: Reason) -> None:
    await case.escalate(reason)

    assert "our team has your conversation" in (await case.last_event()).lower()


async def test_pages_and_desk_hear_of_it_after_it_is_stored(case: Case) -> None:
    await case.escalate()

    _, *news = await case.news()
    assert [type(event) for event in news] == [Escalated, OwnerChanged, MessageAdded]
    desk = (await case.news(DESK))[-1]
    assert (desk.conversation_id, desk.owner) == (case.id, Owner.WAITING)


async def test_escalating_twice_at_once_is_escalating_once(case: Case) -> None:
    queued = await asyncio.gather(*(case.escalate() for _ in range(6)))

    assert sorted(queued) == [False] * 5 + [True]
    assert len(await case.handoffs()) == 1
    assert (await case.desk.only(Outcome)).handoffs == 1


async def test_an_escalation_decided_before_the_owner_changed_comes_too_late(case: Case) -> None:
    version = (await case.row()).version
    await case.do(handoff.take_over, case.sam)
    await case.do(handoff.hand_back, case.sam)

    assert not await case.escalate(version=version)
    assert await case.escalate(version=(await case.row()).version)


async def test_a_brief_is_short(case: Case) -> None:
    await case.escalate(brief="x" * 100_000)

    assert len((await case.handoffs())[0].brief) <= BRIEF_CHARACTERS


# Claiming


async def test_claiming_gives_it_to_one_person_and_says_who(case: Case) -> None:
    await case.escalate()

    await case.do(handoff.claim, case.sam)

    shown = await case.transcript()
    assert (shown.owner, shown.staff_name) == (Owner.STAFF, "Sam")
    assert (await case.row()).assigned_staff_id == case.sam.id
    assert await case.last_event() == "Sam has joined the conversation."


async def test_two_claim_at_once_and_the_slower_is_told_who_won(case: Case) -> None:
    await case.escalate()

    claims = await asyncio.gather(
        case.do(handoff.claim, case.sam), case.do(handoff.claim, case.alex), return_exceptions=True
    )

    (refusal,) = [claim for claim in claims if claim is not None]
    winner = (await case.transcript()).staff_name
    assert isinstance(refusal, AlreadyClaimed)
    assert refusal.sentence == f"{winner} is already taking care of this conversation."
    (claimed,) = await case.handoffs()
    assert claimed.claimed_by == {"Sam": case.sam.id, "Alex": case.alex.id}[winner]


async def test_many_claims_and_takeovers_at_once_have_one_winner(case: Case) -> None:
    await case.escalate()
    verbs = [(verb, who) for verb in (handoff.claim, handoff.take_over) for who in (case.sam, case.alex)] * 3

    outcomes = await asyncio.gather(*(case.do(verb, who) for verb, who in verbs), return_exceptions=True)

    winner = (await case.row()).assigned_staff_id
    for (_, who), outcome in zip(verbs, outcomes, strict=True):
        assert (outcome is None) == (who.id == winner)
        assert outcome is None or isinstance(outcome, AlreadyClaimed)
    joined = [one for one in (await case.transcript()).messages if "has joined" in one.content]
    assert len(joined) == 1


async def test_claiming_ones_own_again_changes_nothing(case: Case) -> None:
    await case.escalate()
    await case.do(handoff.claim, case.sam)
    version, claimed = (await case.row()).version, (await case.handoffs())[0].claimed_at

    await case.do(handoff.claim, case.sam)

    assert (await case.row()).version == version
    assert (await case.handoffs())[0].claimed_at == claimed


async def test_what_nobody_waits_for_cannot_be_claimed(case: Case) -> None:
    with pytest.raises(Refused, match="no longer waits"):
        await case.do(handoff.claim, case.sam)


# Taking over


async def test_staff_take_an_active_conversation_over(case: Case) -> None:
    await case.do(handoff.take_over, case.sam)

    (taken,) = await case.handoffs()
    assert (taken.reason, taken.trigger, taken.claimed_by) == (
        Reason.TAKEN_OVER,
        Trigger.STAFF,
        case.sam.id,
    )
    assert await case.owner() == Owner.STAFF
    assert (await case.desk.only(Outcome)).handoff_reason == Reason.TAKEN_OVER


async def test_taking_over_a_waiting_one_keeps_why_it_waited(case: Case) -> None:
    await case.escalate(Reason.FRUSTRATED)

    await case.do(handoff.take_over, case.sam)

    (taken,) = await case.handoffs()
    assert (taken.reason, taken.claimed_by) == (Reason.FRUSTRATED, case.sam.id)


async def test_taking_over_from_a_colleague_is_refused_with_the_name(case: Case) -> None:
    await case.do(handoff.take_over, case.sam)

    with pytest.raises(AlreadyClaimed, match="Sam"):
        await case.do(handoff.take_over, case.alex)
    await case.do(handoff.take_over, case.sam)


async def test_a_resolved_conversation_cannot_be_taken_over(case: Case) -> None:
    await case.do(handoff.take_over, case.sam)
    await case.do(handoff.resolve, case.sam)

    for verb in (handoff.take_over, handoff.claim, handoff.hand_back, handoff.resolve):
        with pytest.raises(Refused):
            await case.do(verb, case.sam)


# Replying


async def test_a_reply_carries_the_name_and_is_counted(case: Case) -> None:
    await case.do(handoff.take_over, case.sam)

    said = await case.reply(case.sam, "Five days.")

    assert (said.staff_name, said.content, said.role) == ("Sam", "Five days.", Role.STAFF)
    assert (await case.transcript()).messages[-1].content == "Five days."
    assert (await case.desk.only(Outcome)).staff_messages == 1


async def test_sending_a_reply_twice_is_sending_it_once(case: Case) -> None:
    await case.do(handoff.take_over, case.sam)

    replies = await asyncio.gather(*(case.reply(case.sam, "Five days.") for _ in range(5)))

    assert len({reply.id for reply in replies}) == 1
    assert (await case.desk.only(Outcome)).staff_messages == 1
    added = [event for event in await case.news() if isinstance(event, MessageAdded)]
    assert [event.message.content for event in added].count("Five days.") == 1


async def test_a_customers_key_is_not_a_staff_members(case: Case) -> None:
    await says(case.desk.database, case.id, "Mine.", key="visitor:key")
    await case.do(handoff.take_over, case.sam)

    assert (await case.reply(case.sam, "Yours.", "key")).content == "Yours."


@pytest.mark.parametrize("verb", [handoff.reply, handoff.hand_back, handoff.resolve])
@pytest.mark.parametrize("state", ["active", "waiting", "meanwhile", "a colleague's", "resolved"])
async def test_only_whoever_claimed_it_may_act(case: Case, verb: Verb, state: str) -> None:
    await _bring_into(case, state)
    before = await case.transcript()

    with pytest.raises(Refused):
        await case.do(verb, case.sam, *(["Hello.", "key"] if verb is handoff.reply else []))

    after = await case.transcript()
    assert (after.messages, after.owner) == (before.messages, before.owner)


async def test_a_reply_to_a_colleagues_conversation_says_whose_it_is(case: Case) -> None:
    await _bring_into(case, "a colleague's")

    with pytest.raises(AlreadyClaimed, match="Alex"):
        await case.reply(case.sam)


async def test_someone_who_is_not_staff_claims_nothing(case: Case) -> None:
    await case.escalate()
    stranger = Staff(id=uuid4(), email="charlie@example.com", name="Charlie", password_hash="!")

    with pytest.raises(Exception, match=r"(?i)foreign key"):
        await case.do(handoff.claim, stranger)

    assert await case.owner() == Owner.WAITING


# Back, done, and again


async def test_handing_back_makes_it_the_assistants_from_the_next_message_on(case: Case) -> None:
    await case.do(handoff.take_over, case.sam)
    await case.reply(case.sam)

    await case.do(handoff.hand_back, case.sam)

    (closed,) = await case.handoffs()
    assert (closed.closed_as, closed.closed_at is not None) == (ClosedAs.HANDED_BACK, True)
    assert await case.owner() == Owner.ASSISTANT
    assert (await case.row()).assigned_staff_id is None
    assert await case.last_event() == "Sam handed the conversation back to the assistant."
    case.desk.assistant.says("Hello again.")
    await case.says("And now?")
    assert len(await case.desk.take_turn(case.id)) > 0


async def test_resolving_records_who_and_when(case: Case) -> None:
    await case.do(handoff.take_over, case.sam)

    await case.do(handoff.resolve, case.sam)

    outcome = await case.desk.only(Outcome)
    assert (outcome.resolved_by, outcome.resolved_at is not None) == (Role.STAFF, True)
    assert (await case.handoffs())[0].closed_as == ClosedAs.RESOLVED
    assert await case.owner() == Owner.NOBODY


async def test_a_conversation_may_go_to_people_and_back_many_times(case: Case) -> None:
    for _ in range(3):
        await case.escalate()
        await case.do(handoff.claim, case.sam)
        await case.do(handoff.hand_back, case.sam)

    assert len(await case.handoffs()) == 3
    assert (await case.desk.only(Outcome)).handoffs == 3
    assert (await case.row()).version == 9


# While waiting


async def test_keeping_the_place_lets_the_assistant_answer_meanwhile(case: Case) -> None:
    await case.escalate()
    place = (await case.handoffs())[0].requested_at

    await case.do(handoff.keep_place)
    await case.do(handoff.keep_place)

    (waiting,) = await case.handoffs()
    assert await case.owner() == Owner.MEANWHILE
    assert (waiting.requested_at, waiting.assistant_meanwhile_at is not None) == (place, True)
    events = [one for one in (await case.transcript()).messages if one.role == Role.SYSTEM]
    assert len(events) == 2


async def test_giving_the_place_up_closes_the_handoff_as_cancelled(case: Case) -> None:
    await case.escalate()

    await case.do(handoff.no_longer_needed)

    assert (await case.handoffs())[0].closed_as == ClosedAs.CANCELLED
    assert await case.owner() == Owner.ASSISTANT


async def test_whoever_keeps_their_place_may_still_give_it_up(case: Case) -> None:
    await case.escalate()
    await case.do(handoff.keep_place)
    await case.do(handoff.no_longer_needed)

    assert await case.owner() == Owner.ASSISTANT


async def test_a_claim_ends_the_assistants_meanwhile(case: Case) -> None:
    await case.escalate()
    await case.do(handoff.keep_place)

    await case.do(handoff.claim, case.sam)

    assert await case.owner() == Owner.STAFF
    assert await case.desk.take_turn(case.id) == []


@pytest.mark.parametrize("verb", [handoff.keep_place, handoff.no_longer_needed])
@pytest.mark.parametrize("state", ["active", "a colleague's", "resolved"])
async def test_only_somebody_who_waits_can_wait_differently(case: Case, verb: Verb, state: str) -> None:
    await _bring_into(case, state)

    with pytest.raises(Refused, match="not waiting"):
        await case.do(verb)


async def test_giving_up_and_being_claimed_at_once_has_one_outcome(case: Case) -> None:
    await case.escalate()

    gave_up, claimed = await asyncio.gather(
        case.do(handoff.no_longer_needed), case.do(handoff.claim, case.sam), return_exceptions=True
    )

    assert (gave_up is None) != (claimed is None)
    assert await case.owner() == (Owner.ASSISTANT if gave_up is None else Owner.STAFF)


@pytest.mark.parametrize(
    "verb", [handoff.claim, handoff.take_over, handoff.hand_back, handoff.resolve, handoff.keep_place]
)
async def test_a_conversation_that_does_not_exist_is_not_found(case: Case, verb: Verb) -> None:
    people = [] if verb is handoff.keep_place else [case.sam]

    with pytest.raises(NotFound):
        await verb(case.desk.database, MemoryLive(), uuid4(), *people)


async def _bring_into(case: Case, state: str) -> None:
    if state in ("waiting", "meanwhile"):
        await case.escalate()
    if state == "meanwhile":
        await case.do(handoff.keep_place)
    if state in ("a colleague's", "resolved"):
        await case.do(handoff.take_over, case.alex)
    if state == "resolved":
        await case.do(handoff.resolve, case.alex)
