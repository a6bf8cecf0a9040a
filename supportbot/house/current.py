"""The settings as this worker knows them: read at start, and again whenever somebody has saved some.

Whoever needs a setting asks the house at the moment of use, so that a change is in effect with the next
prompt or page. A worker that missed the announcement finds out by looking.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError
from sqlalchemy import func
from sqlmodel import col, select

from supportbot.database import Database
from supportbot.house.sections import (
    NAMES,
    Company,
    Hours,
    Limits,
    Look,
    Replies,
    Sections,
    Sending,
    Targets,
)
from supportbot.logs import log_trouble
from supportbot.models import Setting

log = logging.getLogger(__name__)

LOOK_EVERY = 5.0
"""Seconds between two looks for versions that another worker has saved."""

Listener = Callable[[Sections], None]


class House:
    """What owners have set, on this worker never more than `LOOK_EVERY` seconds behind.

    Args:
        database: Where versions are kept.
        beginning: What is in effect for sections that nobody has saved.
    """

    def __init__(self, database: Database, beginning: Sections) -> None:
        self._database = database
        self._beginning = beginning
        self._versions: dict[str, int] = {}
        self._listeners: list[Listener] = []
        self._looking: asyncio.Task[None] | None = None
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
    def sending(self) -> Sending:
        """How mails and webhooks leave."""
        return self.now.sending

    def on_change(self, listener: Listener) -> None:
        """Call this with the new settings whenever some have changed, now not."""
        self._listeners.append(listener)

    def version(self, section: str) -> int:
        """The version in effect; 0 while nobody has saved the section."""
        return self._versions.get(section, 0)

    async def start(self) -> None:
        """Read what is in effect, and keep looking."""
        await self.refresh()
        self._looking = asyncio.create_task(self._look(), name="house-look")

    async def close(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def refresh(self) -> bool:
        """Read the sections whose version is not the one this worker knows.

        Returns:
            Whether anything is different now.
        """
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
        changed = {row.section: read for row in rows if (read := self._read(row)) is not None}
        self._versions |= behind
        if not changed:
            return False
        self.now = self.now.model_copy(update=changed)
        for listener in self._listeners:
            listener(self.now)
        return True

    def _read(self, row: Setting) -> Any:
        known = type(getattr(self._beginning, row.section))
        try:
            return known.model_validate(row.content)
        except ValidationError:
            # A newer server wrote it, say. What was in effect stays, which beats no settings at all.
            log.error("version %s of the settings %s cannot be read", row.version, row.section)
            return None

    async def _look(self) -> None:
        failing = False
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await self.refresh()
                failing = False
            except Exception as error:
                if not failing:
                    log_trouble(log, "the settings cannot be read; what was in effect stays", error)
                failing = True
