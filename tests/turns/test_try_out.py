"""A sample question is answered with values nobody has saved, and nothing is kept but what it cost."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import func
from sqlmodel import select

from supportbot.database import Database
from supportbot.errors import Refused
from supportbot.house.sections import Company
from supportbot.models import Conversation, Message, ModelCall, Reason, Turn
from supportbot.turns.breaker import FAULTS
from supportbot.turns.try_out import AWAY, BROKEN, NO_MODEL, TriedEnd, TriedText, try_out
from tests.scripted import REFUNDS, ArticlesSay, SmallDesk, small_desk

pytestmark = pytest.mark.anyio

FORMAL = Company(name="Birch", tone="formal")


async def tried(desk: SmallDesk, question: object = "How long?") -> tuple[str, TriedEnd]:
    """What was answered, and how it ended."""
    pieces = [piece async for piece in try_out(desk.kit, FORMAL, question)]
    end = pieces.pop()
    assert isinstance(end, TriedEnd)
    return "".join(piece.text for piece in pieces if isinstance(piece, TriedText)), end


async def kept(desk: SmallDesk) -> int:
    """Rows that a real question would have left behind."""
    async with desk.database.reading() as session:
        counts = [
            (await session.exec(select(func.count()).select_from(table))).one()
            for table in (Conversation, Message, Turn)
        ]
    return sum(counts)


async def test_the_model_answers_with_the_values_that_are_tried(database: Database) -> None:
    desk = small_desk(database)
    desk.assistant.says("Five ", "days.").cites(REFUNDS)

    text, end = await tried(desk)

    assert text == "Five days."
    assert (end.assistant, end.escalates, end.notice) == ("claude", None, "")
    assert [source["title"] for source in end.sources] == [REFUNDS.title]
    (request,) = desk.assistant.requests
    assert "Birch wants a formal tone" in request.system
    assert request.passages[0] == REFUNDS
    assert await kept(desk) == 0


async def test_the_call_is_paid_for(database: Database) -> None:
    desk = small_desk(database)
    desk.assistant.says("Five days.")

    await tried(desk)

    call = await desk.only(ModelCall)
    assert (call.purpose, call.conversation_id, call.turn_id, call.error) == ("try_it", None, None, None)
    assert call.cost > 0


async def test_a_question_for_people_says_so_and_asks_nobody(database: Database) -> None:
    desk = small_desk(database)
    desk.assistant.calls_tool("escalate", {"reason": "legal_threat", "brief": "x"})

    text, end = await tried(desk)

    assert (text, end.escalates) == ("", Reason.LEGAL_THREAT)


async def test_the_control_word_is_understood_and_not_shown(database: Database) -> None:
    desk = small_desk(database)
    desk.assistant.says("[ESCA", "LATE] A person will help.")

    text, end = await tried(desk)

    assert (text.strip(), end.escalates) == ("A person will help.", Reason.CANNOT_RESOLVE)


async def test_without_a_model_the_articles_answer(database: Database) -> None:
    articles = ArticlesSay("From our article: five days.")
    desk = small_desk(database, assistant=articles, fallback=articles)

    text, end = await tried(desk)

    assert text == "From our article: five days."
    assert (end.assistant, end.notice) == ("articles_only", NO_MODEL)
    assert await desk.rows(ModelCall) == []


async def test_a_model_that_is_away_is_said_to_be_and_the_articles_answer(database: Database) -> None:
    desk = small_desk(database)
    desk.assistant.fails("overloaded")

    text, end = await tried(desk)

    assert (text, end.assistant, end.notice) == ("Our articles say: five days.", "articles_only", AWAY)
    assert (await desk.only(ModelCall)).error == "overloaded"


async def test_a_model_that_rests_or_is_used_up_is_not_called(database: Database) -> None:
    used_up = small_desk(database, may_call_model=False)
    resting = small_desk(database)
    for _ in range(FAULTS):
        given = resting.kit.breaker.ask(0)
        assert given is not None
        resting.kit.breaker.failed(given, 10**12)

    for desk in (used_up, resting):
        assert (await tried(desk))[1].notice == AWAY
        assert desk.assistant.requests == []
    assert await used_up.rows(ModelCall) == []


async def test_an_answer_that_breaks_off_is_said_to(database: Database) -> None:
    desk = small_desk(database)
    desk.assistant.says("Five ").fails("broken_stream")

    text, end = await tried(desk)

    assert (text, end.notice) == ("Five ", BROKEN)
    assert (await desk.only(ModelCall)).output_tokens > 0


async def test_whoever_leaves_in_the_middle_pays_for_what_came(database: Database) -> None:
    desk = small_desk(database)
    desk.assistant.says("Five ").pauses().says("days.")
    trying = try_out(desk.kit, FORMAL, "How long?")

    assert await anext(trying) == TriedText("Five ")
    await trying.aclose()

    assert (await desk.only(ModelCall)).error == "stopped"
    given = desk.kit.breaker.ask(0)  # and the breaker waits for nobody
    assert given is not None
    assert not given.is_probe


@pytest.mark.parametrize("question", ["", "  ", "x" * 2001, None, {"a": 1}])
async def test_what_is_no_question_is_refused(database: Database, question: object) -> None:
    trying: AsyncIterator[object] = try_out(small_desk(database).kit, FORMAL, question)

    with pytest.raises(Refused):
        await anext(trying)
