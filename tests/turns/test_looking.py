"""A second look: the assistant searches the articles in the middle of its answer, and nobody sees it."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from supportbot.database import Database
from supportbot.knowledge.retrieval import Found
from supportbot.models import Handoff, MessageState, ModelCall, Reason, Turn
from supportbot.turns import leases
from supportbot.turns.assistant import SEARCH_TOOL, Usage
from supportbot.turns.frames import Stop
from supportbot.turns.looking import MOST_LOOKS, NO_MORE, NO_QUERY, NO_SUCH_TOOL, NOT_NOW, NOTHING_NEW
from tests.people import ALICE, conversation_of, says
from tests.scripted import (
    INVOICES,
    REFUNDS,
    SPENT,
    ArticlesFor,
    FixedRetrieval,
    ScriptedAssistant,
    SmallDesk,
    small_desk,
    told,
)

pytestmark = pytest.mark.anyio

ASKED = "Wie lange dauert eine Erstattung?"
QUERY = "how long refunds take"


@pytest.fixture
def desk(database: Database) -> SmallDesk:
    return small_desk(database, retrieval=ArticlesFor({QUERY: (REFUNDS,), "invoices": (INVOICES, REFUNDS)}))


@pytest.fixture
async def asked(database: Database) -> UUID:
    conversation = await conversation_of(database, ALICE)
    await says(database, conversation.id, ASKED)
    return conversation.id


def searching(assistant: ScriptedAssistant, query: Any = QUERY) -> ScriptedAssistant:
    """The script of a call that ends with a search; the next call's script begins behind it."""
    return assistant.calls_tool(SEARCH_TOOL, {"query": query}).ends("tool_use").then


def told_of(assistant: ScriptedAssistant, call: int) -> tuple[Any, ...]:
    """What the assistant was told of its searches when it was called for the so-many-th time."""
    return tuple(told for look in assistant.requests[call].looks for told in look.told)


# What the customer sees


async def test_what_a_search_found_is_cited_like_anything_else(desk: SmallDesk, asked: UUID) -> None:
    searching(desk.assistant).says("Fünf Tage.").cites(REFUNDS)

    events = await desk.take_turn(asked)

    assert told(events) == ["thinks", "says Fünf Tage.", "cites Refunds", "ends complete"]
    assert desk.retrieval.questions == [ASKED, QUERY]
    (answer,) = await desk.answers(asked)
    assert [source["url"] for source in answer.sources] == [REFUNDS.url]


async def test_words_before_and_after_a_search_are_paragraphs_of_one_answer(
    desk: SmallDesk, asked: UUID
) -> None:
    searching(desk.assistant.says("Let me see.")).says("Fünf ", "Tage.")

    events = await desk.take_turn(asked)

    assert told(events)[1] == "says Let me see.\n\nFünf Tage."
    (answer,) = await desk.answers(asked)
    assert answer.content == "Let me see.\n\nFünf Tage."


async def test_the_control_word_behind_a_search_is_not_shown_either(desk: SmallDesk, asked: UUID) -> None:
    searching(desk.assistant.says("Let me see.")).says("[ESCA", "LATE] A person knows.")

    events = await desk.take_turn(asked)

    assert told(events)[1] == "says Let me see.\n\n A person knows."
    assert told(events)[-1] == "escalates cannot_resolve"


# What the assistant is told


async def test_the_next_call_knows_what_was_said_and_found(desk: SmallDesk, asked: UUID) -> None:
    searching(desk.assistant.says("Let me see.")).says("Fünf Tage.")

    await desk.take_turn(asked)

    first, second = desk.assistant.requests
    assert (first.looks, first.may_search) == ((), True)
    (look,) = second.looks
    assert (look.said, look.calls[0].arguments, look.told) == ("Let me see.", {"query": QUERY}, ((REFUNDS,),))
    assert second.history == first.history
    assert second.given == (REFUNDS,)


async def test_a_passage_it_has_already_is_not_sent_again(database: Database, asked: UUID) -> None:
    desk = small_desk(database, retrieval=FixedRetrieval(REFUNDS, INVOICES))
    searching(desk.assistant).says("Fünf Tage.").cites(INVOICES)

    await desk.take_turn(asked)

    assert told_of(desk.assistant, 1) == (NOTHING_NEW,)
    assert desk.assistant.requests[1].given == (REFUNDS, INVOICES)


@pytest.mark.parametrize("query", ["", "  ", None, 7, ["refunds"], "\ud800"])
async def test_a_search_for_nothing_is_told_so(desk: SmallDesk, asked: UUID, query: Any) -> None:
    searching(desk.assistant, query).says("Fünf Tage.")

    await desk.take_turn(asked)

    assert told_of(desk.assistant, 1) == (NO_QUERY,)
    assert desk.retrieval.questions == [ASKED]


