"""Zip archives, which come from anywhere: names that lead out, links, bombs.

Nothing is ever unpacked to a disk. What an archive says about itself is believed only where a lie does no
harm: sizes are counted while reading.
"""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from pathlib import PurePosixPath

from supportbot.errors import Refused
from supportbot.knowledge.files import LARGEST_PDF, Found, Skipped, UnusableError
from supportbot.knowledge.formats import skipped, unwanted

MOST_ENTRIES = 10_000
LARGEST_TOTAL = 300_000_000
"""Bytes of all files that are read."""
HIGHEST_RATIO = 200
"""How many times its size a file may grow. Text seldom shrinks to less than a tenth."""
_SMALL = 1_000_000
"""Below this nobody needs to ask for a ratio: a table of equal rows shrinks well."""

_JUNK = ("__macosx", "thumbs.db", "desktop.ini")
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, EOFError, OSError, ValueError)


class Archive:
    """A zip archive that was uploaded or lies on a disk.

    `files` are what it holds, called as if the folder around all of them were the archive; `skipped` is what
    is not even looked into.

    Raises:
        Refused: it is none, or holds too much.
    """

    def __init__(self, content: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(BytesIO(content))
            entries = self._zip.infolist()
        except _BROKEN:
            raise Refused("The zip archive is broken, or no zip archive.") from None
        if len(entries) > MOST_ENTRIES:
            raise Refused(f"The archive holds more than {MOST_ENTRIES:,} files. Please divide it.")
        self._read = 0
        self.skipped: list[Skipped] = []
        self.files = list(self._found(entries))

    def _content(self, path: str, info: zipfile.ZipInfo) -> bytes:
        if reason := unwanted(path, info.file_size):
            raise UnusableError(reason)
        if self._read > LARGEST_TOTAL:
            raise UnusableError(f"The archive holds more than {LARGEST_TOTAL // 1_000_000} MB.")
        try:
            with self._zip.open(info) as file:
                content = file.read(LARGEST_PDF + 1)
        except (*_BROKEN, RuntimeError):
            raise UnusableError("It is broken, or packed in a way that cannot be read.") from None
        self._read += len(content)
        if len(content) > max(_SMALL, HIGHEST_RATIO * info.compress_size):
            raise UnusableError(f"It grows to more than {HIGHEST_RATIO} times its size.")
        return content

    def _found(self, entries: list[zipfile.ZipInfo]) -> Iterator[Found]:
        named = [(_name(info), info) for info in entries if not info.is_dir()]
        visible = sorted((one for one in named if not _is_hidden(one[0])), key=lambda one: one[0])
        around = _folder_around([name for name, info in visible if not _refusal(name, info)])
        seen = set()
        for name, info in visible:
            path = name.removeprefix(around)
            reason = _refusal(name, info) or ("It is there twice." if path in seen else "")
            if reason:
                self.skipped.append(skipped(path, reason))
            else:
                seen.add(path)
                yield Found(path, partial(self._content, path, info))


def _name(info: zipfile.ZipInfo) -> str:
    name = info.filename.replace("\\", "/")
    if info.flag_bits & 0x800:
        return name
    try:  # many programs write UTF-8 and do not say so
        return name.encode("cp437").decode()
    except (UnicodeEncodeError, UnicodeDecodeError):
        return name


def _is_hidden(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return any((part.startswith(".") and part != "..") or part.lower() in _JUNK for part in parts)


def _folder_around(names: list[str]) -> str:
    """`help/` if all files lie in `help`: whoever packs a folder means what is in it."""
    first = {name.partition("/")[0] if "/" in name else "" for name in names}
    return f"{first.pop()}/" if len(first) == 1 and first != {""} else ""


def _refusal(name: str, info: zipfile.ZipInfo) -> str:
    if name.startswith("/") or ":" in name.partition("/")[0] or ".." in PurePosixPath(name).parts:
        return "Its name leads out of the archive."
    if stat.S_ISLNK(info.external_attr >> 16):
        return "It is a link to another file."
    if info.flag_bits & 0x1:
        return "It is protected by a password."
    if name.lower().endswith(".zip"):
        return "It is an archive inside the archive."
    return ""
