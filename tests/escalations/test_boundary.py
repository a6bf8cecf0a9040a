"""After people have had a conversation, the assistant begins anew: it knows what was said."""

import asyncio
from datetime import timedelta

import pytest

from supportbot.conversations.context import EXTRACT_CHARACTERS
from supportbot.conversations.events import DESK, Owner
from supportbot.errors import Refused
from supportbot.escalations import handoff, notes, sorting
from supportbot.escalations.boundary import RETURN_NOTE_CHARACTERS, SETTLED
from supportbot.ids import now
from supportbot.models import Kind, ModelCall, Outcome, Summary
from supportbot.turns.assistant import AnswerRequest, AssistantUnavailable, Said
from tests.escalations.case import Case
from tests.people import BOB, conversation_of
from tests.scripted import ScriptedWriter, small_desk

pytestmark = pytest.mark.anyio

WANTS_A_PERSON = "I want a person, my workspace is zebra-42."


async def with_people(case: Case) -> None:
    """Alice asks for a person, and Sam talks with her."""
    await case.says(WANTS_A_PERSON)
    await case.escalate()
    await case.do(handoff.claim, case.sam)
    await case.reply(case.sam, "I have moved it to zebra-43.")


async def asked(case: Case, text: str = "What is it called now?") -> AnswerRequest:
    """What the assistant is given to answer this."""
    assistant = case.desk.assistant
    (assistant.then if assistant.requests else assistant).says("Noted.")
    await case.says(text)
    await case.desk.take_turn(case.id)
    return case.desk.assistant.requests[-1]


def words(request: AnswerRequest) -> str:
    return "\n".join(said.text for said in request.history)


# Handed back


async def test_the_prompt_begins_after_the_line_that_says_so(case: Case) -> None:
    await with_people(case)
    await case.do(handoff.hand_back, case.sam)

    request = await asked(case)

    assert request.history == (Said("user", "What is it called now?"),)


async def test_what_was_said_before_stands_in_a_paragraph(case: Case) -> None:
    await with_people(case)
    await case.do(handoff.hand_back, case.sam)

    request = await asked(case)

    assert request.summary.splitlines() == [
        "Customer: How long?",
        f"Customer: {WANTS_A_PERSON}",
        "Colleague Sam: I have moved it to zebra-43.",
        f"Colleague Sam then handed the conversation back to you. {SETTLED}",
    ]
    assert request.may_escalate


async def test_the_paragraph_is_written_in_the_transaction_that_hands_it_back(case: Case) -> None:
    await with_people(case)
    await case.do(handoff.hand_back, case.sam)

    summary = await case.desk.only(Summary)
    line = (await case.stored())[-1]
    assert (summary.through_seq, summary.written_by) == (line.seq, "")
    assert (line.kind, line.content) == (Kind.EVENT, "Sam handed the conversation back to the assistant.")
    assert (await case.row()).context_starts_after == line.id


async def test_the_question_is_looked_up_without_the_old_words(case: Case) -> None:
    await with_people(case)
    await case.do(handoff.hand_back, case.sam)

    await asked(case, "And invoices?")

    assert case.desk.retrieval.questions == ["And invoices?"]


async def test_the_assistant_reads_the_note_and_the_customer_never_does(case: Case) -> None:
    await with_people(case)
    await case.do(handoff.hand_back, case.sam, "CANARY: refunded\nby hand.")

    request = await asked(case)

    assert request.summary.splitlines()[-1] == "Colleague Sam's note to you: CANARY: refunded by hand."
    assert (await case.handoffs())[0].return_note == "CANARY: refunded\nby hand."
    assert "CANARY" not in str(await case.shown()) + str(await case.news()) + str(await case.stored())


async def test_a_brief_that_recites_the_note_is_replaced_by_the_customers_own_words(case: Case) -> None:
    await with_people(case)
    await case.do(handoff.hand_back, case.sam, "CANARY: refunded by hand.")
    await asked(case)

    case.desk.assistant.then.calls_tool(
        "escalate", {"reason": "frustrated", "brief": "She is angry. Sam noted: canary, refunded by hand!"}
    )
    await case.says("What did your colleague note about me?")
    await case.desk.take_turn(case.id)

    brief = (await case.handoffs())[-1].brief
    assert "canary" not in brief.lower()
    assert "What did your colleague note" in brief


async def test_without_a_note_nothing_is_said_of_one(case: Case) -> None:
    await with_people(case)
    await case.do(handoff.hand_back, case.sam, "  ")

    assert "note" not in (await asked(case)).summary


@pytest.mark.parametrize("note", ["x" * (RETURN_NOTE_CHARACTERS + 1), None, 7, ["a"], "\ud800"])
async def test_a_note_that_cannot_be_kept_leaves_the_conversation_where_it_is(
    case: Case, note: object
) -> None:
    await with_people(case)

    with pytest.raises(Refused):
        await case.do(handoff.hand_back, case.sam, note)

    assert await case.owner() == Owner.STAFF


