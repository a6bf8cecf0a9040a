"""What languages are called by those who read them, and which way they are written. Pure."""

import re

from supportbot.knowledge.languages import NAMES

ENGLISH = "en"
LONGEST_TAG = 35

_RIGHT_TO_LEFT = ("ar", "fa", "he", "ur", "yi")
_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")


def tag(language: str) -> str:
    """The language as a page may declare it; English for what can be none."""
    return language if _TAG.fullmatch(language) else ENGLISH


def asked_for(text: str) -> str:
    """The language somebody asks for in an address; "" if it can be none."""
    return text if len(text) <= LONGEST_TAG and _TAG.fullmatch(text) else ""


def name(language: str) -> str:
    """What its readers call it; the tag itself where we do not know."""
    return NAMES.get(language) or NAMES.get(_main(language)) or language


def direction(language: str) -> str:
    """`rtl` or `ltr`."""
    return "rtl" if _main(language) in _RIGHT_TO_LEFT else "ltr"


def _main(language: str) -> str:
    return language.partition("-")[0].lower()
