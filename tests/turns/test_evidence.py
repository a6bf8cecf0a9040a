"""What an answer rested on is recorded with it: what was found, and what of it was cited."""

from dataclasses import replace
from uuid import UUID

import pytest

from supportbot.database import Database
from supportbot.models import Evidence, MessageState, Turn
from supportbot.turns import record
from supportbot.turns.assistant import SEARCH_TOOL
from supportbot.turns.frames import Stop
from supportbot.turns.grounds import Grounds, sources
from tests.people import ALICE, conversation_of, says
from tests.scripted import (
    INVOICES,
    REFUNDS,
    ArticlesFor,
    FixedRetrieval,
    ScriptedAssistant,
    SmallDesk,
    hit,
    put_articles,
    small_desk,
    told,
)

pytestmark = pytest.mark.anyio

PLANS = replace(hit(3, "Plans", heading="Prices"), score=0.25, version=4)


@pytest.fixture
async def desk(database: Database) -> SmallDesk:
    await put_articles(database, REFUNDS, INVOICES, PLANS)
    return small_desk(database)


@pytest.fixture
async def asked(database: Database) -> UUID:
    conversation = await conversation_of(database, ALICE)
    await says(database, conversation.id, "How long do refunds take?")
    return conversation.id


async def evidence(desk: SmallDesk) -> list[tuple[int, str, bool]]:
    """Place, article and whether it was cited, of the only turn there is."""
    titles = {one.article_id: one.title for one in (REFUNDS, INVOICES, PLANS)}
    rows = await desk.rows(Evidence, order="place")
    return [(row.place, titles[row.article_id], row.cited) for row in rows]


