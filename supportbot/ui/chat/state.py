"""The customer's page as state: it says and follows; the turn belongs to the server.

Every public method here can be called by anyone with any arguments. Each finds its conversation through
`access`, with the visitor's own token.
"""

import asyncio
import logging
from contextlib import aclosing, suppress
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any
from urllib.parse import quote
from uuid import UUID

import reflex as rx

from supportbot import access
from supportbot.conversations import transcript
from supportbot.conversations.events import OwnerChanged, Typing
from supportbot.conversations.following import follow as follow_conversation
from supportbot.conversations.live import LOST, Resync
from supportbot.conversations.page import ConversationPage
from supportbot.conversations.transcript import Browser
from supportbot.conversations.visitors import introduce
from supportbot.conversations.wording import clean_line
from supportbot.desk import desk
from supportbot.errors import NotFound, SupportError
from supportbot.knowledge.articles import by_slug
from supportbot.logs import log_trouble
from supportbot.models import Conversation, Role
from supportbot.ui import routes
from supportbot.ui.chat.complaining import Complaining
from supportbot.ui.chat.waiting_state import Waiting
from supportbot.ui.following import Following, keep_in_step
from supportbot.ui.pages import Refusable
from supportbot.ui.transcript import LiveTranscript
from supportbot.web.addresses import address_group

log = logging.getLogger(__name__)

RETRY_FOLLOWING = 2.0
LONGEST_SEARCH = 200
"""Characters of a search of the help pages that become a question."""


@dataclass
class Past:
    """A line of the list of past conversations."""

    url: str = ""
    subject: str = ""
    status: str = ""
    at: str = ""


