"""What a customer or a member of staff may write: cleaned, counted, and refused with a sentence."""

import re
import unicodedata

from supportbot.errors import Refused

MAX_CHARACTERS = 2_000
"""Unicode code points, after cleaning."""

# Controls except LF and TAB, and the bidirectional overrides that make text lie about its order.
# U+200C and U+200D stay: Persian, Hindi and family emoji need them.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MOST_RAW = MAX_CHARACTERS * 20


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
    text = unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n"))
    text = _UNWANTED.sub("", text).strip()
    if not text:
        raise Refused("Please write a message first.")
    if len(text) > limit:
        raise _too_long(len(text), limit)
    return text


def clean_line(raw: object, *, limit: int) -> str:
    """One line of text such as a name or an address, cut to `limit`; empty if it is not text."""
    if not isinstance(raw, str) or _SURROGATE.search(raw[: limit * 4]):
        return ""
    text = unicodedata.normalize("NFC", raw[: limit * 4])
    return " ".join(_UNWANTED.sub("", text).split())[:limit].strip()


def _too_long(count: int, limit: int) -> Refused:
    return Refused(f"Your message has {count:,} characters; {limit:,} fit. Please shorten it a little.")
