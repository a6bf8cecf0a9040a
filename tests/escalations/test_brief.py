"""The brief of a hand-off: there at once, corrected by the customer, never overwritten behind their back."""

import asyncio
from uuid import UUID, uuid4

import pytest

from supportbot.conversations.changes import changing
from supportbot.conversations.events import DESK, BriefChanged
from supportbot.conversations.live import MemoryLive
from supportbot.conversations.visitors import introduce
from supportbot.database import Database
from supportbot.errors import NotFound, Refused
from supportbot.escalations import brief, handoff
from supportbot.escalations.extracting import BRIEF_CHARACTERS, NOTHING_WRITTEN
from supportbot.models import Kind, Message, Role, Staff
from tests.escalations.test_handoff import Case
from tests.people import ALICE, alex, conversation_of, sam
from tests.scripted import small_desk

pytestmark = pytest.mark.anyio

CORRECTED = "It is about the invoice of June, not May."


@pytest.fixture
async def case(database: Database) -> Case:
    conversation = await conversation_of(database, ALICE)
    return Case(small_desk(database), conversation.id, await sam(database), await alex(database))


async def stands(case: Case) -> tuple[str, str]:
    """The newest hand-off's brief, and who wrote it."""
    newest = (await case.handoffs())[-1]
    return newest.brief, newest.brief_by


async def improvable(case: Case) -> brief.Improvable:
    found = await brief.improvable(case.desk.database, case.id)
    assert found is not None
    return found


# At once


async def test_it_is_there_in_the_transaction_that_queues(case: Case) -> None:
    await introduce(case.desk.database, (await case.row()).visitor_id, "Alice", "alice@example.com")
    await case.says("The export stops at 40 percent.")

    await case.escalate()

    assert await stands(case) == (
        "Wanted: “The export stops at 40 percent.”\nTried: nothing yet.\nKnown: Alice; alice@example.com",
        brief.EXTRACT,
    )


async def test_with_no_message_yet_it_says_what_is_true(case: Case) -> None:
    await case.escalate()

    assert await stands(case) == (NOTHING_WRITTEN, brief.EXTRACT)


async def test_what_the_assistant_wrote_is_completed_and_its_own(case: Case) -> None:
    await case.says("My password is Sommer2019, order 88123.")

    await case.escalate(brief="Wants order 88123 again; the password is Sommer2019.")

    text, by = await stands(case)
    assert (text.partition("\n")[0], by) == (
        "Wanted: Wants order 88123 again; the password is (hidden)",
        brief.ASSISTANT,
    )
    assert "Known: order 88123" in text
    assert "Sommer2019" not in text


async def test_whoever_takes_over_has_one_too(case: Case) -> None:
    await case.says("The export stops.")

    await case.do(handoff.take_over, case.sam)

    assert (await stands(case))[0].startswith("Wanted: “The export stops.”")


async def test_a_reopened_one_is_about_what_is_said_now(case: Case) -> None:
    await case.says("The export stops at 40 percent.")
    await case.escalate()
    await case.do(handoff.claim, case.sam)
    await case.do(handoff.resolve, case.sam)

    await case.says("It stops again, now at 70 percent.")

    text, _ = await stands(case)
    assert text.startswith("Wanted: “It stops again, now at 70 percent.”")
    assert "Tried: the team resolved it before (then: The export stops at 40 percent)" in text


async def test_asking_again_after_a_hand_back_without_a_word_says_so(case: Case) -> None:
    await case.says("The export stops at 40 percent.")
    await case.do(handoff.take_over, case.sam)
    await case.do(handoff.hand_back, case.sam)

    await case.escalate()

    assert (await stands(case))[0].startswith(
        "The customer has written nothing more since then.\nTried: the team handed it back"
    )


async def test_a_place_given_up_for_a_moment_loses_nothing(case: Case) -> None:
    await case.says("The export stops at 40 percent.")
    await case.escalate()
    await case.do(handoff.no_longer_needed)

    await case.escalate()

    assert (await stands(case))[0].startswith("Wanted: “The export stops at 40 percent.”")


async def test_what_is_said_while_waiting_is_taken_in(case: Case) -> None:
    await case.escalate()
    await case.says("The export stops at 40 percent.")

    assert await case.do(brief.refresh)

    assert (await stands(case))[0].startswith("Wanted: “The export stops at 40 percent.”")
    assert BriefChanged(*await stands(case), case.id) in await case.news()
    assert BriefChanged(*await stands(case), case.id) in await case.news(DESK)


# Corrected by the customer


async def test_the_customer_corrects_it_while_waiting(case: Case) -> None:
    await case.escalate()

    await case.do(brief.correct, f"  {CORRECTED}\r\n")

    assert await stands(case) == (CORRECTED, brief.CUSTOMER)
    assert BriefChanged(CORRECTED, "customer", case.id) in await case.news()
    assert BriefChanged(CORRECTED, "customer", case.id) in await case.news(DESK)


async def test_also_while_the_assistant_answers_meanwhile(case: Case) -> None:
    await case.escalate()
    await case.do(handoff.keep_place)

    await case.do(brief.correct, CORRECTED)

    assert await stands(case) == (CORRECTED, brief.CUSTOMER)


async def test_leaving_it_as_it_was_is_no_correction(case: Case) -> None:
    await case.escalate()

    await case.do(brief.correct, NOTHING_WRITTEN)

    assert await stands(case) == (NOTHING_WRITTEN, brief.EXTRACT)