class ChatState(LiveTranscript, Waiting, Complaining, Following, Refusable, rx.State):
    """One open page of a customer."""

    visitor: str = rx.LocalStorage("", name="supportbot.visitor")
    unanswered: str = rx.LocalStorage("", name="supportbot.key.new")
    """The browser's key of a first message whose acknowledgement never came; its script keeps it."""
    conversation: str = ""
    accepted: str = ""
    """The browser's key of the message stored last: only then does its text leave the composer."""
    missing: bool = False
    past: list[Past] = []
    about: str = ""
    """The title of the article that somebody comes from to ask about it, at the start."""
    about_url: str = ""
    searched: str = ""
    """What somebody has searched the help pages for before they came here."""
    ready: bool = False

    _position: Any = None
    _first: str = ""
    """The key of the message that opened a conversation, until its page is here: a browser that is sent
    there and breaks off on the way must still have it."""
    _acknowledged: str = ""
    """That key once its page was here. Reflex tells us when a browser stores a key, not when it is gone."""

    @rx.event
    async def open(self):
        """Load the page: a conversation by its address, or the start."""
        self._forget()
        if not self.visitor:
            # Normally the page's script has made a token before this; without it, the server does.
            self.visitor = token_urlsafe(32)
        identity = self._here()
        try:
            await self._load_past()
            if not identity:
                await self._show_where_from()
                await self._show_outlook()
                return await self._where_the_first_message_went()
            conversation = await self._own(identity)
            await self._load(conversation)
        except NotFound:
            self.missing = True
            return None
        except SupportError as refusal:
            self._refuse(refusal)
            return None
        except Exception as error:
            log_trouble(log, "a page could not be loaded; trying again", error)
            self.live_lost = True
            return ChatState.open_later
        finally:
            self.ready = True
        self.live_lost = False
        return ChatState.follow

    @rx.event(background=True, supersedes=True)
    async def open_later(self):
        """Load the page once more, in a moment."""
        await asyncio.sleep(RETRY_FOLLOWING)
        return ChatState.open

    @rx.event(background=True, supersedes=True)
    async def follow(self):
        """Keep the page in step. Started by `open` only, so Reflex ends it when the page leaves."""
        async with self:
            visitor, shown = self.visitor, self.conversation
            page, position = self._page, self._position
        if not shown or position is None:
            return None
        identity = UUID(shown)

        async def happens(lost: bool):
            # In here, because a page must not stop following when the database is away as it begins.
            with suppress(NotFound):
                await access.conversation_of_visitor(desk().database, visitor, shown)
                start = LOST if lost else position
                following = follow_conversation(desk().database, desk().live, identity, page, start)
                async with aclosing(following) as batches:
                    async for events in batches:
                        yield events

        async def take_in(events: list[Any]):
            if self.conversation != shown:
                return ChatState.open
            await self._take_in(identity, events)
            return None

        return await keep_in_step(self, happens, take_in, what="a conversation")

    @rx.event
    async def send(self, form: dict[str, Any]):
        """Say something: in this conversation, or in a new one."""
        if not isinstance(form, dict):
            return None
        self.notice = ""
        text, key = form.get("message"), clean_line(form.get("client_key"), limit=40)
        try:
            if here := self._here():
                conversation = await self._own(here)
                await desk().intake.say(conversation.id, conversation.visitor_id, self._address(), text, key)
                self.accepted = key
                await self._see_what_is_shown(conversation.id)
                return None
            started = await desk().intake.begin(
                access.token_hash(self.visitor), self._address(), text, key, self._browser(form)
            )
        except SupportError as refusal:
            self._refuse(refusal)
            return None
        self._first = key
        return rx.redirect(routes.conversation(started), replace=True)

    @rx.event
    async def stop(self):
        """End the running answer; what is there stays."""
        try:
            conversation = await self._own(self._here())
            await desk().intake.stop(conversation.id)
        except SupportError as refusal:
            self._refuse(refusal)

    @rx.event
    async def try_again(self):
        """Answer the last message once more."""
        try:
            conversation = await self._own(self._here())
            await desk().intake.try_again(conversation.id, conversation.visitor_id, self._address())
        except SupportError as refusal:
            self._refuse(refusal)

    @rx.event
    async def ask_for_person(self, form: dict[str, Any]):
        """Ask for a person, with a name and an address if the customer wants to give them."""
        if not isinstance(form, dict):
            return None
        self.notice = ""
        try:
            identity = access.token_hash(self.visitor)
            await desk().rate_limits.generic("person", self._address())
            here = self._here()
            conversation = await self._own(here) if here else None
            # Who they are comes first: an address that cannot be one must not leave an empty conversation.
            # A guest speaks for themselves: the address of whoever began is the way into all their
            # conversations.
            known = await transcript.visitor_with(desk().database, identity)
            await introduce(desk().database, known.id, form.get("name"), form.get("email"))
            if conversation is not None:
                await desk().intake.ask_for_person(conversation.id)
                if self.conversation == str(conversation.id):
                    await self._show_request(conversation.id)
                return None
            fresh = await transcript.start(desk().database, identity, self._browser(form))
            await desk().intake.ask_for_person(fresh.id)
        except SupportError as refusal:
            self._refuse(refusal)
            return None
        return rx.redirect(routes.conversation(fresh.id), replace=True)

    @rx.event
    async def load_earlier(self):
        """Show older messages."""
        try:
            conversation = await self._own(self.conversation)
            older = await transcript.read(desk().database, desk().live, conversation.id, before=self.oldest)
        except SupportError as refusal:
            self._refuse(refusal)
            return
        self._show_earlier(older)

    @rx.event
    async def catch_up(self):
        """The page has missed some news: show everything anew."""
        with suppress(SupportError):
            await self._own(self.conversation)
            self._show_page(self._page)

    @rx.event
    async def typing(self):
        """The customer is writing: the desk may know, for a few seconds."""
        with suppress(SupportError):
            conversation = await self._own(self._here())
            await desk().rate_limits.generic("typing", str(conversation.id))
            await desk().live.append(conversation.id, Typing(Role.USER, ""))

    def _here(self) -> str:
        """The conversation in the page's address; empty at the start.

        `conversation` may be behind: a click can be quicker than a load, and a server that has restarted
        knows nothing until the page has loaded again.
        """
        return routes.last_segment(self.router.url.path)

    async def _where_the_first_message_went(self):
        """At the start: go where an unacknowledged message opened a conversation, if it did."""
        self.live_lost = False
        if self.unanswered == self._acknowledged:
            return None
        started = await desk().intake.taken(access.token_hash(self.visitor), self.unanswered)
        if started is None:
            return None
        self._first = self.unanswered
        return rx.redirect(routes.conversation(started), replace=True)

    async def _own(self, identity: object) -> Conversation:
        return await access.conversation_of_visitor(desk().database, self.visitor, identity)

    async def _load(self, conversation: Conversation) -> None:
        loaded = await transcript.read(
            desk().database, desk().live, conversation.id, limit=transcript.OPENING
        )
        self._page = ConversationPage()
        self._page.load(loaded)
        self._position = loaded.follow_from
        self.conversation = str(conversation.id)
        self._show_page(self._page)
        if self._first:
            self.accepted = self._acknowledged = self._first
            self._first = ""
        self._begin_to_see(loaded.conversation)
        await self._show_request(conversation.id)
        desk().intake.resume(loaded)

    async def _show_where_from(self) -> None:
        """At the start: which help page one comes from, if it said so."""
        asked = self.router.url.query_parameters
        self.searched = clean_line(asked.get("question"), limit=LONGEST_SEARCH)
        slug = clean_line(asked.get("about"), limit=200)
        if slug and (article := await by_slug(desk().database, slug)) is not None:
            self.about, self.about_url = article.title, f"/help/{quote(article.slug)}"

    async def _load_past(self) -> None:
        found = await transcript.past(desk().database, access.token_hash(self.visitor))
        self.past = [
            Past(routes.conversation(one.id), one.subject, one.status, one.updated_at) for one in found
        ]

    async def _take_in(self, identity: UUID, events: list[Any]) -> None:
        # Our own typing comes back through the log; only a person's is news here.
        events = [event for event in events if not (isinstance(event, Typing) and event.role == Role.USER)]
        if events:
            self._show_events(self._page, events)
            self._hear(events)
        if any(isinstance(event, OwnerChanged | Resync) for event in events):
            await self._show_request(identity)
        else:
            await self._keep_true(identity)

    def _forget(self) -> None:
        self._page, self._position, self._follower = ConversationPage(), None, ""
        self._show_page(self._page)
        self._forget_request()
        self.conversation, self.missing = "", False
        self.past, self.notice, self.typing_name = [], "", ""
        self.about = self.about_url = self.searched = ""
        self.asked_why = self.thanked = ""

    def _address(self) -> str:
        return address_group(str(self.router.session.client_ip))

    def _browser(self, form: dict[str, Any]) -> Browser:
        return Browser(
            page=clean_line(form.get("page"), limit=2000),
            user_agent=clean_line(self.router.headers.user_agent, limit=500),
            referrer=clean_line(form.get("referrer"), limit=2000),
            languages=clean_line(self.router.headers.accept_language, limit=100),
        )
