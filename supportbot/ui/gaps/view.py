"""Which gaps one looks at, as an address says it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import urlencode

from supportbot.conversations.wording import clean_line
from supportbot.knowledge.collecting import Cause
from supportbot.knowledge.gaps import GapState
from supportbot.ui import routes

LONGEST_LANGUAGE = 35


@dataclass(frozen=True, slots=True)
class GapView:
    """Where the gaps stand, and what they are narrowed to."""

    state: GapState = GapState.OPEN
    cause: Cause | None = None
    language: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        """What the query of an address asks for. What cannot be understood is left out."""
        return cls(
            state=next((one for one in GapState if one.value == query.get("state")), GapState.OPEN),
            cause=next((one for one in Cause if one.value == query.get("cause")), None),
            language=clean_line(query.get("language"), limit=LONGEST_LANGUAGE),
        )

    @property
    def address(self) -> str:
        """The page that shows this."""
        said = {
            "state": "" if self.state == GapState.OPEN else str(self.state),
            "cause": str(self.cause or ""),
            "language": self.language,
        }
        words = urlencode({name: value for name, value in said.items() if value})
        return f"{routes.GAPS}?{words}" if words else routes.GAPS

    def narrowed(self, name: object, to: object) -> Self:
        """The same gaps, narrowed to a cause or a language; to nothing with what is none."""
        if name == "cause":
            return replace(self, cause=next((one for one in Cause if one.value == to), None))
        if name == "language":
            return replace(self, language=clean_line(to, limit=LONGEST_LANGUAGE))
        return self
