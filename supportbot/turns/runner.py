"""Runs turns, whether or not anybody looks: one at a time a conversation, each in a task of its own.

The runner turns a turn's events into log entries, writes the answer so far to the database every
second, and stops when the conversation has another owner. It is told by `wake`, `stop` and the desk's
topic of the live log; it tells nobody anything except through the log.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Coroutine
from contextlib import aclosing
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from supportbot.conversations.events import (
    DESK,
    AnswerAsked,
    CustomerSaid,
    Escalated,
    OwnerChanged,
    StopAsked,
    TextArrived,
    Thinking,
    TurnEnded,
    TurnEvent,
    TurnFailed,
)
from supportbot.conversations.live import LOST, Resync
from supportbot.conversations.ownership import assistant_may_answer
from supportbot.logs import log_trouble
from supportbot.turns import judging
from supportbot.turns.briefs import Briefs
from supportbot.turns.frames import Stop
from supportbot.turns.kit import TurnKit
from supportbot.turns.leases import fail_expired, renew_leases
from supportbot.turns.record import anything_unanswered
from supportbot.turns.saving import Draft, Saver
from supportbot.turns.summaries import Summaries
from supportbot.turns.turn import take_turn

log = logging.getLogger(__name__)

SWEEP_EVERY = 5.0
"""Seconds between two renewals of our leases, and two looks for turns whose runner died."""
BEFORE_ANY_SUMMARY = 2
"""A question and its answer never fill the window, so that most conversations need not be looked at."""
SUPERSEDE_UNDER_CHARACTERS = 200
SUPERSEDE_WITHIN = 2.0
"""A turn younger than this many seconds that has shown little starts over when the customer writes more."""


class _Running:
    """A conversation that is being answered."""

    def __init__(self) -> None:
        self.task: asyncio.Task[None] | None = None
        self.trying_again = False
        self.next_turn()

    def next_turn(self) -> None:
        self.stop = Stop()
        self.more = self.again = False
        self.begun = self.answering = False
        self.reads_to = 0
        self.newest = 0
        self.started = time.monotonic()
        self.shown = 0

    def customer_wrote(self, seq: int | None) -> None:
        """Go on with this message; start over with it if the turn has not read it and shown next to nothing.

        Whether it has read the message is known once it has begun. None: nobody knows its number, so it
        is taken for newer than all that was read.
        """
        self.more = True
        self.newest = max(self.newest, seq if seq is not None else self.reads_to + 1)
        self.look_again()

    def look_again(self) -> None:
        """Start over if it is young and something newer than what it has read was said."""
        young = time.monotonic() - self.started < SUPERSEDE_WITHIN
        unread = self.begun and self.newest > self.reads_to
        if unread and young and self.shown < SUPERSEDE_UNDER_CHARACTERS:
            self.stop.set("superseded")


class Runner:
    """Owns the turns that run in this process."""

    def __init__(self, kit: TurnKit) -> None:
        self.kit = kit
        self._running: dict[UUID, _Running] = {}
        self._leases = asyncio.Lock()
        self._saver = Saver(kit.database, every=kit.save_every, leases=self._leases)
        self._summaries = Summaries(kit)
        self._briefs = Briefs(kit, kit.live, kit.system)
        self._briefing: dict[UUID, bool] = {}
        """Conversations whose brief is being written, and whether there is more to write of by now."""
        self._writing: set[asyncio.Task[None]] = set()
        self._housekeeping: list[asyncio.Task[None]] = []
        self._closing = False

    def start(self) -> None:
        """Begin to listen for changes of ownership and to sweep up after dead runners."""
        self._housekeeping = [
            asyncio.create_task(self._listen(), name="runner-listen"),
            asyncio.create_task(self._sweep(), name="runner-sweep"),
        ]

    def wake(self, conversation_id: UUID, *, again: bool = False, seq: int | None = None) -> None:
        """The customer has said something (or asks for another try): see that it is answered.

        A turn that has hardly begun starts over with the message of this number, if it has not read it;
        a later one completes first.
        """
        if self._closing:
            return
        running = self._running.get(conversation_id)
        if running is None:
            running = self._running[conversation_id] = _Running()
            running.task = asyncio.create_task(
                self._answer(conversation_id, running, again), name="runner-answer"
            )
            return
        if not again:
            running.customer_wrote(seq)
        elif not running.trying_again:
            running.again = running.more = True

    def stop(self, conversation_id: UUID, reason: str = "stopped") -> None:
        """End the running answer, if there is one; what has been shown is kept."""
        if running := self._running.get(conversation_id):
            running.stop.set(reason)

    async def stop_anywhere(self, conversation_id: UUID) -> bool:
        """End the running answer on whichever worker it runs, as the customer wishes.

        Returns:
            False if this worker does not run it and the others cannot be told at the moment.
        """
        if self.is_running(conversation_id):
            self.stop(conversation_id)
            return True
        return await self.kit.live.append(DESK, StopAsked(conversation_id)) != LOST

    def is_running(self, conversation_id: UUID) -> bool:
        """Whether this process is answering there right now."""
        return conversation_id in self._running

    def is_answering(self, conversation_id: UUID) -> bool:
        """Whether an answer is being written, or tried again, here; not while it is only looked for one."""
        running = self._running.get(conversation_id)
        return running is not None and (running.answering or running.trying_again)

    def write_brief(self, conversation_id: UUID) -> None:
        """A conversation went to people, or its customer says more while waiting: put it in better words.

        Nobody waits for it, and what stands there until then is good enough to work with.
        """
        if self._closing or self.kit.writer is None:
            return
        if conversation_id in self._briefing:
            self._briefing[conversation_id] = True
            return
        self._briefing[conversation_id] = False
        self._write(self._brief(conversation_id), "runner-brief")

    async def idle(self) -> None:
        """Wait until no turn runs, and no summary or brief is being written."""
        while tasks := [
            *(running.task for running in self._running.values() if running.task),
            *self._writing,
        ]:
            await asyncio.wait(tasks)

    async def close(self, grace: float = 5) -> None:
        """Stop every turn, keeping what it has shown, within `grace` seconds."""
        self._closing = True
        for task in (*self._housekeeping, *self._writing):
            task.cancel()
        for running in self._running.values():
            running.stop.set("shutdown")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await self.idle()

    async def _answer(self, conversation_id: UUID, running: _Running, again: bool) -> None:
        """Take turns until nothing is unanswered. The database knows, also of what other workers heard."""
        over = False
        try:
            while True:
                running.trying_again = again
                answered = await self._one_turn(conversation_id, running, again=again, over=over)
                running.trying_again, over = False, running.stop.reason == "superseded"
                # Mostly nothing is left, and a look is cheaper than trying to begin another turn.
                left = running.more or (answered and await self._anything_left(conversation_id))
                # Nothing is awaited between this look and the removal, so no wake can be lost.
                if self._closing or not (left or running.more):
                    return
                again = running.again
                running.next_turn()
        finally:
            del self._running[conversation_id]

    async def _anything_left(self, conversation_id: UUID) -> bool:
        try:
            return await anything_unanswered(self.kit.database, conversation_id)
        except (DBAPIError, OSError):
            return True  # the turn that finds out tries more patiently

    async def _one_turn(self, conversation_id: UUID, running: _Running, *, again: bool, over: bool) -> bool:
        """Whether there was anything to answer."""
        draft = self._saver.begin(running.stop)
        turn = take_turn(self.kit, conversation_id, running.stop, again=again, over=over)
        try:
            async with aclosing(turn) as events:
                async for event in events:
                    running.begun = running.answering = True
                    if isinstance(event, Thinking):
                        running.reads_to = event.message.seq
                        running.look_again()
                    await self._publish(conversation_id, event, running, draft)
        except Exception as error:
            log_trouble(log, "a turn ended with an error", error)
            return False
        finally:
            running.answering = False
            self._saver.finish(draft)
        if running.reads_to > BEFORE_ANY_SUMMARY:
            self._summarise(conversation_id)
        return running.begun

    def _summarise(self, conversation_id: UUID) -> None:
        """Nobody waits for it: the next turn takes the window as it finds it."""
        if not self._closing:
            self._write(self._keep_up(conversation_id), "runner-summary")

    def _write(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _keep_up(self, conversation_id: UUID) -> None:
        try:
            await self._summaries.keep_up(conversation_id)
        except Exception as error:
            log_trouble(log, "a conversation could not be summarised; its next answer tries again", error)

    async def _brief(self, conversation_id: UUID) -> None:
        try:
            while True:
                self._briefing[conversation_id] = False
                await self._briefs.write(conversation_id)
                if not self._briefing[conversation_id]:
                    return
        except Exception as error:
            log_trouble(log, "a brief could not be written; the extract stays", error)
        finally:
            del self._briefing[conversation_id]

    async def _publish(
        self, conversation_id: UUID, event: TurnEvent, running: _Running, draft: Draft
    ) -> None:
        if isinstance(event, Escalated):
            # The handoff has announced it, in the transaction that made it true.
            self.write_brief(conversation_id)
            return
        position = await self.kit.live.append(conversation_id, event)
        if isinstance(event, TextArrived):
            running.shown = event.at + len(event.text)
        if isinstance(event, TurnEnded | TurnFailed):
            # The desk's list of all open conversations shows the last words.
            await self.kit.live.append(DESK, event)
        draft.take(event, position)

    async def _listen(self) -> None:
        while True:
            try:
                await self._follow_the_desk()
            except Exception as error:
                log_trouble(log, "listening for changes of ownership failed; starting again", error)
                await asyncio.sleep(1)

    async def _follow_the_desk(self) -> None:
        position = await self.kit.live.position(DESK)
        async for batch in self.kit.live.follow(DESK, position):
            if isinstance(batch, Resync):
                return
            for entry in batch:
                self._hear(entry.event)

    def _hear(self, event: Any) -> None:
        """What happens anywhere, on this worker or another, and concerns a turn that runs here."""
        if isinstance(event, OwnerChanged) and not assistant_may_answer(event.owner):
            self.stop(event.conversation_id, "owner")
        elif isinstance(event, StopAsked):
            self.stop(event.conversation_id)
        elif isinstance(event, AnswerAsked):
            self._look_for_more(event.conversation_id)
        elif isinstance(event, CustomerSaid) and event.conversation_id is not None:
            running = self._running.get(event.conversation_id)
            # What the turn read before it began is not news to it.
            if running is not None and event.message.seq > running.reads_to:
                running.customer_wrote(event.message.seq)

    def _look_for_more(self, conversation_id: UUID) -> None:
        """Answer what is unanswered; nobody has written anything new that a running answer could be about."""
        if (running := self._running.get(conversation_id)) is not None:
            running.more = True
        else:
            self.wake(conversation_id)

    async def _sweep(self) -> None:
        while True:
            try:
                if self._running:
                    async with self._leases:
                        await renew_leases(self.kit.database, self.kit.runner, list(self._running))
                for conversation_id in await fail_expired(self.kit.database, self.kit.live):
                    # Whatever the customer wrote while the dead turn was believed to run.
                    self.wake(conversation_id)
                    if await judging.escalate_by_record(
                        self.kit.database, self.kit.live, conversation_id, self.kit.opens
                    ):
                        self.write_brief(conversation_id)
            except Exception as error:
                log_trouble(
                    log, "renewing leases and looking for abandoned turns failed; trying again", error
                )
            await asyncio.sleep(SWEEP_EVERY)