@pytest.mark.parametrize(
    "text", ["", "  \n", "\u200d", "x" * (BRIEF_CHARACTERS + 1), None, 7, ["x"], {"a": 1}, "\ud800"]
)
async def test_what_cannot_be_taken_is_refused_with_a_sentence(case: Case, text: object) -> None:
    await case.escalate()

    with pytest.raises(Refused) as refusal:
        await case.do(brief.correct, text)

    assert refusal.value.sentence.endswith((".", "again."))
    assert await stands(case) == (NOTHING_WRITTEN, brief.EXTRACT)


async def test_nobody_corrects_what_does_not_wait(case: Case) -> None:
    with pytest.raises(Refused, match="not waiting"):
        await case.do(brief.correct, CORRECTED)
    await case.escalate()
    await case.do(handoff.claim, case.sam)
    with pytest.raises(Refused, match="tell them here"):
        await case.do(brief.correct, CORRECTED)
    await case.do(handoff.resolve, case.sam)
    with pytest.raises(Refused, match="not waiting"):
        await case.do(brief.correct, CORRECTED)


async def test_a_conversation_that_is_none_has_no_brief(case: Case) -> None:
    with pytest.raises(NotFound):
        await brief.correct(case.desk.database, case.desk.live, uuid4(), CORRECTED)


# Written better


async def test_a_better_one_takes_the_place_of_the_extract(case: Case) -> None:
    await case.says("The export of order 88123 stops.")
    await case.escalate()

    assert await case.do(brief.improve, await improvable(case), "Wanted: the export to go on.")

    assert await stands(case) == (
        "Wanted: the export to go on.\nTried: nothing yet.\nKnown: order 88123",
        brief.MODEL,
    )
    assert BriefChanged(*await stands(case), case.id) in await case.news()
    assert BriefChanged(*await stands(case), case.id) in await case.news(DESK)


async def test_it_takes_it_too_after_somebody_has_claimed(case: Case) -> None:
    await case.says("The export stops.")
    await case.escalate()
    before = await improvable(case)
    await case.do(handoff.claim, case.sam)

    assert await case.do(brief.improve, before, "Wanted: the export.")


async def test_not_once_the_customer_has_corrected_it(case: Case) -> None:
    await case.says("The export stops.")
    await case.escalate()
    before = await improvable(case)
    await case.do(brief.correct, CORRECTED)

    assert not await case.do(brief.improve, before, "Wanted: the export.")

    assert await stands(case) == (CORRECTED, brief.CUSTOMER)
    assert await brief.improvable(case.desk.database, case.id) is None
    assert not await case.do(brief.refresh)


async def test_not_once_the_place_was_given_up_or_it_is_resolved(case: Case) -> None:
    await case.says("The export stops.")
    await case.escalate()
    before = await improvable(case)
    await case.do(handoff.no_longer_needed)
    assert not await case.do(brief.improve, before, "Wanted: the export.")

    await case.escalate()
    assert not await case.do(brief.improve, before, "Wanted: the export."), "another hand-off by now"
    assert (await stands(case))[1] == brief.EXTRACT


async def test_not_when_the_customer_has_written_more(case: Case) -> None:
    await case.says("Hello, is anybody there?")
    await case.escalate()
    before = await improvable(case)
    await case.says("The export of order 88123 stops.")
    await case.do(brief.refresh)

    assert not await case.do(brief.improve, before, "Wanted: to say hello.")

    assert "88123" in (await stands(case))[0]


async def test_two_workers_at_once_keep_one(case: Case) -> None:
    await case.says("The export stops.")
    await case.escalate()
    before = await improvable(case)

    kept = await asyncio.gather(
        *(case.do(brief.improve, before, f"Wanted: the export, says {worker}.") for worker in range(4))
    )

    assert sorted(kept) == [False, False, False, True]


async def test_what_the_assistant_wrote_is_good_enough(case: Case) -> None:
    await case.says("The export stops.")
    await case.escalate(brief="Wants the export.")

    assert await brief.improvable(case.desk.database, case.id) is None


async def test_before_a_word_was_written_there_is_nothing_to_improve(case: Case) -> None:
    await case.escalate()

    assert await brief.improvable(case.desk.database, case.id) is None


async def test_a_brief_is_not_written_anew_for_ever(case: Case) -> None:
    await case.says("The export stops.")
    await case.escalate()
    await case.do(brief.improve, await improvable(case), "Wanted: the export.")

    anew = []
    for number in range(brief.MOST_REWRITTEN + 1):
        await case.says(f"And another thing, number {number}.")
        anew.append(await case.do(brief.refresh))

    assert anew == [True] * brief.MOST_REWRITTEN + [False]


# Notes


async def test_a_colleagues_note_is_in_no_brief(database: Database, case: Case) -> None:
    await case.says("The export stops.")
    await notes(database, case.id, case.sam, "CANARY: gets angry quickly")

    await case.escalate()

    assert "CANARY" not in (await stands(case))[0]
    assert "CANARY" not in str((await improvable(case)).material)


async def notes(database: Database, conversation_id: UUID, staff: Staff, text: str) -> None:
    """A colleague leaves a note for the others."""
    async with changing(database, MemoryLive(), conversation_id) as change:
        await change.add(
            Message(
                conversation_id=conversation_id,
                seq=0,
                role=Role.STAFF,
                kind=Kind.NOTE,
                content=text,
                staff_id=staff.id,
            )
        )
