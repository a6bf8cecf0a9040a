"""The list of articles, as the address of the page asks for it."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from supportbot.desk import desk
from supportbot.errors import NotSignedIn
from supportbot.ids import now
from supportbot.knowledge import shelf
from supportbot.knowledge.shelf import Shelved
from supportbot.ui import routes
from supportbot.ui.articles.languages import name_of
from supportbot.ui.articles.view import NARROWED_BY, View
from supportbot.ui.session import StaffPage


@dataclass
class ArticleRow:
    """An article as the list shows it. `by` is empty if an import made the last change."""

    id: str = ""
    url: str = ""
    title: str = ""
    state: str = ""
    has_changes: bool = False
    language: str = ""
    at: str = ""
    by: str = ""
    cited: int = 0
    up: int = 0
    down: int = 0


class ArticlesState(StaffPage, rx.State):
    """One open list of articles."""

    rows: list[ArticleRow] = []
    search: str = ""
    state: str = ""
    language: str = ""
    collection: str = ""
    order: str = "changed"
    narrowed: bool = False
    languages: list[list[str]] = []
    collections: list[str] = []
    total: int = 0
    page: int = 1
    pages: int = 1
    previous: str = ""
    following: str = ""
    """The addresses of the pages before and after; empty if there is none."""
    ready: bool = False

    _view: View = View()

    @rx.event
    async def open(self):
        """Load the page of the list that the address asks for."""
        try:
            await self._staff()
        except NotSignedIn:
            return self._sign_in()
        self._view = View.of(self.router.url.query_parameters)
        await self._load()
        self.ready = True
        return None

    @rx.event
    async def find(self, form: dict[str, Any]):
        """Look for words in titles and texts."""
        return await self._go("search", form.get("search") if isinstance(form, dict) else "")

    @rx.event
    async def narrow(self, name: str, to: str):
        """Narrow the list to a state, a language or a collection, or order it otherwise."""
        if name not in (*NARROWED_BY, "order"):
            return None
        return await self._go(name, to)

    async def _go(self, name: str, to: object):
        try:
            await self._staff()
        except NotSignedIn:
            return self._sign_in()
        return rx.redirect(self._view.narrowed(name, to).address)

    async def _load(self) -> None:
        found = await shelf.look(desk().database, self._view.wanted, now())
        narrowing = await shelf.choices(desk().database)
        wanted = self._view.wanted
        self.search, self.state, self.language = wanted.search, wanted.state, wanted.language
        self.collection, self.order = wanted.collection, str(wanted.order)
        self.narrowed = self._view.is_narrowed
        self.languages = [[code, name_of(code)] for code in narrowing.languages]
        self.collections = list(narrowing.collections)
        self.rows = [_row(article) for article in found.articles]
        self.total, self.page, self.pages = found.total, found.page, found.pages
        self.previous = self._view.at(found.page - 1).address if found.page > 1 else ""
        self.following = self._view.at(found.page + 1).address if found.page < found.pages else ""


def _row(article: Shelved) -> ArticleRow:
    return ArticleRow(
        id=str(article.id),
        url=routes.article(article.id),
        title=article.title,
        state=str(article.state),
        has_changes=article.has_changes,
        language=name_of(article.language),
        at=article.changed_at.isoformat(timespec="seconds"),
        by=article.changed_by,
        cited=article.cited,
        up=article.up,
        down=article.down,
    )
