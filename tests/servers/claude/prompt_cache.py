"""Prompt caching as the API bills it."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from . import reading

LIFETIMES = {"5m": 300.0, "1h": 3600.0}
MINIMUM = 1_024  # tokens: a marker on a shorter prefix is ignored
LOOK_BACK = 20  # blocks before a marker at which the API still finds an earlier entry


@dataclass(frozen=True)
class Entry:
    """A prefix of a request: what it is, and how long it would be kept."""

    digest: str
    lifetime: float


@dataclass(frozen=True)
class CacheUse:
    """How a request's input is billed, and what it leaves in the cache."""

    read: int = 0
    written_5m: int = 0
    written_1h: int = 0
    uncached: int = 0
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class _Block:
    tokens: int
    digest: str  # of everything up to and including this block
    lifetime: str | None  # of the marker on it


def tokens_in(text: str) -> int:
    """A stable estimate: about four bytes a token."""
    return (len(text.encode("utf-8", "replace")) + 3) // 4


class PromptCache:
    """Remembers the marked prefixes of past requests."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, minimum: int = MINIMUM) -> None:
        self._clock = clock
        self._minimum = minimum
        self._kept: dict[str, tuple[Entry, float]] = {}  # by digest, with the time it expires

    def look_up(self, body: dict[str, Any]) -> CacheUse:
        """What a request would read and write now. Nothing is remembered yet."""
        prefix = list(_prefix(body))
        marked = [
            index
            for index, block in enumerate(prefix)
            if block.lifetime and _sum(prefix[: index + 1]) >= self._minimum
        ]
        if not marked:
            return CacheUse(uncached=_sum(prefix))
        known = self._longest_known(prefix, marked)
        entries = [Entry(prefix[index].digest, LIFETIMES[str(prefix[index].lifetime)]) for index in marked]
        if known:
            entries.append(self._kept[prefix[known - 1].digest][0])
        written = {"5m": 0, "1h": 0}
        start = known
        for index in marked:
            written[str(prefix[index].lifetime)] += _sum(prefix[start : index + 1])
            start = max(start, index + 1)
        return CacheUse(
            read=_sum(prefix[:known]),
            written_5m=written["5m"],
            written_1h=written["1h"],
            uncached=_sum(prefix[start:]),
            entries=tuple(entries),
        )

    def remember(self, use: CacheUse) -> None:
        """Called when the answer begins: the API too serves an entry only from then on. Reading renews."""
        now = self._clock()
        self._kept.update({entry.digest: (entry, now + entry.lifetime) for entry in use.entries})

    def clear(self) -> None:
        """Forgets everything."""
        self._kept.clear()

    def _longest_known(self, prefix: list[_Block], marked: list[int]) -> int:
        """How many blocks of the prefix are in the cache."""
        now = self._clock()
        for index in range(marked[-1], -1, -1):
            near = any(index <= marker < index + LOOK_BACK for marker in marked)
            kept = self._kept.get(prefix[index].digest)
            if near and kept and kept[1] > now:
                return index + 1
        return 0


def _prefix(body: dict[str, Any]) -> Iterator[_Block]:
    """The blocks in the order of the cache: tools, system, messages. Models do not share a cache."""
    digest = hashlib.sha256(str(body.get("model")).encode())
    parts = list(_parts(body))
    for number, (place, block) in enumerate(parts):
        marker = block.get("cache_control")
        if number == len(parts) - 1:
            marker = marker or body.get("cache_control")
        bare = {name: value for name, value in block.items() if name != "cache_control"}
        text = json.dumps(bare, sort_keys=True, ensure_ascii=False)
        digest.update(f"{place}\0{text}\0".encode("utf-8", "replace"))
        shown = str(bare["text"]) if bare.get("type") == "text" else text
        yield _Block(tokens_in(shown), digest.hexdigest(), marker.get("ttl", "5m") if marker else None)


def _parts(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from (("tool", tool) for tool in body.get("tools") or [])
    yield from (("system", block) for block in reading.blocks(body.get("system")))
    for message in reading.messages(body):
        yield from ((message["role"], block) for block in reading.blocks(message.get("content")))


def _sum(blocks: list[_Block]) -> int:
    return sum(block.tokens for block in blocks)
