"""How a conversation stands with the assistant: which turns let the customer down, and which say nothing."""

from dataclasses import replace
from uuid import UUID

import pytest

from supportbot.database import Database
from supportbot.escalations import handoff
from supportbot.escalations.counts import SinceBoundary
from supportbot.models import MessageState, Reason, Trigger
from supportbot.turns.frames import Stop
from supportbot.turns.standing import Ended, Standing, in_a_row, standing
from tests.people import ALICE, conversation_of, sam, says
from tests.scripted import REFUNDS, FixedRetrieval, SmallDesk, small_desk

pytestmark = pytest.mark.anyio

GOOD = Ended(
    MessageState.COMPLETE, "end_turn", None, "Five days.", asked=False, answered=True, asks_something=True
)
QUOTED = replace(GOOD, error_code="overloaded", asked=True)
IN_AN_OUTAGE = replace(GOOD, error_code="breaker_open")
NOTHING_FOUND = replace(IN_AN_OUTAGE, answered=False)


@pytest.mark.parametrize(
    ("ended", "lets_down"),
    [
        (GOOD, False),
        (QUOTED, True),
        (IN_AN_OUTAGE, None),
        (NOTHING_FOUND, True),
        (replace(NOTHING_FOUND, asks_something=False), None),
        (replace(GOOD, state=MessageState.FAILED), True),
        (replace(GOOD, state=MessageState.STOPPED), None),
        (replace(GOOD, state=MessageState.SUPERSEDED), None),
        (replace(GOOD, stop_reason="refusal", text=" "), True),
        (replace(GOOD, stop_reason="refusal", text="I would rather not, but"), False),
        (replace(GOOD, stop_reason="max_tokens"), False),
    ],
)
def test_a_turn_lets_the_customer_down_or_does_not_or_says_nothing(
    ended: Ended, lets_down: bool | None
) -> None:
    assert ended.lets_down is lets_down


@pytest.mark.parametrize(
    ("newest_first", "count"),
    [
        ([], 0),
        ([GOOD], 0),
        ([QUOTED, NOTHING_FOUND, GOOD, QUOTED], 2),
        ([IN_AN_OUTAGE, QUOTED, IN_AN_OUTAGE, NOTHING_FOUND, GOOD], 2),
        ([GOOD, QUOTED, QUOTED], 0),
    ],
)
def test_a_row_ends_with_a_good_answer_and_only_with_one(newest_first: list[Ended], count: int) -> None:
    assert in_a_row(newest_first) == count


# As it is recorded


@pytest.fixture
def desk(database: Database) -> SmallDesk:
    return small_desk(database)


@pytest.fixture
async def alices(database: Database) -> UUID:
    return (await conversation_of(database, ALICE)).id


async def asks(desk: SmallDesk, conversation_id: UUID, stop: Stop | None = None) -> None:
    await says(desk.database, conversation_id, "How long do refunds take?")
    await desk.take_turn(conversation_id, stop)


async def stands(desk: SmallDesk, conversation_id: UUID) -> Standing:
    async with desk.database.reading() as session:
        return await standing(session, conversation_id)


async def test_a_new_conversation_stands_well(desk: SmallDesk, alices: UUID) -> None:
    assert await stands(desk, alices) == Standing(SinceBoundary(), 0)


async def test_what_happened_is_read_from_the_record(desk: SmallDesk, alices: UUID) -> None:
    stopped = Stop()
    stopped.set("stopped")
    desk.assistant.says("Five.").then.fails("overloaded").then.says("Five.").fails("broken_stream")
    await asks(desk, alices)
    await asks(desk, alices)
    await asks(desk, alices, stopped)

    assert await stands(desk, alices) == Standing(SinceBoundary(assistant_answers=2), 1)


async def test_a_call_in_vain_is_told_from_none_at_all(database: Database, alices: UUID) -> None:
    retrieval = FixedRetrieval(REFUNDS)
    spared = small_desk(database, may_call_model=False, retrieval=retrieval)
    await asks(spared, alices)
    assert (await stands(spared, alices)).let_down == 0

    desk = small_desk(database, retrieval=retrieval)
    desk.assistant.fails("rate_limited")
    await asks(desk, alices)

    assert (await stands(desk, alices)).let_down == 1


async def test_what_people_have_settled_is_forgotten(desk: SmallDesk, alices: UUID) -> None:
    desk.assistant.fails("overloaded")
    await asks(desk, alices)
    assert (await stands(desk, alices)).let_down == 1
    staff = await sam(desk.database)
    await handoff.take_over(desk.database, desk.live, alices, staff)
    await handoff.hand_back(desk.database, desk.live, alices, staff)

    assert await stands(desk, alices) == Standing(SinceBoundary(), 0)


async def test_so_is_what_the_customer_no_longer_waits_for(desk: SmallDesk, alices: UUID) -> None:
    desk.assistant.fails("overloaded")
    await asks(desk, alices)
    where = (desk.database, desk.live, alices)
    await handoff.escalate(*where, reason=Reason.FAULT, trigger=Trigger.FAULT)
    await handoff.no_longer_needed(*where)

    assert await stands(desk, alices) == Standing(SinceBoundary(), 0)
