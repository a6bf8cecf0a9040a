"""A question as retrieval reads it: what it asks for, and what else an article may call that. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from supportbot.knowledge.stop_words import CHATTY_WORDS, ENGLISH_STOP_WORDS, STOP_WORDS
from supportbot.knowledge.synonyms import LONGEST_PHRASE, SYNONYMS, Phrase, Synonyms
from supportbot.knowledge.vocabulary import Vocabulary, is_slip
from supportbot.knowledge.words import Word, question_words, stem

LONGEST_QUESTION = 4_000
"""Characters that are read. Customers may send half of that."""

MOST_WANTED = 48
"""A longer question is judged by this many of its rarest words."""

MOST_CORRECTED = 24
"""Words no article has that are compared with all that articles have. Whoever makes up more means no slip."""

SYNONYM_CREDIT = 0.5
HOUSE_CREDIT = 0.9
SLIP_CREDIT = 0.8
ALIKE_CREDIT = 0.5
"""Words that are only spelled alike may be others: they find, and prove little."""
CHATTY_WEIGHT = 0.4
JOINED_WEIGHT = 0.7

_ASKING = frozenset(map(stem, ("how", "what", "when", "where", "who", "why")))
_MEASURES = frozenset(map(stem, ("long", "much", "many", "often", "soon", "big", "far")))
DENYING = frozenset(
    {"not", "no", "cannot", "cant", "never", "nothing", "without", "t", "dont", "doesnt", "didnt"}
    | {"isnt", "wasnt", "wont", "couldnt", "nicht", "kein", "keine"}
)
"""That something is not so. The `t` is what is left of "doesn't"."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing a question asks for.

    `forms` are the words or phrases that stand for it in articles, each with how much it counts (1 for
    the customer's own word); empty if no article has any. `weight` is how much it says. What is merely
    `chatty` helps to rank but proves nothing.
    """

    term: str
    weight: float
    forms: tuple[tuple[Phrase, float], ...]
    chatty: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What a question wants, which of its words stand next to each other, and the words it asks with.

    `denies` says that it speaks of what is not so, such as something that does not work.
    """

    wanted: tuple[Wanted, ...]
    neighbours: tuple[tuple[str, str], ...] = ()
    asks: frozenset[str] = frozenset()
    denies: bool = False

    def phrases(self) -> list[Phrase]:
        """Every form of everything wanted, each once."""
        return list(dict.fromkeys(form for wanted in self.wanted for form, _ in wanted.forms))


def understand(
    text: str, vocabulary: Vocabulary, *, synonyms: Synonyms | None = None, trigrams: bool = True
) -> Question:
    """Read a question. Never raises; without a content word in it, nothing is wanted.

    Args:
        text: What the customer wrote.
        vocabulary: The words of the articles.
        synonyms: Those of the house, which count more than the general ones.
        trigrams: Whether words that are only spelled alike stand for one another.
    """
    words = question_words(text[:LONGEST_QUESTION])
    corrections = _Corrections(vocabulary, trigrams)
    found: dict[str, Wanted] = {}
    order: list[str] = []
    for at, word in enumerate(words):
        if joined := _joined(words[at : at + 2], vocabulary):
            found.setdefault(joined.term, joined)
        others = _others(words, at, vocabulary, synonyms or {})
        wanted = _wanted(word, others, vocabulary, corrections, trigrams)
        if wanted is None:
            continue
        found.setdefault(word.term, wanted)
        if wanted.forms:
            order.append(max(wanted.forms, key=lambda form: form[1])[0][0])
    heaviest = sorted(found.values(), key=lambda wanted: -wanted.weight)[:MOST_WANTED]
    kept = {wanted.term for wanted in heaviest}
    neighbours = dict.fromkeys(pairwise(order))
    return Question(
        wanted=tuple(wanted for term, wanted in found.items() if term in kept),
        neighbours=tuple(neighbours),
        asks=asking([word.term for word in words]),
        denies=any(word.folded in DENYING for word in words),
    )


def asking(terms: Sequence[str]) -> frozenset[str]:
    """The words that ask, among the terms of a question or heading. "How long" asks otherwise than "how"."""
    return frozenset(
        f"{term} {following}" if term == "how" and following in _MEASURES else term
        for term, following in pairwise([*terms, ""])
        if term in _ASKING
    )


def without_name(text: str, name: str) -> str:
    """A question without the company's name: every article is about it, so it says nothing.

    It would make each passage that happens to hold it look close. A question of the name alone stays.
    """
    if not name.strip():
        return text
    named = re.compile(
        rf"(?<![\w.@/-]){re.escape(name.strip())}(?:['\u2019]s)?(?![\w@/-]|\.\w)", re.IGNORECASE
    )
    left = named.sub(" ", text)
    if left == text or not any(letter.isalnum() for letter in left):
        return text
    english = any(word.folded in ENGLISH_STOP_WORDS for word in question_words(left[:LONGEST_QUESTION]))
    # "Is it down?" still is a sentence, and an English one; in other languages the gap does less harm.
    return named.sub("it", text) if english else left


def asks_something(text: str) -> bool:
    """Whether a text may be about anything at all: not a greeting, thanks, or a call for help alone."""
    words = {word.folded for word in question_words(text[:LONGEST_QUESTION])}
    return not words <= STOP_WORDS | CHATTY_WORDS


class _Corrections:
    """What unknown words may have meant: each looked up once, and no more of them than a question needs."""

    def __init__(self, vocabulary: Vocabulary, trigrams: bool) -> None:
        self._vocabulary = vocabulary
        self._trigrams = trigrams
        self._known: dict[str, dict[Phrase, float]] = {}

    def of(self, word: Word) -> dict[Phrase, float]:
        if word.folded not in self._known:
            if len(self._known) >= MOST_CORRECTED:
                return {}
            meant = _respelled(word, self._vocabulary)
            if not meant and self._trigrams:
                meant = _alike(word, self._vocabulary)
            self._known[word.folded] = meant
        return self._known[word.folded]


def _wanted(
    word: Word,
    others: dict[Phrase, float],
    vocabulary: Vocabulary,
    corrections: _Corrections,
    trigrams: bool,
) -> Wanted | None:
    if not word.is_content:
        return None
    # A number is rarely what a question is about, though it may single out the passage.
    chatty = word.folded in CHATTY_WORDS or word.folded[0].isdigit()
    forms = dict(others)
    if word.term in vocabulary:
        forms[(word.term,)] = 1.0
    elif not chatty and word.folded.isalpha() and not word.unspaced:
        if _is_slip_of_common(word.folded):
            return None
        forms |= corrections.of(word)
    elif trigrams and word.unspaced and len(word.folded) == 1:
        forms |= {(pair,): SLIP_CREDIT for pair in vocabulary.pairs_with(word.folded)}
    if chatty and not forms:
        return None
    weight = vocabulary.rarity(word.term)
    if forms and word.term not in vocabulary:
        weight = max(_rarity(form, vocabulary) for form in forms)
    return Wanted(word.term, weight * (CHATTY_WEIGHT if chatty else 1), tuple(forms.items()), chatty)


def _others(words: list[Word], at: int, vocabulary: Vocabulary, of_house: Synonyms) -> dict[Phrase, float]:
    """What else the word here, or the phrase that begins with it, may be called, if articles call it so."""
    found: dict[Phrase, float] = {}
    for length in range(1, LONGEST_PHRASE + 1):
        phrase = tuple(word.term for word in words[at : at + length])
        for synonyms, credit in ((SYNONYMS, SYNONYM_CREDIT), (of_house, HOUSE_CREDIT)):
            for other in synonyms.get(phrase, ()):
                if all(term in vocabulary for term in other):
                    found[other] = credit
    return found


def _joined(pair: list[Word], vocabulary: Vocabulary) -> Wanted | None:
    """`log in` where articles write `login`."""
    if len(pair) < 2 or pair[0].folded in STOP_WORDS or any(word.unspaced for word in pair):
        return None
    term = stem(pair[0].folded + pair[1].folded)
    if len(term) < 5 or term not in vocabulary:
        return None
    return Wanted(term, vocabulary.rarity(term) * JOINED_WEIGHT, (((term,), 1.0),), chatty=True)


def _respelled(word: Word, vocabulary: Vocabulary) -> dict[Phrase, float]:
    """The word a slip meant, and the two words that were written as one."""
    found: dict[Phrase, float] = {}
    if meant := vocabulary.nearest(word.folded, word.term):
        found[(meant,)] = SLIP_CREDIT
    for at in range(3, len(word.folded) - 2):
        halves = (stem(word.folded[:at]), stem(word.folded[at:]))
        if all(half in vocabulary for half in halves):
            found[halves] = SLIP_CREDIT
    return found


def _alike(word: Word, vocabulary: Vocabulary) -> dict[Phrase, float]:
    """The words that are spelled much the same."""
    return {(term,): ALIKE_CREDIT * share for term, share in vocabulary.alike(word.folded, word.term)}


def _rarity(form: Phrase, vocabulary: Vocabulary) -> float:
    return min(vocabulary.rarity(term) for term in form)


_COMMON_BY_START: dict[tuple[str, int], list[str]] = {}
for _common in STOP_WORDS | CHATTY_WORDS:
    _COMMON_BY_START.setdefault((_common[0], len(_common)), []).append(_common)


def _is_slip_of_common(word: str) -> bool:
    return any(
        is_slip(word, common)
        for length in range(len(word) - 1, len(word) + 2)
        for common in _COMMON_BY_START.get((word[0], length), ())
    )
