"""The rules of a language, read from its folder in `languages/`."""

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from supportbot.escalations.wording.phrases import Phrases

FOLDER = Path(__file__).parent / "languages"
TOPICS = (
    "asking",  # they want a person
    "legal",  # lawyers, courts, authorities or the press come next
    "security",  # somebody else is in, data got out, a weakness was found
    "demands",  # we are to pay money back, or to close the account or give it to somebody else
    "inquiries",  # they ask how such a thing is done, which the assistant can tell
    "neglect",  # nobody helps or answers, however often they ask
    "fed_up",  # they have had enough of what they are told
    "unhelpful",  # what they were told did not help
    "questions",  # they ask something
)
"""What rules are about."""

_HEADING = re.compile(r"\[(\w+)(?: (alone|after))?\]")


@dataclass(frozen=True, slots=True)
class Rules:
    """What customers say in one language, by topic."""

    language: str
    about: dict[str, Phrases]

    def hear(self, topic: str, sentence: str) -> bool:
        """Whether a sentence says it."""
        return self.about[topic].found(sentence)


@cache
def every_language() -> tuple[Rules, ...]:
    """The rules of all languages, read once."""
    return tuple(rules_from(folder) for folder in sorted(FOLDER.iterdir()) if folder.is_dir())


def rules_from(folder: Path) -> Rules:
    """The rules of the language in a folder.

    In its files, a heading is `[topic]`, `[topic alone]` or `[topic after]`, as `Phrases` explains them;
    below it, each line is a rule. Below `[words]`, each is a family: `name = one | another`. An indented
    line continues the line before it, and `#` begins a remark.

    Raises:
        ValueError: if a heading is unknown or a topic is missing.
    """
    sections = _sections(folder)
    if unknown := {name.partition(" ")[0] for name in sections} - {*TOPICS, "words"}:
        raise ValueError(f"{folder.name}: there is no topic {', '.join(sorted(unknown))}")
    if missing := set(TOPICS) - set(sections):
        raise ValueError(f"{folder.name}: nothing about {', '.join(sorted(missing))}")
    families = dict(_family(line) for line in sections["words"])
    about = {
        topic: Phrases(
            said=tuple(sections[topic]),
            alone=tuple(sections[f"{topic} alone"]),
            after=tuple(sections[f"{topic} after"]),
            families=families,
        )
        for topic in TOPICS
    }
    return Rules(folder.name, about)


def _sections(folder: Path) -> dict[str, list[str]]:
    """The lines below each heading."""
    sections: dict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.glob("*.txt")):
        section = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            if heading := _HEADING.fullmatch(line):
                section = " ".join(filter(None, heading.groups()))
            elif line.startswith(" "):
                # A line is broken before a bar or at a space.
                sections[section][-1] += ("" if line.lstrip().startswith("|") else " ") + line.strip()
            else:
                sections[section].append(line)
    return sections


def _family(line: str) -> tuple[str, str]:
    name, _, words = line.partition(" = ")
    return name, words
