"""The outbox at the desk: what waits and what was given up, for admins."""

from dataclasses import dataclass

import reflex as rx

from supportbot import access, outbox
from supportbot.desk import desk
from supportbot.errors import NotSignedIn, SupportError
from supportbot.ids import now
from supportbot.models import Channel, Outbox
from supportbot.ui.following import Following, every, keep_in_step
from supportbot.ui.pages import Refusable
from supportbot.ui.session import StaffPage, admin_signed_in

LOOK_EVERY = 3.0
"""Seconds between two looks: the rows change by a job, which announces nothing."""


@dataclass
class OutboxRow:
    """A message as the page shows it. `event` is empty for a mail, `subject` for a webhook."""

    id: str = ""
    event: str = ""
    subject: str = ""
    recipient: str = ""
    attempts: int = 0
    error: str = ""
    standing: str = ""
    next_try: str = ""


class OutboxState(StaffPage, Following, Refusable, rx.State):
    """One open outbox of an admin."""

    rows: list[OutboxRow] = []
    failed: int = 0
    waiting: int = 0
    can_send: bool = False
    ready: bool = False
    allowed: bool = True
    dropped: str = ""
    dropped_event: str = ""

    _dropped_id: str = ""

    @rx.event
    async def open(self):
        """Load what there is and keep looking."""
        try:
            await self._admin()
        except NotSignedIn:
            return self._sign_in()
        except SupportError:
            # Who is signed in, and is no admin, is told so in place of the list.
            await self._staff()
            self.allowed, self.ready = False, True
            return None
        self.allowed = True
        await self._load()
        self.ready = True
        return OutboxState.follow

    @rx.event(background=True, supersedes=True)
    async def follow(self):
        """Keep the list in step. Started by `open` only."""
        return await keep_in_step(
            self,
            lambda _: every(lambda: LOOK_EVERY),
            lambda _: self._load(),
            what="the outbox",
            allowed=admin_signed_in,
        )

    @rx.event
    async def send_again(self, message: str):
        """Try one now, with all its tries before it."""
        return await self._do(message, outbox.send_again)

    @rx.event
    async def send_all_again(self):
        """Try now everything that was given up."""
        try:
            await self._admin()
        except NotSignedIn:
            return self._sign_in()
        except SupportError as refusal:
            self._refuse(refusal)
            return None
        await outbox.send_again(desk().database)
        await self._load()
        return None

    @rx.event
    async def drop(self, message: str):
        """Never send it; the page offers to take that back."""
        return await self._do(message, outbox.drop, drops=True)

    @rx.event
    async def undo(self):
        """Take back the last drop."""
        return await self._do(self._dropped_id, outbox.keep)

    async def _do(self, message: str, verb, *, drops: bool = False):
        try:
            staff = await self._admin()
            row = await access.outgoing_for_admin(desk().database, staff, message)
        except NotSignedIn:
            return self._sign_in()
        except SupportError as refusal:
            self._refuse(refusal)
            return None
        self.notice = ""
        done = await verb(desk().database, [row.id])
        shown = _row(row, frozenset()) if drops and done else OutboxRow()
        self._dropped_id, self.dropped, self.dropped_event = shown.id, shown.subject, shown.event
        await self._load()
        return None

    async def _load(self) -> None:
        found = await outbox.listed(desk().database)
        open_channels = frozenset(desk().channels)
        self.failed, self.waiting, self.can_send = found.failed, found.waiting, bool(open_channels)
        rows = [_row(one, open_channels) for one in found.rows]
        if rows != self.rows:
            self.rows = rows


def _row(message: Outbox, open_channels: frozenset[Channel]) -> OutboxRow:
    is_mail = message.channel == Channel.MAIL
    return OutboxRow(
        id=str(message.id),
        event="" if is_mail else message.topic,
        subject=str(message.payload.get("subject", "")) if is_mail else "",
        recipient=message.recipient,
        attempts=message.attempts,
        error=message.last_error,
        standing=_standing(message, open_channels),
        next_try=message.next_attempt_at.isoformat(timespec="seconds"),
    )


def _standing(message: Outbox, open_channels: frozenset[Channel]) -> str:
    at = now()
    if message.failed_at is not None:
        return "failed"
    if message.channel not in open_channels:
        return "closed"
    if message.lease_until is not None and message.lease_until > at:
        return "sending"
    return "due" if message.next_attempt_at <= at else "waits"
