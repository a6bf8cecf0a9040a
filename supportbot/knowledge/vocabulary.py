"""The words of all published passages: how rare each is, and which one a slip of the finger meant. Pure."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable

from supportbot.knowledge.indexing import Indexed
from supportbot.knowledge.words import LONGEST_TERM

SHORTEST_CORRECTED = 4
"""Among shorter words nearly every one is a slip away from another."""


class Vocabulary:
    """What ranking must know about the whole collection.

    Args:
        passages: The words of every published passage.
    """

    def __init__(self, passages: Iterable[Indexed] = ()) -> None:
        self._passages_with: Counter[str] = Counter()
        self._spelled: dict[tuple[str, int], list[str]] = defaultdict(list)
        self.passages = 0
        total = 0
        for passage in passages:
            self.passages += 1
            total += len(passage.body)
            self._passages_with.update(passage.words())
        self.average_length = max(1.0, total / max(1, self.passages))
        for term in self._passages_with:
            if SHORTEST_CORRECTED <= len(term) < LONGEST_TERM and term.isalpha():
                self._spelled[term[0], len(term)].append(term)

    def __contains__(self, term: object) -> bool:
        return term in self._passages_with

    def passages_with(self, term: str) -> int:
        """In how many passages `term` stands."""
        return self._passages_with[term]

    def rarity(self, term: str) -> float:
        """How much finding `term` says (its inverse document frequency); most if no passage has it."""
        known = self._passages_with[term]
        return math.log(1 + (self.passages - known + 0.5) / (known + 0.5))

    def nearest(self, *spellings: str) -> str | None:
        """The most frequent word that one of `spellings` may be a slip of, or None.

        A slip is one letter left out, doubled, added, wrong or swapped with its neighbour, never the
        first one. A wrong letter counts only in long words: `firm` is no `form`.
        """
        near = [
            term
            for spelling in spellings
            if spelling
            for length in range(len(spelling) - 1, len(spelling) + 2)
            for term in self._spelled.get((spelling[0], length), ())
            if is_slip(spelling, term)
        ]
        return min(near, key=lambda term: (-self._passages_with[term], term), default=None)


def is_slip(typed: str, meant: str) -> bool:
    """Whether `typed` differs from `meant` by one slip of the finger after the first letter."""
    if typed == meant or typed[:1] != meant[:1] or abs(len(typed) - len(meant)) > 1:
        return False
    same = 0
    while same < min(len(typed), len(meant)) and typed[same] == meant[same]:
        same += 1
    left, right = typed[same:], meant[same:]
    if len(left) < len(right):
        return len(typed) >= 4 and left == right[1:]
    if len(left) > len(right):
        return len(typed) >= 5 and left[1:] == right
    if left[2:] == right[2:] and left[:2] == right[:2][::-1]:
        return len(typed) >= 4
    return len(typed) >= 6 and left[1:] == right[1:]
