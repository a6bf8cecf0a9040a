"""The rules of a language, read from its file in `languages/`."""

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from supportbot.escalations.wording.phrases import Phrases

FOLDER = Path(__file__).parent / "languages"
TOPICS = ("asking", "legal", "security", "demands", "inquiries", "neglect", "unhelpful", "questions")

_HEADING = re.compile(r"\[(\w+)(?: (alone|after))?\]")
_AROUND_BAR = re.compile(r"\s*\|\s*")


@dataclass(frozen=True, slots=True)
class Rules:
    """What customers say in one language, by what it means."""

    language: str
    asking: Phrases
    """They want a person."""
    legal: Phrases
    """Lawyers, courts, authorities or the press come next."""
    security: Phrases
    """Somebody else is in, data got out, a weakness was found."""
    demands: Phrases
    """We are to pay money back, or to close the account or give it to somebody else."""
    inquiries: Phrases
    """They ask how such a thing is done, which the assistant can tell."""
    neglect: Phrases
    """Nobody helps or answers, however often they ask."""
    unhelpful: Phrases
    """What they were told does not help."""
    questions: Phrases
    """They ask something."""


@cache
def every_language() -> tuple[Rules, ...]:
    """The rules of all languages, read once."""
    return tuple(rules_from(path) for path in sorted(FOLDER.glob("*.txt")))


def rules_from(path: Path) -> Rules:
    """The rules in a file.

    A heading is `[topic]`, `[topic alone]` or `[topic after]`, as `Phrases` explains them; below it, each line
    is a rule. Below `[words]`, each is a family: `name = one | another`. An indented line continues the line
    before it, and `#` begins a remark.

    Raises:
        ValueError: if a heading is unknown or a topic is missing.
    """
    sections: dict[str, list[str]] = defaultdict(list)
    section = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if heading := _HEADING.fullmatch(line):
            section = " ".join(filter(None, heading.groups()))
            if heading[1] not in (*TOPICS, "words"):
                raise ValueError(f"{path.name}: there is no topic {heading[1]}")
        elif line.startswith(" "):
            sections[section][-1] += " " + line.strip()
        else:
            sections[section].append(line.strip())
    if missing := set(TOPICS) - set(sections):
        raise ValueError(f"{path.name}: nothing about {', '.join(sorted(missing))}")
    families = dict(_family(line) for line in sections["words"])
    return Rules(path.stem, **{topic: _phrases(sections, topic, families) for topic in TOPICS})


def _family(line: str) -> tuple[str, str]:
    name, _, words = line.partition(" = ")
    return name, words


def _phrases(sections: dict[str, list[str]], topic: str, families: dict[str, str]) -> Phrases:
    return Phrases(
        said=_rules(sections[topic]),
        alone=_rules(sections[f"{topic} alone"]),
        after=_rules(sections[f"{topic} after"]),
        families=families,
    )


def _rules(lines: list[str]) -> tuple[str, ...]:
    return tuple(lines)
