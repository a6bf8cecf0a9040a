"""Whether a text recites what is nobody's business: our own instructions, a colleague's note. Pure."""

import re

RUN = 8
"""So many words in a row, as we wrote them, are no accident."""

_WORD = re.compile(r"\w+")


def recites(text: str, *secrets: str) -> bool:
    """Whether `text` holds a run of words of one of the secrets, or a whole short one.

    Case, lines and signs do not matter.
    """
    said = _words(text)
    return any(_shares_a_run(said, _words(secret)) for secret in secrets)


def _shares_a_run(said: list[str], secret: list[str]) -> bool:
    length = min(RUN, len(secret))
    return length > 0 and not _runs(said, length).isdisjoint(_runs(secret, length))


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _runs(words: list[str], length: int) -> set[tuple[str, ...]]:
    return {tuple(words[at : at + length]) for at in range(len(words) - length + 1)}
