"""Whether a text recites what is nobody's business: our own instructions. Pure."""

import re

RUN = 8
"""So many words in a row, as we wrote them, are no accident."""

_WORD = re.compile(r"\w+")


def recites(text: str, *secrets: str) -> bool:
    """Whether `text` holds a run of words of one of the secrets. Case, lines and signs do not matter."""
    said = _runs(text)
    return bool(said) and any(not said.isdisjoint(_runs(secret)) for secret in secrets)


def _runs(text: str) -> set[tuple[str, ...]]:
    words = [word.casefold() for word in _WORD.findall(text)]
    return {tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)}
