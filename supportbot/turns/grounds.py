"""What an answer rests on: the passages that were found for it, and those of them that it cites."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from supportbot.knowledge.retrieval import Found, Hit

CITED, BASED_ON = "cited", "based_on"
"""Kinds of sources: the answer cites it; or it was found for the question, and nobody says what was used."""
MOST_BASED_ON = 3


@dataclass(frozen=True, slots=True)
class Ground:
    """A passage that was found for a turn, and whether the answer cites it."""

    hit: Hit
    cited: bool


class Grounds:
    """Grows as a turn searches and its answer cites. Only what was found can be cited."""

    def __init__(self) -> None:
        self.confident: bool | None = None
        """Whether the articles have anything about the question; None while nothing was asked of them."""
        self._found: dict[int, Hit] = {}
        self._cited: list[Hit] = []

    def add(self, found: Found, *, asked: bool = True) -> None:
        """Take in what a search has found; `asked` is unset if there was nothing to search for."""
        for hit in found.hits:
            self._found.setdefault(hit.id, hit)
        if asked:
            self.confident = found.confident or bool(self.confident)

    def cite(self, passage_id: object) -> None:
        """The answer rests on this passage, if it is one that was found."""
        hit = self._found.get(passage_id) if type(passage_id) is int else None
        if hit is not None and hit not in self._cited:
            self._cited.append(hit)

    def start_over(self) -> None:
        """Another answer begins: what the last one cited is forgotten, what was found is not."""
        self._cited.clear()

    @property
    def cited(self) -> list[Hit]:
        """The passages the answer cites, in its order."""
        return list(self._cited)

    @property
    def all(self) -> list[Ground]:
        """Everything that was found, the first search first, best first."""
        return [Ground(hit, hit in self._cited) for hit in self._found.values()]

    @property
    def found(self) -> list[Hit]:
        """The same passages alone."""
        return list(self._found.values())


def sources(hits: Sequence[Hit], kind: str = CITED) -> list[dict[str, Any]]:
    """The passages as a message keeps them, each place once."""
    first = {hit.url: hit for hit in reversed(hits)}
    return [
        {"title": hit.title, "heading": hit.heading, "url": hit.url, "kind": kind}
        for hit in hits
        if first[hit.url] is hit
    ]
