"""The end of a turn is recorded once, also when nobody heard that it was."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.conversations.events import TextArrived, Thinking, TurnEnded
from supportbot.database import Database
from supportbot.models import MessageState, ModelCall, Outcome
from supportbot.turns.frames import Stop
from supportbot.turns.turn import take_turn
from tests.people import ALICE, conversation_of, says
from tests.scripted import small_desk

pytestmark = pytest.mark.anyio


class Mute(Database):
    """A database that commits, and whose word of it is lost; or that cannot be read for a moment."""

    def __init__(self, database: Database) -> None:
        self.__dict__ |= database.__dict__
        self.lost = self.deaf = 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        async with super().transaction() as session:
            yield session
        if self.lost:
            self.lost -= 1
            raise OperationalError("COMMIT", {}, Exception("server closed the connection"))

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        if self.deaf:
            self.deaf -= 1
            raise OperationalError("SELECT", {}, Exception("server closed the connection"))
        async with super().reading() as session:
            yield session


async def test_an_answer_whose_record_nobody_heard_of_is_shown_and_paid_once(database: Database) -> None:
    mute = Mute(database)
    desk = small_desk(mute, record_again=(0.01, 0.01))
    desk.assistant.says("Five days.")
    conversation = await conversation_of(database, ALICE)
    await says(database, conversation.id, "How long?", live=desk.live)

    story = []
    async for event in take_turn(desk.kit, conversation.id, Stop()):
        story.append(event)
        mute.lost = int(isinstance(event, TextArrived))

    assert isinstance(story[-1], TurnEnded)
    assert (story[-1].message.state, story[-1].message.content) == (MessageState.COMPLETE, "Five days.")
    call, outcome = await desk.only(ModelCall), await desk.only(Outcome)
    assert outcome.cost == call.cost > Decimal(0)
    assert outcome.assistant_messages == 1


async def test_a_turn_that_has_begun_and_cannot_read_for_a_moment_goes_on(database: Database) -> None:
    mute = Mute(database)
    desk = small_desk(mute)
    desk.assistant.says("Five days.")
    conversation = await conversation_of(database, ALICE)
    await says(database, conversation.id, "How long?", live=desk.live)
    mute.deaf = 1

    story = [event async for event in take_turn(desk.kit, conversation.id, Stop())]

    assert [type(event) for event in story] == [Thinking, TextArrived, TurnEnded]
