"""Questions with the sections that answer them, and at which place those were found."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from supportbot.knowledge.retrieval import Found, Hit

CORPORA = {
    "healthchecks_docs": "help_center_healthchecks",
    "policies_37signals": "help_center_37signals",
}
"""What a line of questions calls a help centre, and the folder of shared data it lies in."""
SURE, UNSURE, NOTHING = SAYS = ("sure", "unsure", "nothing found")
DEEPEST = 10
"""A section found later than this counts as not found."""
_SEPARATOR = " > "


@dataclass(frozen=True, slots=True)
class Section:
    """A section that answers: a file's heading, and the heading above it where the file has it twice."""

    file: str
    heading: str
    parent: str = ""

    def is_hit(self, hit: Hit, file: str) -> bool:
        """Whether `hit`, of this file, is the section. An introduction is headed by its article's title."""
        *above, heading = hit.heading.split(_SEPARATOR) if hit.heading else [hit.title]
        return (
            file == self.file
            and heading == self.heading
            and (not self.parent or self.parent in {*above, hit.title})
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """A customer's question. Without a section in `gold` the articles do not answer it."""

    corpus: str
    text: str
    language: str
    style: str
    gold: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """At which place the first right file and section of a question stood, from 0, and how sure we were."""

    asked: Asked
    file: int | None
    section: int | None
    said: str


@dataclass(frozen=True, slots=True)
class Share:
    """Of some questions, in percent: found first, among the first five, and the mean reciprocal rank."""

    questions: int
    first: float
    five: float
    mrr: float

    @classmethod
    def of(cls, places: Sequence[int | None]) -> "Share":
        """The shares of these places."""
        count = max(1, len(places))
        found = [place for place in places if place is not None and place < DEEPEST]
        return cls(
            len(places),
            100 * sum(place == 0 for place in found) / count,
            100 * sum(place < 5 for place in found) / count,
            100 * sum(1 / (place + 1) for place in found) / count,
        )


def read_questions(path: Path) -> list[Asked]:
    """The questions of a file, a JSON object a line."""
    lines = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    return [
        Asked(
            line["corpus"],
            line["text"],
            line["language"],
            line["style"],
            tuple(
                Section(gold["file"], gold["heading"], gold.get("parent", ""))
                for gold in line["gold"]
                if line["answerable"]
            ),
        )
        for line in lines
    ]


def read_strangers(path: Path) -> list[str]:
    """Questions that no help centre answers: the lists of pairs of a file, whatever they are called."""
    lists: dict[str, list[list[str]]] = json.loads(path.read_text())
    return [text for pairs in lists.values() for text, _ in pairs]


def said(found: Found) -> str:
    """What a customer would be told: that it is there, that it may be, or that it is not."""
    if found.confident:
        return SURE
    return UNSURE if found.hits and found.hits[0].likely else NOTHING


def placed(asked: Asked, found: Found, files: Sequence[str]) -> Placed:
    """Where the right ones stand among the hits, whose files are named beside them."""
    hits = found.hits
    right = {section.file for section in asked.gold}
    seen = list(dict.fromkeys(files))
    return Placed(
        asked,
        _first(file in right for file in seen),
        _first(
            any(section.is_hit(hit, file) for section in asked.gold)
            for hit, file in zip(hits, files, strict=True)
        ),
        said(found),
    )


def _first(fits: Iterable[bool]) -> int | None:
    return next((place for place, fit in enumerate(fits) if fit), None)
