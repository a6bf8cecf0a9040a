"""What the desk knows about an answer, and what it says about it."""

from typing import Any

import pytest

from supportbot.conversations.events import CaseChanged, staff_topic
from supportbot.database import Database
from supportbot.errors import Refused
from supportbot.models import (
    Article,
    ArticleState,
    Conversation,
    Evidence,
    MarkedWrong,
    Message,
    Role,
    Staff,
    Turn,
)
from supportbot.quality.answers import NOTE_CHARACTERS, AboutAnswer, about_answers, mark_wrong, unmark_wrong
from supportbot.quality.ratings import complain, rate
from tests.people import ALICE, alex, conversation_of, sam, says
from tests.scripted import SmallDesk, small_desk

pytestmark = pytest.mark.anyio


@pytest.fixture
async def desk(database: Database) -> SmallDesk:
    """Alice has had an answer."""
    desk = small_desk(database)
    conversation_id = (await conversation_of(database, ALICE)).id
    await says(database, conversation_id, "How long do refunds take?", live=desk.live)
    desk.assistant.says("Five days.")
    await desk.take_turn(conversation_id)
    return desk


@pytest.fixture
async def staff(database: Database) -> Staff:
    return await sam(database)


async def answer(desk: SmallDesk) -> Message:
    found: Message = await desk.only(Message, role=Role.ASSISTANT)
    return found


async def about(desk: SmallDesk) -> dict[Any, AboutAnswer]:
    return await about_answers(desk.database, (await desk.only(Conversation)).id)


async def test_of_an_answer_nobody_has_said_anything_about_nothing_is_told(desk: SmallDesk) -> None:
    await rate(desk.database, desk.live, await answer(desk), 1)

    assert await about(desk) == {}


async def test_a_colleague_marks_it_as_wrong_and_may_say_what_is_right(desk: SmallDesk, staff: Staff) -> None:
    one = await answer(desk)

    await mark_wrong(desk.database, desk.live, one, staff, " It is ten days. ")

    told = (await about(desk))[one.id]
    assert (told.wrong_by, told.wrong_note) == ("Sam", "It is ten days.")


async def test_said_again_the_last_word_counts_and_anybody_may_take_it_back(
    desk: SmallDesk, staff: Staff
) -> None:
    one, other = await answer(desk), await alex(desk.database)
    await mark_wrong(desk.database, desk.live, one, staff, "It is ten days.")
    await mark_wrong(desk.database, desk.live, one, other, "")
    assert (await about(desk))[one.id].wrong_by == "Alex"
    assert len(await desk.rows(MarkedWrong)) == 1

    for _ in range(2):
        await unmark_wrong(desk.database, desk.live, one, staff)

    assert await about(desk) == {}


@pytest.mark.parametrize("note", ["x" * (NOTE_CHARACTERS + 1), 7, None, {}])
async def test_a_note_that_cannot_be_kept_is_refused(desk: SmallDesk, staff: Staff, note: Any) -> None:
    with pytest.raises(Refused):
        await mark_wrong(desk.database, desk.live, await answer(desk), staff, note)

    assert await desk.rows(MarkedWrong) == []


async def test_colleagues_hear_of_it_and_the_customers_page_does_not(desk: SmallDesk, staff: Staff) -> None:
    one = await answer(desk)
    customers = await desk.live.position(one.conversation_id)
    staffs = await desk.live.position(staff_topic(one.conversation_id))

    await mark_wrong(desk.database, desk.live, one, staff, "Canary.")
    await unmark_wrong(desk.database, desk.live, one, staff)

    assert await desk.live.position(one.conversation_id) == customers
    batch = await anext(desk.live.follow(staff_topic(one.conversation_id), staffs))
    assert [entry.event for entry in batch] == [CaseChanged(one.conversation_id)] * 2


async def test_what_the_customer_found_wrong_is_told(desk: SmallDesk) -> None:
    one = await answer(desk)
    await rate(desk.database, desk.live, one, -1)
    await complain(desk.database, desk.live, one, "incomplete", "By card too?")

    told = (await about(desk))[one.id]
    assert (told.complaint, told.comment, told.wrong_by) == ("incomplete", "By card too?", None)


async def test_what_it_cites_stands_before_what_was_merely_found_and_changes_are_told(
    desk: SmallDesk,
) -> None:
    turn = await desk.only(Turn)
    refunds, cards = (
        Article(collection="c", path=name, slug=name, title=name, body="", content_hash="", version=version)
        for name, version in (("Refunds", 1), ("Cards", 3))
    )
    cards.state = ArticleState.RETIRED
    rested = [(0, cards.id, "By card", False), (1, refunds.id, "", True)]
    async with desk.database.transaction() as session:
        session.add_all([refunds, cards])
        await session.flush()
        session.add_all(
            Evidence(
                turn_id=turn.id,
                place=place,
                message_id=turn.wrote_id,
                article_id=article_id,
                version=1,
                heading=heading,
                score=0.5,
                cited=cited,
            )
            for place, article_id, heading, cited in rested
        )

    passages = (await about(desk))[turn.wrote_id].passages

    assert [(one.title, one.heading, one.cited, one.changed) for one in passages] == [
        ("Refunds", "", True, False),
        ("Cards", "By card", False, True),
    ]
    assert passages[1].state == ArticleState.RETIRED
