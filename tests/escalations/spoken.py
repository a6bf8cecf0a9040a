"""Sentences of customers, by topic and language, written before any rule that is measured with them.

Each topic is a file of `sentences/`: a heading `[en]` for the language, then one sentence a line.
"""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "sentences"
LANGUAGES = ("en", "de", "fr", "es", "pt")


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a customer said, in which language."""

    language: str
    text: str


def spoken(topic: str) -> list[Spoken]:
    """The sentences of a topic, in the order of its file."""
    sentences: list[Spoken] = []
    language = ""
    for line in (FOLDER / f"{topic}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            language = line[1:-1]
        elif line and not line.startswith("#"):
            sentences.append(Spoken(language, line))
    return sentences
