"""The page a link in a mail opens, as state; `conversations/return_links.py` decides what a link may do.

Every public method here can be called by anyone with any arguments. The link's token is what stands in the
page's address, and it is never sent back or logged.
"""

import asyncio
import logging
from secrets import token_urlsafe
from typing import Any

import reflex as rx

from supportbot import access
from supportbot.conversations import return_links
from supportbot.desk import desk
from supportbot.errors import SupportError
from supportbot.ids import now
from supportbot.logs import log_trouble
from supportbot.ui import routes
from supportbot.ui.chat.state import ChatState
from supportbot.ui.pages import Refusable
from supportbot.web.addresses import address_group

log = logging.getLogger(__name__)

RETRY = 2.0


class ReturnLinkState(Refusable, rx.State):
    """One open page of a link."""

    standing: str = ""
    """`asks` for a code, `over`, or nothing yet."""
    address: str = ""
    """Masked: whoever has the link may not know it."""
    code_sent: bool = False
    codes_left: int = 0
    sent: int = 0
    """Codes this page has asked for: the same words about the next one are news again."""
    live_lost: bool = False

    @rx.event
    async def open(self):
        """Go to the conversation if this browser may, else say what it takes."""
        try:
            gone = await self._look()
        except Exception as error:
            log_trouble(log, "a link could not be looked at; trying again", error)
            self.live_lost = True
            return ReturnLinkState.open_later
        self.live_lost = False
        return gone

    @rx.event(background=True, supersedes=True)
    async def open_later(self):
        """Look once more, in a moment."""
        await asyncio.sleep(RETRY)
        return ReturnLinkState.open

    @rx.event
    async def send_code(self):
        """Send a code to the address the link was mailed to."""
        self.notice = ""
        try:
            self._show(
                await return_links.send_code(
                    desk().database, desk().rate_limits, self._token(), self._network(), now()
                )
            )
        except SupportError as refusal:
            self._refuse(refusal)
            return await self._look()
        self.sent += 1
        return None

    @rx.event
    async def enter_code(self, form: dict[str, Any]):
        """Open the conversation in this browser, for the code from the mail."""
        if not isinstance(form, dict):
            return None
        self.notice = ""
        try:
            conversation = await return_links.enter_code(
                desk().database,
                desk().rate_limits,
                self._token(),
                await self._visitor(),
                form.get("code"),
                self._network(),
                now(),
            )
        except SupportError as refusal:
            self._refuse(refusal)
            return await self._look()
        return rx.redirect(routes.conversation(conversation), replace=True)

    async def _look(self):
        """What the link does here, now."""
        standing = await return_links.open_link(desk().database, self._token(), await self._visitor(), now())
        if standing.conversation_id is not None:
            return rx.redirect(routes.conversation(standing.conversation_id), replace=True)
        self._show(standing)
        return None

    def _show(self, standing: return_links.Standing) -> None:
        self.standing = "asks" if standing.address else "over"
        self.address, self.codes_left = standing.address, standing.codes_left
        self.code_sent = standing.code_sent

    async def _visitor(self) -> str:
        """The hash of this browser's token; its script has made one, or else the server does."""
        chat = await self.get_state(ChatState)
        if not chat.visitor:
            chat.visitor = token_urlsafe(32)
        return access.token_hash(chat.visitor)

    def _token(self) -> str:
        return routes.last_segment(self.router.url.path)

    def _network(self) -> str:
        return address_group(str(self.router.session.client_ip))
