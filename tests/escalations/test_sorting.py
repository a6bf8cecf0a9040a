"""How the desk keeps order: snoozed, junk and tagged, and what a customer notices of it: nothing."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from supportbot.conversations.events import DESK, CaseChanged, Owner
from supportbot.conversations.live import MemoryLive
from supportbot.conversations.seen import mark_read
from supportbot.errors import NotFound, Refused
from supportbot.escalations import handoff, sorting
from supportbot.escalations.handoff import AlreadyClaimed
from supportbot.escalations.sorting import MOST_TAGS, TAG_CHARACTERS, tags_of, wake_due
from supportbot.ids import now
from supportbot.models import (
    ClosedAs,
    ConversationTag,
    MessageState,
    Reason,
    Role,
    StaffRead,
    Status,
)
from tests.escalations.case import Case, Verb

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)
HOME = "192.0.2.1"


async def desk_heard(case: Case) -> list[str]:
    return [type(event).__name__ for event in await case.news(DESK)]


async def changes(case: Case) -> int:
    """How often the desk was told that something about the case has changed."""
    return (await case.news(DESK)).count(CaseChanged(case.id))


# Put off


async def snoozed(case: Case) -> datetime:
    until = now() + HOUR
    await case.do(handoff.take_over, case.sam)
    await case.do(sorting.snooze, case.sam, until)
    return until


async def test_ones_own_conversation_is_put_off_and_stays_ones_own(case: Case) -> None:
    until = await snoozed(case)

    row = await case.row()
    assert (row.snoozed_until, row.snoozed_by) == (until, case.sam.id)
    assert await case.owner() == Owner.STAFF
    assert (await case.news(DESK))[-1] == CaseChanged(case.id)


async def test_the_customer_is_not_told_and_it_counts_as_no_activity(case: Case) -> None:
    await case.do(handoff.take_over, case.sam)
    before, shown, news = await case.row(), await case.shown(), await case.news()

    await case.do(sorting.snooze, case.sam, now() + HOUR)
    await case.do(sorting.wake, case.sam)

    assert (await case.shown(), await case.news()) == (shown, news)
    assert (await case.row()).updated_at == before.updated_at


async def test_a_customers_message_wakes_it_at_once(case: Case) -> None:
    await snoozed(case)

    await case.says("Are you there?")

    row = await case.row()
    assert (row.snoozed_until, row.snoozed_by) == (None, None)
    assert await changes(case) == 2


async def test_staff_wake_it(case: Case) -> None:
    await snoozed(case)

    await case.do(sorting.wake, case.alex)
    told = await desk_heard(case)
    await case.do(sorting.wake, case.alex)

    assert (await case.row()).snoozed_until is None
    assert await desk_heard(case) == told  # it was awake


async def test_it_wakes_when_its_time_has_come_and_not_before(case: Case) -> None:
    until = await snoozed(case)
    told = len(await case.news(DESK))

    assert await wake_due(case.desk.database, case.desk.live, until - timedelta(seconds=1)) == 0
    assert (await case.row()).snoozed_until == until
    assert await wake_due(case.desk.database, case.desk.live, until) == 1
    assert await wake_due(case.desk.database, case.desk.live, until + HOUR) == 0

    assert (await case.row()).snoozed_until is None
    assert (await case.news(DESK))[told:] == [CaseChanged(case.id)]


async def test_two_workers_wake_it_once(case: Case) -> None:
    until = await snoozed(case)

    woken = await asyncio.gather(*(wake_due(case.desk.database, case.desk.live, until) for _ in range(3)))

    assert sorted(woken) == [0, 0, 1]


async def test_when_its_time_has_come_it_is_unread_again_for_whoever_put_it_off(case: Case) -> None:
    until = await snoozed(case)
    for staff in (case.sam, case.alex):
        await mark_read(case.desk.database, staff, case.id, (await case.row()).last_seq)

    await wake_due(case.desk.database, case.desk.live, until)

    read = {one.staff_id: one.seq for one in await case.desk.rows(StaffRead)}
    assert read[case.sam.id] < (await case.row()).customer_seq <= read[case.alex.id]


async def test_somebody_who_waits_is_never_put_out_of_sight(case: Case) -> None:
    await case.escalate()

    with pytest.raises(Refused, match="claim this conversation first"):
        await case.do(sorting.snooze, case.sam, now() + HOUR)


async def test_a_colleagues_conversation_is_not_ours_to_put_off(case: Case) -> None:
    await case.do(handoff.take_over, case.alex)

    with pytest.raises(AlreadyClaimed, match="Alex"):
        await case.do(sorting.snooze, case.sam, now() + HOUR)


@pytest.mark.parametrize(
    "until",
    [
        datetime(2020, 1, 1, tzinfo=UTC),
        datetime(2999, 1, 1, tzinfo=UTC),
        datetime(2999, 1, 1),
        "tomorrow",
        None,
        7,
    ],
)
async def test_a_time_has_to_come_within_a_year(case: Case, until: object) -> None:
    await case.do(handoff.take_over, case.sam)

    with pytest.raises(Refused, match="Please choose"):
        await case.do(sorting.snooze, case.sam, until)

    assert (await case.row()).snoozed_until is None


@pytest.mark.parametrize("what", ["hand back", "resolve", "assign", "junk"])
async def test_whoever_is_done_with_it_or_gives_it_away_wakes_it(case: Case, what: str) -> None:
    await snoozed(case)

    match what:
        case "hand back":
            await case.do(handoff.hand_back, case.sam)
        case "resolve":
            await case.do(handoff.resolve, case.sam)
        case "assign":
            await case.do(handoff.assign, case.sam, case.alex.id)
        case "junk":
            await case.do(sorting.junk, case.sam)

    assert (await case.row()).snoozed_until is None


async def test_a_reply_leaves_it_where_it_is(case: Case) -> None:
    until = await snoozed(case)

    await case.reply(case.sam)

    assert (await case.row()).snoozed_until == until


# Junk


async def test_junk_is_resolved_without_a_word_to_the_customer(case: Case) -> None:
    await case.escalate()
    shown = await case.shown()

    await case.do(sorting.junk, case.sam)

    row, outcome, (closed,) = await case.row(), await case.outcome(), await case.handoffs()
    assert (row.status, row.junk_at is not None) == (Status.RESOLVED, True)
    assert (closed.closed_as, outcome.resolved_by) == (ClosedAs.RESOLVED, Role.STAFF)
    assert await case.shown() == shown
    assert "junk" not in str(await case.news()).lower()


async def test_a_running_answer_to_junk_stops(case: Case) -> None:
    case.desk.assistant.says("Five").pauses().says(" days.")
    case.desk.runner.start()
    case.desk.runner.wake(case.id)
    await case.desk.assistant.paused()

    await case.do(sorting.junk, case.sam)
    case.desk.assistant.resume()
    await case.desk.runner.idle()

    assert [one.state for one in await case.desk.answers(case.id)] == [MessageState.STOPPED]


async def test_who_writes_again_is_answered_by_the_assistant_and_bothers_nobody(case: Case) -> None:
    await case.escalate()
    await case.do(sorting.junk, case.sam)
    case.desk.assistant.says("Like this.")
    visitor = (await case.row()).visitor_id

    await case.desk.intake.say(case.id, visitor, HOME, "How do I export?", None)
    await case.desk.runner.idle()

    assert (await case.shown())[-1] == "Like this."
    assert (await case.owner(), (await case.row()).junk_at is not None) == (Owner.ASSISTANT, True)
    assert [one for one in await case.handoffs() if one.closed_at is None] == []


async def test_who_is_told_that_the_team_will_answer_is_where_the_team_looks(case: Case) -> None:
    await case.do(sorting.junk, case.sam)
    await case.says("A real question.")

    assert await case.escalate()

    assert (await case.owner(), (await case.row()).junk_at) == (Owner.WAITING, None)


async def test_the_button_in_a_conversation_put_away_brings_it_back_too(case: Case) -> None:
    await case.do(sorting.junk, case.sam)

    assert await case.escalate()

    assert (await case.owner(), (await case.row()).junk_at) == (Owner.WAITING, None)


@pytest.mark.parametrize("verb", [handoff.take_over, handoff.reopen])
async def test_whoever_takes_it_up_takes_it_out_of_the_junk(case: Case, verb: Verb) -> None:
    await case.do(sorting.junk, case.sam)
    await case.says("A real question.")

    await case.do(verb, case.alex)

    assert ((await case.row()).junk_at, (await case.row()).assigned_staff_id) == (None, case.alex.id)


async def test_junk_twice_is_junk_once(case: Case) -> None:
    await case.do(sorting.junk, case.sam)
    first = await case.row()

    await asyncio.gather(*(case.do(sorting.junk, who) for who in (case.sam, case.alex)))

    assert (await case.row()).junk_at == first.junk_at
    assert (await case.row()).version == first.version


async def test_a_colleagues_conversation_is_not_ours_to_put_away(case: Case) -> None:
    await case.do(handoff.take_over, case.alex)

    with pytest.raises(AlreadyClaimed, match="Alex"):
        await case.do(sorting.junk, case.sam)


async def test_a_claim_and_junk_at_once_have_one_outcome(case: Case) -> None:
    await case.escalate()

    claimed, put_away = await asyncio.gather(
        case.do(handoff.claim, case.alex), case.do(sorting.junk, case.sam), return_exceptions=True
    )

    assert (claimed is None) != (put_away is None)
    assert await case.owner() == (Owner.STAFF if claimed is None else Owner.NOBODY)


# And undone


async def test_who_waited_has_their_place_again(case: Case) -> None:
    await case.escalate(Reason.FRUSTRATED)
    (before,) = await case.handoffs()
    await case.do(sorting.junk, case.sam)

    await case.do(sorting.not_junk, case.sam)

    (again,) = await case.handoffs()
    assert (again.id, again.requested_at, again.closed_at, again.closed_as) == (
        before.id,
        before.requested_at,
        None,
        None,
    )
    assert (await case.owner(), (await case.row()).junk_at) == (Owner.WAITING, None)
    assert (await case.outcome()).resolved_by is None
    assert (await case.news())[-1].owner == Owner.WAITING


async def test_who_kept_their_place_and_asked_the_assistant_does_so_again(case: Case) -> None:
    await case.escalate()
    await case.do(handoff.keep_place)
    await case.do(sorting.junk, case.sam)

    await case.do(sorting.not_junk, case.sam)

    assert await case.owner() == Owner.MEANWHILE


async def test_ones_own_is_ones_own_again(case: Case) -> None:
    await case.do(handoff.take_over, case.sam)
    await case.do(sorting.junk, case.sam)

    await case.do(sorting.not_junk, case.alex)

    assert (await case.row()).assigned_staff_id == case.sam.id
    await case.reply(case.sam)


async def test_the_assistants_is_the_assistants_again_and_what_is_unanswered_is_answered(case: Case) -> None:
    case.desk.runner.start()
    await asyncio.sleep(0)
    await case.do(sorting.junk, case.sam)
    case.desk.assistant.says("Five days.")

    await case.do(sorting.not_junk, case.sam)
    await case.desk.assistant.asked()
    await case.desk.runner.idle()

    assert await case.owner() == Owner.ASSISTANT
    assert (await case.shown())[-1] == "Five days."


async def test_what_was_resolved_before_stays_resolved(case: Case) -> None:
    await case.do(handoff.take_over, case.sam)
    await case.do(handoff.resolve, case.sam)
    resolved_at = (await case.outcome()).resolved_at
    await case.do(sorting.junk, case.alex)

    await case.do(sorting.not_junk, case.alex)

    assert await case.owner() == Owner.NOBODY
    assert (await case.outcome()).resolved_at == resolved_at
    assert (await case.row()).junk_at is None


async def test_what_has_gone_on_since_goes_on(case: Case) -> None:
    await case.escalate()
    await case.do(sorting.junk, case.sam)
    await case.says("How do I export?")
    version = (await case.row()).version

    await case.do(sorting.not_junk, case.sam)

    assert (await case.owner(), (await case.row()).version) == (Owner.ASSISTANT, version)
    assert (await case.handoffs())[0].closed_at is not None


async def test_what_is_no_junk_stays_what_it_is(case: Case) -> None:
    await case.escalate()
    told = await desk_heard(case)

    await case.do(sorting.not_junk, case.sam)

    assert await case.owner() == Owner.WAITING
    assert await desk_heard(case) == told


async def test_junk_and_back_ten_times_is_as_before(case: Case) -> None:
    await case.escalate()
    for _ in range(10):
        await case.do(sorting.junk, case.sam)
        await case.do(sorting.not_junk, case.sam)

    assert await case.owner() == Owner.WAITING
    assert (len(await case.handoffs()), (await case.outcome()).handoffs) == (1, 1)


# Tags


async def test_tags_are_kept_in_one_spelling(case: Case) -> None:
    for spelling in ("Refund", " #refund ", "REFUND", "re\u0301fund", "two   words"):
        await case.do(sorting.tag, case.sam, spelling)

    assert await tags_of(case.desk.database, case.id) == ["refund", "réfund", "two words"]


async def test_tagging_says_how_it_is_spelt_and_tells_the_desk(case: Case) -> None:
    assert await case.do(sorting.tag, case.sam, "#Refund") == "refund"

    assert await changes(case) == 1
    assert (await case.desk.only(ConversationTag)).staff_id == case.sam.id


async def test_a_tag_twice_is_a_tag_once_also_at_once(case: Case) -> None:
    await asyncio.gather(
        *(case.do(sorting.tag, who, "refund") for who in (case.sam, case.alex) for _ in range(3))
    )

    assert await tags_of(case.desk.database, case.id) == ["refund"]
    assert await changes(case) == 1


async def test_a_tag_is_taken_off_in_any_spelling(case: Case) -> None:
    await case.do(sorting.tag, case.sam, "refund")

    await case.do(sorting.untag, case.alex, " #Refund")
    await case.do(sorting.untag, case.alex, "refund")

    assert await tags_of(case.desk.database, case.id) == []
    assert await changes(case) == 2


async def test_a_conversation_has_so_many_tags_and_no_more(case: Case) -> None:
    for number in range(MOST_TAGS):
        await case.do(sorting.tag, case.sam, f"tag {number}")

    with pytest.raises(Refused, match="remove one first"):
        await case.do(sorting.tag, case.sam, "one more")

    assert await case.do(sorting.tag, case.sam, "tag 3") == "tag 3"
    assert len(await tags_of(case.desk.database, case.id)) == MOST_TAGS


@pytest.mark.parametrize("raw", ["", "  ", "#", "# #", "\x00", None, 7, ["a"], {"a": 1}, "\ud800"])
@pytest.mark.parametrize("verb", [sorting.tag, sorting.untag])
async def test_a_tag_has_to_be_a_word(case: Case, verb: Verb, raw: object) -> None:
    with pytest.raises(Refused, match="a word or two"):
        await case.do(verb, case.sam, raw)


async def test_a_tag_that_is_too_long_is_not_cut_but_refused(case: Case) -> None:
    assert await case.do(sorting.tag, case.sam, "x" * TAG_CHARACTERS)
    with pytest.raises(Refused, match="this one has 41"):
        await case.do(sorting.tag, case.sam, "x" * (TAG_CHARACTERS + 1))


async def test_tagging_changes_nothing_else(case: Case) -> None:
    before, shown = await case.row(), await case.shown()

    await case.do(sorting.tag, case.sam, "refund")

    after = await case.row()
    assert (after.updated_at, after.version, await case.shown()) == (before.updated_at, before.version, shown)


# Nowhere


@pytest.mark.parametrize(
    ("verb", "more"),
    [
        (sorting.snooze, [now() + HOUR]),
        (sorting.wake, []),
        (sorting.junk, []),
        (sorting.not_junk, []),
        (sorting.tag, ["refund"]),
        (sorting.untag, ["refund"]),
    ],
)
async def test_a_conversation_that_does_not_exist_is_not_found(
    case: Case, verb: Verb, more: list[object]
) -> None:
    with pytest.raises(NotFound):
        await verb(case.desk.database, MemoryLive(), uuid4(), case.sam, *more)