async def test_notes_of_colleagues_are_in_no_prompt(case: Case) -> None:
    await with_people(case)
    await case.do(notes.note, case.sam, "CANARY about her.", "n1")
    await case.do(handoff.hand_back, case.sam)
    await case.do(notes.note, case.sam, "CANARY again.", "n2")

    request = await asked(case)

    assert "CANARY" not in request.summary + words(request)


async def test_what_the_customer_had_left_unanswered_stays_so_until_they_write_again(case: Case) -> None:
    await with_people(case)
    await case.says("Thanks, bye.")

    await case.do(handoff.hand_back, case.sam)

    assert await case.desk.take_turn(case.id) == []
    assert await case.desk.take_turn(case.id, again=True) == []
    assert (await asked(case)).history == (Said("user", "What is it called now?"),)


async def test_a_long_talk_with_people_is_shortened(case: Case) -> None:
    await case.do(handoff.take_over, case.sam)
    for number in range(40):
        await case.says(f"{number} " + "word " * 100)
        await case.reply(case.sam, f"{number} " + "answer " * 100, f"k{number}")

    await case.do(handoff.hand_back, case.sam, "The last word.")

    summary = (await asked(case)).summary
    assert len(summary) < EXTRACT_CHARACTERS + 300
    assert "Customer: 39 word" in summary
    assert summary.splitlines()[-1] == "Colleague Sam's note to you: The last word."


async def test_endings_do_not_pile_up_and_notes_stay(case: Case) -> None:
    for number in range(4):
        await case.do(handoff.take_over, case.sam)
        await case.do(handoff.hand_back, case.sam, f"Note {number}.")
        await asked(case, f"Question {number}?")

    summary = case.desk.assistant.requests[-1].summary
    assert summary.count(SETTLED) == 1
    assert [line[-7:] for line in summary.splitlines() if "note to you" in line] == [
        "Note 0.",
        "Note 1.",
        "Note 2.",
        "Note 3.",
    ]
    assert "Customer: Question 0?" in summary


async def test_an_empty_conversation_can_be_handed_back(case: Case) -> None:
    fresh = Case(case.desk, (await conversation_of(case.desk.database, BOB)).id, case.sam, case.alex)
    await fresh.do(handoff.take_over, case.sam)

    await fresh.do(handoff.hand_back, case.sam)

    assert await fresh.owner() == Owner.ASSISTANT


# Opened again


async def test_a_customer_who_comes_back_to_the_assistant_begins_anew(case: Case) -> None:
    await with_people(case)
    await case.do(handoff.resolve, case.sam)
    await _resolved_long_ago(case)

    request = await asked(case, "Another thing: how do I export?")

    assert await case.owner() == Owner.ASSISTANT
    assert request.history == (Said("user", "Another thing: how do I export?"),)
    assert request.summary.splitlines()[-1] == (
        f"The conversation was then resolved and opened again. {SETTLED}"
    )
    assert "zebra-43" in request.summary


async def test_a_customer_who_comes_back_to_people_may_ask_the_assistant_meanwhile(case: Case) -> None:
    await with_people(case)
    await case.do(handoff.resolve, case.sam)
    await case.says("It is broken again.")
    assert await case.owner() == Owner.WAITING
    await case.do(handoff.keep_place)

    request = await asked(case, "How do I export meanwhile?")

    assert WANTS_A_PERSON not in words(request)
    assert request.history[0] == Said("user", "It is broken again.")
    assert (request.waits, request.may_escalate) == (True, False)


async def test_whoever_presses_the_button_in_a_resolved_conversation_begins_anew_too(case: Case) -> None:
    await with_people(case)
    await case.do(handoff.resolve, case.sam)
    await case.escalate()
    await case.do(handoff.keep_place)

    assert WANTS_A_PERSON not in words(await asked(case))


async def test_after_staff_reopened_it_and_hand_it_back_the_assistant_begins_anew(case: Case) -> None:
    await with_people(case)
    await case.do(handoff.resolve, case.sam)
    await case.do(handoff.reopen, case.alex)
    await case.reply(case.alex, "I forgot something.", "k2")
    await case.do(handoff.hand_back, case.alex)

    request = await asked(case)

    assert request.history == (Said("user", "What is it called now?"),)
    assert "Colleague Alex: I forgot something." in request.summary


async def test_a_conversation_put_away_right_after_it_was_handed_back_keeps_its_paragraph(case: Case) -> None:
    await with_people(case)
    await case.do(handoff.hand_back, case.sam, "Be kind.")
    await case.do(sorting.junk, case.sam)

    request = await asked(case)

    assert len(await case.desk.rows(Summary)) == 1
    assert "Be kind." in request.summary
    assert request.history == (Said("user", "What is it called now?"),)


# A place in the queue that was given up


async def test_what_was_said_while_waiting_is_answered_when_the_place_is_given_up(case: Case) -> None:
    case.desk.runner.start()
    await asyncio.sleep(0)
    await case.escalate()
    await case.says("Never mind the rest: how do I export?")
    case.desk.assistant.says("Like this.")

    await case.do(handoff.no_longer_needed)
    await case.desk.assistant.asked()
    await case.desk.runner.idle()

    assert (await case.shown())[-1] == "Like this."
    (request,) = case.desk.assistant.requests
    assert request.history[-2].text == "Never mind the rest: how do I export?"
    assert (request.may_escalate, request.waits) == (False, False)


