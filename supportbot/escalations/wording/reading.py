"""A message as the rules read it: plain sentences of small letters."""

import re
import unicodedata

LONGEST_READ = 2_000
"""Characters looked at: a message has no more, and a rule must never be slow on one that has."""

_APOSTROPHES = str.maketrans(dict.fromkeys("’‘‛´`ʼ＇", "'"))
# People write "dont" and "I'd": English endings join their word, other apostrophes part words.
_ENGLISH_ENDING = re.compile(r"(?<=[a-z])'(?=(?:t|s|m|d|ll|re|ve)\b)")
_LAST_APOSTROPHE = re.compile(r"(?<=\w)'(?=\s|$)")
_INSIDE_NUMBER = re.compile(r"(?<=\d)[.,](?=\d)")
_INSIDE_WORD = re.compile(r"(?<=[^\W_])[-.'_‐‑](?=[^\W_])")
_END = re.compile(r"[.!?…。！？¿¡;\n]+")
# "sooo", "aaah"; BBB is an office.
_LONG_DRAWN = re.compile(r"(?<=\w)([^\W\d_])\1{2,}|([^\W\d_])\2{2,}(?=\w)")
_PAUSE = re.compile(r"[^\w\s]+")
_PAUSES = re.compile(r"(?:\s*,)+\s*")


def sentences(text: str) -> list[str]:
    """The sentences of a message's first `LONGEST_READ` characters, as the rules expect them.

    Without capitals, accents and typographic signs; one space before every word, the first one too; each
    pause is " ,". "I'd" is read as "id", "qu'un" as "qu un", "sooo" as "so".
    """
    parts = _END.split(_plain(text[:LONGEST_READ]))
    return [f" {words}" for part in parts if (words := _spaced(part))]


def without_accents(text: str) -> str:
    """Letters without their marks, compatibility forms as their ordinary ones."""
    apart = unicodedata.normalize("NFKD", text)
    # Cf: soft hyphens, joiners, marks of direction. They show nothing and would part words.
    return "".join(one for one in apart if unicodedata.category(one) not in ("Mn", "Cf"))


def _plain(text: str) -> str:
    plain = without_accents(text.casefold().translate(_APOSTROPHES))[:LONGEST_READ].casefold()
    plain = _ENGLISH_ENDING.sub("", plain).replace("w/", "with ")
    plain = _LAST_APOSTROPHE.sub("", plain)  # customers' invoices
    plain = _INSIDE_NUMBER.sub("", plain)
    plain = _INSIDE_WORD.sub(" ", plain)
    return _LONG_DRAWN.sub(r"\1\2", plain)


def _spaced(part: str) -> str:
    words = " ".join(_PAUSE.sub(" , ", part.replace("_", " ")).split())
    return _PAUSES.sub(" , ", words).strip(" ,")
