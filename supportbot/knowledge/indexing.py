"""The words of a passage as `Passage.terms` stores them: title, headings and body, a line each. Pure."""

import html
import re
from dataclasses import dataclass

from supportbot.knowledge.words import terms

_ADDRESS = re.compile(r"\]\([^()\n]*\)")
_BARE_ADDRESS = re.compile(r"https?://[^\s<>()]+")


@dataclass(frozen=True, slots=True)
class Indexed:
    """The terms of a passage, by where they stand."""

    title: tuple[str, ...]
    heading: tuple[str, ...]
    body: tuple[str, ...]

    @classmethod
    def of(cls, title: str, heading: str, markdown: str) -> "Indexed":
        """The terms of a passage. Addresses of links are no words of the text and are left out."""
        text = _BARE_ADDRESS.sub(" ", _ADDRESS.sub("] ", markdown))
        return cls(tuple(terms(title)), tuple(terms(heading)), tuple(terms(html.unescape(text))))

    @classmethod
    def read(cls, stored: str, seen: dict[str, str] | None = None) -> "Indexed":
        """What `stored()` wrote. With `seen`, words that stand in many passages are kept in memory once."""
        known = {} if seen is None else seen
        title, heading, body = (
            tuple(known.setdefault(term, term) for term in line.split(" ")) if line else ()
            for line in stored.split("\n")
        )
        return cls(title, heading, body)

    @property
    def length(self) -> int:
        """How many words it has, headings included."""
        return len(self.title) + len(self.heading) + len(self.body)

    def stored(self) -> str:
        """The value of `Passage.terms`; the line ends mean nothing to the databases' indexes."""
        return "\n".join(" ".join(part) for part in (self.title, self.heading, self.body))

    def words(self) -> set[str]:
        """Each term once."""
        return {*self.title, *self.heading, *self.body}
