"""The running answers of a process are stored together; each hears by itself that it is no longer ours."""

import asyncio
from uuid import UUID

import pytest

from supportbot.conversations.events import TextArrived
from supportbot.conversations.live import LOST, Position
from supportbot.database import Database
from supportbot.escalations import handoff
from supportbot.models import Message, MessageState, Turn
from supportbot.turns import leases, record
from supportbot.turns.frames import Stop
from supportbot.turns.leases import Partial
from supportbot.turns.record import Begun
from supportbot.turns.saving import Draft, Saver
from tests.people import ALICE, BOB, Customer, conversation_of, sam, says
from tests.scripted import SmallDesk, small_desk

pytestmark = pytest.mark.anyio

HERE = Position("epoch", 7)


@pytest.fixture
def desk(database: Database) -> SmallDesk:
    return small_desk(database)


@pytest.fixture
def saver(database: Database) -> Saver:
    return Saver(database, every=0.0, leases=asyncio.Lock())


async def begun(desk: SmallDesk, customer: Customer) -> Begun:
    """A running turn that answers this customer."""
    conversation = await conversation_of(desk.database, customer)
    await says(desk.database, conversation.id, "Hello?", live=desk.live)
    turn = await record.begin(
        desk.database, desk.live, conversation.id, runner="this one", assistant="claude", model=""
    )
    assert turn is not None
    return turn


async def stored(desk: SmallDesk, message_id: UUID) -> str:
    async with desk.database.reading() as session:
        message = await session.get(Message, message_id)
    assert message is not None
    return message.content


def wrote(draft: Draft, turn: Begun, *pieces: str) -> None:
    at = 0
    for piece in pieces:
        draft.take(TextArrived(turn.message.id, at, piece), HERE)
        at += len(piece)


async def test_all_of_them_are_stored(desk: SmallDesk, saver: Saver) -> None:
    alices, bobs = await begun(desk, ALICE), await begun(desk, BOB)
    first, second = saver.begin(Stop()), saver.begin(Stop())

    wrote(first, alices, "They ", "take")
    wrote(second, bobs, "Five days")

    async with asyncio.timeout(5):
        while first.unsaved or second.unsaved:
            await asyncio.sleep(0.005)
    assert await stored(desk, alices.message.id) == "They take"
    assert await stored(desk, bobs.message.id) == "Five days"
    saver.finish(first)
    saver.finish(second)


async def test_only_the_one_that_people_took_over_is_stopped(desk: SmallDesk, saver: Saver) -> None:
    alices, bobs = await begun(desk, ALICE), await begun(desk, BOB)
    await handoff.take_over(desk.database, desk.live, bobs.conversation_id, await sam(desk.database))
    hers, his = Stop(), Stop()
    first, second = saver.begin(hers), saver.begin(his)

    wrote(first, alices, "They take")
    wrote(second, bobs, "Five days")

    async with asyncio.timeout(5):
        await his.signal.wait()
    assert (his.reason, hers.reason) == ("owner", None)
    saver.finish(first)
    saver.finish(second)


async def test_an_answer_that_has_ended_is_neither_changed_nor_its_turn_renewed(desk: SmallDesk) -> None:
    alices, bobs = await begun(desk, ALICE), await begun(desk, BOB)
    tally = record.Tally(text="The end.")
    await record.commit(desk.database, desk.live, alices, tally, MessageState.COMPLETE)
    before = {turn.id: turn.lease_until for turn in await desk.rows(Turn)}

    ours = await leases.save_partials(
        desk.database,
        [Partial(alices.message.id, "Too late", HERE), Partial(bobs.message.id, "Five days", HERE)],
    )

    assert ours == {bobs.message.id}
    assert await stored(desk, alices.message.id) == "The end."
    after = {turn.id: turn.lease_until for turn in await desk.rows(Turn)}
    assert after[alices.turn_id] == before[alices.turn_id]
    assert after[bobs.turn_id] > before[bobs.turn_id]


@pytest.mark.parametrize(("first", "then"), [(Position("epoch", 1), Position("epoch", 2)), (LOST, LOST)])
async def test_what_comes_while_it_is_being_stored_is_stored_next_time(
    first: Position, then: Position
) -> None:
    draft = Draft(Stop())
    message = UUID(int=1)
    draft.take(TextArrived(message, 0, "They "), first)
    partial = draft.unsaved
    assert partial is not None

    draft.take(TextArrived(message, 5, "take"), then)
    draft.saved(partial)

    assert draft.unsaved == Partial(message, "They take", then)
    draft.saved(Partial(message, "They take", then))
    assert draft.unsaved is None


async def test_nothing_is_written_when_nothing_has_grown(desk: SmallDesk, saver: Saver) -> None:
    draft = saver.begin(Stop())

    assert draft.unsaved is None
    assert await leases.save_partials(desk.database, [Partial(UUID(int=1), "Whose?", HERE)]) == set()
    saver.finish(draft)