async def test_what_was_found_and_what_was_cited_are_recorded_apart(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("On the first.").cites(INVOICES)

    await desk.take_turn(asked)

    assert await evidence(desk) == [(0, "Refunds", False), (1, "Invoices", True)]
    turn = await desk.only(Turn)
    assert turn.confident is True
    assert {row.turn_id for row in await desk.rows(Evidence)} == {turn.id}
    assert {row.message_id for row in await desk.rows(Evidence)} == {turn.wrote_id}


async def test_a_row_names_the_place_in_the_article_and_its_version(database: Database, asked: UUID) -> None:
    await put_articles(database, PLANS)
    desk = small_desk(database, retrieval=FixedRetrieval(PLANS))
    desk.assistant.says("Three.")

    await desk.take_turn(asked)

    row = await desk.only(Evidence)
    assert (row.article_id, row.version, row.heading, row.anchor, row.score, row.cited) == (
        PLANS.article_id,
        4,
        "Prices",
        "prices",
        0.25,
        False,
    )


async def test_what_a_search_found_comes_behind_what_was_found_first(database: Database, asked: UUID) -> None:
    await put_articles(database, REFUNDS, INVOICES, PLANS)
    found = {"How long do refunds take?": (REFUNDS,), "plans": (PLANS, REFUNDS)}
    desk = small_desk(database, retrieval=ArticlesFor(found))
    desk.assistant.calls_tool(SEARCH_TOOL, {"query": "plans"}).ends("tool_use").then.says("Three.").cites(
        PLANS
    )

    await desk.take_turn(asked)

    assert await evidence(desk) == [(0, "Refunds", False), (1, "Plans", True)]


async def test_the_articles_answer_cites_what_it_quotes(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.fails("overloaded")

    await desk.take_turn(asked)

    assert await evidence(desk) == [(0, "Refunds", True), (1, "Invoices", False)]


async def test_what_a_failed_call_had_cited_is_not_what_the_articles_cite(
    database: Database, asked: UUID
) -> None:
    await put_articles(database, REFUNDS, INVOICES)
    desk = small_desk(database)
    desk.assistant.cites(INVOICES).fails("overloaded")

    await desk.take_turn(asked)

    assert await evidence(desk) == [(0, "Refunds", True), (1, "Invoices", False)]


async def test_an_answer_that_broke_off_keeps_what_it_had_cited(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.cites(REFUNDS).says("Five").fails("overloaded")

    await desk.take_turn(asked)

    (answer,) = await desk.answers(asked)
    assert (answer.state, [one["title"] for one in answer.sources]) == (MessageState.FAILED, ["Refunds"])
    assert await evidence(desk) == [(0, "Refunds", True), (1, "Invoices", False)]


async def test_what_nobody_reads_cites_nothing(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.cites(REFUNDS).calls_tool("escalate", {"reason": "frustrated", "brief": "Upset."})

    await desk.take_turn(asked)

    (answer,) = await desk.answers(asked)
    assert (answer.state, answer.sources) == (MessageState.SUPERSEDED, [])
    assert await evidence(desk) == [(0, "Refunds", False), (1, "Invoices", False)]


async def test_a_commit_that_is_tried_again_records_it_once(desk: SmallDesk, asked: UUID) -> None:
    begun = await record.begin(desk.database, desk.live, asked, runner="r", assistant="claude", model="m")
    assert begun is not None
    grounds = Grounds()
    grounds.add(await desk.retrieval.find("?"))
    tally = record.Tally(text="Five days.", grounds=grounds.all)

    for _ in range(2):
        await record.commit(desk.database, desk.live, begun, tally, MessageState.COMPLETE)

    assert len(await evidence(desk)) == 2


async def test_an_article_that_is_gone_does_not_cost_the_answer(database: Database, asked: UUID) -> None:
    await put_articles(database, INVOICES)
    desk = small_desk(database)
    desk.assistant.says("Five days.").cites(REFUNDS)

    events = await desk.take_turn(asked)

    assert told(events)[-1] == "ends complete"
    assert await evidence(desk) == [(1, "Invoices", False)]


@pytest.mark.parametrize("said", ["", "The articles do not say. Shall I ask a person?"])
async def test_an_answer_that_found_nothing_says_so_to_the_page(
    database: Database, asked: UUID, said: str
) -> None:
    desk = small_desk(database, retrieval=FixedRetrieval(INVOICES, confident=False))
    if not said:
        desk = small_desk(database, retrieval=desk.retrieval, assistant=desk.fallback)
    else:
        desk.assistant.says(said)

    *_, ended = await desk.take_turn(asked)

    assert ended.message.found_nothing
    (answer,) = await desk.answers(asked)
    assert answer.found_nothing


async def test_an_answer_that_cites_has_found_something(database: Database, asked: UUID) -> None:
    desk = small_desk(database, retrieval=FixedRetrieval(INVOICES, confident=False))
    desk.assistant.says("On the first.").cites(INVOICES)

    await desk.take_turn(asked)

    (answer,) = await desk.answers(asked)
    assert not answer.found_nothing


async def test_words_that_ask_nothing_are_not_said_to_find_nothing(database: Database) -> None:
    conversation = await conversation_of(database, ALICE)
    await says(database, conversation.id, "Thank you!")
    desk = small_desk(database, retrieval=FixedRetrieval(confident=False))
    desk.assistant.says("You are welcome.")

    await desk.take_turn(conversation.id)

    assert (await desk.only(Turn)).confident is None


async def test_a_turn_that_looked_nothing_up_has_no_evidence(desk: SmallDesk, asked: UUID) -> None:
    stop = Stop()
    stop.set("superseded")

    await desk.take_turn(asked, stop)

    assert {cited for _, _, cited in await evidence(desk)} == {False}


# A server that never cites


@pytest.fixture
async def taciturn(database: Database) -> SmallDesk:
    """A desk with a server that takes passages and never says what it used."""
    await put_articles(database, REFUNDS, INVOICES)
    return small_desk(database, assistant=ScriptedAssistant(cites_sources=False))


async def test_what_was_found_is_shown_for_what_it_is(taciturn: SmallDesk, asked: UUID) -> None:
    taciturn.assistant.says("Five days.")

    events = await taciturn.take_turn(asked)

    assert told(events)[-2:] == ["found Refunds, Invoices", "ends complete"]
    (answer,) = await taciturn.answers(asked)
    assert {one["kind"] for one in answer.sources} == {"based_on"}
    assert {cited for _, _, cited in await evidence(taciturn)} == {False}


async def test_what_it_cites_after_all_is_shown_alone(taciturn: SmallDesk, asked: UUID) -> None:
    taciturn.assistant.says("On the first.").cites(INVOICES)

    assert "cites Invoices" in told(await taciturn.take_turn(asked))


@pytest.mark.parametrize("text", ["", "Five days."])
async def test_nothing_is_shown_that_is_not_about_the_question_or_has_no_answer(
    database: Database, asked: UUID, text: str
) -> None:
    assistant = ScriptedAssistant(cites_sources=False)
    desk = small_desk(database, assistant=assistant, retrieval=FixedRetrieval(REFUNDS, confident=not text))
    assistant.says(text)

    await desk.take_turn(asked)

    (answer,) = await desk.answers(asked)
    assert answer.sources == []


async def test_a_server_that_cites_is_not_helped_along(desk: SmallDesk, asked: UUID) -> None:
    desk.assistant.says("Which plan are you on?")

    assert told(await desk.take_turn(asked))[1:] == ["says Which plan are you on?", "ends complete"]


# The sources of a message


def test_only_what_was_found_can_be_cited() -> None:
    grounds = Grounds()
    grounds.cite(REFUNDS.id)
    assert grounds.cited == []


def test_two_passages_of_one_place_are_one_source() -> None:
    below = replace(REFUNDS, id=99, body="More about it.")
    assert [one["url"] for one in sources([REFUNDS, below, INVOICES])] == [REFUNDS.url, INVOICES.url]
