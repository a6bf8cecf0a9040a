"""A file on its way to becoming an article: what it is called, and what may come of it. Pure."""

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

from supportbot.knowledge.cleaning import storable
from supportbot.knowledge.passages import slug as slug_of

LARGEST_FILE = 2_000_000
"""Bytes of a file that is text."""
LARGEST_PDF = 30_000_000
LONGEST_PATH = 500
LONGEST_TITLE = 300
LONGEST_SLUG = 150

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")


@dataclass(frozen=True, slots=True)
class ImportedArticle:
    """An article as a file holds it. `own_title` is its first heading, which may differ from the title.

    `pictures` counts those its text showed: articles are kept without them, and whoever imports is told.
    """

    path: str
    title: str
    own_title: str
    slug: str
    description: str
    language: str
    body: str
    pictures: int = 0


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that is no article, and a sentence that says why."""

    path: str
    reason: str


Read = list[ImportedArticle | Skipped]
"""What has come of a file: an article, several, or the reason why none."""


class UnusableError(Exception):
    """A file is no article. The message is the reason, for the person who imports it."""


def suffix_of(path: str) -> str:
    """The end of a file's name that says what it is, such as `.md`."""
    return PurePosixPath(path).suffix.lower()


def line(value: object) -> str:
    """A title or the like in one line, "" for what is no text."""
    return " ".join(storable(str(value)).split()) if isinstance(value, str | int | float) else ""


def language(value: object) -> str:
    """A language tag as we keep it; English for what is none."""
    tag = line(value)
    return tag.replace("_", "-") if _LANGUAGE.fullmatch(tag) else "en"


def title_from(path: str) -> str:
    """A title for a file that has none."""
    words = _telling_part(path).replace("-", " ").replace("_", " ").strip()
    return (words[:1].upper() + words[1:]) or path


def slug_from(path: str, title: str) -> str:
    """From the file's name, which changes less often than the title."""
    return slug_of(_telling_part(path).replace("/", "-").replace("_", "-")) or slug_of(title) or "article"


def article(
    path: str,
    body: str,
    *,
    title: str = "",
    own_title: str = "",
    slug: str = "",
    description: str = "",
    language_tag: object = "",
    pictures: int = 0,
) -> ImportedArticle:
    """An article whose parts fit into their columns.

    Args:
        path: Where the file lies.
        body: Clean Markdown.
        title: By default the first heading, or else what the file's name says.
        own_title: The first heading of the body.
        slug: By default from the file's name.
        description: One line about it.
        language_tag: Whatever the file says about its language.
        pictures: How many were left out.

    Raises:
        UnusableError: there is not a word in it.
    """
    if not any(character.isalnum() for character in body):
        raise UnusableError("It is empty.")
    title = title or own_title or title_from(path)
    return ImportedArticle(
        path=path,
        title=title[:LONGEST_TITLE],
        own_title=own_title[:LONGEST_TITLE],
        slug=(slug or slug_from(path, title))[:LONGEST_SLUG],
        description=description,
        language=language(language_tag),
        body=body,
        pictures=pictures,
    )


def _telling_part(path: str) -> str:
    """`refunds/how-to.md` is told by `how-to`, `refunds/hey/index.md` by `refunds/hey`."""
    file = PurePosixPath(path)
    return file.stem if file.stem.lower() != "index" else file.parent.as_posix().strip("./")


@dataclass(frozen=True, slots=True)
class Found:
    """A file that is there. `content` fetches it, or raises an `UnusableError`."""

    path: str
    content: Callable[[], bytes]


def packed(read: Read) -> list[dict[str, Any]]:
    """What has come of a file, as JSON can hold it."""
    return [asdict(one) for one in read]


def unpacked(rows: list[dict[str, Any]]) -> Read:
    """The way back from `packed`."""
    return [Skipped(**row) if "reason" in row else ImportedArticle(**row) for row in rows]
