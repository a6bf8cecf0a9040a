"""One conversation at the desk: loaded, followed, and what the other files of this room do with it.

Every handler first asks the database who is signed in, then finds its conversation through `access`.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

import reflex as rx

from supportbot import access
from supportbot.conversations import transcript
from supportbot.conversations.events import (
    DESK,
    BriefChanged,
    CaseChanged,
    Looking,
    MessageAdded,
    MessageView,
    OwnerChanged,
    Rated,
    Seen,
    TurnEnded,
    Typing,
)
from supportbot.conversations.following import follow as follow_conversation
from supportbot.conversations.live import LOST, Position, Resync
from supportbot.conversations.page import ConversationPage
from supportbot.conversations.seen import mark_read
from supportbot.desk import desk
from supportbot.errors import NotFound, NotSignedIn, SupportError
from supportbot.models import Conversation, Kind, Role
from supportbot.turns.grounds import CITED
from supportbot.ui import routes
from supportbot.ui.bubbles import Bubble, sources
from supportbot.ui.escalations import labels
from supportbot.ui.escalations.case_acting import Acting
from supportbot.ui.escalations.case_facts import Facts
from supportbot.ui.escalations.case_helping import Helping
from supportbot.ui.escalations.case_judging import Judging
from supportbot.ui.escalations.case_looking import LookedAt
from supportbot.ui.escalations.case_writing import Writing
from supportbot.ui.following import Following, keep_in_step
from supportbot.ui.pages import Refusable
from supportbot.ui.session import StaffPage, signed_in
from supportbot.ui.transcript import LiveTranscript

BEAT = 4.0
"""Seconds of quiet after which a page looks around: colleagues come and go without a word."""
FACTS_EVERY = 4
"""Quiet beats between two looks at what nobody announces, such as a customer's name."""


