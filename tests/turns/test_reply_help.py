"""Help for whoever answers: a draft that nobody receives by itself, and a summary for the desk alone."""

import asyncio
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

import pytest

from supportbot.conversations.transcript import Browser
from supportbot.database import Database
from supportbot.errors import NotFound, Refused
from supportbot.escalations.handoff import hand_back, reply, take_over
from supportbot.house.sections import Company
from supportbot.integrations.articles_only import ArticlesOnly
from supportbot.integrations.claude import Claude
from supportbot.knowledge.importing import import_folder
from supportbot.models import Message, ModelCall, Outcome, Staff, Turn
from supportbot.turns.assistant import AssistantUnavailable, Usage
from supportbot.turns.breaker import Breaker
from supportbot.turns.reply_help import (
    BROKE_OFF,
    DRAFT,
    NOTHING_ASKED,
    NOTHING_FOUND,
    NOTHING_SAID,
    SUMMARISE,
    SUMMARY,
    ReplyHelp,
    drafting_rules,
)
from tests.escalations.test_brief import notes
from tests.people import ALICE, alex, conversation_of, sam, says
from tests.scripted import REFUNDS, FixedRetrieval, ScriptedWriter, SmallDesk, small_desk
from tests.servers.anthropic_server import AnthropicServer

pytestmark = pytest.mark.anyio

QUESTION = "How long do refunds take?"
CANARY = "CANARY: is about to leave us"


@pytest.fixture
def desk(database: Database) -> SmallDesk:
    return small_desk(database)


@pytest.fixture
async def asked(database: Database) -> UUID:
    """A conversation in which Alice waits for a reply, and Sam has noted something."""
    conversation_id = (await conversation_of(database, ALICE)).id
    await says(database, conversation_id, QUESTION)
    await notes(database, conversation_id, await sam(database), CANARY)
    return conversation_id


def helped(desk: SmallDesk) -> ReplyHelp:
    return ReplyHelp(desk.kit, lambda: "Draft as Acme does.", lambda path: f"https://acme.example{path}")


async def drafted(desk: SmallDesk, conversation_id: UUID) -> str:
    return "".join([piece async for piece in helped(desk).draft(conversation_id)])


# Drafts


