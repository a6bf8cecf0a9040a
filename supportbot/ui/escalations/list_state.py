"""The list of conversations at the desk, live."""

import asyncio
import logging
from contextlib import aclosing, suppress
from dataclasses import dataclass
from uuid import uuid4

import reflex as rx

from supportbot.conversations.events import DESK
from supportbot.conversations.live import LOST, Position, Resync
from supportbot.desk import desk
from supportbot.errors import NotSignedIn
from supportbot.escalations import queue
from supportbot.logs import log_trouble
from supportbot.models import Role
from supportbot.ui import routes
from supportbot.ui.escalations import labels
from supportbot.ui.escalations.troubles import Troubled
from supportbot.ui.pages import Refusable, connected
from supportbot.ui.session import StaffPage, signed_in

log = logging.getLogger(__name__)

ESCALATED, ALL_OPEN = "escalated", "open"
BREATH = 0.3
"""Seconds between two reloads of a list: a burst of events is one."""
RETRY_FOLLOWING = 2.0


@dataclass
class QueueRow:
    """A row of the list."""

    id: str = ""
    url: str = ""
    customer: str = ""
    subject: str = ""
    last_words: str = ""
    last_role: str = ""
    reason: str = ""
    owner: str = ""
    staff_name: str = ""
    mine: bool = False
    reopened: bool = False
    since: str = ""


class QueueState(StaffPage, Troubled, Refusable, rx.State):
    """One open list of a member of staff."""

    rows: list[QueueRow] = []
    shown: str = ESCALATED
    waiting: int = 0
    ready: bool = False
    live_lost: bool = False

    _follower: str = ""
    _position: Position = LOST

    @rx.event
    async def open(self):
        """Load the list and follow the desk."""
        try:
            await self._staff()
        except NotSignedIn:
            return self._sign_in()
        self._position = await desk().live.position(DESK)
        await self._load()
        self.ready = True
        return QueueState.follow

    @rx.event
    async def show(self, shown: str):
        """Choose a list: `escalated` or `open`."""
        try:
            await self._staff()
        except NotSignedIn:
            return self._sign_in()
        self.shown = ALL_OPEN if shown == ALL_OPEN else ESCALATED
        await self._load()
        return None

    @rx.event(background=True, supersedes=True)
    async def follow(self):
        """Keep the list in step. Started by `open` only."""
        mine = uuid4().hex
        async with self:
            self._follower = mine
            client, credentials = self.router.session.client_token, self._credentials()
            position = self._position
        while True:
            try:
                async with aclosing(desk().live.follow(DESK, position)) as batches:
                    async for batch in batches:
                        if not await connected(client):
                            return None
                        still = await signed_in(credentials)
                        async with self:
                            if self._follower != mine:
                                return None
                            if not still:
                                return self._sign_in()
                            # On a quiet heartbeat too: an answer or a new name is not announced here.
                            await self._load()
                            self.live_lost = False
                        if isinstance(batch, Resync):
                            break
                        position = batch[-1].position if batch else position
                        await asyncio.sleep(BREATH)
                position = await desk().live.position(DESK)
            except Exception as error:
                log_trouble(log, "following the desk failed; trying again", error)
                with suppress(Exception):
                    async with self:
                        if self._follower != mine:
                            return None
                        self.live_lost = True
                position = LOST
                await asyncio.sleep(RETRY_FOLLOWING)

    async def _load(self) -> None:
        read = queue.all_open if self.shown == ALL_OPEN else queue.escalated
        found = await read(desk().database)
        self.waiting = found.waiting
        await self._load_troubles(self.is_admin)
        rows = [_row(one, self.my_id) for one in found.rows]
        if rows != self.rows:
            self.rows = rows


def _row(row: queue.Row, my_id: str) -> QueueRow:
    return QueueRow(
        id=str(row.id),
        url=routes.escalation(row.id),
        customer=row.customer,
        subject=row.subject,
        last_words=labels.words(row.last_words) if row.last_role == Role.ASSISTANT else row.last_words,
        last_role=row.last_role,
        reason=labels.reason(row.reason) if row.reason else "",
        owner=str(row.owner),
        staff_name=row.staff_name,
        mine=str(row.staff_id) == my_id,
        reopened=row.reopened,
        since=row.since.isoformat(timespec="seconds"),
    )
