"""Runs turns, whether or not anybody looks: one at a time a conversation, each in a task of its own.

The runner turns a turn's events into log entries, writes the answer so far to the database every
second, and stops when the conversation has another owner. It is told by `wake`, `stop` and the desk's
topic of the live log; it tells nobody anything except through the log.
"""

import asyncio
import contextlib
import logging
import time
from contextlib import aclosing
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from supportbot.conversations.events import (
    DESK,
    Escalated,
    OwnerChanged,
    TextArrived,
    TurnEnded,
    TurnEvent,
    TurnFailed,
)
from supportbot.conversations.live import Position, Resync
from supportbot.conversations.ownership import assistant_may_answer
from supportbot.turns.frames import Stop
from supportbot.turns.record import fail_expired, renew_leases, save_partial
from supportbot.turns.summaries import Summaries
from supportbot.turns.turn import TurnKit, take_turn

log = logging.getLogger(__name__)

SWEEP_EVERY = 5.0
"""Seconds between two renewals of our leases, and two looks for turns whose runner died."""
SHORTEST_PAUSE = 0.005
"""Seconds the saver sleeps at least, whatever it is told."""
SUPERSEDE_UNDER_CHARACTERS = 200
SUPERSEDE_WITHIN = 2.0
"""A turn younger than this many seconds that has shown little starts over when the customer writes more."""


class _Running:
    """A conversation that is being answered."""

    def __init__(self) -> None:
        self.task: asyncio.Task[None] | None = None
        self.next_turn()

    def next_turn(self) -> None:
        self.stop = Stop()
        self.more = False
        self.begun = False
        self.started = time.monotonic()
        self.shown = 0

    @property
    def may_start_over(self) -> bool:
        """Whether the turn has read the conversation and shown next to nothing since."""
        young = time.monotonic() - self.started < SUPERSEDE_WITHIN
        return self.begun and young and self.shown < SUPERSEDE_UNDER_CHARACTERS


