"""The facts around the text of an article: how it stands, its versions, and what is done with it.

The text itself never comes here. The page's script reads and saves it by HTTP (web/article_texts.py), and
then says so (`saved`).
"""

from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

import reflex as rx

from supportbot.desk import desk
from supportbot.errors import NotFound, NotSignedIn, SupportError
from supportbot.ids import new_id, now, parse_id
from supportbot.knowledge import editing, history, shelf
from supportbot.models import WRITTEN_HERE, ArticleState, Origin, Staff
from supportbot.ui import routes
from supportbot.ui.pages import Refusable
from supportbot.ui.session import StaffPage

NEW = "new"


@dataclass
class VersionRow:
    """One version. `by` is empty if no person made it."""

    version: int = 0
    by: str = ""
    at: str = ""
    origin: str = ""
    restored_from: int = 0


class EditorState(StaffPage, Refusable, rx.State):
    """One article that somebody has open, or begins."""

    article: str = ""
    draft: str = NEW
    """The name under which the browser keeps what is not saved."""
    missing: bool = False
    ready: bool = False
    title: str = ""
    url: str = ""
    """The help page."""
    state: str = ""
    imported: str = ""
    """The collection it was imported with; empty if it was written here."""
    published: int = 0
    """The version readers see, or saw last."""
    newest: int = 0
    has_changes: bool = False
    cited: int = 0
    up: int = 0
    down: int = 0
    versions: list[VersionRow] = []
    compared: int = 0
    restored: int = 0

    @rx.event
    async def open(self):
        """Show the article the address names, or begin one."""
        return await self._do(self._open)

    @rx.event
    async def saved(self):
        """The page's script has saved the text."""
        return await self._do(lambda _: self._load())

    @rx.event
    async def retire(self):
        """Take the article away from readers."""
        return await self._do(self._retire)

    @rx.event
    async def restore(self, version: int):
        """Save what an earlier version said as the newest."""
        return await self._do(lambda staff: self._restore(version, staff))

    @rx.event
    async def compare(self, version: int):
        """Show what is different since a version; a second time puts it away."""
        return await self._do(lambda _: self._compare(version))

    async def _do(self, what):
        try:
            staff = await self._staff()
        except NotSignedIn:
            return self._sign_in()
        self.notice, self.restored = "", 0
        try:
            await what(staff)
        except SupportError as refusal:
            self._refuse(refusal)
        return None

    async def _open(self, _: Staff) -> None:
        self.compared = 0
        named = routes.last_segment(self.router.url.path)
        if named == NEW:
            # Chosen here, so that a save whose answer got lost is not a second article; and once, so that a
            # page that comes back after a pause of the network goes on with the same.
            begun = parse_id(self.article) if self.draft == NEW else None
            if begun is None or await shelf.one(desk().database, begun, now()) is not None:
                self._show(str(new_id()))
            self.missing, self.ready = False, True
            return
        identity = parse_id(named)
        if identity is None or await shelf.one(desk().database, identity, now()) is None:
            self._show("")
            self.missing, self.ready = True, True
            return
        self._show(str(identity))
        await self._load()
        self.missing, self.ready = False, True

    async def _load(self) -> None:
        identity = self._identity()
        found = await shelf.one(desk().database, identity, now())
        if found is None:
            raise NotFound("There is no such article.")
        self.draft = self.article
        self.title, self.url, self.state = found.title, f"/help/{quote(found.slug)}", str(found.state)
        self.imported = "" if found.collection == WRITTEN_HERE else found.collection
        self.published = 0 if found.state == ArticleState.DRAFT else found.version
        self.newest, self.has_changes = found.newest, found.has_changes
        self.cited, self.up, self.down = found.cited, found.up, found.down
        self.versions = [
            VersionRow(
                one.version,
                one.by,
                one.at.isoformat(timespec="seconds"),
                "" if one.origin in (Origin.WRITTEN, Origin.RESTORED) else str(one.origin),
                one.restored_from or 0,
            )
            for one in await history.history(desk().database, identity)
        ]

    async def _retire(self, staff: Staff) -> None:
        await editing.retire(desk().database, self._identity(), staff)
        await self._load()

    async def _restore(self, version: object, staff: Staff) -> None:
        number = version if type(version) is int else 0
        await editing.restore(desk().database, self._identity(), number, staff, over=self.newest)
        self.compared = 0
        await self._load()
        self.restored = number

    async def _compare(self, version: object) -> None:
        known = {one.version for one in self.versions}
        self.compared = (
            version if type(version) is int and version in known and version != self.compared else 0
        )

    def _identity(self) -> UUID:
        identity = parse_id(self.article)
        if identity is None:
            raise NotFound("There is no such article.")
        return identity

    def _show(self, article: str) -> None:
        """Another article: nothing of the one before."""
        self.article, self.draft = article, NEW
        self.title = self.url = self.state = self.imported = ""
        self.published = self.newest = self.cited = self.up = self.down = 0
        self.has_changes, self.versions = False, []
