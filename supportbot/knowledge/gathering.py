"""What somebody brings: folders, zip archives and single files, read one after the other."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from supportbot.errors import Refused
from supportbot.knowledge.archives import Archive
from supportbot.knowledge.files import Found, ImportedArticle, Read, Skipped
from supportbot.knowledge.folders import content_of, files_in
from supportbot.knowledge.progress import Told, nobody
from supportbot.knowledge.reading import Reader

LARGEST_ARCHIVE = 500_000_000
"""Bytes of an archive from a disk; of uploads see web/imports.py."""
ZIP = ".zip"


@dataclass(slots=True)
class Gathered:
    """What was brought and read.

    Attributes:
        name: What to call the collection if nobody says.
        source: The same as the beginning of a sentence.
        whole: It is all of a collection: a folder or an archive of one.
        articles: Each path once.
        skipped: What was left out, and why.
    """

    name: str
    source: str
    whole: bool
    articles: list[ImportedArticle] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    _paths: set[str] = field(default_factory=set)

    @property
    def pictures(self) -> dict[str, int]:
        """How many pictures were left out of the text of which file."""
        return pictures_of(self.articles)

    def take(self, read: Read) -> None:
        """Add what has come of a file."""
        for one in read:
            if isinstance(one, Skipped):
                self.skipped.append(one)
            elif one.path in self._paths:
                self.skipped.append(Skipped(one.path, "Another file has the same name."))
            else:
                self._paths.add(one.path)
                self.articles.append(one)


def pictures_of(articles: Iterable[ImportedArticle]) -> dict[str, int]:
    """How many pictures were left out, by path, of those articles that showed any."""
    return {article.path: article.pictures for article in articles if article.pictures}


async def gather(paths: Sequence[Path], told: Told = nobody) -> Gathered:
    """Read everything below these paths. Files that are no articles are told, and cost nobody theirs.

    Args:
        paths: Folders, zip archives and files.
        told: Hears how many files are read.

    Raises:
        Refused: an archive is broken or holds too much.
    """
    found, left_out, whole = await asyncio.to_thread(_look, paths)
    first = paths[0].resolve()
    gathered = Gathered(
        (first.name if first.is_dir() else first.stem) or "articles", _source(paths), whole, skipped=left_out
    )
    async with Reader() as reader:
        for done, file in enumerate(found, 1):
            gathered.take(await reader.read(file))
            told(done, len(found))
    return gathered


def _look(paths: Sequence[Path]) -> tuple[list[Found], list[Skipped], bool]:
    found, left_out, whole = list[Found](), list[Skipped](), True
    for path in paths:
        if path.is_dir():
            found += [Found(name, partial(content_of, path, name)) for name in files_in(path)]
        elif path.suffix.lower() == ZIP:
            archive = _archive(path)
            found += archive.files
            left_out += archive.skipped
        else:
            found.append(Found(path.name, partial(content_of, path.parent, path.name)))
            whole = False
    return found, left_out, whole


def _archive(path: Path) -> Archive:
    try:
        if path.stat().st_size > LARGEST_ARCHIVE:
            raise Refused(f"{path} is larger than {LARGEST_ARCHIVE // 1_000_000} MB. Please divide it.")
        return Archive(path.read_bytes())
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}.") from None


def _source(paths: Sequence[Path]) -> str:
    if len(paths) > 1:
        return "What you named"
    return f"The {'folder' if paths[0].is_dir() else 'file'} {paths[0]}"
