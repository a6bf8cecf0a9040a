"""What every page of the desk knows, live: who waits, what is new, who is there."""

import time
from dataclasses import dataclass
from uuid import UUID

import reflex as rx

from supportbot.conversations.events import DESK, OwnerChanged
from supportbot.conversations.live import LOST, Position, Resync, Stamped
from supportbot.desk import desk
from supportbot.errors import NotSignedIn
from supportbot.escalations import noticing
from supportbot.ids import now
from supportbot.models import Staff
from supportbot.staff import presence
from supportbot.staff.sounds import sound
from supportbot.ui import routes
from supportbot.ui.escalations import labels
from supportbot.ui.following import Following, at_the_desk, keep_in_step
from supportbot.ui.session import StaffPage, signed_in

PRESENT_EVERY = 10.0
"""Seconds between two looks at who else is there, and two signs of life; a quiet desk beats more slowly."""


@dataclass
class Colleague:
    """Somebody else at the desk."""

    name: str = ""
    state: str = ""


class DeskState(StaffPage, Following, rx.State):
    """The frame of one open page. It is loaded by each of them, after the page's own state."""

    waiting: int = 0
    alert: int = 0
    """Grows with each thing this person should notice, and means the same on every page of theirs."""
    alert_cause: str = ""
    alert_who: str = ""
    alert_reason: str = ""
    alert_url: str = ""
    away: bool = False
    sounds: bool = True
    colleagues: list[Colleague] = []
    ready: bool = False

    _position: Position = LOST
    _present_at: float = 0.0

    @rx.event
    async def open(self):
        """Look once and follow the desk."""
        try:
            staff = await self._staff()
        except NotSignedIn:
            return self._sign_in()
        self._position = await desk().live.position(DESK)
        await self._look(staff)
        self.ready = True
        return DeskState.follow

    @rx.event(background=True, supersedes=True)
    async def follow(self):
        """Keep the frame in step, and say that somebody is there. Started by `open` only."""
        return await keep_in_step(
            self,
            lambda lost: at_the_desk(LOST if lost else self._position),
            self._look_again,
            what="the desk's frame",
            allowed=signed_in,
        )

    @rx.event
    async def set_away(self, on: bool):
        """Say that one is away, or back. Whoever is away is not alerted."""
        try:
            staff = await self._staff()
        except NotSignedIn:
            return self._sign_in()
        await presence.away(desk().database, staff.id, on is True)
        self.away = on is True
        return None

    @rx.event
    async def set_sounds(self, on: bool):
        """Turn the desk's sounds on or off."""
        try:
            staff = await self._staff()
        except NotSignedIn:
            return self._sign_in()
        await sound(desk().database, staff.id, on is True)
        self.sounds = on is True
        return None

    async def _look_again(self, batch: list[Stamped] | Resync) -> None:
        await self._look(await self._staff(), batch)

    async def _look(self, staff: Staff, batch: list[Stamped] | Resync | None = None) -> None:
        if time.monotonic() - self._present_at >= PRESENT_EVERY:
            await self._look_around(staff)
        self.away, self.sounds = staff.away_at is not None, staff.sounds
        noticed = await noticing.look(desk().database, staff.id, _given(batch, staff))
        self.waiting = noticed.waiting
        newest = noticed.newest
        if newest is None or (stamp := int(newest.at.timestamp() * 1_000)) <= self.alert:
            return
        self.alert = stamp
        self.alert_cause, self.alert_who = newest.cause.value, newest.customer
        self.alert_reason = labels.reason(newest.reason)
        self.alert_url = routes.escalation(newest.conversation_id)

    async def _look_around(self, staff: Staff) -> None:
        """Be seen, and see who else is there."""
        at = now()
        await presence.seen(desk().database, staff.id, at)
        others = [one for one in await presence.present(desk().database, at) if one.id != staff.id]
        colleagues = [Colleague(one.name, one.state) for one in others]
        if colleagues != self.colleagues:
            self.colleagues = colleagues
        self._present_at = time.monotonic()


def _given(batch: list[Stamped] | Resync | None, staff: Staff) -> set[UUID]:
    """The conversations that were given to somebody, by a colleague or by themselves."""
    events = [one.event for one in batch] if isinstance(batch, list) else []
    return {
        event.conversation_id
        for event in events
        if isinstance(event, OwnerChanged) and event.staff_id == staff.id
    }
