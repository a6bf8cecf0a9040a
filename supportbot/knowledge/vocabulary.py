"""The words of all published passages: how rare each is, and which one a slip of the finger meant. Pure."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable

from supportbot.knowledge.indexing import Indexed
from supportbot.knowledge.words import LONGEST_TERM

SHORTEST_CORRECTED = 4
"""Among shorter words nearly every one is a slip away from another."""

SHORTEST_COMPARED = 5
"""A shorter word has too few trigrams to be told from others by them."""

ALIKE = 0.5
"""Words are spelled alike from this share of common trigrams on: `notifcation` and `notif`, not `station`."""

MOST_ALIKE = 3
MOST_PAIRS = 8


class Vocabulary:
    """What ranking must know about the whole collection.

    Args:
        passages: The words of every published passage.
    """

    def __init__(self, passages: Iterable[Indexed] = ()) -> None:
        self._passages_with: Counter[str] = Counter()
        self._spelled: dict[tuple[str, int], list[str]] = defaultdict(list)
        self._with_trigram: dict[str, list[str]] = defaultdict(list)
        self._with_letter: dict[str, list[str]] = defaultdict(list)
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
                for piece in trigrams(term):
                    self._with_trigram[piece].append(term)
            elif len(term) == 2 and not term.isascii():
                for letter in set(term):
                    self._with_letter[letter].append(term)

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

    def alike(self, *spellings: str) -> list[tuple[str, float]]:
        """The words that share most trigrams with one of `spellings`, and which share of them, at most 1.

        Finds what is no single slip: several letters wrong, the first one wrong, a part of a longer word or
        a longer word around it.
        """
        shares: dict[str, float] = {}
        for spelling in spellings:
            if not SHORTEST_COMPARED <= len(spelling) < LONGEST_TERM:
                continue
            pieces = trigrams(spelling)
            common = Counter(term for piece in pieces for term in self._with_trigram.get(piece, ()))
            for term, number in common.items():
                share = 2 * number / (len(pieces) + len(term) + 1)
                if share >= ALIKE:
                    shares[term] = max(share, shares.get(term, 0))
        return sorted(shares.items(), key=lambda found: (-found[1], found[0]))[:MOST_ALIKE]

    def pairs_with(self, letter: str) -> list[str]:
        """The pairs of a language without spaces that hold this one letter, the most frequent first."""
        pairs = self._with_letter.get(letter, ())
        return sorted(pairs, key=lambda pair: (-self._passages_with[pair], pair))[:MOST_PAIRS]


def trigrams(word: str) -> set[str]:
    """The pieces of three letters of a word; its first two letters and its end count as pieces too."""
    padded = f"  {word} "
    return {padded[at : at + 3] for at in range(len(padded) - 2)}


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
