"""Writes the running answers of this process to the database every second, all of them in one transaction.

A transaction for each answer cost more than the words it stored: with fifty answers, fifty waits for the
one writer SQLite allows.
"""

import asyncio
import contextlib
import logging
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from supportbot.conversations.events import TextArrived, TurnEvent
from supportbot.conversations.live import Position
from supportbot.database import Database
from supportbot.turns.frames import Stop
from supportbot.turns.leases import Partial, save_partials

log = logging.getLogger(__name__)

SHORTEST_PAUSE = 0.005
"""Seconds the saver sleeps at least, whatever it is told."""


class Draft:
    """A running answer: what it has said so far, and whom to stop if it is no longer ours."""

    def __init__(self, stop: Stop) -> None:
        self.stop = stop
        self._text: list[str] = []
        self._length = 0
        self._newest: tuple[UUID, Position] | None = None

    def take(self, event: TurnEvent, position: Position) -> None:
        """Note a piece of the answer and its place in the log."""
        if isinstance(event, TextArrived):
            self._text.append(event.text)
            self._length += len(event.text)
            self._newest = (event.message_id, position)

    @property
    def unsaved(self) -> Partial | None:
        """The answer so far, if it has grown since it was saved."""
        if self._newest is None:
            return None
        message_id, position = self._newest
        return Partial(message_id, "".join(self._text), position)

    def saved(self, partial: Partial) -> None:
        """So much is stored."""
        # Not by its place in the log: while the log is away, every piece has the same.
        if self._length == len(partial.text):
            self._newest = None


class Saver:
    """Keeps the drafts of all answers that run in this process stored.

    Args:
        database: Where answers are kept.
        every: Seconds between two writes.
        leases: Held while leases are renewed: on PostgreSQL two such writes could wait for each other.
    """

    def __init__(self, database: Database, *, every: float, leases: asyncio.Lock) -> None:
        self._database = database
        self._every = max(every, SHORTEST_PAUSE)
        self._leases = leases
        self._drafts: set[Draft] = set()
        self._idle = asyncio.Event()
        self._saving: asyncio.Task[None] | None = None

    def begin(self, stop: Stop) -> Draft:
        """Start to save an answer; its turn is stopped if the database says that it is no longer ours."""
        draft = Draft(stop)
        self._drafts.add(draft)
        self._idle.clear()
        if self._saving is None or self._saving.done():
            self._saving = asyncio.create_task(self._run(), name="runner-save")
        return draft

    def finish(self, draft: Draft) -> None:
        """The turn has recorded its end itself."""
        self._drafts.discard(draft)
        if not self._drafts:
            self._idle.set()

    async def _run(self) -> None:
        while self._drafts:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._every):
                    await self._idle.wait()
            try:
                async with self._leases:
                    await self._save()
            except (DBAPIError, OSError):
                log.warning("answers so far could not be stored; they go on, and their ends will be")
            except Exception:
                log.exception("answers so far could not be stored; they go on, and their ends will be")

    async def _save(self) -> None:
        unsaved = {draft: partial for draft in self._drafts if (partial := draft.unsaved)}
        if not unsaved:
            return
        ours = await save_partials(self._database, list(unsaved.values()))
        for draft, partial in unsaved.items():
            draft.saved(partial)
            if partial.message_id not in ours and draft in self._drafts:
                draft.stop.set("owner")
