"""Long conversations: what was said early is still known, and the prompt stays short and cacheable."""

from time import monotonic

import pytest

from supportbot.conversations.context import EXTRACT_CHARACTERS, extract
from supportbot.conversations.events import MessageView
from supportbot.database import Database
from supportbot.escalations.handoff import hand_back, reply, take_over
from supportbot.models import MessageState, ModelCall, Outcome, Role, Summary
from supportbot.turns.assistant import AnswerRequest, AssistantUnavailable, Said, Usage
from supportbot.turns.breaker import Breaker
from supportbot.turns.prompt import LONGEST, MOST
from supportbot.turns.summaries import INSTRUCTIONS, material
from tests.people import ALICE, conversation_of, sam, says
from tests.scripted import ScriptedAssistant, ScriptedWriter, SmallDesk, small_desk
from tests.turns.test_prompt import assistant, customer, happened, message

pytestmark = pytest.mark.anyio

FACT = "My workspace is called zebra-42 and I am on the Team plan."
NOTES = "The customer's workspace is zebra-42, on the Team plan."
TURNS = LONGEST // 2
"""A question and an answer each: after so many, the older half of the window is due."""


@pytest.fixture
def desk(database: Database) -> SmallDesk:
    return small_desk(database, assistant=Chatty())


class Chatty(ScriptedAssistant):
    """Gives the same short answer to everything."""

    def __init__(self) -> None:
        super().__init__()
        self.says("Noted.")
        for _ in range(60):
            self.then.says("Noted.")


async def talk(desk: SmallDesk, turns: int, first: str = FACT) -> None:
    """A conversation of so many questions and answers, through the runner."""
    conversation = (await conversation_of(desk.database, ALICE)).id
    for number in range(turns):
        await says(desk.database, conversation, first if number == 0 else f"Question {number}?")
        desk.runner.wake(conversation)
        await desk.runner.idle()


def everything_in(request: AnswerRequest) -> str:
    return "\n".join([request.summary, *(said.text for said in request.history)])


async def test_what_was_said_first_is_known_to_every_later_turn(desk: SmallDesk) -> None:
    await talk(desk, 32)

    assert len(desk.assistant.requests) == 32
    assert all("zebra-42" in everything_in(request) for request in desk.assistant.requests)


async def test_no_prompt_holds_more_than_the_window(desk: SmallDesk) -> None:
    await talk(desk, 32)

    assert max(len(request.history) for request in desk.assistant.requests) < LONGEST


async def test_between_two_jumps_every_prompt_begins_like_the_one_before(desk: SmallDesk) -> None:
    await talk(desk, 32)

    asked = desk.assistant.requests
    jumps = [
        turn
        for turn in range(1, len(asked))
        if (asked[turn].summary, asked[turn].history[: len(asked[turn - 1].history)])
        != (asked[turn - 1].summary, asked[turn - 1].history)
    ]
    assert jumps == [10, 15, 20, 25, 30]


async def test_the_model_writes_the_notes_from_the_notes_so_far_and_the_older_half(
    database: Database,
) -> None:
    writer = ScriptedWriter(NOTES, "Newer notes.")
    desk = small_desk(database, assistant=Chatty(), writer=writer)

    await talk(desk, TURNS + 6)

    (task, instructions, first), (_, _, second) = writer.asked
    assert (task, instructions) == ("summary", INSTRUCTIONS)
    assert first.startswith(f"Said since:\n\nCustomer: {FACT}\n\nAssistant: Noted.")
    assert "Question 4?" in first
    assert "Question 5?" not in first
    assert second.startswith(f"Notes so far:\n{NOTES}\n\nSaid since:\n\nCustomer: Question 5?")
    assert [request.summary for request in desk.assistant.requests] == (
        [""] * TURNS + [NOTES] * 5 + ["Newer notes."]
    )


async def test_a_summary_is_a_row_and_its_call_is_paid_for(database: Database) -> None:
    desk = small_desk(database, assistant=Chatty(), writer=ScriptedWriter(NOTES))

    await talk(desk, TURNS)

    summary = await desk.only(Summary)
    assert (summary.text, summary.written_by) == (NOTES, "claude-sonnet-5-5")
    call = await desk.only(ModelCall, purpose="summary")
    assert (call.conversation_id, call.input_tokens, call.error) == (summary.conversation_id, 100, None)
    calls = await desk.rows(ModelCall)
    assert (await desk.only(Outcome)).cost == sum(one.cost for one in calls)
    assert call.cost > 0


