"""One conversation at the desk: read, claim, reply, hand back, resolve.

Every handler first asks the database who is signed in, then finds its conversation through `access`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from typing import Any
from uuid import uuid4

import reflex as rx

from supportbot import access
from supportbot.conversations import transcript
from supportbot.conversations.events import MessageView, OwnerChanged, Typing
from supportbot.conversations.following import follow as follow_conversation
from supportbot.conversations.live import LOST, Position, Resync
from supportbot.conversations.page import ConversationPage
from supportbot.conversations.transcript import Transcript
from supportbot.conversations.visitors import visitor_of
from supportbot.conversations.wording import clean, clean_line
from supportbot.desk import desk
from supportbot.errors import NotFound, NotSignedIn, SupportError
from supportbot.escalations import handoff, queue
from supportbot.ids import new_id
from supportbot.logs import log_trouble
from supportbot.models import Conversation, Role, Staff
from supportbot.ui import routes
from supportbot.ui.bubbles import Bubble
from supportbot.ui.escalations import labels
from supportbot.ui.pages import Refusable, connected
from supportbot.ui.session import StaffPage, signed_in
from supportbot.ui.transcript import LiveTranscript

log = logging.getLogger(__name__)

LONGEST_REPLY = 10_000
RETRY_FOLLOWING = 2.0


class CaseState(LiveTranscript, StaffPage, Refusable, rx.State):
    """One open conversation of a member of staff."""

    asked: str = ""
    """The id in the address this was loaded for: a page shows nothing under another address."""
    case: str = ""
    accepted: str = ""
    missing: bool = False
    ready: bool = False
    mine: bool = False
    customer: str = ""
    email: str = ""
    subject: str = ""
    reason: str = ""
    brief: str = ""
    reopened: bool = False
    waiting_since: str = ""
    started_at: str = ""
    page: str = ""
    referrer: str = ""
    browser: str = ""

    _position: Position = LOST
    _follower: str = ""

    @rx.event
    async def open(self):
        """Load a conversation by its address and follow it."""
        self._forget()
        self.asked = routes.last_segment(self.router.url.path)
        try:
            staff = await self._staff()
            conversation = await access.conversation_for_staff(desk().database, staff, self.asked)
            await self._load(conversation)
        except NotSignedIn:
            return self._sign_in()
        except NotFound:
            self.missing = True
            return None
        finally:
            self.ready = True
        return CaseState.follow

    @rx.event(background=True, supersedes=True)
    async def follow(self):
        """Keep the conversation in step. Started by `open` only."""
        mine = uuid4().hex
        async with self:
            self._follower = mine
            client, credentials = self.router.session.client_token, self._credentials()
            shown, page, position = self.case, self._page, self._position
        if not shown:
            return None
        identity = access.parse_id(shown)
        while True:
            try:
                following = follow_conversation(desk().database, desk().live, identity, page, position)
                async with aclosing(following) as batches:
                    async for events in batches:
                        if not await connected(client):
                            return None
                        still = await signed_in(credentials)
                        async with self:
                            if self._follower != mine:
                                return None
                            if not still:
                                return self._sign_in()
                            if self.case != shown:
                                return CaseState.open
                            await self._take_in(events)
                            if self.live_lost:
                                self.live_lost = False
            except Exception as error:
                log_trouble(log, "following a conversation failed; trying again", error)
                with suppress(Exception):
                    async with self:
                        if self._follower != mine:
                            return None
                        self.live_lost = True
                await asyncio.sleep(RETRY_FOLLOWING)
                position = LOST

    @rx.event
    async def claim(self):
        """Take the conversation; exactly one of two who try at once gets it."""
        return await self._do(handoff.claim)

    @rx.event
    async def take_over(self):
        """Take the conversation from the assistant, also in the middle of an answer."""
        return await self._do(handoff.take_over)

    @rx.event
    async def hand_back(self):
        """Give the conversation back to the assistant."""
        return await self._do(handoff.hand_back)

    @rx.event
    async def resolve(self):
        """Close the conversation as done."""
        return await self._do(handoff.resolve)

    @rx.event
    async def reply(self, form: dict[str, Any]):
        """Answer the customer."""
        if not isinstance(form, dict):
            return None
        key = clean_line(form.get("client_key"), limit=40) or str(new_id())

        async def say(database: Any, live: Any, conversation_id: Any, staff: Staff) -> None:
            text = clean(form.get("message"), limit=LONGEST_REPLY)
            await handoff.reply(database, live, conversation_id, staff, text, key)
            self.accepted = key

        return await self._do(say)

    @rx.event
    async def typing(self):
        """This person is writing: the customer may know, for a few seconds."""
        try:
            staff = await self._staff()
            conversation = await access.conversation_for_staff(desk().database, staff, self._here())
        except SupportError:
            return
        if conversation.assigned_staff_id == staff.id:
            await desk().live.append(conversation.id, Typing(Role.STAFF, staff.name))

    @rx.event
    async def load_earlier(self):
        """Show older messages."""
        try:
            staff = await self._staff()
            conversation = await access.conversation_for_staff(desk().database, staff, self._here())
        except NotSignedIn:
            return self._sign_in()
        except SupportError as refusal:
            self._refuse(refusal)
            return None
        older = await transcript.read(desk().database, desk().live, conversation.id, before=self.oldest)
        self._show_earlier(older)
        return None

    @rx.event
    async def catch_up(self):
        """The page has missed some news: show everything anew."""
        try:
            await self._staff()
        except NotSignedIn:
            return self._sign_in()
        self._show_page(self._page)
        return None

    async def _do(self, verb: Callable[..., Awaitable[Any]]) -> Any:
        """Authorise, do, and say why not if it was refused."""
        self.notice = ""
        try:
            staff = await self._staff()
            conversation = await access.conversation_for_staff(desk().database, staff, self._here())
            await verb(desk().database, desk().live, conversation.id, staff)
        except NotSignedIn:
            return self._sign_in()
        except SupportError as refusal:
            self._refuse(refusal)
        return None

    async def _load(self, conversation: Conversation) -> None:
        loaded = await transcript.read(
            desk().database, desk().live, conversation.id, limit=transcript.OPENING
        )
        self._page = ConversationPage()
        self._page.load(loaded)
        self._position = loaded.follow_from
        self.case = str(conversation.id)
        self._show_page(self._page)
        await self._show_facts(loaded)

    async def _take_in(self, events: list[Any]) -> None:
        # One's own typing comes back through the log; only the customer's is news here.
        events = [event for event in events if not (isinstance(event, Typing) and event.role == Role.STAFF)]
        if events:
            self._show_events(self._page, events)
        # On a quiet heartbeat too: a customer who gives a name is not announced.
        if not events or any(isinstance(event, OwnerChanged | Resync) for event in events):
            identity = access.parse_id(self.case)
            await self._show_facts(await transcript.read(desk().database, desk().live, identity, limit=1))

    def _bubble(self, message: MessageView) -> Bubble:
        return labels.for_the_desk(super()._bubble(message))

    def _show_typing(self, event: Typing) -> None:
        super()._show_typing(event)
        self.typing_name = self.customer

    async def _show_facts(self, loaded: Transcript) -> None:
        conversation, waiting = loaded.conversation, loaded.handoff
        visitor = await visitor_of(desk().database, conversation.id)
        self.customer, self.email = queue.customer_name(visitor), visitor.email or ""
        self.subject = conversation.subject
        self.page, self.referrer = conversation.page, conversation.referrer
        self.browser = labels.browser(conversation.user_agent)
        self.started_at = conversation.created_at.isoformat(timespec="seconds")
        self.mine = str(conversation.assigned_staff_id) == self.my_id
        self.reason = labels.reason(str(waiting.reason)) if waiting else ""
        self.brief = waiting.brief if waiting else ""
        self.reopened = bool(waiting and waiting.reopened)
        self.waiting_since = waiting.requested_at.isoformat(timespec="seconds") if waiting else ""

    def _here(self) -> str:
        # The address, not a var: after a restart a click may come before `open` has filled the vars.
        return routes.last_segment(self.router.url.path)

    def _forget(self) -> None:
        self._page, self._position, self._follower = ConversationPage(), LOST, ""
        self._show_page(self._page)
        self.case, self.missing, self.notice, self.typing_name = "", False, "", ""
        self.mine, self.customer, self.email, self.subject = False, "", "", ""
        self.reason, self.brief, self.waiting_since, self.reopened = "", "", "", False
        self.page, self.referrer, self.browser, self.started_at = "", "", "", ""
