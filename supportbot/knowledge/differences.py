"""What is different between two texts: line by line, with the words that changed marked. Pure.

The time is bounded whatever the texts: what is too long to be compared closely is shown as replaced.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

AROUND = 2
"""Unchanged lines shown before and after a change."""
MOST_COMPARED = 1_000_000
"""Lines of one text times those of the other that are still compared one by one; and words in all."""
ALIKE = 0.4
"""Lines with less in common are different lines and no two states of one."""

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")

Kind = Literal["same", "old", "new", "gap"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line, and whether the other text has it differently."""

    text: str
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line of both texts, of the old or of the new one; or a gap of `left_out` lines that are the same."""

    kind: Kind
    pieces: tuple[Piece, ...] = ()
    left_out: int = 0


def compare(before: str, after: str) -> list[Line]:
    """The lines that changed, with a little of what stands around them. Nothing if nothing did."""
    if before == after:
        return []
    old, new = before.split("\n"), after.split("\n")
    return list(_with_gaps([line for part in _parts(old, new) for line in part]))


def _parts(old: list[str], new: list[str]) -> Iterator[list[Line]]:
    # What both begin and end with is most of a long text, and needs no comparing.
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    yield [_same(line) for line in old[:start]]
    middle_old, middle_new = old[start : len(old) - end], new[start : len(new) - end]
    if len(middle_old) * len(middle_new) > MOST_COMPARED:
        yield [_whole("old", line) for line in middle_old] + [_whole("new", line) for line in middle_new]
    else:
        for tag, a, b, c, d in SequenceMatcher(None, middle_old, middle_new).get_opcodes():
            if tag == "equal":
                yield [_same(line) for line in middle_old[a:b]]
            else:
                yield _replaced(middle_old[a:b], middle_new[c:d])
    yield [_same(line) for line in old[len(old) - end :]]


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    count = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
    return count


def _replaced(old: list[str], new: list[str]) -> list[Line]:
    """Lines that took the place of others; those that stand at the same place are compared by words."""
    removed, added, left = [], [], MOST_COMPARED
    for one, other in zip(old, new, strict=False):
        words, others = _WORDS.findall(one), _WORDS.findall(other)
        left -= len(words) * len(others)
        was, will = _by_words(words, others) if left > 0 else _differently(words, others)
        removed.append(Line("old", was))
        added.append(Line("new", will))
    removed += [_whole("old", line) for line in old[len(new) :]]
    added += [_whole("new", line) for line in new[len(old) :]]
    return removed + added


def _by_words(old: list[str], new: list[str]) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    matcher = SequenceMatcher(None, old, new)
    if matcher.quick_ratio() < ALIKE or matcher.ratio() < ALIKE:
        return _differently(old, new)
    was, will = [], []
    for tag, a, b, c, d in matcher.get_opcodes():
        if a < b:
            was.append(Piece("".join(old[a:b]), tag != "equal"))
        if c < d:
            will.append(Piece("".join(new[c:d]), tag != "equal"))
    return tuple(was), tuple(will)


def _differently(old: list[str], new: list[str]) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    return (Piece("".join(old), changed=True),), (Piece("".join(new), changed=True),)


def _same(line: str) -> Line:
    return Line("same", (Piece(line),))


def _whole(kind: Kind, line: str) -> Line:
    return Line(kind, (Piece(line, changed=True),))


def _with_gaps(lines: list[Line]) -> Iterator[Line]:
    changed = [at for at, line in enumerate(lines) if line.kind != "same"]
    shown = {near for at in changed for near in range(at - AROUND, at + AROUND + 1)}
    hidden = 0
    for at, line in enumerate(lines):
        if at in shown:
            if hidden:
                yield Line("gap", left_out=hidden)
            hidden = 0
            yield line
        else:
            hidden += 1
    if hidden:
        yield Line("gap", left_out=hidden)
