"""One turn, as the list of its events, and what it leaves in the database."""

import asyncio
from decimal import Decimal
from uuid import UUID

import pytest

from supportbot.conversations.events import Thinking, TurnEnded, TurnFailed
from supportbot.database import Database
from supportbot.escalations import handoff
from supportbot.escalations.extracting import BRIEF_CHARACTERS
from supportbot.models import (
    Handoff,
    MessageState,
    ModelCall,
    Outcome,
    Reason,
    Role,
    Trigger,
    Turn,
)
from supportbot.turns import leases, record
from supportbot.turns.assistant import Usage
from supportbot.turns.frames import Stop
from supportbot.turns.progress import CUT_SHORT, DECLINED
from tests.people import ALICE, conversation_of, sam, says
from tests.scripted import (
    INVOICES,
    REFUNDS,
    SPENT,
    ArticlesSay,
    FixedRetrieval,
    ScriptedAssistant,
    ShakyDatabase,
    SmallDesk,
    small_desk,
    told,
)

pytestmark = pytest.mark.anyio

FALLBACK = "Our articles say: five days."


@pytest.fixture
def desk(database: Database) -> SmallDesk:
    return small_desk(database)


@pytest.fixture
async def asked(database: Database) -> UUID:
    """A conversation in which Alice waits for an answer."""
    conversation = await conversation_of(database, ALICE)
    await says(database, conversation.id, "How long do refunds take?")
    return conversation.id


# What the customer sees