async def test_a_draft_streams_piece_by_piece(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("They take ", "five ", "days.")

    pieces = [piece async for piece in helped(desk).draft(asked)]

    assert len(pieces) > 1
    assert "".join(pieces) == "They take five days."


async def test_it_is_made_from_the_articles_and_the_history_by_rules_of_its_own(
    desk: SmallDesk, asked: UUID
) -> None:
    desk.assistant.says("Five days.")

    await drafted(desk, asked)

    (request,) = desk.assistant.requests
    assert (request.system, request.question) == ("Draft as Acme does.", QUESTION)
    assert [said.text for said in request.history] == [QUESTION]
    assert REFUNDS in request.passages
    assert not request.may_escalate, "a draft calls no tool"


async def test_a_question_from_a_help_page_is_about_its_article_here_too(
    database: Database, tmp_path: Path
) -> None:
    (tmp_path / "refund.md").write_text("# How to get a refund\n\nIt takes five days.")
    await import_folder(database, tmp_path)
    conversation = await conversation_of(database, ALICE, Browser(page="https://acme.example/?about=refund"))
    await says(database, conversation.id, "How long does it take?")
    desk = small_desk(database)
    desk.assistant.says("Five days.")

    await drafted(desk, conversation.id)

    (request,) = desk.assistant.requests
    assert request.history[0].text.startswith('(From the help article "How to get a refund")')


async def test_what_the_customer_said_last_is_answered_also_after_a_colleague_has_written(
    desk: SmallDesk, asked: UUID
) -> None:
    staff = await desk.only(Staff)
    await take_over(desk.database, desk.live, asked, staff)
    await reply(desk.database, desk.live, asked, staff, "One moment.", "a")
    desk.assistant.says("Five days.")

    assert await drafted(desk, asked) == "Five days."

    assert desk.assistant.requests[0].question == QUESTION
    assert desk.assistant.requests[0].history[-1].text == "Sam: One moment."


async def test_it_is_never_stored_and_nobody_hears_of_it(desk: SmallDesk, asked: UUID) -> None:
    before, position = len(await desk.rows(Message)), await desk.live.position(asked)
    desk.assistant.says("They take five days.")

    await drafted(desk, asked)

    assert len(await desk.rows(Message)) == before
    assert await desk.rows(Turn) == []
    assert await desk.live.position(asked) == position


async def test_its_cost_is_recorded(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("They take five days.")

    await drafted(desk, asked)

    call = await desk.only(ModelCall)
    assert (call.purpose, call.conversation_id, call.turn_id, call.error) == (DRAFT, asked, None, None)
    assert (call.input_tokens, call.output_tokens) == (100, 20)
    assert (await desk.only(Outcome)).cost == call.cost > 0


async def test_a_draft_that_is_left_is_paid_for_as_far_as_it_came(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("They take five to seven days.").pauses()
    draft = helped(desk).draft(asked)
    assert await anext(draft) == "They take five to seven days."

    await draft.aclose()

    call = await desk.only(ModelCall)
    assert (call.purpose, call.error) == (DRAFT, "stopped")
    assert call.output_tokens > 0
    assert desk.assistant.left_early == 1
    assert desk.kit.breaker.state == "ok"


async def test_a_draft_whose_page_goes_away_is_paid_for_too(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("They take five to seven days.").pauses()
    drafting = asyncio.create_task(drafted(desk, asked))
    await desk.assistant.paused()

    drafting.cancel()
    await asyncio.gather(drafting, return_exceptions=True)

    assert (await desk.only(ModelCall)).error == "stopped"


async def test_the_control_word_is_never_in_it(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("[ESC", "ALATE] They take", " five days.\x00")

    assert await drafted(desk, asked) == "They take five days."


async def test_nor_does_a_note_that_was_for_the_assistant(desk: SmallDesk, asked: UUID) -> None:
    staff = await alex(desk.database)
    await take_over(desk.database, desk.live, asked, staff)
    await hand_back(desk.database, desk.live, asked, staff, CANARY)
    await says(desk.database, asked, "And by card?")
    desk.assistant.says("Five days.")

    await drafted(desk, asked)

    assert QUESTION in desk.assistant.requests[0].summary
    assert CANARY not in str(desk.assistant.requests[0])


async def test_a_colleagues_notes_never_reach_the_prompt_of_a_draft(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("Five days.")

    await drafted(desk, asked)

    assert CANARY not in str(desk.assistant.requests[0])
    assert CANARY not in "".join(desk.retrieval.questions)


async def test_nor_the_wire(database: Database, asked: UUID) -> None:
    with AnthropicServer() as server:
        claude = Claude(model="claude-sonnet-5-5", api_key="test", base_url=server.url)
        desk = small_desk(database, assistant=claude)
        server.says("Five days.")

        assert await drafted(desk, asked) == "Five days."

        sent = str(server.requests[0])
        await claude.close()
    assert QUESTION in sent
    assert "CANARY" not in sent


async def test_what_breaks_in_the_middle_is_kept_and_said(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("They take five").fails("broken_stream")
    pieces: list[str] = []

    with pytest.raises(Refused) as refusal:
        async for piece in helped(desk).draft(asked):
            pieces.append(piece)

    assert "".join(pieces) == "They take five"
    assert refusal.value.sentence == BROKE_OFF
    assert (await desk.only(ModelCall)).error == "broken_stream"


async def test_a_draft_that_just_ends_has_broken_off(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("They take five").ends(None)

    with pytest.raises(Refused, match="broke off"):
        await drafted(desk, asked)


async def test_a_conversation_without_a_word_of_the_customers_is_refused(
    desk: SmallDesk, database: Database
) -> None:
    conversation_id = (await conversation_of(database, ALICE)).id

    with pytest.raises(Refused) as refusal:
        await drafted(desk, conversation_id)

    assert refusal.value.sentence == NOTHING_ASKED


async def test_a_conversation_that_is_none_is_not_found(desk: SmallDesk) -> None:
    with pytest.raises(NotFound):
        await drafted(desk, uuid4())
    with pytest.raises(NotFound):
        await helped(desk).summarise(uuid4())


# Drafts without a model

QUOTED = (
    "From our article Refunds, under How long:\n\nRefunds take five days.\n\n"
    "Refunds: https://acme.example/help/refunds#how%20long"
)


async def test_without_a_model_the_best_passage_is_worded_as_a_draft(database: Database, asked: UUID) -> None:
    articles = ArticlesOnly(pace=0)
    desk = small_desk(database, assistant=articles, fallback=articles, retrieval=FixedRetrieval(REFUNDS))

    assert await drafted(desk, asked) == QUOTED
    assert await desk.rows(ModelCall) == []


@pytest.mark.parametrize("code", ["overloaded", "key_refused", "timeout", "broken_stream"])
async def test_a_model_that_cannot_begin_leaves_it_to_the_articles(
    database: Database, asked: UUID, code: str
) -> None:
    desk = small_desk(database, fallback=ArticlesOnly(pace=0), retrieval=FixedRetrieval(REFUNDS))
    desk.assistant.fails(code)

    assert await drafted(desk, asked) == QUOTED
    call = await desk.only(ModelCall)
    assert (call.purpose, call.error) == (DRAFT, code)


async def test_an_empty_draft_is_left_to_the_articles(database: Database, asked: UUID) -> None:
    desk = small_desk(database, fallback=ArticlesOnly(pace=0), retrieval=FixedRetrieval(REFUNDS))
    desk.assistant.ends("refusal")

    assert await drafted(desk, asked) == QUOTED


@pytest.mark.parametrize("why", ["breaker", "limit"])
async def test_a_model_that_may_not_be_called_is_not(database: Database, asked: UUID, why: str) -> None:
    breaker = Breaker()
    kit: dict[str, Any] = {"may_call_model": False}
    if why == "breaker":
        breaker.failed(breaker.ask(monotonic()), monotonic(), misconfigured=True)
        kit = {"breaker": breaker}
    desk = small_desk(database, fallback=ArticlesOnly(pace=0), retrieval=FixedRetrieval(REFUNDS), **kit)

    assert await drafted(desk, asked) == QUOTED
    assert desk.assistant.requests == []


async def test_articles_that_do_not_fit_are_no_draft(database: Database, asked: UUID) -> None:
    articles = ArticlesOnly(pace=0)
    for retrieval in (FixedRetrieval(REFUNDS, confident=False), FixedRetrieval()):
        desk = small_desk(database, assistant=articles, fallback=articles, retrieval=retrieval)
        with pytest.raises(Refused) as refusal:
            await drafted(desk, asked)
        assert refusal.value.sentence == NOTHING_FOUND


# Summaries


async def test_a_summary_knows_everything_the_notes_too(database: Database, asked: UUID) -> None:
    writer = ScriptedWriter("Alice wants to know how long refunds take.")
    desk = small_desk(database, writer=writer)

    assert await helped(desk).summarise(asked) == "Alice wants to know how long refunds take."

    ((task, instructions, told),) = writer.asked
    assert (task, instructions) == (SUMMARY, SUMMARISE)
    assert told == f"Customer: {QUESTION}\n\nNote by Sam: {CANARY}"
    call = await desk.only(ModelCall)
    assert (call.purpose, call.conversation_id) == (SUMMARY, asked)
    assert (await desk.only(Outcome)).cost == call.cost > 0


async def test_without_a_model_it_is_the_extract_and_the_notes(desk: SmallDesk, asked: UUID) -> None:
    assert await helped(desk).summarise(asked) == (
        f"Wanted: “{QUESTION}”\nTried: nothing yet.\nKnown: no name or address was given.\n"
        f"Note by Sam: {CANARY}"
    )


async def test_while_the_model_is_away_it_is_the_extract_too(database: Database, asked: UUID) -> None:
    away = AssistantUnavailable("overloaded", usage=Usage(input=7))
    desk = small_desk(database, writer=ScriptedWriter(away))

    assert (await helped(desk).summarise(asked)).startswith(f"Wanted: “{QUESTION}”")
    assert (await desk.only(ModelCall)).error == "overloaded"


async def test_nothing_said_is_nothing_to_summarise(desk: SmallDesk, database: Database) -> None:
    conversation_id = (await conversation_of(database, ALICE)).id

    with pytest.raises(Refused) as refusal:
        await helped(desk).summarise(conversation_id)

    assert refusal.value.sentence == NOTHING_SAID


# The rules


def test_a_draft_follows_the_tone_and_the_words_of_the_house() -> None:
    house = Company(name="Initech {x}", facts="Open daily.", tone="formal", instructions="Be kind.")
    rules = drafting_rules(house)

    assert "the support team of Initech {x}" in rules
    assert "Open daily." in rules
    assert "Be kind." in rules
    assert "formal tone" in rules
    assert "escalate" not in rules.lower()
