"""Which questions ask the same thing: by the words they share, rare ones counting more. Pure.

"How do I export my data?" and "can i export data" are one question, "import data" is another. What is
compared are terms, so case, endings and small words do not matter.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Generic, Protocol, TypeVar

from supportbot.knowledge.stop_words import CHATTY_WORDS, STOP_WORDS, WORDS_OF
from supportbot.knowledge.words import Word, question_words

K = TypeVar("K")

ALIKE = 0.55
"""Two questions of which each has two words, one of them shared, are a third alike; see `Likeness`."""
CONTAINED = 0.4
"""Enough if one question has everything the other asks: it says more about the same thing."""
FEWEST_CONTAINED = 2
"""But one word, such as "refund", stands in many different questions."""
CHATTY_WEIGHT = 0.15
LONGEST_READ = 2_000
_CHATTY = "~"
"""Stands before the term of such a word: by their stems, "important" and "import" are one."""
_HIRAGANA = re.compile("[\u3040-\u309f]")
"""Endings and small words in Japanese."""
_SCRIPTS = tuple(
    (languages, re.compile(f"[{letters}]"))
    for languages, letters in (
        (("ja",), "\u3040-\u30ff"),
        (("ar", "fa", "ur"), "\u0600-\u06ff\u0750-\u077f"),
        (("ru", "uk", "bg", "sr", "be", "mk", "kk"), "\u0400-\u052f"),
        (("ko",), "\uac00-\ud7a3"),
        (("zh", "ja"), "\u3400-\u4dbf\u4e00-\u9fff"),
        (("he", "yi"), "\u0590-\u05ff"),
        (("el",), "\u0370-\u03ff"),
        (("th",), "\u0e00-\u0e7f"),
        (("hi", "mr", "ne"), "\u0900-\u097f"),
    )
)
"""Languages by the letters only they are written in, the likeliest first."""
_ABUSE = """
arsch arschloch ass asshole bastard bitch bloody bullshit connard crap cretin cunt damn dick dumb dumbass
fick ficken fuck fucked fucker fucking hell hurensohn idiot idioten idiots imbecile loser merde mierda moron
morons pathetic porra puta pute salope scheisse shit shitty shut slut stfu suck sucks trash useless verdammt
wanker whore wixer wtf
"""
ABUSE = frozenset(_ABUSE.split())
"""Words of somebody who is angry and asks nothing; folded. Beside a real word they do no harm."""
_SMOOTH = 10
"""So many questions count as seen before the first: until then no word is rare."""


class Likeness(Protocol):
    """Says how much two questions are alike, from 0 to 1; a model's vectors could too."""

    def __call__(self, one: Collection[str], other: Collection[str]) -> float:
        """How much the questions with these terms are alike."""
        ...


@dataclass(frozen=True, slots=True)
class Rarity:
    """How much a word says, judged by how many of the known groups have it."""

    groups: int
    having: Mapping[str, int]

    @classmethod
    def among(cls, groups: Iterable[Collection[str]]) -> "Rarity":
        """Count the words of the groups that are known."""
        known = [set(group) for group in groups]
        return cls(len(known), Counter(term for group in known for term in group))

    def __call__(self, one: Collection[str], other: Collection[str]) -> float:
        """See `Likeness`: the weight of the shared words in the weight of all."""
        first, second = set(one), set(other)
        united = sum(map(self.weight, first | second))
        how = sum(map(self.weight, first & second)) / united if united else 0.0
        smaller = min(_telling(first), _telling(second), key=len)
        contained = len(smaller) >= FEWEST_CONTAINED and smaller <= first and smaller <= second
        return max(how, ALIKE) if contained and how >= CONTAINED else how

    def weight(self, term: str) -> float:
        """More for a word that few groups have; little for one of conversation."""
        rare = 1 + log((self.groups + _SMOOTH) / (self.having.get(term, 0) + _SMOOTH))
        return rare * (CHATTY_WEIGHT if term.startswith(_CHATTY) else 1)


def terms_of(question: str) -> tuple[str, ...]:
    """What a question is about, each word once; words of conversation, marked, only beside others."""
    words = [word for word in question_words(question[:LONGEST_READ]) if word.is_content]
    if all(_is_chatty(word) for word in words):
        return ()
    return tuple(dict.fromkeys(_CHATTY * _is_chatty(word) + word.term for word in words))


def in_common(questions: Sequence[Collection[str]]) -> tuple[str, ...]:
    """The words that more than half of these questions have, or else those of the first.

    So a group stays what most of its questions ask, however many stray in.
    """
    counts = Counter(term for question in questions for term in set(question))
    common = [term for term, count in counts.items() if 2 * count > len(questions)]
    if all(term.startswith(_CHATTY) for term in common):
        return tuple(questions[0]) if questions else ()
    return tuple(common)


class Groups(Generic[K]):
    """The groups there are, and which of them a question belongs to.

    Only those that share a word with it are compared, so thousands of groups cost little.
    """

    def __init__(self, known: Mapping[K, Collection[str]], likeness: Likeness | None = None) -> None:
        self._likeness = likeness or Rarity.among(known.values())
        self._terms: dict[K, Collection[str]] = {}
        self._having: dict[str, list[K]] = {}
        for key, terms in known.items():
            self.add(key, terms)

    def add(self, key: K, terms: Collection[str]) -> None:
        """Know one more group."""
        self._terms[key] = terms
        for term in _telling(set(terms)):
            self._having.setdefault(term, []).append(key)

    def of(self, terms: Collection[str]) -> K | None:
        """The group these words belong to, the first of several that fit as well; None if none does."""
        near = dict.fromkeys(key for term in terms for key in self._having.get(term, ()))
        how = {key: self._likeness(terms, self._terms[key]) for key in near}
        best = max(how, key=lambda key: how[key], default=None)
        return best if best is not None and how[best] >= ALIKE else None


def language_of(question: str, browser: str | None) -> str:
    """The language of a question: by its letters or small words, or else the one its browser asks for."""
    asked_for = (browser or "").partition("-")[0].lower()
    for languages, letters in _SCRIPTS:
        if 2 * len(letters.findall(question[:LONGEST_READ])) > sum(map(str.isalpha, question[:LONGEST_READ])):
            return asked_for if asked_for in languages else languages[0]
    said = [word.folded for word in question_words(question[:LONGEST_READ])]
    counts = {code: sum(word in words for word in said) for code, words in WORDS_OF.items()}
    first, second = sorted(counts.values(), reverse=True)[:2]
    if first > second:
        return max(counts, key=lambda code: counts[code])
    return asked_for


def _telling(terms: set[str]) -> set[str]:
    """Without the words of conversation."""
    return {term for term in terms if not term.startswith(_CHATTY)}


def _is_chatty(word: Word) -> bool:
    if word.unspaced:
        return _HIRAGANA.search(word.folded) is not None
    return word.folded in CHATTY_WORDS or word.folded in STOP_WORDS or word.folded in ABUSE
