"""What somebody typed becomes the words of an article, or a sentence says what is wrong. Pure."""

import re

from supportbot.errors import Refused
from supportbot.knowledge.cleaning import clean, storable
from supportbot.knowledge.publishing import Words

LONGEST_TITLE = 300
LONGEST_DESCRIPTION = 500
LARGEST_BODY = 200_000
"""Bytes of Markdown: a hundred printed pages."""

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")


class WrongText(Refused):
    """Something typed cannot be an article's. `field`: title, description, language, slug or body."""

    def __init__(self, sentence: str, field: str) -> None:
        super().__init__(sentence)
        self.field = field


def words_of(title: str, body: str, description: str = "", language: str = "en") -> Words:
    """The words as they are kept: lines trimmed, the Markdown clean. An empty body is a beginning.

    Takes a second for the largest body, so call it outside the event loop.

    Raises:
        WrongText: with a sentence about the first field that is wrong.
    """
    title, description, language = _line(title), _line(description), language.strip()
    if not title:
        raise WrongText("An article needs a title.", "title")
    if len(title) > LONGEST_TITLE:
        raise WrongText(
            f"The title has {len(title):,} characters; it may have {LONGEST_TITLE}. Please shorten it.",
            "title",
        )
    if len(description) > LONGEST_DESCRIPTION:
        raise WrongText(
            f"The description has {len(description):,} characters; it may have {LONGEST_DESCRIPTION}. "
            "Please shorten it.",
            "description",
        )
    if not _LANGUAGE.fullmatch(language):
        raise WrongText("Please choose the language the article is written in.", "language")
    size = len(body.encode("utf-8", "replace"))
    if size > LARGEST_BODY:
        raise WrongText(
            f"The text has {-(-size // 1000):,} KB; an article may have {LARGEST_BODY // 1000} KB. "
            "Please make two articles of it.",
            "body",
        )
    return Words(title, clean(body), description, language)


def ready_for_readers(words: Words) -> None:
    """Refuse to show readers an article that says nothing.

    Raises:
        WrongText: if there is no text.
    """
    if not words.body.strip():
        raise WrongText("There is no text yet. Write something before you publish it.", "body")


def _line(text: str) -> str:
    return " ".join(storable(text).split())
