"""Which list of the desk one looks at, as an address says it: reload, going back and sharing all work."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import urlencode

from supportbot.conversations.wording import clean_line
from supportbot.escalations.lists import List
from supportbot.ui import routes

LONGEST_SEARCH = 200
LONGEST_FILTER = 60


@dataclass(frozen=True, slots=True)
class View:
    """A list, what it is narrowed to, or a search over everything."""

    which: List = List.WAITING
    search: str = ""
    tag: str = ""
    reason: str = ""
    language: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        """What the query of an address asks for. What cannot be understood is left out."""
        wanted = query.get("list", "")
        return cls(
            which=List(wanted) if wanted in tuple(List) else List.WAITING,
            search=clean_line(query.get("search"), limit=LONGEST_SEARCH),
            **{
                name: clean_line(query.get(name), limit=LONGEST_FILTER)
                for name in ("tag", "reason", "language")
            },
        )

    @property
    def query(self) -> str:
        """The query of an address that asks for this, with its question mark; empty for the first list."""
        said = {
            "list": "" if self.which == List.WAITING or self.search else str(self.which),
            "search": self.search,
            "tag": self.tag,
            "reason": self.reason,
            "language": self.language,
        }
        words = urlencode({name: value for name, value in said.items() if value})
        return f"?{words}" if words else ""

    @property
    def address(self) -> str:
        """The page that shows this."""
        return routes.ESCALATIONS + self.query

    def narrowed(self, **to: str) -> Self:
        """The same list, narrowed to something else."""
        return replace(self, **to)
