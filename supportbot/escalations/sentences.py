"""Which of the customer's sentences say most, whatever the language. Pure.

Judged by how much a sentence holds, its place, and the words that come back in other messages. Shouting,
greetings and the request for a person itself say little.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from supportbot.escalations.wording.hearing import Heard

LONGEST_SENTENCE = 200
MOST_QUOTED = 4
MOST_READ = 40
"""Sentences that are looked at: the first half and the last half of so many."""
SHORT = 8
"""Words. A longer sentence that asks for a person says what for."""

_END = re.compile(r"(?<=[.!?…؟।])\s+|(?<=[。！？])|\n+")
# Words that may mean something: four letters, or two characters of a script without spaces.
_WORDS = re.compile(r"[^\W\d_]{4,}|[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]{2}")
_QUESTION = ("?", "？", "؟")


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence, the number of its message, and its place in it."""

    text: str
    message: int
    place: int
    words: frozenset[str]
    asks_for_person: bool


def most_telling(said: Sequence[str], limit: int) -> str:
    """The sentences that say most about what the customer wants, in their order, in so many characters.

    Args:
        said: The customer's messages.
        limit: Characters there are.

    Returns:
        Empty, if they only greet, or ask for a person.
    """
    found = _read(said)
    if not found:
        return ""
    worth = _worth(found)
    ranked = sorted(range(len(found)), key=lambda at: (-worth[at], at))
    chosen = ranked[:1]
    for at in ranked[1 : 2 * MOST_QUOTED]:
        with_it = sorted([*chosen, at])
        if worth[at] > 0 and len(chosen) < MOST_QUOTED and len(_quoted(found, with_it)) <= limit:
            chosen = with_it
    return shortened(_quoted(found, chosen), limit)


def sentences(said: Sequence[str]) -> list[str]:
    """The sentences of the messages that are looked at, in order."""
    return [text for text, _, _ in _cut(said)]


def shortened(text: str, limit: int) -> str:
    """The text on one line, cut at a word if it is too long."""
    words = " ".join(text.split())
    if len(words) <= limit:
        return words
    cut = words[: limit - 1]
    # Some languages put no spaces between their words.
    return (cut.rpartition(" ")[0] if " " in cut[limit // 2 :] else cut).rstrip(" ,;:") + "…"


def _cut(said: Sequence[str]) -> list[tuple[str, int, int]]:
    """Every sentence once, with the number of its message and its place in it."""
    found: dict[str, tuple[str, int, int]] = {}
    for message, text in enumerate(said):
        for place, piece in enumerate(_END.split(text)):
            key = "".join(letter for letter in piece.casefold() if letter.isalnum())
            if key and key not in found:
                found[key] = (shortened(piece, LONGEST_SENTENCE), message, place)
    cut = list(found.values())
    return cut if len(cut) <= MOST_READ else cut[: MOST_READ // 2] + cut[-MOST_READ // 2 :]


def _read(said: Sequence[str]) -> list[_Sentence]:
    """The sentences that say something."""
    found: list[_Sentence] = []
    for text, message, place in _cut(said):
        words = frozenset(word.casefold() for word in _WORDS.findall(text))
        if not words and not any(letter.isdigit() for letter in text):
            continue
        asks = Heard(text).asks_for_person
        if not (asks and len(text.split()) <= SHORT):
            found.append(_Sentence(text, message, place, words, asks))
    return found


def _worth(found: Sequence[_Sentence]) -> list[float]:
    heard = Counter(word for word, _ in {(word, one.message) for one in found for word in one.words})
    # A greeting may come first; what it is about comes with the first sentence that says something.
    first = next((one.message for one in found if len(one.words) > 1), found[0].message)
    last = found[-1].message
    return [
        min(len(one.words), 8) / 8
        + 0.15 * min(sum(heard[word] > 1 for word in one.words), 3)
        + 0.5 * (one.message == first)
        + 0.3 * (one.message == last)
        + 0.1 * (one.place == 0)
        + 0.3 * one.text.rstrip("\"'”»)").endswith(_QUESTION)
        + 0.3 * any(letter.isdigit() for letter in one.text)
        - 1.2 * _shouts(one.text)
        - 0.9 * (len(one.words) < 2)
        - 0.5 * one.asks_for_person
        for one in found
    ]


def _shouts(text: str) -> bool:
    cased = [letter for letter in text if letter.isupper() or letter.islower()]
    loud = sum(letter.isupper() for letter in cased)
    return "!!" in text or "?!" in text or (len(cased) > 12 and loud > 0.6 * len(cased))


def _quoted(found: Sequence[_Sentence], chosen: Sequence[int]) -> str:
    """The chosen sentences in order; a mark stands where something between two of them is left out."""
    text, before = "", -1
    for at in chosen:
        text += _between(text, follows=at == before + 1) + found[at].text
        before = at
    return text


def _between(text: str, *, follows: bool) -> str:
    if not text or (follows and text[-1] in "。！？"):
        return ""
    if not follows:
        return " … "
    # Many write a message without an end, and go on in the next.
    return " " if text[-1] in ".!?…؟।:;," else " / "