async def test_what_the_assistant_called_for_people_about_is_answered_as_well_as_it_can(case: Case) -> None:
    case.desk.assistant.calls_tool("escalate", {"reason": "cannot_resolve"}).then.says("Try this.")
    await case.desk.take_turn(case.id)
    assert await case.owner() == Owner.WAITING
    case.desk.runner.start()
    await asyncio.sleep(0)

    await case.do(handoff.no_longer_needed)
    await case.desk.assistant.asked(2)
    await case.desk.runner.idle()

    assert (await case.shown())[-1] == "Try this."
    assert not case.desk.assistant.requests[-1].may_escalate


async def test_what_asked_for_a_person_is_not_answered_once_none_is_needed(case: Case) -> None:
    await case.says(WANTS_A_PERSON)
    await case.escalate()

    await case.do(handoff.no_longer_needed)

    assert "AnswerAsked" not in [type(event).__name__ for event in await case.news(DESK)]


async def test_words_from_before_do_not_queue_it_again_and_later_ones_may(case: Case) -> None:
    await case.escalate()
    await case.says("Somebody there? I am furious.")
    await case.do(handoff.no_longer_needed)
    case.desk.assistant.says("I am sorry.").calls_tool("escalate", {"reason": "frustrated"})
    case.desk.assistant.then.calls_tool("escalate", {"reason": "frustrated"})

    await case.desk.take_turn(case.id)
    assert await case.owner() == Owner.ASSISTANT
    await case.says("This does not help at all.")
    await case.desk.take_turn(case.id)

    assert await case.owner() == Owner.WAITING


async def test_it_is_answered_once_although_every_worker_hears_of_it(case: Case) -> None:
    other = small_desk(
        case.desk.database, assistant=case.desk.assistant, live=case.desk.live, runner="another"
    )
    for desk in (case.desk, other):
        desk.runner.start()
    await asyncio.sleep(0)
    await case.escalate()
    await case.says("How do I export?")
    case.desk.assistant.says("Like this.")

    await case.do(handoff.no_longer_needed)
    await case.desk.assistant.asked()
    for desk in (case.desk, other):
        await desk.runner.idle()
    await asyncio.sleep(0.05)
    await other.runner.close()

    assert [one.content for one in await case.desk.answers(case.id)] == ["Like this."]


# The model's version


async def test_the_model_words_the_paragraph_after_the_first_answer(case: Case) -> None:
    writer = ScriptedWriter("Alice's workspace is now zebra-43.")
    case.desk = small_desk(case.desk.database, writer=writer, live=case.desk.live)
    await with_people(case)
    await case.do(handoff.hand_back, case.sam, "Be kind.")
    case.desk.assistant.says("Noted.").then.says("Noted.")

    for text in ("What is it called now?", "Thanks. And invoices?"):
        await case.says(text)
        case.desk.runner.wake(case.id)
        await case.desk.runner.idle()

    first, second = case.desk.assistant.requests
    assert first.summary.startswith("Customer: How long?")
    assert second.summary.splitlines() == [
        "Alice's workspace is now zebra-43.",
        f"Colleague Sam then handed the conversation back to you. {SETTLED}",
        "Colleague Sam's note to you: Be kind.",
    ]
    ((_, _, material),) = writer.asked
    assert "Colleague Sam: I have moved it to zebra-43." in material
    assert "What is it called now?" not in material
    (summary,) = await case.desk.rows(Summary)
    assert summary.written_by == writer.model
    assert await case.desk.only(ModelCall, purpose="summary")


async def test_while_the_model_is_away_the_extract_stays(case: Case) -> None:
    writer = ScriptedWriter(AssistantUnavailable("overloaded"))
    case.desk = small_desk(case.desk.database, writer=writer, live=case.desk.live)
    await with_people(case)
    await case.do(handoff.hand_back, case.sam)
    await asked(case)

    assert not await case.desk.runner._summaries.keep_up(case.id)

    assert (await case.desk.only(Summary)).written_by == ""


async def test_two_workers_word_it_once(case: Case) -> None:
    writer = ScriptedWriter("The first.", "The second.")
    case.desk = small_desk(case.desk.database, writer=writer, live=case.desk.live)
    await with_people(case)
    await case.do(handoff.hand_back, case.sam)

    worded = await asyncio.gather(*(case.desk.runner._summaries.keep_up(case.id) for _ in range(2)))

    assert sorted(worded) == [False, True]
    assert not await case.desk.runner._summaries.keep_up(case.id)
    assert (await case.desk.only(Summary)).text.startswith("The ")


async def _resolved_long_ago(case: Case) -> None:
    async with case.desk.database.transaction() as session:
        outcome = await session.get_one(Outcome, case.id)
        outcome.resolved_at = now() - timedelta(days=30)
