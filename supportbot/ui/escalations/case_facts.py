"""What is known about an open conversation besides its words: who, why, since when, and what was before."""

from dataclasses import dataclass
from datetime import datetime

import reflex as rx

from supportbot.conversations.transcript import Transcript
from supportbot.conversations.visitors import visitor_of
from supportbot.desk import desk
from supportbot.escalations import history, past, queue, rows, sorting
from supportbot.ids import now
from supportbot.staff import presence
from supportbot.ui import routes
from supportbot.ui.bubbles import Source
from supportbot.ui.escalations import labels


@dataclass
class Before:
    """A time the conversation has been with people."""

    reason: str = ""
    at: str = ""
    name: str = ""
    ended: str = ""
    told: str = ""


@dataclass
class Other:
    """Another conversation of the customer."""

    url: str = ""
    subject: str = ""
    owner: str = ""
    at: str = ""


@dataclass
class Peer:
    """A colleague one can give the conversation to."""

    id: str = ""
    name: str = ""
    state: str = ""


class Facts(rx.State, mixin=True):
    """The pane beside the conversation, and its head."""

    mine: bool = False
    customer: str = ""
    email: str = ""
    verified: bool = False
    subject: str = ""
    reason: str = ""
    brief: str = ""
    brief_by: str = ""
    reopened: bool = False
    waiting_since: str = ""
    started_at: str = ""
    page: str = ""
    referrer: str = ""
    browser: str = ""
    language: str = ""
    tags: list[str] = []
    known_tags: list[str] = []
    snoozed_until: str = ""
    junked: bool = False
    seen_seq: int = 0
    befores: list[Before] = []
    others: list[Other] = []
    peers: list[Peer] = []
    used: list[Source] = []
    """What the assistant's answers rest on, each once."""
    called: str = ""
    """The customer's own name, if it is known."""
    replied: bool = False
    """Whether people have told the customer anything."""
    boundary: str = ""
    """The line of the history after which the assistant's memory begins anew."""

    async def _show_facts(self, loaded: Transcript) -> None:
        """Show what stands in the database now; what has not changed is not sent again."""
        conversation, waiting = loaded.conversation, loaded.handoff
        visitor = await visitor_of(desk().database, conversation.id)
        handoffs = await history.handoffs_of(desk().database, conversation.id)
        newest = handoffs[0] if handoffs else None
        self._show(
            customer=rows.customer_name(visitor),
            called=visitor.name or "",
            email=visitor.email or "",
            verified=visitor.email_verified_at is not None,
            subject=conversation.subject,
            page=conversation.page,
            referrer=conversation.referrer,
            browser=labels.browser(conversation.user_agent),
            language=conversation.language or "",
            started_at=_iso(conversation.created_at),
            mine=str(conversation.assigned_staff_id) == self.my_id,
            reason=labels.reason(newest.reason) if newest else "",
            # It stays after the end: whoever reads on wants to know what it was about.
            brief=newest.brief if newest else "",
            brief_by=newest.brief_by if newest else "",
            reopened=bool(waiting and waiting.reopened),
            waiting_since=_iso(waiting.requested_at) if waiting else "",
            snoozed_until=_iso(conversation.snoozed_until),
            junked=conversation.junk_at is not None,
            seen_seq=max(self.seen_seq, conversation.customer_seen_seq),
            boundary=str(conversation.context_starts_after or ""),
            tags=await sorting.tags_of(desk().database, conversation.id),
            befores=[_before(one) for one in handoffs if one.closed_as],
        )

    async def _show_surroundings(self, loaded: Transcript) -> None:
        """What changes seldom and costs more: asked for when the page opens."""
        others = await past.other_conversations(desk().database, loaded.conversation.id)
        await self._show_colleagues()
        self._show(
            others=[
                Other(routes.escalation(one.id), one.subject, str(one.owner), _iso(one.updated_at))
                for one in others
            ],
            known_tags=await queue.tags_in_use(desk().database),
        )

    async def _show_colleagues(self) -> None:
        """Whom one can give the conversation to, and whether they are there: they come and go."""
        colleagues = await presence.colleagues(desk().database, now())
        self._show(
            peers=[
                Peer(str(one.id), one.name, str(one.state)) for one in colleagues if str(one.id) != self.my_id
            ]
        )

    def _forget_facts(self) -> None:
        self._show(
            **dict.fromkeys(_WORDS, ""),
            **{name: [] for name in ("tags", "known_tags", "befores", "others", "peers", "used")},
            **dict.fromkeys(("mine", "verified", "reopened", "junked"), False),
            seen_seq=0,
        )

    def _show(self, **values: object) -> None:
        for name, value in values.items():
            if getattr(self, name) != value:
                setattr(self, name, value)


_WORDS = (
    *("customer", "email", "subject", "reason", "brief", "brief_by", "waiting_since", "started_at"),
    *("page", "referrer", "browser", "language", "snoozed_until", "called", "boundary"),
)


def _before(one: history.PastHandoff) -> Before:
    return Before(
        reason=labels.reason(one.reason),
        at=_iso(one.requested_at),
        name=one.staff_name,
        ended=one.closed_as,
        told=one.return_note,
    )


def _iso(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""
