"""A folder of files as articles. Reads files and nothing else; never raises for what is in them."""

import os
from collections.abc import Iterator
from pathlib import Path

from supportbot.knowledge.files import (
    LONGEST_SLUG,
    LONGEST_TITLE,
    ImportedArticle,
    Read,
    Skipped,
    UnusableError,
)
from supportbot.knowledge.formats import read_file, skipped, unwanted

__all__ = [
    "LONGEST_SLUG",
    "LONGEST_TITLE",
    "ImportedArticle",
    "Skipped",
    "content_of",
    "files_in",
    "read_folder",
]


def read_folder(folder: Path) -> Read:
    """Everything below `folder`, ordered by path: articles, and what is none with the reason.

    Hidden files and folders are ignored. A folder that does not exist holds nothing. Everything is read in
    this process: for folders that are trusted, such as our own sample.
    """
    return [one for path in files_in(folder) for one in _read(folder, path)]


def files_in(folder: Path) -> list[str]:
    """The paths of all files below `folder` that are not hidden, in order."""
    return sorted(_walk(folder))


def content_of(folder: Path, path: str) -> bytes:
    """What is in a file.

    Raises:
        UnusableError: it need not or cannot be read.
    """
    file = folder / path
    if file.is_symlink():
        raise UnusableError("It is a link to another file.")
    try:
        if reason := unwanted(path, file.stat().st_size):
            raise UnusableError(reason)
        return file.read_bytes()
    except OSError as error:
        raise UnusableError(f"It cannot be read: {error.strerror}.") from None


def _walk(folder: Path) -> Iterator[str]:
    # os.walk does not follow links to folders, so a link can neither lead out nor round in circles.
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            if not name.startswith("."):
                yield (Path(place) / name).relative_to(folder).as_posix()


def _read(folder: Path, path: str) -> Read:
    try:
        return read_file(path, content_of(folder, path))
    except UnusableError as reason:
        return [skipped(path, str(reason))]
