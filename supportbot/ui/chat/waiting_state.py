"""What a customer who waits sees and can do, as state: a part of `ChatState`.

Every public method here can be called by anyone with any arguments, like those of the state it is part of.
"""

import logging
import time
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import UUID

import reflex as rx

from supportbot.access import token_hash
from supportbot.conversations.events import BriefChanged, Seen
from supportbot.conversations.seen import mark_seen
from supportbot.conversations.transcript import known_visitor
from supportbot.conversations.visitors import introduce
from supportbot.conversations.wording import clean_line
from supportbot.desk import desk
from supportbot.errors import Refused, SupportError
from supportbot.escalations import handoff, queue
from supportbot.escalations.brief import CUSTOMER, correct
from supportbot.escalations.expecting import Expected, expected
from supportbot.escalations.extracting import NOTHINGS, read_parts
from supportbot.escalations.outlook import Request, request_of
from supportbot.house.pictures import picture_url
from supportbot.ids import now
from supportbot.logs import log_trouble
from supportbot.models import Channel, Conversation, Role

log = logging.getLogger(__name__)

LOOK_EVERY = 5.0
"""Seconds a page waits at least before it asks for its place in the queue again."""
WAITS = ("waiting", "meanwhile")


class Waiting(rx.State, mixin=True):
    """The vars of the waiting card and of the person who has come."""

    place: int = 0
    usual: str = ""
    usual_low: int = 0
    usual_high: int = 0
    """How long it usually takes, and how that is said: one of `Wording`."""
    away: str = ""
    """Why nobody can be promised now: `closed` outside business hours, `nobody` when the desk is empty."""
    back_at: str = ""
    brief: str = ""
    brief_by: str = ""
    corrected: int = 0
    """How often the customer has corrected the brief on this page: each time the form is a new one."""
    email: str = ""
    begun_here: bool = False
    """Whether this browser began the conversation, and may say where to write to."""
    address_left: int = 0
    """The same for the address."""
    writes_mail: bool = False
    """Whether a mail can be promised, or only that our team will see the address."""
    picture: str = ""
    """Of the person who has come; empty if they have none."""
    to_see: int = 0
    """The number of a person's newest message, until it is noted that the customer has seen it."""

    _request: Request | None = None
    _looked: float = 0.0
    _seen: int = 0

    @rx.event
    async def keep_place(self):
        """Ask the assistant while waiting; the place in the queue is kept."""
        await self._wait_differently(handoff.keep_place)

    @rx.event
    async def no_longer_needed(self):
        """Give the place in the queue up."""
        await self._wait_differently(handoff.no_longer_needed)

    @rx.event
    async def correct_brief(self, form: dict[str, Any]):
        """Say in one's own words what is passed on to people."""
        if not isinstance(form, dict):
            return
        self.notice = ""
        try:
            conversation = await self._own(self._here())
            await desk().rate_limits.generic("brief", str(conversation.id))
            await correct(desk().database, desk().live, conversation.id, form.get("brief"))
        except SupportError as refusal:
            self._refuse(refusal)
            return
        self.corrected += 1

    @rx.event
    async def leave_address(self, form: dict[str, Any]):
        """Say where to write to when one has left."""
        if not isinstance(form, dict):
            return
        self.notice = ""
        try:
            conversation = await self._own(self._here())
            await desk().rate_limits.generic("person", self._address())
            email = clean_line(form.get("email"), limit=254)
            if not email:
                raise Refused("Please write your e-mail address first.")
            visitor = await known_visitor(desk().database, token_hash(self.visitor))
            if visitor is None or visitor.id != conversation.visitor_id:
                raise Refused("The address can only be changed in the browser that began the conversation.")
            await introduce(desk().database, visitor.id, "", email)
        except SupportError as refusal:
            self._refuse(refusal)
            return
        self.email = email
        self.address_left += 1

    @rx.event
    async def seen(self):
        """Somebody looks at the end of the page; see `data-seen-signal` in docs/script.md."""
        with suppress(SupportError):
            conversation = await self._own(self._here())
            await desk().rate_limits.generic("seen", str(conversation.id))
            await self._see_what_is_shown(conversation.id)

    async def _show_request(self, identity: UUID) -> None:
        """Show how the conversation stands with people, if it does."""
        if self.owner in (*WAITS, "staff"):
            self._request = await request_of(desk().database, identity, token_hash(self.visitor))
        else:
            self._request = None
        request = self._request
        self.email, self.begun_here = (request.email, request.begun_here) if request else ("", False)
        self._show_brief(*((request.brief, request.brief_by) if request else ("", CUSTOMER)))
        self.picture = picture_url(request.picture if request else None)
        await self._show_outlook(identity)

    def _show_brief(self, brief: str, by: str) -> None:
        if brief.partition("\n")[0] in NOTHINGS:
            # The desk reads that nothing was said yet; the customer is asked instead.
            brief = ""
        elif not self.begun_here and by != CUSTOMER:
            # Who began the conversation is known to the desk, and no business of a guest.
            brief = str(replace(read_parts(brief), known=""))
        self.brief, self.brief_by = brief, by

    async def _keep_true(self, identity: UUID) -> None:
        """What changes while one waits, without anything happening in this conversation."""
        if self.owner in WAITS and time.monotonic() - self._looked >= LOOK_EVERY:
            await self._show_outlook(identity)

    async def _show_outlook(self, identity: UUID | None = None) -> None:
        """Whether anybody is there; for somebody who waits also their place, and how long it takes."""
        self._looked = time.monotonic()
        outlook, at = await desk().outlooks.at(now()), now()
        place, said = 0, Expected()
        if identity is not None and self.owner in WAITS and self._request is not None:
            place = await queue.place_in_queue(desk().database, identity)
            said = expected(outlook.usual(place), at - self._request.requested_at)
        due = {
            "place": place,
            "usual": str(said.wording),
            "usual_low": said.low,
            "usual_high": said.high,
            "away": "closed" if not outlook.open else "" if outlook.present else "nobody",
            "back_at": outlook.back_at.isoformat() if outlook.back_at else "",
            "writes_mail": Channel.MAIL in desk().channels,
        }
        for name, value in due.items():
            if getattr(self, name) != value:
                setattr(self, name, value)

    def _hear(self, events: list[Any]) -> None:
        """Take in what the log says about the request and about what was seen."""
        for event in events:
            if isinstance(event, BriefChanged):
                self._show_brief(event.brief, event.by)
            elif isinstance(event, Seen):
                self._seen = max(self._seen, event.seq)
        self._show_to_see()

    def _begin_to_see(self, conversation: Conversation) -> None:
        self._seen = conversation.customer_seen_seq
        self._show_to_see()

    async def _see_what_is_shown(self, identity: UUID) -> None:
        """The customer looks, or has just written here: what people said has been seen.

        Conversations that never meet a person are left alone: nobody asks what of them was seen.
        """
        if not self.to_see or str(identity) != self.conversation:
            return
        try:
            await mark_seen(desk().database, desk().live, identity, self.to_see)
        except Exception as error:
            log_trouble(log, "that a reply was seen could not be noted", error)
            return
        self._seen = max(self._seen, self.to_see)
        self._show_to_see()

    def _show_to_see(self) -> None:
        theirs = (one.seq for one in self._page.in_order if one.role == Role.STAFF)
        due = max(theirs, default=0)
        due = due if due > self._seen else 0
        if self.to_see != due:
            self.to_see = due

    async def _wait_differently(self, verb: Any) -> None:
        self.notice = ""
        try:
            conversation = await self._own(self._here())
            await desk().rate_limits.generic("person", self._address())
            await verb(desk().database, desk().live, conversation.id)
        except SupportError as refusal:
            self._refuse(refusal)

    def _forget_request(self) -> None:
        self._request, self._looked, self._seen = None, 0.0, 0
        self.place, self.usual, self.away, self.back_at = 0, "", "", ""
        self.brief, self.brief_by, self.email, self.picture, self.to_see = "", "", "", "", 0