async def test_an_answer_streams_and_ends(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("They take ", "five ", "days.")

    events = await desk.take_turn(asked)

    assert told(events) == ["thinks", "says They take five days.", "ends complete"]


async def test_the_answer_is_stored_as_it_was_shown(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("They take ", "five days.\n")

    events = await desk.take_turn(asked)

    (answer,) = await desk.answers(asked)
    ended = events[-1]
    assert isinstance(ended, TurnEnded)
    assert (answer.content, answer.state) == ("They take five days.\n", MessageState.COMPLETE)
    assert (ended.message.id, ended.message.content) == (answer.id, answer.content)


async def test_pieces_say_where_they_belong(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("They ", "take ", "five days.")

    pieces = [event for event in await desk.take_turn(asked) if hasattr(event, "at")]

    assert len(pieces) > 1
    assert [piece.at for piece in pieces] == [
        sum(len(earlier.text) for earlier in pieces[:number]) for number in range(len(pieces))
    ]


async def test_cited_articles_become_its_sources(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("Five days.").cites(REFUNDS)

    events = await desk.take_turn(asked)

    assert told(events) == ["thinks", "says Five days.", "cites Refunds", "ends complete"]
    (answer,) = await desk.answers(asked)
    assert answer.sources == [
        {"title": "Refunds", "heading": "How long", "url": REFUNDS.url, "kind": "cited"}
    ]


async def test_an_article_cited_twice_is_one_source(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("Five days.").cites(REFUNDS, INVOICES, REFUNDS).says(" Really.").cites(REFUNDS)

    assert "cites Refunds, Invoices" in told(await desk.take_turn(asked))


async def test_a_passage_nobody_retrieved_is_no_source(database: Database, asked: UUID) -> None:
    desk = small_desk(database, retrieval=FixedRetrieval(INVOICES))
    desk.assistant.says("Five days.").cites(REFUNDS)

    assert told(await desk.take_turn(asked)) == ["thinks", "says Five days.", "ends complete"]


async def test_a_tool_call_never_shows_as_text(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("One moment.").calls_tool("escalate", {"reason": "frustrated", "brief": "Angry."})

    events = await desk.take_turn(asked)

    assert told(events) == ["thinks", "says One moment.", "ends complete", "escalates frustrated"]
    assert not any("escalate" in one.content for one in await desk.answers(asked))


async def test_a_tool_call_alone_escalates_without_an_empty_bubble(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.calls_tool("escalate", {"reason": "legal_threat", "brief": "Her lawyer."})

    events = await desk.take_turn(asked)

    assert told(events) == ["thinks", "ends superseded", "escalates legal_threat"]
    waiting = await desk.only(Handoff)
    assert (waiting.reason, waiting.trigger, waiting.brief_by) == (
        Reason.LEGAL_THREAT,
        Trigger.MODEL,
        "assistant",
    )
    assert waiting.brief.startswith("Wanted: Her lawyer.\nTried: ")


@pytest.mark.parametrize(
    "arguments",
    [
        None,
        {},
        {"reason": "because"},
        {"reason": ["frustrated"]},
        {"reason": None, "brief": 7},
        {"reason": {"a": "b"}, "brief": {"c": "d"}},
        {"reason": "taken_over"},
        {"reason": "fault"},
    ],
)
async def test_an_escalation_for_no_reason_we_offer_is_one_all_the_same(
    desk: SmallDesk, asked: UUID, arguments: dict[str, object] | None
) -> None:
    desk.assistant.calls_tool("escalate", arguments)

    events = await desk.take_turn(asked)

    assert told(events)[-1] == "escalates cannot_resolve"
    assert (await desk.only(Handoff)).brief.startswith("Wanted: “How long do refunds take?”")


@pytest.mark.parametrize("brief", ["\x00", "a\x00b", "\ud800", "\u202eevil", "x" * 100_000, " \n "])
async def test_a_brief_that_cannot_be_stored_does_not_lose_the_escalation(
    desk: SmallDesk, asked: UUID, brief: str
) -> None:
    desk.assistant.calls_tool("escalate", {"reason": "frustrated", "brief": brief})

    assert told(await desk.take_turn(asked))[-1] == "escalates frustrated"
    assert 0 < len((await desk.only(Handoff)).brief) <= BRIEF_CHARACTERS


async def test_what_the_assistant_wants_done_and_nobody_can_do_is_for_people(
    desk: SmallDesk, asked: UUID
) -> None:
    desk.assistant.calls_tool("refund_everything", {"really": True}).says("It is done.")

    assert told(await desk.take_turn(asked)) == [
        "thinks",
        "says It is done.",
        "ends complete",
        "escalates fault",
    ]


async def test_nothing_but_an_unknown_tool_is_an_empty_answer(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.calls_tool("delete_everything", {"really": True})

    assert told(await desk.take_turn(asked)) == ["thinks", "fails failed", "escalates fault"]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\x00"])
async def test_an_empty_answer_has_failed_and_says_so(desk: SmallDesk, asked: UUID, text: str) -> None:
    desk.assistant.says(text)

    events = await desk.take_turn(asked)

    assert told(events) == ["thinks", "fails failed", "escalates fault"]
    assert events[1].message.notice == record.LEFT_TO_PEOPLE
    assert (await desk.only(Turn)).error_code == "empty_answer"


async def test_an_answer_cut_before_its_first_word_is_an_empty_one(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.ends("max_tokens")

    assert told(await desk.take_turn(asked)) == ["thinks", "fails failed", "escalates fault"]


async def test_a_refusal_says_so_and_points_to_people(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.ends("refusal")

    events = await desk.take_turn(asked)

    assert told(events) == ["thinks", "ends complete"]
    assert events[-1].message.notice == DECLINED


async def test_an_answer_cut_at_its_longest_says_so(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("And then you").ends("max_tokens")

    events = await desk.take_turn(asked)

    assert told(events) == ["thinks", "says And then you", "ends complete"]
    assert events[-1].message.notice == CUT_SHORT


async def test_letters_no_database_holds_are_left_out(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("Five\x00 days", "\ud83d", ".\u202e Really\x1b[0m.\r\nYes.")

    events = await desk.take_turn(asked)

    assert told(events) == ["thinks", "says Five days. Really[0m.\nYes.", "ends complete"]


# What it knows


async def test_the_assistant_is_asked_with_the_passages_and_the_conversation(
    desk: SmallDesk, asked: UUID
) -> None:
    desk.assistant.says("Five days.")

    await desk.take_turn(asked)

    (request,) = desk.assistant.requests
    assert request.system == "You are Ada."
    assert [(said.role, said.text) for said in request.history] == [("user", "How long do refunds take?")]
    assert request.question == "How long do refunds take?"
    assert (request.passages, request.confident) == ((REFUNDS, INVOICES), True)
    assert request.may_escalate


async def test_everything_said_since_the_last_answer_is_looked_up(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("Five days.").then.says("Yes.")
    await desk.take_turn(asked)
    await says(desk.database, asked, "To my card?")
    await says(desk.database, asked, "It is a debit card.")

    await desk.take_turn(asked)

    assert desk.retrieval.questions[-1] == "To my card?\nIt is a debit card."
    assert [said.text for said in desk.assistant.requests[-1].history] == [
        "How long do refunds take?",
        "Five days.",
        "To my card?",
        "It is a debit card.",
    ]


async def test_superseded_text_and_our_own_unfinished_answer_are_not_seen(
    desk: SmallDesk, asked: UUID
) -> None:
    stop = Stop()
    desk.assistant.says("Never mind this").pauses().then.says("Five days.")
    first = asyncio.create_task(desk.take_turn(asked, stop))
    await desk.assistant.paused()
    stop.set("superseded")
    await first

    await desk.take_turn(asked, over=True)

    assert [said.text for said in desk.assistant.requests[-1].history] == ["How long do refunds take?"]


# When the assistant is away


@pytest.mark.parametrize("code", ["overloaded", "rate_limited", "unreachable", "server_error", "timeout"])
async def test_the_articles_answer_when_the_assistant_cannot_begin(
    desk: SmallDesk, asked: UUID, code: str
) -> None:
    desk.assistant.fails(code)

    events = await desk.take_turn(asked)

    assert told(events) == ["thinks", f"says {FALLBACK}", "cites Refunds", "ends complete"]
    assert events[-1].message.notice == record.BUSY
    turn = await desk.only(Turn)
    assert (turn.assistant, turn.model, turn.error_code) == ("articles_only", "", code)


async def test_a_call_over_everybodys_limit_is_not_made(database: Database, asked: UUID) -> None:
    desk = small_desk(database, may_call_model=False)

    events = await desk.take_turn(asked)

    assert told(events) == ["thinks", f"says {FALLBACK}", "cites Refunds", "ends complete"]
    assert events[-1].message.notice == record.BUSY
    assert desk.assistant.requests == []
    assert (await desk.only(Turn)).error_code == "rate_limited"


async def test_without_a_model_the_articles_answer_unmarked(database: Database, asked: UUID) -> None:
    articles = ArticlesSay()
    desk = small_desk(database, assistant=articles, fallback=articles, may_call_model=False)

    events = await desk.take_turn(asked)

    assert told(events)[-1] == "ends complete"
    assert events[-1].message.notice == ""
    assert await desk.rows(ModelCall) == []


async def test_an_answer_that_breaks_keeps_what_had_arrived(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("They take five").fails("broken_stream")

    events = await desk.take_turn(asked)

    assert told(events) == ["thinks", "says They take five", "fails failed"]
    (answer,) = await desk.answers(asked)
    assert (answer.content, answer.state, answer.notice) == (
        "They take five",
        MessageState.FAILED,
        leases.UNFINISHED,
    )
    assert (await desk.only(Turn)).error_code == "broken_stream"
    assert desk.fallback.requests == []


async def test_a_stream_that_ends_without_saying_so_has_broken(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("They take five").ends(None)

    assert told(await desk.take_turn(asked)) == ["thinks", "says They take five", "fails failed"]


async def test_a_stream_that_ends_before_it_began_is_answered_from_the_articles(
    desk: SmallDesk, asked: UUID
) -> None:
    desk.assistant.ends(None)

    assert told(await desk.take_turn(asked))[1:] == [f"says {FALLBACK}", "cites Refunds", "ends complete"]


async def test_silence_before_the_first_word_is_answered_from_the_articles(
    database: Database, asked: UUID
) -> None:
    desk = small_desk(database, first_token_timeout=0.05)
    desk.assistant.pauses()

    events = await desk.take_turn(asked)

    assert told(events) == ["thinks", f"says {FALLBACK}", "cites Refunds", "ends complete"]
    assert (await desk.only(Turn)).error_code == "timeout"
    assert desk.assistant.left_early == 1


async def test_an_answer_that_stalls_keeps_what_had_arrived(database: Database, asked: UUID) -> None:
    desk = small_desk(database, stall_timeout=0.05)
    desk.assistant.says("They take five").pauses()

    assert told(await desk.take_turn(asked)) == ["thinks", "says They take five", "fails failed"]
    assert (await desk.only(Turn)).error_code == "stalled"
    assert desk.assistant.left_early == 1


async def test_a_deadline_before_the_first_word_still_leaves_the_articles_time(
    database: Database, asked: UUID
) -> None:
    desk = small_desk(database, deadline=0.05)
    desk.assistant.pauses()

    assert told(await desk.take_turn(asked))[1:] == [f"says {FALLBACK}", "cites Refunds", "ends complete"]


async def test_an_answer_that_never_stops_ends_at_the_deadline(database: Database, asked: UUID) -> None:
    desk = small_desk(database, deadline=0.2)
    desk.assistant.says(*["on and "] * 1_000_000)

    async with asyncio.timeout(5):
        events = await desk.take_turn(asked)

    assert told(events)[-1] == "fails failed"
    assert (await desk.only(Turn)).error_code == "too_long"


async def test_a_search_that_fails_ends_in_a_sentence(database: Database, asked: UUID) -> None:
    desk = small_desk(database, retrieval=FixedRetrieval(error=RuntimeError("no such index")))

    events = await desk.take_turn(asked)

    assert told(events) == ["thinks", "fails failed", "escalates fault"]
    assert events[1].message.notice == record.LEFT_TO_PEOPLE
    assert (await desk.only(Turn)).error_code == "internal"


@pytest.mark.parametrize("error", [RuntimeError("bug"), ValueError("key sk-ant-1"), KeyError("x"), OSError()])
async def test_an_assistant_that_crashes_is_one_that_is_away(
    desk: SmallDesk, asked: UUID, error: Exception
) -> None:
    desk.assistant.crashes(error)

    events = await desk.take_turn(asked)

    assert told(events) == ["thinks", f"says {FALLBACK}", "cites Refunds", "ends complete"]
    assert (await desk.only(Turn)).error_code == "internal"


async def test_a_fallback_that_fails_too_ends_in_a_sentence(database: Database, asked: UUID) -> None:
    desk = small_desk(database, fallback=ScriptedAssistant("articles_only", "").fails("unreachable"))
    desk.assistant.fails("overloaded")

    events = await desk.take_turn(asked)

    assert told(events) == ["thinks", "fails failed", "escalates fault"]
    assert (await desk.only(Turn)).error_code == "unreachable"


async def test_nothing_is_said_to_be_above_when_nothing_had_arrived(database: Database, asked: UUID) -> None:
    desk = small_desk(database, retrieval=FixedRetrieval(error=RuntimeError()))

    events = await desk.take_turn(asked)

    assert "above" not in events[1].message.notice


async def test_a_model_that_broke_after_asking_for_a_person_is_taken_at_its_word(
    desk: SmallDesk, asked: UUID
) -> None:
    desk.assistant.calls_tool("escalate", {"reason": "frustrated", "brief": "Angry."}).fails("overloaded")

    assert told(await desk.take_turn(asked)) == ["thinks", "ends superseded", "escalates frustrated"]


# Being stopped


async def test_a_stopped_answer_keeps_what_was_shown(desk: SmallDesk, asked: UUID) -> None:
    stop = Stop()
    desk.assistant.says("They take five").pauses()
    turn = asyncio.create_task(desk.take_turn(asked, stop))
    await desk.assistant.paused()

    stop.set("stopped")

    assert told(await turn) == ["thinks", "says They take five", "ends stopped"]
    (answer,) = await desk.answers(asked)
    assert (answer.content, answer.notice) == ("They take five", record.STOPPED)
    assert desk.assistant.left_early == 1


async def test_a_turn_stopped_before_it_called_anybody_costs_nothing(desk: SmallDesk, asked: UUID) -> None:
    stop = Stop()
    stop.set("stopped")

    assert told(await desk.take_turn(asked, stop)) == ["thinks", "ends stopped"]
    assert desk.assistant.requests == []
    assert await desk.rows(ModelCall) == []


async def test_a_superseded_answer_is_never_recorded_as_one(desk: SmallDesk, asked: UUID) -> None:
    stop = Stop()
    desk.assistant.says("They take five").pauses()
    turn = asyncio.create_task(desk.take_turn(asked, stop))
    await desk.assistant.paused()

    stop.set("superseded")

    assert told(await turn)[-1] == "ends superseded"
    outcome = await desk.only(Outcome)
    assert (outcome.assistant_messages, outcome.failed_answers) == (0, 0)


async def test_a_control_word_half_arrived_is_not_shown_when_the_answer_is_stopped(
    desk: SmallDesk, asked: UUID
) -> None:
    stop = Stop()
    desk.assistant.says("Well. ", "[ESCAL").pauses()
    turn = asyncio.create_task(desk.take_turn(asked, stop))
    await desk.assistant.paused()

    stop.set("stopped")

    assert told(await turn) == ["thinks", "says Well. ", "ends stopped"]


async def test_a_control_word_half_arrived_is_not_shown_when_the_stream_breaks(
    desk: SmallDesk, asked: UUID
) -> None:
    desk.assistant.says("Well. ", "[ESCAL").ends(None)

    assert told(await desk.take_turn(asked)) == ["thinks", "says Well. ", "fails failed"]


async def test_staff_who_took_over_in_between_silence_the_answer(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("They take five days.").pauses()
    turn = asyncio.create_task(desk.take_turn(asked))
    await desk.assistant.paused()

    await handoff.take_over(desk.database, desk.live, asked, await sam(desk.database))
    desk.assistant.resume()

    assert told(await turn)[-1] == "ends stopped"
    assert (await desk.only(Outcome)).assistant_messages == 0


async def test_an_answer_outlived_by_its_turn_writes_nothing(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("Five days.").pauses()
    turn = asyncio.create_task(desk.take_turn(asked))
    await desk.assistant.paused()
    await _expire(desk, asked)
    assert await leases.fail_expired(desk.database, desk.live) == [asked]

    desk.assistant.resume()

    assert told(await turn) == ["thinks", "says Five days."]
    (answer,) = await desk.answers(asked)
    assert answer.state == MessageState.FAILED


# Escalating


async def test_while_the_customer_keeps_their_place_the_assistant_cannot_escalate_again(
    desk: SmallDesk, asked: UUID
) -> None:
    await _wait_with_the_assistant(desk, asked)
    desk.assistant.says("Let me see.").calls_tool("escalate", {"reason": "frustrated", "brief": "x"})

    assert told(await desk.take_turn(asked)) == ["thinks", "says Let me see.", "ends complete"]
    assert not desk.assistant.requests[0].may_escalate
    assert len(await desk.rows(Handoff)) == 1


async def test_an_escalation_that_is_not_allowed_does_not_end_in_silence(
    desk: SmallDesk, asked: UUID
) -> None:
    await _wait_with_the_assistant(desk, asked)
    desk.assistant.says("[ESCALATE]")

    events = await desk.take_turn(asked)

    assert told(events) == ["thinks", "fails failed"]
    assert events[-1].message.notice


async def test_what_staff_resolved_in_between_is_not_escalated_by_an_old_answer(
    desk: SmallDesk, asked: UUID
) -> None:
    desk.assistant.calls_tool("escalate", {"reason": "frustrated", "brief": "Angry."}).pauses()
    turn = asyncio.create_task(desk.take_turn(asked))
    await desk.assistant.paused()
    staff = await sam(desk.database)
    await handoff.take_over(desk.database, desk.live, asked, staff)
    await handoff.resolve(desk.database, desk.live, asked, staff)

    desk.assistant.resume()

    assert "escalates frustrated" not in told(await turn)
    assert len(await desk.rows(Handoff)) == 1


async def test_what_staff_handed_back_in_between_is_not_escalated_by_an_old_answer(
    desk: SmallDesk, asked: UUID
) -> None:
    desk.assistant.calls_tool("escalate", {"reason": "frustrated", "brief": "Angry."}).pauses()
    turn = asyncio.create_task(desk.take_turn(asked))
    await desk.assistant.paused()
    staff = await sam(desk.database)
    await handoff.take_over(desk.database, desk.live, asked, staff)
    await handoff.hand_back(desk.database, desk.live, asked, staff)

    desk.assistant.resume()

    assert "escalates frustrated" not in told(await turn)
    assert len(await desk.rows(Handoff)) == 1


# Whether there is anything to answer


async def test_nothing_unanswered_is_no_turn(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("Five days.")
    await desk.take_turn(asked)

    assert await desk.take_turn(asked) == []


async def test_an_empty_conversation_is_no_turn(desk: SmallDesk) -> None:
    conversation = await conversation_of(desk.database, ALICE)

    assert await desk.take_turn(conversation.id) == []
    assert await desk.take_turn(conversation.id, again=True) == []


async def test_what_people_answered_is_no_turn(desk: SmallDesk, asked: UUID) -> None:
    staff = await sam(desk.database)
    await handoff.take_over(desk.database, desk.live, asked, staff)
    await handoff.reply(desk.database, desk.live, asked, staff, "Five days.", "key")
    await handoff.hand_back(desk.database, desk.live, asked, staff)

    assert await desk.take_turn(asked) == []


async def test_while_people_own_the_conversation_there_is_no_turn(desk: SmallDesk, asked: UUID) -> None:
    await handoff.take_over(desk.database, desk.live, asked, await sam(desk.database))

    assert await desk.take_turn(asked) == []
    assert await desk.take_turn(asked, again=True) == []


async def test_a_failed_answer_is_tried_again_on_request_only(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("They take").fails("broken_stream").then.says("Five days.")
    await desk.take_turn(asked)

    assert await desk.take_turn(asked) == []
    assert told(await desk.take_turn(asked, again=True)) == ["thinks", "says Five days.", "ends complete"]


async def test_a_superseded_answer_leaves_the_message_unanswered(desk: SmallDesk, asked: UUID) -> None:
    stop = Stop()
    stop.set("superseded")
    await desk.take_turn(asked, stop)
    desk.assistant.says("Five days.")

    assert told(await desk.take_turn(asked, over=True)) == ["starts over", "says Five days.", "ends complete"]


async def test_two_turns_at_once_are_one(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("Five days.")

    turns = await asyncio.gather(*(desk.take_turn(asked) for _ in range(5)))

    assert sorted(len(events) > 0 for events in turns) == [False] * 4 + [True]
    assert len(await desk.rows(Turn)) == 1


# What it leaves behind


async def test_tokens_times_and_cost_are_recorded(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("Five days.").cites(REFUNDS)
    (question,) = await desk.messages(asked)

    await desk.take_turn(asked)

    turn, call, outcome = await desk.only(Turn), await desk.only(ModelCall), await desk.only(Outcome)
    (answer,) = await desk.answers(asked)
    # 100 fresh, 1,000 read from the cache at a tenth and 10 written at 1.25 times; 20 out.
    dollars = Decimal(3 * (100 + 100 + Decimal("12.5")) + 15 * 20) / 1_000_000
    assert (turn.answers_id, turn.wrote_id) == (question.id, answer.id)
    assert (turn.assistant, turn.model, turn.stop_reason) == ("claude", "claude-sonnet-5-5", "end_turn")
    assert (turn.input_tokens, turn.output_tokens, turn.cost) == (1_110, 20, dollars)
    assert (turn.confident, turn.error_code) == (True, None)
    assert 0 <= turn.first_token_ms <= turn.latency_ms
    assert turn.started_at <= turn.ended_at
    assert (call.purpose, call.turn_id, call.conversation_id) == ("turn", turn.id, asked)
    assert (
        Usage(call.input_tokens, call.output_tokens, call.cache_read_tokens, call.cache_write_tokens) == SPENT
    )
    assert (call.cost, call.error, outcome.cost) == (dollars, None, dollars)
    assert (outcome.customer_messages, outcome.assistant_messages) == (1, 1)


async def test_the_model_is_recorded_by_the_name_the_api_gave_it(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("Five days.").ends("end_turn", model="claude-sonnet-5-5-20260801")

    await desk.take_turn(asked)

    assert (await desk.only(Turn)).model == "claude-sonnet-5-5-20260801"
    assert (await desk.only(ModelCall)).cost > 0


async def test_a_call_that_broke_is_recorded_once_with_what_it_spent(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("They take").fails("broken_stream", usage=Usage(input=50, output=3))

    await desk.take_turn(asked)

    call = await desk.only(ModelCall)
    assert (call.input_tokens, call.output_tokens, call.error) == (50, 3, "broken_stream")


async def test_a_call_that_just_ended_is_recorded_once(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("They take").ends(None, usage=Usage(input=50, output=3))

    await desk.take_turn(asked)

    call = await desk.only(ModelCall)
    assert (call.input_tokens, call.output_tokens, call.error) == (50, 3, "broken_stream")


@pytest.mark.parametrize("reason", ["stopped", "superseded", "owner", "shutdown"])
async def test_the_tokens_of_an_answer_that_was_cut_are_counted(
    desk: SmallDesk, asked: UUID, reason: str
) -> None:
    stop = Stop()
    desk.assistant.says("They take five to seven days.").pauses()
    turn = asyncio.create_task(desk.take_turn(asked, stop))
    await desk.assistant.paused()
    stop.set(reason)
    await turn

    call, ended = await desk.only(ModelCall), await desk.only(Turn)
    assert call.input_tokens > len("How long do refunds take?") / 4
    assert call.output_tokens >= len("They take five to seven days.") // 4
    assert call.cost > 0
    assert ended.cost == call.cost == (await desk.only(Outcome)).cost


async def test_the_tokens_of_an_answer_that_stalled_are_counted(database: Database, asked: UUID) -> None:
    desk = small_desk(database, stall_timeout=0.05)
    desk.assistant.says("They take five to seven days.").pauses()

    await desk.take_turn(asked)

    call = await desk.only(ModelCall)
    assert (call.error, call.input_tokens > 0, call.output_tokens > 0) == ("stalled", True, True)


async def test_a_call_that_was_refused_costs_nothing(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.fails("overloaded")

    await desk.take_turn(asked)

    call = await desk.only(ModelCall)
    assert (call.error, call.input_tokens, call.output_tokens, call.cost) == ("overloaded", 0, 0, 0)


async def test_the_tokens_of_a_turn_somebody_else_ended_are_counted_too(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("Five days.").pauses()
    turn = asyncio.create_task(desk.take_turn(asked))
    await desk.assistant.paused()
    await _expire(desk, asked)
    await leases.fail_expired(desk.database, desk.live)
    desk.assistant.resume()
    await turn

    assert (await desk.only(ModelCall)).cost == (await desk.only(Outcome)).cost > 0


async def test_failures_are_counted_in_the_outcome(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("They take").fails("broken_stream")

    events = await desk.take_turn(asked)

    assert isinstance(events[-1], TurnFailed)
    outcome = await desk.only(Outcome)
    assert (outcome.assistant_messages, outcome.failed_answers) == (0, 1)


async def test_the_running_answer_is_in_the_history_from_its_first_moment(
    desk: SmallDesk, asked: UUID
) -> None:
    desk.assistant.says("They take").pauses()
    turn = asyncio.create_task(desk.take_turn(asked))
    await desk.assistant.paused()

    (answer,) = await desk.answers(asked)
    assert (answer.state, answer.role) == (MessageState.STREAMING, Role.ASSISTANT)
    desk.assistant.resume()
    events = await turn
    assert isinstance(events[0], Thinking)
    assert events[0].message.id == answer.id


async def test_an_end_the_database_refuses_for_a_moment_is_recorded_once(
    database: Database, asked: UUID
) -> None:
    desk = small_desk(ShakyDatabase(database))
    desk.assistant.says("Five days.").pauses()
    turn = asyncio.create_task(desk.take_turn(asked))
    await desk.assistant.paused()
    desk.database.refuse(2)
    desk.assistant.resume()

    assert told(await turn) == ["thinks", "says Five days.", "ends complete"]
    assert len(await desk.rows(ModelCall)) == 1


async def test_a_turn_the_database_refuses_for_a_moment_begins_all_the_same(
    database: Database, asked: UUID
) -> None:
    desk = small_desk(ShakyDatabase(database))
    desk.assistant.says("Five days.")
    desk.database.refuse(2)

    assert told(await desk.take_turn(asked)) == ["thinks", "says Five days.", "ends complete"]


async def _wait_with_the_assistant(desk: SmallDesk, conversation_id: UUID) -> None:
    await handoff.escalate(
        desk.database,
        desk.live,
        conversation_id,
        reason=Reason.ASKED_FOR_PERSON,
        trigger=Trigger.CUSTOMER,
    )
    await handoff.keep_place(desk.database, desk.live, conversation_id)


async def _expire(desk: SmallDesk, conversation_id: UUID) -> None:
    """Let the lease of the running turn pass."""
    async with desk.database.transaction() as session:
        for turn in await desk.rows(Turn, conversation_id=conversation_id):
            running = await session.merge(turn)
            running.lease_until = running.started_at - leases.LEASE
