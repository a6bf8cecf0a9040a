"""What a customer or a member of staff may write: cleaned, counted, and refused with a sentence."""

import re
import unicodedata

from supportbot.errors import Refused

MAX_CHARACTERS = 2_000
"""Unicode code points, after cleaning."""

# Controls except LF and TAB, and the bidirectional overrides that make text lie about its order.
# U+200C and U+200D stay: Persian, Hindi and family emoji need them.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# Letters and a symbol by their category, and yet nothing to see: Hangul fillers, the empty Braille pattern.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MOST_RAW = MAX_CHARACTERS * 20
_MOST_MARKS = 30
"""Combining marks in a row, as in Unicode's stream-safe text. Sorting more takes the square of the time."""


def clean(raw: object, *, limit: int = MAX_CHARACTERS) -> str:
    """The text as we store it: NFC, LF line ends, no controls, trimmed.

    Args:
        raw: Whatever the browser sent.
        limit: Most code points allowed.

    Raises:
        Refused: with the count, if it is empty, too long, or not text.
    """
    if not isinstance(raw, str):
        raise Refused("Please write your message as text.")
    if len(raw) > max(_MOST_RAW, limit * 20):
        raise _too_long(len(raw), limit)
    if _SURROGATE.search(raw):
        raise Refused("This message holds characters that cannot be stored. Please type it again.")
    text = _composed(raw.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not _shows_anything(text):
        raise Refused("Please write a message first.")
    if len(text) > limit:
        raise _too_long(len(text), limit)
    return text


def clean_line(raw: object, *, limit: int) -> str:
    """One line of text such as a name or an address, cut to `limit`; empty if it is not text."""
    if not isinstance(raw, str) or _SURROGATE.search(raw[: limit * 4]):
        return ""
    return " ".join(_composed(raw[: limit * 4]).split())[:limit].strip()


def storable(text: str) -> str:
    """Text we did not ask anybody to correct (a model's), without what no database holds or page shows."""
    return _SURROGATE.sub("", _UNWANTED.sub("", text))


def tidy(text: str) -> str:
    """Text of our own people as we store it: NFC, LF line ends, nothing that cannot be stored, trimmed."""
    return _composed(_SURROGATE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")).strip()


def _shows_anything(text: str) -> bool:
    """Whether there is a character to see, not only joiners, selectors, marks and blanks."""
    return any(character not in _BLANK and not _invisible(character) for character in text)


def _invisible(character: str) -> bool:
    category = unicodedata.category(character)
    # Not all of C: an emoji younger than this Python counts as unassigned.
    return category in ("Cc", "Cf") or category[0] in "MZ"


def _composed(text: str) -> str:
    # Before composing, not after: a control between a letter and its accent would keep them apart.
    text = _UNWANTED.sub("", text)
    return text if text.isascii() else unicodedata.normalize("NFC", _without_towers(text))


def _without_towers(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def _too_long(count: int, limit: int) -> Refused:
    return Refused(f"Your message has {count:,} characters; {limit:,} fit. Please shorten it a little.")
