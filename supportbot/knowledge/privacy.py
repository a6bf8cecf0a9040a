"""Takes out of a text what belongs to one customer, before everybody may read it. Pure.

It errs on the side of taking out: whoever edits the draft puts our own telephone number back in a moment.
"""

import re
from collections.abc import Iterable

from supportbot.knowledge.stop_words import CHATTY_WORDS, STOP_WORDS
from supportbot.knowledge.words import fold

MAIL, PHONE, NUMBER, NAME = "(e-mail address)", "(telephone number)", "(number)", "(name)"

_MAIL = re.compile(r"(?:mailto:)?[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d{2})")
_DIGITS = re.compile(r"(?<![\w#@/.=-])(?:\+|\(\+?)?\d(?:[ ()/.\u2011-]{0,2}\d){6,17}(?![\w@])")
_CODE = re.compile(r"(?<![\w/.=-])(?:#\d{3,12}|[A-Z]{1,6}-?\d{4,14}(?:-\d{1,10})*|\d{6,18})(?![\w@])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,4})?\b")
_SHORTEST_NAME = 3


def without_personal_data(text: str, names: Iterable[str | None] = ()) -> str:
    """The text without addresses, telephone, order and account numbers, and without these names.

    Args:
        text: What somebody wrote.
        names: What the people it is about are called, as far as that is known; each of their words is
            taken out too where it is written like a name, unless it is a word everybody uses.
    """
    text = _MAIL.sub(MAIL, text)
    text = _IBAN.sub(NUMBER, text)
    text = _DIGITS.sub(lambda found: found[0] if _DATE.fullmatch(found[0].strip()) else PHONE, text)
    text = _CODE.sub(NUMBER, text)
    for name in names:
        text = _without_name(text, " ".join((name or "").split()))
    return text


def _without_name(text: str, name: str) -> str:
    if len(name) < _SHORTEST_NAME:
        return text
    text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", NAME, text, flags=re.IGNORECASE)
    for part in name.split():
        common = fold(part) in STOP_WORDS or fold(part) in CHATTY_WORDS
        if len(part) < _SHORTEST_NAME or common:
            continue
        written = {part, part.capitalize(), part.upper()}
        if not part.isascii() and not part[0].isupper():
            written.add(part)
        choices = "|".join(re.escape(one) for one in sorted(written) if one[0].isupper() or not one.isascii())
        if choices:
            text = re.sub(rf"(?<!\w)(?:{choices})(?!\w)", NAME, text)
    return text