async def test_while_the_model_is_away_the_customers_own_words_are_kept(database: Database) -> None:
    away = AssistantUnavailable("overloaded", usage=Usage(input=7))
    desk = small_desk(database, assistant=Chatty(), writer=ScriptedWriter(away))

    await talk(desk, TURNS + 1)

    summary = await desk.only(Summary)
    assert summary.text.startswith(f"Customer: {FACT}\nAssistant: Noted.\nCustomer: Question 1?")
    assert summary.written_by == ""
    call = await desk.only(ModelCall, purpose="summary")
    assert (call.error, call.input_tokens) == ("overloaded", 7)
    assert desk.assistant.requests[-1].summary == summary.text


async def test_a_summary_does_not_call_the_model_beyond_the_limit_for_everybody(database: Database) -> None:
    writer = ScriptedWriter(NOTES)
    desk = small_desk(database, assistant=Chatty(), writer=writer, may_call_model=False)

    await talk(desk, TURNS)

    assert writer.asked == []
    assert (await desk.only(Summary)).written_by == ""
    assert await desk.rows(ModelCall, purpose="summary") == []


async def test_while_the_breaker_is_open_no_summary_waits_for_the_model(database: Database) -> None:
    breaker = Breaker()
    writer = ScriptedWriter(NOTES)
    desk = small_desk(database, assistant=Chatty(), writer=writer, breaker=breaker)
    await talk(desk, TURNS - 1)
    given = breaker.ask(monotonic())
    breaker.failed(given, monotonic(), misconfigured=True)
    conversation = (await desk.rows(ModelCall))[0].conversation_id
    await says(database, conversation, "Twenty now?")
    await desk.take_turn(conversation)

    assert await desk.runner._summaries.keep_up(conversation)

    assert writer.asked == []
    assert (await desk.only(Summary)).written_by == ""


async def test_two_workers_keep_one_summary(database: Database) -> None:
    desk = small_desk(database, assistant=Chatty(), writer=ScriptedWriter(NOTES, "Another's notes."))
    await talk(desk, TURNS - 1)
    conversation = (await desk.rows(ModelCall))[0].conversation_id
    await says(database, conversation, "Twenty now?")
    await desk.take_turn(conversation)

    assert await desk.runner._summaries.keep_up(conversation)
    assert not await desk.runner._summaries.keep_up(conversation)

    assert len(await desk.rows(Summary)) == 1


async def test_the_assistant_hears_what_colleagues_said(
    database: Database,
) -> None:
    desk = small_desk(database, assistant=Chatty())
    conversation = (await conversation_of(database, ALICE)).id
    colleague = await sam(database)
    await says(database, conversation, FACT)
    await take_over(database, desk.live, conversation, colleague)
    await reply(database, desk.live, conversation, colleague, "I have moved it to zebra-43.", "a")
    await hand_back(database, desk.live, conversation, colleague)
    await says(database, conversation, "What is it called now?")

    await desk.take_turn(conversation)

    (request,) = desk.assistant.requests
    assert request.history == (Said("user", "What is it called now?"),)
    assert "Colleague Sam: I have moved it to zebra-43." in request.summary.splitlines()


async def test_a_late_summary_does_not_let_the_window_grow_for_ever(database: Database) -> None:
    desk = small_desk(database, assistant=Chatty())
    conversation = (await conversation_of(database, ALICE)).id
    for number in range(MOST):
        await says(database, conversation, f"Question {number}?")
        await desk.take_turn(conversation)

    assert len(desk.assistant.requests[-1].history) <= MOST
    assert desk.assistant.requests[-1].history[-1].text == f"Question {MOST - 1}?"


# The pure parts


def test_what_there_is_to_summarise_names_its_speakers() -> None:
    said = [
        customer("Hello?"),
        assistant("  ", MessageState.FAILED),
        message(Role.STAFF, "Sam here."),
        happened("Sam has joined the conversation."),
    ]

    assert material("", said) == (
        "Said since:\n\nCustomer: Hello?\n\nColleague Sam: Sam here.\n\n"
        "What happened: Sam has joined the conversation."
    )


def test_an_extract_shortens_at_a_word_and_says_so() -> None:
    long = customer("word " * 100)

    assert extract("", [long]) == "Customer: " + ("word " * 59) + "word…"


def test_an_extract_leaves_out_the_assistant_first_and_then_the_oldest() -> None:
    talk: list[MessageView] = []
    for number in range(14):
        talk += [customer(f"{number}: " + "a" * 250), assistant("b" * 120)]

    shortened = extract("The notes.", talk)

    assert "Assistant" not in shortened
    assert shortened.startswith("The notes.\nCustomer: 0:")
    assert len(extract("The notes.\n" + "c" * 3_000, talk)) <= EXTRACT_CHARACTERS


@pytest.mark.parametrize("text", ["x" * 10_000, "\n" * 9_000, "字" * 5_000, "a " * 9_000])
def test_an_extract_is_bounded_whatever_was_said(text: str) -> None:
    assert len(extract(text, [customer(text)] * 40)) <= EXTRACT_CHARACTERS