class CaseState(
    LiveTranscript,
    Facts,
    Acting,
    Writing,
    Helping,
    Judging,
    LookedAt,
    StaffPage,
    Following,
    Refusable,
    rx.State,
):
    """One open conversation of a member of staff."""

    asked: str = ""
    """The id in the address this was loaded for: a page shows nothing under another address."""
    case: str = ""
    missing: bool = False
    ready: bool = False
    seen_id: str = ""
    """The last reply the customer has seen."""

    _position: Position = LOST
    _staff_position: Position = LOST
    _quiet: int = 0

    @rx.event
    async def open(self):
        """Load a conversation by its address and follow it."""
        self._forget()
        self.asked = routes.last_segment(self.router.url.path)
        try:
            staff = await self._staff()
            conversation = await access.conversation_for_staff(desk().database, staff, self.asked)
            await self._load(conversation)
            await self._tell_looking(conversation.id)
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
        async with self:
            shown, page = self.case, self._page
            position, staff_position = self._position, self._staff_position
        if not shown:
            return None
        identity = UUID(shown)

        def happens(lost: bool):
            return follow_conversation(
                desk().database,
                desk().live,
                identity,
                page,
                LOST if lost else position,
                staff=True,
                staff_position=LOST if lost else staff_position,
                heartbeat=BEAT,
            )

        async def take_in(events: list[Any]):
            if self.case != shown:
                return CaseState.open
            await self._take_in(identity, events)
            return None

        return await keep_in_step(self, happens, take_in, what="a conversation", allowed=signed_in)

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
        older = await transcript.read(
            desk().database, desk().live, conversation.id, before=self.oldest, notes=True
        )
        self._show_earlier(older)
        return None

    @rx.event
    async def catch_up(self):
        """The page has missed some news: show everything anew."""
        with suppress(SupportError):
            await self._staff()
            self._show_page(self._page)

    @rx.event
    async def read(self):
        """This person has seen what is shown; the page says so while it is looked at."""
        with suppress(SupportError):
            staff = await self._staff()
            conversation = await access.conversation_for_staff(desk().database, staff, self._here())
            if await mark_read(desk().database, staff, conversation.id, conversation.last_seq):
                # One's own lists have it among the unread.
                await desk().live.append(DESK, CaseChanged(conversation.id))

    @rx.event(background=True)
    async def draft(self):
        """Draft a reply into the composer. It is sent by the person, or not at all."""
        return await self._help("draft", self._write_draft)

    @rx.event(background=True)
    async def summarise(self):
        """Say what the conversation is about."""
        return await self._help("summary", self._write_summary, once="summarising")

    @rx.event(background=True)
    async def draft_article(self):
        """Begin an article from what was replied here, and go to it."""
        return await self._help("article", self._write_article, once="drafting_article")

    async def _help(self, what: str, write: Callable[[UUID], Awaitable[Any]], *, once: str = ""):
        """Let the assistant write for this person; `once` names the var that says it does already."""
        try:
            async with self:
                if once and getattr(self, once):
                    return None
                conversation_id = await self._begin_help(what)
                if once:
                    setattr(self, once, True)
        except NotSignedIn:
            async with self:
                return self._sign_in()
        except SupportError as refusal:
            async with self:
                self._refuse(refusal)
            return None
        return await write(conversation_id)

    async def _load(self, conversation: Conversation) -> None:
        loaded = await transcript.read(
            desk().database, desk().live, conversation.id, limit=transcript.OPENING, notes=True
        )
        self._page = ConversationPage()
        self._page.load(loaded)
        self._position, self._staff_position = loaded.follow_from, loaded.staff_follow_from
        self.case = str(conversation.id)
        self._show_page(self._page)
        self._load_canned()
        await self._show_facts(loaded)
        await self._show_surroundings(loaded)
        await self._show_judged(conversation.id)
        self._show_derived()

    async def _take_in(self, identity: UUID, events: list[Any]) -> None:
        looking = [event for event in events if isinstance(event, Looking)]
        # One's own typing comes back through the log; only the customer's is news here.
        news = [
            event
            for event in events
            if not isinstance(event, Looking) and not (isinstance(event, Typing) and event.role == Role.STAFF)
        ]
        if news:
            self._show_events(self._page, news)
        self._hear_looking(looking)
        await self._tell_looking(identity)
        for event in news:
            if isinstance(event, Seen):
                self.seen_seq = max(self.seen_seq, event.seq)
        self._quiet = 0 if news else self._quiet + 1
        told = any(isinstance(event, OwnerChanged | Resync | BriefChanged | CaseChanged) for event in news)
        if told or self._quiet % FACTS_EVERY == FACTS_EVERY - 1:
            await self._show_standing_facts(identity)
        elif any(isinstance(event, Seen | MessageAdded | TurnEnded) for event in news):
            self._show_derived()
        if any(isinstance(event, Rated | TurnEnded | CaseChanged | Resync) for event in news):
            await self._show_judged(identity)

    async def _show_standing_facts(self, identity: UUID) -> None:
        await self._show_facts(await transcript.read(desk().database, desk().live, identity, limit=1))
        await self._show_colleagues()
        self._show_derived()

    def _show_derived(self) -> None:
        """What follows from the messages: which reply was seen, and what the answers rest on."""
        said = self._page.in_order
        seen = [one for one in said if one.role == Role.STAFF and one.kind == Kind.TEXT]
        cited = (source for one in said for source in one.sources if source.get("kind", CITED) == CITED)
        rest_on = {source.get("url", ""): source for source in cited}
        self._show(
            seen_id=next((str(one.id) for one in reversed(seen) if one.seq <= self.seen_seq), ""),
            used=sources(tuple(rest_on.values())),
            # What was said before what is loaded may hold a reply: then the button is there, and may refuse.
            replied=bool(seen) or self.has_earlier,
        )

    async def _do(self, verb: Any, done: str = "", *, form: bool = False):
        """What `Acting` does, and the facts at once: tags and snoozes are announced to the lists only."""
        answer = await super()._do(verb, done, form=form)
        if answer is None and not self.missing and self.case:
            with suppress(SupportError):
                await self._show_standing_facts(access.parse_id(self.case))
                await self._show_judged(access.parse_id(self.case))
        return answer

    def _bubble(self, message: MessageView) -> Bubble:
        return labels.for_the_desk(super()._bubble(message))

    def _show_typing(self, event: Typing) -> None:
        super()._show_typing(event)
        self.typing_name = self.customer

    def _here(self) -> str:
        # The address, not a var: after a restart a click may come before `open` has filled the vars.
        return routes.last_segment(self.router.url.path)

    def _forget(self) -> None:
        self._page, self._follower = ConversationPage(), ""
        self._position = self._staff_position = LOST
        self._show_page(self._page)
        self._forget_facts()
        self.case, self.missing, self.notice, self.typing_name = "", False, "", ""
        self.done, self.summary, self.inserted, self.seen_id = "", "", "", ""
        self.drafted = False
        self._draft, self.drafting, self.summarising = "", False, False
        self._heard, self.onlookers, self._said_at = {}, [], 0.0
        self.judged, self.replied, self.drafting_article = {}, False, False
