"""The languages an article can be written in, by their own names. The script adds one that is not here."""

from supportbot.knowledge.languages import NAMES

LANGUAGES: dict[str, str] = {"en": NAMES["en"], **NAMES}
"""English first: most articles are."""


def name_of(language: str) -> str:
    """What a language is called, or its code."""
    return NAMES.get(language, language)
