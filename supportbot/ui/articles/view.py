"""What the list of articles shows, as its address says it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from supportbot.conversations.wording import clean_line
from supportbot.knowledge.shelf import CHANGED, Order, Wanted
from supportbot.models import ArticleState
from supportbot.ui import routes

LONGEST = 200
STATES = (*(str(state) for state in ArticleState), CHANGED)
NARROWED_BY = ("search", "state", "language", "collection")


@dataclass(frozen=True, slots=True)
class View:
    """One view of the list; what it does not know it leaves out."""

    wanted: Wanted = field(default_factory=Wanted)

    @classmethod
    def of(cls, query: Mapping[str, object]) -> "View":
        """The view an address asks for, whatever it holds."""
        said = {name: _line(query.get(name)) for name in (*NARROWED_BY, "order", "page")}
        return cls(
            Wanted(
                search=said["search"],
                state=said["state"] if said["state"] in STATES else "",
                language=said["language"],
                collection=said["collection"],
                order=Order(said["order"]) if said["order"] in set(Order) else Order.CHANGED,
                page=int(said["page"]) if said["page"].isdecimal() and len(said["page"]) < 6 else 1,
            )
        )

    def narrowed(self, name: str, to: object) -> "View":
        """The same with something else, from its first page on."""
        query = {one: str(getattr(self.wanted, one)) for one in (*NARROWED_BY, "order")}
        return View.of({**query, name: to})

    def at(self, page: int) -> "View":
        """Another page of it."""
        return View(replace(self.wanted, page=page))

    @property
    def is_narrowed(self) -> bool:
        """Whether it leaves articles out."""
        return any(getattr(self.wanted, name) for name in NARROWED_BY)

    @property
    def address(self) -> str:
        """Where it is found."""
        said = {name: getattr(self.wanted, name) for name in NARROWED_BY}
        if self.wanted.order != Order.CHANGED:
            said["order"] = str(self.wanted.order)
        if self.wanted.page > 1:
            said["page"] = str(self.wanted.page)
        query = urlencode({name: value for name, value in said.items() if value})
        return f"{routes.ARTICLES}?{query}" if query else routes.ARTICLES


def _line(value: object) -> str:
    return clean_line(value if isinstance(value, str) else "", limit=LONGEST)
