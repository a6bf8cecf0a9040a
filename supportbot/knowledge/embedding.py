"""Meaning as retrieval uses it: a text is a direction, and texts that mean the same point the same way.

Which model says so is the business of whoever fulfils `Embedder`; here is what it is given to read.
"""

import html
import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

WINDOW = 80
"""Words of a passage that one vector stands for. In longer windows a sentence about the question drowns."""

LONGEST_READ = 1_000
"""Characters of a question that are read: what a customer wants is said by then."""

_PICTURE = re.compile(r"!\[[^\]]*\]\([^()\n]*\)")
_ADDRESS = re.compile(r"\]\([^()\n]*\)|https?://[^\s<>()]+")
_TAG = re.compile(r"<[^<>\n]{1,200}>")
_MARKS = re.compile(r"[`*_#\[\]|]+")
_LONGEST_WORD, _WORDS_IN_IT = 24, 8
"""Text without spaces, such as Chinese, is cut by characters; so many are worth so many words."""


class Embedder(Protocol):
    """Says in which direction texts point. Slow enough to be called in a thread, and safe to be."""

    @property
    def name(self) -> str:
        """Names the model and its weights. Vectors of another name are made anew."""

    @property
    def dimensions(self) -> int:
        """How long a vector is."""

    @property
    def telling(self) -> int:
        """How many of a vector's first numbers say already which passages may be near; all, at most.

        A question whose first numbers are all zero is only told by the others.
        """

    def passages(self, texts: Sequence[str]) -> Floats:
        """A vector for each text, a row each."""

    def question(self, text: str) -> Floats:
        """The vector of a question: its product with a passage's is how close the two are, at most 1."""


def windows(title: str, heading: str, markdown: str) -> list[str]:
    """The texts whose vectors stand for a passage: some 80 words each, below title and headings. Pure."""
    named = ". ".join(dict.fromkeys(part for part in (title, *heading.split(" > ")) if part))
    return [f"{named}. {part}".strip() for part in _parts(_read_out(markdown))]


def _read_out(markdown: str) -> str:
    """What somebody would read aloud: no addresses, tags and signs of Markdown."""
    text = _TAG.sub(" ", _ADDRESS.sub("]", _PICTURE.sub(" ", markdown)))
    return html.unescape(_MARKS.sub(" ", text))


def _parts(text: str) -> list[str]:
    words = [piece for word in text.split() for piece in _pieces(word)]
    ends = list(accumulate(1 if len(word) < _LONGEST_WORD else _WORDS_IN_IT for word in words))
    whole = ends[-1] if ends else 0
    count = max(1, round(whole / WINDOW))
    bounds = [bisect_right(ends, whole * at / count) for at in range(count)] + [len(words)]
    return [" ".join(words[start:end]) for start, end in pairwise(bounds)]


def _pieces(word: str) -> list[str]:
    return [word[at : at + _LONGEST_WORD] for at in range(0, len(word), _LONGEST_WORD)]
