"""A conversation of Alice's with one desk, and the few things that happen to it on its way to people."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from supportbot.conversations.events import DESK, Escalated, Owner, OwnerChanged
from supportbot.conversations.live import Position
from supportbot.conversations.transcript import Browser, read, start
from supportbot.escalations import handoff
from supportbot.escalations.acknowledging import acknowledgement
from supportbot.models import Conversation, Handoff, Message, MessageState, Reason, Role, Trigger, Turn
from supportbot.turns import leases
from tests.people import ALICE, sam
from tests.scripted import ArticlesSay, ScriptedAssistant, SmallDesk, small_desk

HOME = "192.0.2.1"
QUESTION = "How long do refunds take for order 88123?"


@dataclass
class Stage:
    """A conversation of Alice's with one desk, and the few things she does in it."""

    ANSWER: ClassVar = "This is how it works."

    desk: SmallDesk
    id: UUID = field(default_factory=lambda: UUID(int=0))
    said: int = 0

    @property
    def assistant(self) -> ScriptedAssistant:
        return self.desk.assistant

    async def says(self, text: str = QUESTION) -> None:
        self.said += 1
        if self.id.int:
            alice = (await self.desk.only(Conversation)).visitor_id
            await self.desk.intake.say(self.id, alice, HOME, text, f"key {self.said}")
        else:
            self.id = await self.desk.intake.begin(ALICE.token_hash, HOME, text, "key", Browser())
        await self.desk.runner.idle()

    async def presses_the_button(self) -> None:
        if not self.id.int:
            self.id = (await start(self.desk.database, ALICE.token_hash, Browser())).id
        await self.desk.intake.ask_for_person(self.id)
        await self.desk.runner.idle()

    async def tries_again(self) -> None:
        alice = (await self.desk.only(Conversation)).visitor_id
        await self.desk.intake.try_again(self.id, alice, HOME)
        await self.desk.runner.idle()

    async def rates_the_last_answer(self, value: int) -> None:
        await self.desk.intake.rate((await self.desk.answers(self.id))[-1], value)
        await self.desk.runner.idle()

    async def is_resolved(self) -> None:
        staff = await sam(self.desk.database)
        where = (self.desk.database, self.desk.live, self.id, staff)
        await handoff.take_over(*where)
        await handoff.resolve(*where)

    async def is_answered_on_a_server_that_dies(self) -> None:
        """The answer pauses; its server is gone by then, and another one sweeps up."""
        running = asyncio.create_task(self.tries_again())
        await self.assistant.paused()
        async with self.desk.database.transaction() as session:
            for turn in await self.desk.rows(Turn):
                if turn.ended_at is None:
                    (await session.merge(turn)).lease_until = turn.started_at - leases.LEASE
        survivor = small_desk(self.desk.database, live=self.desk.live)
        survivor.runner.start()
        async with asyncio.timeout(20):
            while await self.owner() == Owner.ASSISTANT:
                await asyncio.sleep(0.02)
        await survivor.runner.close()
        self.assistant.resume()
        await running

    async def no_longer_needs_a_person(self) -> None:
        await handoff.no_longer_needed(self.desk.database, self.desk.live, self.id)
        await self.desk.runner.idle()

    def gets_a_new_assistant(self) -> None:
        """Whatever was wrong is mended: every answer is as it should be."""
        self.desk = small_desk(self.desk.database, assistant=ArticlesSay(self.ANSWER), live=self.desk.live)

    async def owner(self) -> Owner:
        return (await read(self.desk.database, self.desk.live, self.id)).owner

    async def newest(self) -> Message:
        return (await self.desk.answers(self.id))[-1]

    async def expect_with_the_assistant(self) -> None:
        assert await self.owner() == Owner.ASSISTANT
        assert [one for one in await self.desk.rows(Handoff) if one.closed_at is None] == []

    async def expect_queued(self, reason: Reason, trigger: Trigger, brief: str, *, told: str = "") -> None:
        """Somebody waits: with a reason, a brief and words of the server, and everybody has heard of it."""
        shown = await read(self.desk.database, self.desk.live, self.id)
        waiting = shown.handoff
        assert waiting is not None
        assert shown.owner == Owner.WAITING
        assert (waiting.reason, waiting.trigger) == (reason, trigger)
        assert waiting.brief.startswith(brief), waiting.brief
        assert all(one.state != MessageState.STREAMING for one in shown.messages)
        acknowledged = [one.content for one in shown.messages if one.role == Role.SYSTEM][-1]
        assert acknowledged == (told or acknowledgement(reason))
        assert Escalated(self.id, str(reason)) in await self._heard(self.id)
        owners = [event for event in await self._heard(DESK) if isinstance(event, OwnerChanged)]
        assert (owners[-1].conversation_id, owners[-1].owner) == (self.id, Owner.WAITING)

    async def _heard(self, topic: UUID) -> list[Any]:
        end = await self.desk.live.position(topic)
        batch = await anext(self.desk.live.follow(topic, Position(end.epoch, 0), heartbeat=0))
        return [entry.event for entry in batch]
