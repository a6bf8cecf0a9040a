"""The gaps at the desk: listed, put away, and made into articles. All staff may."""

import logging
from dataclasses import dataclass, field

import reflex as rx

from supportbot import access
from supportbot.desk import desk
from supportbot.errors import NotSignedIn, SupportError
from supportbot.knowledge import gaps
from supportbot.logs import log_trouble
from supportbot.ui import routes
from supportbot.ui.following import Following, every, keep_in_step
from supportbot.ui.gaps.view import GapView
from supportbot.ui.pages import Refusable
from supportbot.ui.session import StaffPage, signed_in
from supportbot.ui.text_gaps import GAPS

log = logging.getLogger(__name__)

LOOK_EVERY = 5.0
"""Seconds between two looks: the rows change by a job, which announces nothing."""
AT_FIRST, AT_MOST = 30, 300
"""Gaps that are shown, and that "show more" may lead to."""


@dataclass
class Known:
    """How we know, and of how many questions."""

    cause: str = ""
    count: int = 0


@dataclass
class Asked:
    """A question, and the conversation it was asked in."""

    text: str = ""
    url: str = ""
    at: str = ""


@dataclass
class GapLine:
    """A gap as the page shows it."""

    id: str = ""
    question: str = ""
    language: str = ""
    state: str = ""
    customers: int = 0
    at: str = ""
    since: int = 0
    causes: list[Known] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    article: str = ""
    article_url: str = ""
    article_state: str = ""


class GapsState(StaffPage, Following, Refusable, rx.State):
    """One open list of gaps of a member of staff."""

    rows: list[GapLine] = []
    shown: str = str(gaps.GapState.OPEN)
    cause: str = ""
    language: str = ""
    counts: dict[str, int] = {}
    languages: list[str] = []
    more: bool = False
    ready: bool = False
    put_away_question: str = ""
    """What this person has just dismissed and may bring back."""
    drafting: str = ""
    """The gap an article is being drafted for."""

    _put_away: str = ""
    _view: GapView = GapView()
    _limit: int = AT_FIRST

    @rx.event
    async def open(self):
        """Load what the address asks for and keep looking."""
        try:
            await self._staff()
        except NotSignedIn:
            return self._sign_in()
        view = GapView.of(self.router.url.query_parameters)
        if view != self._view:
            self._limit, self.notice, self.put_away_question = AT_FIRST, "", ""
        self._view, self.drafting = view, ""
        await self._load()
        self.ready = True
        return GapsState.follow

    @rx.event(background=True, supersedes=True)
    async def follow(self):
        """Keep the list in step. Started by `open` only."""
        return await keep_in_step(
            self,
            lambda _: every(lambda: LOOK_EVERY),
            lambda _: self._load(),
            what="the gaps",
            allowed=signed_in,
        )

    @rx.event
    async def narrow(self, name: str, to: str):
        """Narrow the list to a cause or a language; to nothing with an empty word."""
        try:
            await self._staff()
        except NotSignedIn:
            return self._sign_in()
        return rx.redirect(self._view.narrowed(name, to).address)

    @rx.event
    async def show_more(self):
        """Show more gaps below."""
        try:
            await self._staff()
        except NotSignedIn:
            return self._sign_in()
        self._limit = min(self._limit + AT_FIRST, AT_MOST)
        await self._load()
        return None

    @rx.event
    async def put_away(self, gap: str):
        """Dismiss a gap; the page offers to take that back."""
        return await self._do(gap, gaps.dismiss, puts_away=True)

    @rx.event
    async def bring_back(self, gap: str):
        """Bring a dismissed gap back."""
        return await self._do(gap, gaps.bring_back)

    @rx.event
    async def undo(self):
        """Bring back what was dismissed last."""
        return await self._do(self._put_away, gaps.bring_back)

    @rx.event(background=True)
    async def draft(self, gap: str):
        """Begin an article for a gap, or go on with the one there is, and go to it."""
        mine = ""
        try:
            async with self:
                if self.drafting:
                    return None
                staff, credentials = await self._staff(), self._credentials()
                wanted = await access.gap_for_staff(desk().database, staff, gap)
                await desk().rate_limits.generic("article", str(staff.id))
                self.drafting, self.notice = (mine := str(wanted.id)), ""
            article = await desk().article_help.from_gap(wanted.id, staff)
            still = await signed_in(credentials)
            async with self:
                return rx.redirect(routes.article(article)) if still else self._sign_in()
        except NotSignedIn:
            async with self:
                return self._sign_in()
        except SupportError as refusal:
            async with self:
                self._refuse(refusal)
        except Exception as error:
            log_trouble(log, "an article could not be drafted", error)
            async with self:
                self._refuse(SupportError(GAPS["gaps.draft_failed"]))
        finally:
            async with self:
                # A second click must not end the first one's.
                if self.drafting == mine:
                    self.drafting = ""
        return None

    async def _do(self, gap: str, verb, *, puts_away: bool = False):
        self.notice = ""
        try:
            staff = await self._staff()
            row = await access.gap_for_staff(desk().database, staff, gap)
        except NotSignedIn:
            return self._sign_in()
        except SupportError as refusal:
            self._refuse(refusal)
            return None
        await verb(desk().database, row.id, staff)
        self._put_away = str(row.id) if puts_away else ""
        self.put_away_question = row.question if puts_away else ""
        await self._load()
        return None

    async def _load(self) -> None:
        view = self._view
        found = await gaps.listed(
            desk().database, view.state, cause=view.cause, language=view.language, limit=self._limit
        )
        known = await gaps.languages(desk().database)
        self._show(
            rows=[_line(row) for row in found.rows],
            counts={str(state): count for state, count in found.counts.items()},
            languages=sorted({*known, view.language} - {""}),
            more=found.more and self._limit < AT_MOST,
            shown=str(view.state),
            cause=str(view.cause or ""),
            language=view.language,
        )

    def _show(self, **values: object) -> None:
        """A changed var is sent whole, so only what has changed is set."""
        for name, value in values.items():
            if getattr(self, name) != value:
                setattr(self, name, value)


def _line(row: gaps.GapRow) -> GapLine:
    return GapLine(
        id=str(row.id),
        question=row.question,
        language=row.language,
        state=str(row.state),
        customers=row.customers,
        at=row.last_asked_at.isoformat(timespec="seconds"),
        since=row.since,
        causes=[Known(str(cause), count) for cause, count in row.causes.items()],
        asked=[
            Asked(
                one.text, routes.escalation(one.conversation_id), one.asked_at.isoformat(timespec="seconds")
            )
            for one in row.examples
        ],
        article=row.article_title,
        article_url=routes.article(row.article_id) if row.article_id else "",
        article_state=str(row.article_state or ""),
    )