async def test_a_query_that_is_no_json_is_told_so(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.calls_tool(SEARCH_TOOL).ends("tool_use").then.says("Fünf Tage.")

    await desk.take_turn(asked)

    assert told_of(desk.assistant, 1) == (NO_QUERY,)


async def test_there_are_two_searches_and_then_an_answer(desk: SmallDesk, asked: UUID) -> None:
    searching(searching(searching(desk.assistant), "invoices"), "more").says("Fünf Tage.").cites(INVOICES)

    events = await desk.take_turn(asked)

    assert told_of(desk.assistant, 3) == ((REFUNDS,), (INVOICES,), NO_MORE)
    assert desk.retrieval.questions == [ASKED, QUERY, "invoices"]
    assert told(events)[1:3] == ["says Fünf Tage.", "cites Invoices"]


async def test_searches_of_one_call_count_one_by_one(desk: SmallDesk, asked: UUID) -> None:
    for query in (QUERY, "invoices", "more"):
        desk.assistant.calls_tool(SEARCH_TOOL, {"query": query})
    desk.assistant.ends("tool_use").then.says("Fünf Tage.")

    await desk.take_turn(asked)

    assert told_of(desk.assistant, 1) == ((REFUNDS,), (INVOICES,), NO_MORE)


async def test_who_searches_without_end_has_not_answered(desk: SmallDesk, asked: UUID) -> None:
    script = desk.assistant
    for number in range(MOST_LOOKS):
        script = searching(script, f"try {number}")
    script.calls_tool(SEARCH_TOOL, {"query": "again"}).ends("tool_use")

    events = await desk.take_turn(asked)

    assert told(events)[:2] == ["thinks", "fails failed"]
    assert (await desk.only(Turn)).error_code == "empty_answer"
    assert len(await desk.rows(ModelCall)) == MOST_LOOKS + 1


async def test_words_before_a_search_with_none_after_it_are_no_answer(desk: SmallDesk, asked: UUID) -> None:
    searching(desk.assistant.says("Let me see."))

    events = await desk.take_turn(asked)

    assert told(events) == ["thinks", "says Let me see.", "fails failed"]
    (answer,) = await desk.answers(asked)
    assert (answer.content, answer.notice) == ("Let me see.", leases.UNFINISHED)


async def test_articles_that_cannot_be_searched_again_do_not_cost_the_answer(
    desk: SmallDesk, asked: UUID
) -> None:
    searching(desk.assistant).says("I could not look.")
    find = desk.retrieval.find

    async def breaks(question: str, limit: int = 5) -> Found:
        if question == QUERY:
            raise OSError("the database is away")
        return await find(question, limit)

    desk.retrieval.find = breaks

    events = await desk.take_turn(asked)

    assert told_of(desk.assistant, 1) == (NOT_NOW,)
    assert told(events)[-1] == "ends complete"


# Other tools beside it


async def test_whoever_calls_for_a_person_is_not_made_to_search(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.calls_tool(SEARCH_TOOL, {"query": QUERY})
    desk.assistant.calls_tool("escalate", {"reason": "missing_knowledge", "brief": "Refunds."})
    desk.assistant.ends("tool_use")

    events = await desk.take_turn(asked)

    assert told(events)[-1] == "escalates missing_knowledge"
    assert desk.retrieval.questions == [ASKED]


async def test_after_a_search_that_found_nothing_it_may_call_for_a_person(
    desk: SmallDesk, asked: UUID
) -> None:
    searching(desk.assistant, "opening hours of the moon")
    desk.assistant.calls_tool("escalate", {"reason": "missing_knowledge", "brief": "The moon."})
    desk.assistant.ends("tool_use")

    await desk.take_turn(asked)

    assert (await desk.only(Handoff)).reason == Reason.MISSING_KNOWLEDGE


async def test_a_tool_nobody_knows_is_told_so_beside_a_search(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.calls_tool("refund", {"amount": 5})
    searching(desk.assistant).says("Fünf Tage.")

    await desk.take_turn(asked)

    assert told_of(desk.assistant, 1) == (NO_SUCH_TOOL, (REFUNDS,))


# What it costs, and what goes wrong in the middle


async def test_each_call_is_counted(desk: SmallDesk, asked: UUID) -> None:
    searching(searching(desk.assistant), "invoices").says("Fünf Tage.").ends(
        "end_turn", usage=Usage(input=5, output=7)
    )

    await desk.take_turn(asked)

    calls = await desk.rows(ModelCall)
    assert [call.input_tokens for call in calls] == [SPENT.input, SPENT.input, 5]
    assert {call.error for call in calls} == {None}
    turn = await desk.only(Turn)
    assert turn.cost == sum(call.cost for call in calls)
    assert turn.output_tokens == 2 * SPENT.output + 7


@pytest.mark.parametrize(
    ("said", "story"), [("", "says Our articles say: five days."), ("One.", "says One.")]
)
async def test_each_call_needs_room_within_everybodys_limit(
    database: Database, asked: UUID, said: str, story: str
) -> None:
    left = iter([True, False])

    async def calls_left() -> bool:
        return next(left)

    desk = small_desk(database, retrieval=FixedRetrieval(REFUNDS), may_call_model=calls_left)
    searching(desk.assistant.says(said) if said else desk.assistant)

    events = await desk.take_turn(asked)

    assert told(events)[1] == story
    assert told(events)[-1] == ("fails failed" if said else "ends complete")
    assert (await desk.only(Turn)).error_code == "rate_limited"
    assert [call.error for call in await desk.rows(ModelCall)] == [None]
    assert desk.kit.breaker.state.value == "ok"


async def test_a_fault_behind_a_search_keeps_the_words_before_it(desk: SmallDesk, asked: UUID) -> None:
    searching(desk.assistant.says("Let me see.")).fails("overloaded")

    events = await desk.take_turn(asked)

    assert told(events) == ["thinks", "says Let me see.", "fails failed"]
    assert [call.error for call in await desk.rows(ModelCall)] == [None, "overloaded"]


async def test_a_fault_behind_a_search_without_words_is_answered_from_the_articles(
    database: Database, asked: UUID
) -> None:
    desk = small_desk(database, retrieval=FixedRetrieval(REFUNDS))
    searching(desk.assistant).fails("overloaded")

    events = await desk.take_turn(asked)

    assert told(events)[1:] == ["says Our articles say: five days.", "cites Refunds", "ends complete"]


async def test_a_call_that_is_made_again_does_not_search_again(database: Database, asked: UUID) -> None:
    desk = small_desk(database, retrieval=ArticlesFor({QUERY: (REFUNDS,)}), call_again=(0.0,))
    searching(desk.assistant).fails("overloaded").then.says("Fünf Tage.").cites(REFUNDS)

    events = await desk.take_turn(asked)

    assert told(events)[1:] == ["says Fünf Tage.", "cites Refunds", "ends complete"]
    assert desk.retrieval.questions == [ASKED, QUERY]
    assert [len(request.looks) for request in desk.assistant.requests] == [0, 1, 1]
    assert [call.error for call in await desk.rows(ModelCall)] == [None, "overloaded", None]


async def test_a_search_is_no_first_word(database: Database, asked: UUID) -> None:
    desk = small_desk(database, retrieval=FixedRetrieval(REFUNDS), first_token_timeout=0.3, stall_timeout=30)
    searching(desk.assistant).pauses()

    async with asyncio.timeout(10):
        events = await desk.take_turn(asked)

    assert told(events)[1] == "says Our articles say: five days."
    assert (await desk.only(Turn)).error_code == "timeout"


async def test_a_turn_stopped_behind_a_search_keeps_what_was_shown(desk: SmallDesk, asked: UUID) -> None:
    searching(desk.assistant.says("Let me see.")).pauses()
    stop = Stop()
    turn = asyncio.create_task(desk.take_turn(asked, stop))
    await desk.assistant.asked(2)

    stop.set("stopped")

    assert told(await turn)[-1] == "ends stopped"
    assert [call.error for call in await desk.rows(ModelCall)] == [None, "stopped"]
    assert desk.assistant.left_early == 1


# Nothing found


async def test_who_finds_nothing_says_so_and_a_person_is_one_click_away(desk: SmallDesk, asked: UUID) -> None:
    searching(desk.assistant, "the moon").says("The articles do not say. Shall I pass it on to a person?")

    events = await desk.take_turn(asked)

    assert told(events)[-1] == "ends complete"
    (answer,) = await desk.answers(asked)
    assert (answer.state, answer.sources) == (MessageState.COMPLETE, [])
    assert (await desk.only(Turn)).confident is False
    assert await desk.rows(Handoff) == []


async def test_what_a_second_look_found_the_articles_have(desk: SmallDesk, asked: UUID) -> None:
    searching(desk.assistant).says("Fünf Tage.")

    await desk.take_turn(asked)

    assert (await desk.only(Turn)).confident is True
