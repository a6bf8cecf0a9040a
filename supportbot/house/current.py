"""The settings as this worker knows them: read at start, and again whenever somebody has saved some.

Whoever needs a setting asks the house at the moment of use, so that a change is in effect with the next
prompt or page. A save is announced on the desk's topic; a worker that missed it finds out by looking.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing

from pydantic import ValidationError
from sqlalchemy import func
from sqlmodel import col, select

from supportbot.conversations.events import DESK, SettingsChanged
from supportbot.conversations.live import LiveLog, Position, Resync
from supportbot.database import Database
from supportbot.house.sections import (
    NAMES,
    Company,
    Hours,
    Limits,
    Look,
    Replies,
    Search,
    Section,
    Sections,
    Sending,
    Targets,
)
from supportbot.house.stored import Ground, open_house, section_of
from supportbot.logs import log_trouble
from supportbot.models import Setting

log = logging.getLogger(__name__)

LOOK_EVERY = 5.0
"""Seconds between two looks for versions that another worker has saved."""

AGAIN_AFTER = 1.0
"""Seconds before this worker listens again to a log that has lost it."""

Listener = Callable[[Sections], None]


class House:
    """What owners have set, on this worker never more than `LOOK_EVERY` seconds behind.

    Args:
        database: Where versions are kept.
        beginning: What is in effect for sections that nobody has saved.
        plain_http: Whether webhooks may go over plain http to another machine.
        private_hosts: Whether they may go to this machine and into private networks.
        look_every: Seconds between two looks for versions that nobody announced here.
    """

    def __init__(
        self,
        database: Database,
        beginning: Sections,
        *,
        plain_http: bool = False,
        private_hosts: bool = False,
        look_every: float = LOOK_EVERY,
    ) -> None:
        open_house(database, Ground(beginning, plain_http, private_hosts))
        self._database = database
        self._beginning = beginning
        self._look_every = look_every
        self._versions: dict[str, int] = {}
        self._listeners: list[Listener] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._reading = asyncio.Lock()
        self.now = beginning

    @property
    def company(self) -> Company:
        """Who answers, and how."""
        return self.now.company

    @property
    def hours(self) -> Hours:
        """When people answer."""
        return self.now.hours

    @property
    def look(self) -> Look:
        """How the customer's page looks."""
        return self.now.look

    @property
    def limits(self) -> Limits:
        """How much anybody may use."""
        return self.now.limits

    @property
    def targets(self) -> Targets:
        """What the desk promises itself."""
        return self.now.targets

    @property
    def replies(self) -> Replies:
        """The canned replies."""
        return self.now.replies

    @property
    def search(self) -> Search:
        """How questions find articles."""
        return self.now.search

    @property
    def sending(self) -> Sending:
        """How mails and webhooks leave."""
        return self.now.sending

    def on_change(self, listener: Listener) -> None:
        """Call this with the new settings whenever some have changed, now not."""
        self._listeners.append(listener)

    def version(self, section: str) -> int:
        """The version in effect; 0 while nobody has saved the section."""
        return self._versions.get(section, 0)

    async def start(self, live: LiveLog | None = None) -> None:
        """Read what is in effect, and keep up: by listening to the log, if given, and by looking."""
        position = await live.position(DESK) if live is not None else None
        await self.refresh()
        self._tasks.append(asyncio.create_task(self._look(), name="house-look"))
        if live is not None and position is not None:
            self._tasks.append(asyncio.create_task(self._listen(live, position), name="house-listen"))

    async def close(self) -> None:
        """Keep up no more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    async def refresh(self) -> bool:
        """Read the sections whose version is not the one this worker knows.

        Returns:
            Whether anything is different now.
        """
        async with self._reading:  # else a slow reader could bring back what a quick one has replaced
            return await self._refresh()

    async def _refresh(self) -> bool:
        newest = select(Setting.section, func.max(col(Setting.version))).group_by(col(Setting.section))
        async with self._database.reading() as session:
            versions = dict((await session.exec(newest)).all())
            behind = {
                name: version
                for name, version in versions.items()
                if name in NAMES and version != self._versions.get(name)
            }
            rows = [
                (
                    await session.exec(select(Setting).where(Setting.section == name, Setting.version == at))
                ).one()
                for name, at in behind.items()
            ]
        changed = {row.section: read for row in rows if (read := _read(row)) is not None}
        self._versions |= behind
        if not changed:
            return False
        self.now = self.now.model_copy(update=changed)
        for listener in self._listeners:
            try:
                listener(self.now)
            except Exception:
                log.exception("the settings have changed, and not everything follows them")
        return True

    async def _look(self) -> None:
        failing = False
        while True:
            await asyncio.sleep(self._look_every)
            failing = not await self._refreshed(quietly=failing)

    async def _listen(self, live: LiveLog, position: Position) -> None:
        while True:
            try:
                await self._follow(live, position)
                await asyncio.sleep(AGAIN_AFTER)
                position = await live.position(DESK)
                await self._refreshed()  # whatever was announced while the log had lost us
            except Exception as error:
                log_trouble(log, "changes of the settings are not heard of; they are looked for", error)
                await asyncio.sleep(self._look_every)

    async def _follow(self, live: LiveLog, position: Position) -> None:
        """Read anew after each announcement; ends when the log has lost us."""
        async with aclosing(live.follow(DESK, position)) as batches:
            async for batch in batches:
                if isinstance(batch, Resync):
                    return
                if any(isinstance(entry.event, SettingsChanged) for entry in batch):
                    await self._refreshed()

    async def _refreshed(self, *, quietly: bool = False) -> bool:
        """Refresh; an outage of the database leaves in effect what was."""
        try:
            await self.refresh()
        except Exception as error:
            if not quietly:
                log_trouble(log, "the settings cannot be read; what was in effect stays", error)
            return False
        return True


def _read(row: Setting) -> Section | None:
    try:
        return section_of(row.section, row.content)
    except ValidationError:
        # A newer server wrote it, say. What was in effect stays, which beats no settings at all.
        log.error("version %s of the settings %s cannot be read", row.version, row.section)
        return None
