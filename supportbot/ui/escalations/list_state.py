"""The lists of the desk, live: on their own page, and beside an open conversation."""

from typing import Any

import reflex as rx

from supportbot import access
from supportbot.conversations.events import DESK
from supportbot.conversations.live import LOST, Position
from supportbot.conversations.wording import clean_line
from supportbot.desk import desk
from supportbot.errors import NotSignedIn, SupportError
from supportbot.escalations import handoff, lists, queue
from supportbot.escalations.search import search
from supportbot.ui import routes
from supportbot.ui.escalations.list_rows import QueueRow, shown
from supportbot.ui.escalations.troubles import Troubled
from supportbot.ui.escalations.view import LONGEST_FILTER, LONGEST_SEARCH, View
from supportbot.ui.following import Following, at_the_desk, keep_in_step
from supportbot.ui.pages import Refusable
from supportbot.ui.session import StaffPage, signed_in

AT_FIRST, AT_MOST = 50, 500
"""Rows that are shown, and that "show more" may lead to."""
FILTERS = ("tag", "reason", "language")


class QueueState(StaffPage, Troubled, Following, Refusable, rx.State):
    """One open list of a member of staff."""

    rows: list[QueueRow] = []
    which: str = str(lists.List.WAITING)
    search: str = ""
    tag: str = ""
    reason: str = ""
    language: str = ""
    query: str = ""
    """Of the address that leads back to this list."""
    counts: dict[str, int] = {}
    waiting: int = 0
    unread: int = 0
    more: bool = False
    full: bool = False
    """There is more, but no page is that long."""
    tags: list[str] = []
    languages: list[str] = []
    target_minutes: int = 10
    ready: bool = False

    _view: View = View()
    _limit: int = AT_FIRST
    _position: Position = LOST

    @rx.event
    async def open(self):
        """Load the list the address asks for, and follow the desk."""
        try:
            await self._staff()
        except NotSignedIn:
            return self._sign_in()
        view = View.of(self.router.url.query_parameters)
        if view != self._view:
            self._limit, self.notice = AT_FIRST, ""
        self._view = view
        self._position = await desk().live.position(DESK)
        await self._load()
        await self._load_choices()
        self.ready = True
        return QueueState.follow

    @rx.event
    async def find(self, form: dict[str, Any]):
        """Search over every conversation."""
        return await self._go(View(search=clean_line(_field(form, "search"), limit=LONGEST_SEARCH)))

    @rx.event
    async def narrow(self, name: str, to: str):
        """Narrow the list to a tag, a reason or a language; to nothing with an empty word."""
        if name not in FILTERS:
            return None
        return await self._go(self._view.narrowed(**{name: clean_line(to, limit=LONGEST_FILTER)}))

    @rx.event
    async def show_more(self):
        """Show more rows below."""
        try:
            await self._staff()
        except NotSignedIn:
            return self._sign_in()
        self._limit = min(self._limit + AT_FIRST, AT_MOST)
        await self._load()
        return None

    @rx.event
    async def claim(self, conversation: str):
        """Take a waiting conversation from the list, and go there."""
        self.notice = ""
        try:
            staff = await self._staff()
            wanted = await access.conversation_for_staff(desk().database, staff, conversation)
            await handoff.claim(desk().database, desk().live, wanted.id, staff)
        except NotSignedIn:
            return self._sign_in()
        except SupportError as refusal:
            self._refuse(refusal)
            return None
        return rx.redirect(routes.escalation(wanted.id) + self.query)

    @rx.event(background=True, supersedes=True)
    async def follow(self):
        """Keep the list in step. Started by `open` only."""
        return await keep_in_step(
            self,
            lambda lost: at_the_desk(LOST if lost else self._position),
            # On a quiet heartbeat too: an answer or a new name is not announced there.
            lambda _: self._load(),
            what="the desk",
            allowed=signed_in,
        )

    async def _go(self, view: View):
        """Go where the address says so: the page loads by it."""
        try:
            await self._staff()
        except NotSignedIn:
            return self._sign_in()
        return rx.redirect(view.address)

    async def _load(self) -> None:
        view, staff = self._view, access.parse_id(self.my_id)
        if staff is None:
            return
        found = await queue.listed(
            desk().database,
            view.which,
            staff,
            tag=view.tag,
            reason=view.reason,
            language=view.language,
            # Of a list that only lends its counts to a search, no row is needed.
            limit=1 if view.search else self._limit,
        )
        rows, more = found.rows, found.more
        if view.search:
            hits = await search(desk().database, staff, view.search, limit=self._limit)
            rows, more = hits.rows, hits.more
        await self._load_troubles(self.is_admin)
        self._show(
            rows=[shown(one, self.my_id, view.query) for one in rows],
            counts={str(name): count for name, count in found.counts.items()},
            waiting=found.waiting,
            unread=found.unread,
            more=more and self._limit < AT_MOST,
            full=more and self._limit >= AT_MOST,
            which=str(view.which),
            search=view.search,
            tag=view.tag,
            reason=view.reason,
            language=view.language,
            query=view.query,
            target_minutes=desk().house.targets.claim_within_minutes,
        )

    async def _load_choices(self) -> None:
        """What a list can be narrowed to; a word that narrows it now is always among them."""
        tags = await queue.tags_in_use(desk().database)
        languages = await queue.languages_in_use(desk().database)
        view = self._view
        self._show(
            tags=sorted({*tags, view.tag} - {""}), languages=sorted({*languages, view.language} - {""})
        )

    def _show(self, **values: object) -> None:
        """A changed var is sent whole, so only what has changed is set."""
        for name, value in values.items():
            if getattr(self, name) != value:
                setattr(self, name, value)


def _field(form: Any, name: str) -> object:
    return form.get(name) if isinstance(form, dict) else None