class Runner:
    """Owns the turns that run in this process."""

    def __init__(self, kit: TurnKit) -> None:
        self.kit = kit
        self._running: dict[UUID, _Running] = {}
        self._summaries = Summaries(kit.database, kit.writer, kit.may_call_model, kit.prices)
        self._summarising: set[asyncio.Task[None]] = set()
        self._housekeeping: list[asyncio.Task[None]] = []
        self._closing = False

    def start(self) -> None:
        """Begin to listen for changes of ownership and to sweep up after dead runners."""
        self._housekeeping = [
            asyncio.create_task(self._listen(), name="runner-listen"),
            asyncio.create_task(self._sweep(), name="runner-sweep"),
        ]

    def wake(self, conversation_id: UUID, *, again: bool = False) -> None:
        """The customer has said something (or asks for another try): see that it is answered.

        A turn that has hardly begun starts over with the new message; a later one completes first.
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
        running.more = True
        if running.may_start_over:
            running.stop.set("superseded")

    def stop(self, conversation_id: UUID, reason: str = "stopped") -> None:
        """End the running answer, if there is one; what has been shown is kept."""
        if running := self._running.get(conversation_id):
            running.stop.set(reason)

    def is_running(self, conversation_id: UUID) -> bool:
        """Whether this process is answering there right now."""
        return conversation_id in self._running

    async def idle(self) -> None:
        """Wait until no turn runs and no summary is being written."""
        while tasks := [
            *(running.task for running in self._running.values() if running.task),
            *self._summarising,
        ]:
            await asyncio.wait(tasks)

    async def close(self, grace: float = 5) -> None:
        """Stop every turn, keeping what it has shown, within `grace` seconds."""
        self._closing = True
        for task in (*self._housekeeping, *self._summarising):
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
                answered = await self._one_turn(conversation_id, running, again=again, over=over)
                # Nothing is awaited between this look and the removal, so no wake can be lost.
                if self._closing or not (answered or running.more):
                    return
                over, again = running.stop.reason == "superseded", False
                running.next_turn()
        finally:
            del self._running[conversation_id]

    async def _one_turn(self, conversation_id: UUID, running: _Running, *, again: bool, over: bool) -> bool:
        """Whether there was anything to answer."""
        saver = _Saver(self.kit, running.stop)
        saving = asyncio.create_task(saver.run(), name="runner-save")
        turn = take_turn(self.kit, conversation_id, running.stop, again=again, over=over)
        try:
            async with aclosing(turn) as events:
                async for event in events:
                    running.begun = True
                    await self._publish(conversation_id, event, running, saver)
        except Exception:
            log.exception("a turn ended with an error")
            return False
        finally:
            saver.finish()
            await saving
        if running.begun:
            self._summarise(conversation_id)
        return running.begun

    def _summarise(self, conversation_id: UUID) -> None:
        """Nobody waits for it: the next turn takes the window as it finds it."""
        if not self._closing:
            task = asyncio.create_task(self._keep_up(conversation_id), name="runner-summary")
            self._summarising.add(task)
            task.add_done_callback(self._summarising.discard)

    async def _keep_up(self, conversation_id: UUID) -> None:
        try:
            await self._summaries.keep_up(conversation_id)
        except Exception:
            log.exception("a conversation could not be summarised; its next answer tries again")

    async def _publish(
        self, conversation_id: UUID, event: TurnEvent, running: _Running, saver: "_Saver"
    ) -> None:
        if isinstance(event, Escalated):
            return  # the handoff has announced it, in the transaction that made it true
        position = await self.kit.live.append(conversation_id, event)
        if isinstance(event, TextArrived):
            running.shown = event.at + len(event.text)
        if isinstance(event, TurnEnded | TurnFailed):
            # The desk's list of all open conversations shows the last words.
            await self.kit.live.append(DESK, event)
        saver.take(event, position)

    async def _listen(self) -> None:
        while True:
            try:
                await self._follow_the_desk()
            except Exception:
                log.exception("listening for changes of ownership failed; starting again")
                await asyncio.sleep(1)

    async def _follow_the_desk(self) -> None:
        position = await self.kit.live.position(DESK)
        async for batch in self.kit.live.follow(DESK, position):
            if isinstance(batch, Resync):
                return
            for entry in batch:
                event = entry.event
                if isinstance(event, OwnerChanged) and not assistant_may_answer(event.owner):
                    self.stop(event.conversation_id, "owner")

    async def _sweep(self) -> None:
        while True:
            try:
                if self._running:
                    await renew_leases(self.kit.database, self.kit.runner, list(self._running))
                for conversation_id in await fail_expired(self.kit.database, self.kit.live):
                    # Whatever the customer wrote while the dead turn was believed to run.
                    self.wake(conversation_id)
            except Exception:
                log.exception("renewing leases and looking for abandoned turns failed; trying again")
            await asyncio.sleep(SWEEP_EVERY)


class _Saver:
    """Writes a running answer to the database every `save_every` seconds, also while it stands still."""

    def __init__(self, kit: TurnKit, stop: Stop) -> None:
        self._kit = kit
        self._stop = stop
        self._text: list[str] = []
        self._newest: tuple[UUID, Position] | None = None
        self._over = asyncio.Event()

    def take(self, event: TurnEvent, position: Position) -> None:
        """Note a piece of the answer and its place in the log."""
        if isinstance(event, TextArrived):
            self._text.append(event.text)
            self._newest = (event.message_id, position)

    def finish(self) -> None:
        """The turn has recorded its end itself."""
        self._over.set()

    async def run(self) -> None:
        """Save until the turn is over; ends it if the database says that it is no longer ours."""
        while not self._over.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(self._kit.save_every, SHORTEST_PAUSE)):
                    await self._over.wait()
            if self._newest is not None and not self._over.is_set():
                await self._save(*self._newest)

    async def _save(self, message_id: UUID, position: Position) -> None:
        text, saved = "".join(self._text), self._newest
        try:
            ours = await save_partial(self._kit.database, message_id, text, position)
        except (DBAPIError, OSError):
            log.warning("an answer so far could not be stored; it goes on, and its end will be")
            return
        if not ours:
            self._stop.set("owner")
        if self._newest is saved:
            self._newest = None
