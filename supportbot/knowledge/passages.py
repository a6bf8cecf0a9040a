"""An article cut into the sections that retrieval finds and answers quote. Pure."""

import html
import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from markdown_it import MarkdownIt

from supportbot.knowledge.blocks import Block, lines_of, list_items, top_blocks

PART_SIZE = 200
"""Words in a part of a long section. Longer parts blur what they are about; shorter ones lose it."""

LARGEST_BLOCK = 600
"""A single block above this (a huge table, a log, a word of a megabyte) is cut inside."""

LONGEST_HEADING = 600
LONGEST_ANCHOR = 200
_CHARACTERS_A_WORD = 8
_TOO_SMALL_TO_STAND_ALONE = 40
_SEPARATOR = " > "

_inline = MarkdownIt("commonmark", {"html": True, "maxNesting": 4})
_EXPLICIT_ANCHOR = re.compile(r"\s*\{:?[^{}]*?#(?P<anchor>[\w-]+)[^{}]*\}\s*$")
_ATTRIBUTES = re.compile(r"\s*\{:[^{}]*\}\s*$")
_NOT_IN_AN_ANCHOR = re.compile(r"[^\w\- ]")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it, up to the next heading.

    `path` names the headings above it and itself, joined by " > ", without the article's title; it is
    empty for the introduction. `body` is Markdown and may be empty.
    """

    level: int
    heading: str
    path: str
    anchor: str
    body: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A section, or a part of a long one, that is never empty."""

    heading: str
    anchor: str
    body: str


def title_of(markdown: str) -> str:
    """The text of the article's leading heading of the first level, or "" if it has none."""
    heading = _leading_heading(top_blocks(markdown))
    return plain(heading.content) if heading else ""


def sections(title: str, markdown: str) -> list[Section]:
    """The sections of an article in order, the introduction first.

    A leading heading of the first level is the article's title in its own words, so it starts no
    section; its anchor (or the title's) is the introduction's.

    Args:
        title: The article's title.
        markdown: The article without front matter.
    """
    blocks = top_blocks(markdown)
    lines = lines_of(markdown)
    own_title = _leading_heading(blocks)
    headings = [block for block in blocks if block.kind == "heading_open" and block is not own_title]
    anchors = _Anchors()
    first = headings[0].start if headings else len(lines)
    anchor = anchors.take(own_title.content if own_title else title)
    opening = lines[:first]
    if own_title:
        opening[own_title.start : own_title.end] = [""]
    found = [Section(1, title, "", anchor, _text(opening, 0, len(opening)))]
    above: list[tuple[int, str]] = []
    ends = [*(heading.start for heading in headings[1:]), len(lines)]
    for heading, next_start in zip(headings, ends, strict=False):
        level, text = int(heading.markup[1:]), plain(heading.content)
        above = [*((depth, name) for depth, name in above if depth < level), (level, text)]
        path = _SEPARATOR.join(name for _, name in above if name)[:LONGEST_HEADING]
        anchor = anchors.take(heading.content)
        found.append(Section(level, text, path, anchor, _text(lines, heading.end, next_start)))
    return found


def pieces(title: str, markdown: str) -> list[Piece]:
    """What retrieval indexes: each section that says something, long ones in parts of about 200 words."""
    return [
        Piece(section.path, section.anchor, part)
        for section in sections(title, markdown)
        for part in parts(section.body)
    ]


def parts(body: str) -> list[str]:
    """`body` in parts of at most about 200 words, cut between blocks and between the items of a list."""
    if not body.strip():
        return []
    if _size(body) <= PART_SIZE:
        return [body]
    return _gathered(_units(body))


def plain(heading: str) -> str:
    """A heading's text without markup and attribute list."""
    heading = _ATTRIBUTES.sub("", _EXPLICIT_ANCHOR.sub("", heading[:LONGEST_HEADING]))
    tokens = _inline.parseInline(heading)
    words = [
        "".join(child.content for child in token.children or [] if child.type in ("text", "code_inline"))
        for token in tokens
    ]
    return " ".join(html.unescape("".join(words)).split())


def slug(text: str) -> str:
    """`text` as GitHub writes it into an address: lower case, without punctuation, hyphens for spaces."""
    return _NOT_IN_AN_ANCHOR.sub("", text.strip().lower()).replace(" ", "-")[:LONGEST_ANCHOR]


class _Anchors:
    """Hands out each anchor once: the second "Examples" becomes `examples-1`."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()

    def take(self, heading: str) -> str:
        explicit = _EXPLICIT_ANCHOR.search(heading[:LONGEST_HEADING])
        wanted = explicit["anchor"] if explicit else slug(plain(heading))
        wanted = (wanted or "section")[: LONGEST_ANCHOR - 10]
        anchor = wanted
        while anchor in self._taken:
            anchor = f"{wanted}-{self._taken[wanted]}"
            self._taken[wanted] += 1
        self._taken[anchor] += 1
        return anchor


def _leading_heading(blocks: list[Block]) -> Block | None:
    heading = next((block for block in blocks if block.kind == "heading_open"), None)
    return heading if heading and heading.markup == "h1" else None


def _text(lines: list[str], start: int, end: int) -> str:
    # Blank lines only: a first line's own spaces make it code, or a list's continuation.
    return "\n".join(lines[start:end]).strip("\n").rstrip()


def _size(text: str) -> int:
    """Words, or what text without spaces, such as Chinese or a long address, is worth in words."""
    return max(len(text.split()), len(text) // _CHARACTERS_A_WORD)


def _gathered(units: list[str]) -> list[str]:
    gathered: list[str] = []
    for unit in _introduced(units):
        if gathered and _size(gathered[-1]) + _size(unit) <= PART_SIZE:
            gathered[-1] += unit
        else:
            gathered.append(unit)
    if len(gathered) > 1 and _size(gathered[-1]) < _TOO_SMALL_TO_STAND_ALONE:
        gathered[-2:] = [gathered[-2] + gathered[-1]]
    return [part.strip("\n").rstrip() for part in gathered if part.strip()]


def _introduced(units: list[str]) -> list[str]:
    """The units, each with the paragraph before it that ends in a colon: "You need:" says nothing alone."""
    found: list[str] = []
    for unit in units:
        if found and found[-1].rstrip(" \n*_").endswith(":") and _size(found[-1]) <= PART_SIZE:
            found[-1] += unit
        else:
            found.append(unit)
    return found


def _units(body: str) -> list[str]:
    lines, blocks = lines_of(body), top_blocks(body)
    bounds = [0, *(block.start for block in blocks[1:]), len(lines)]
    units: list[str] = []
    for block, start, end in zip(blocks, bounds, bounds[1:], strict=False):
        text = _lines(lines, start, end)
        if _size(text) <= PART_SIZE:
            units.append(text)
        elif block.kind in ("bullet_list_open", "ordered_list_open"):
            units += [piece for item in _items(text) for piece in _cut_inside(item, None)]
        else:
            units += _cut_inside(text, block)
    return units or _cut_inside(body, None)


def _items(text: str) -> list[str]:
    lines = lines_of(text)
    starts = [item.start for item in list_items(text)]
    bounds = [0, *starts[1:], len(lines)]
    return [_lines(lines, start, end) for start, end in pairwise(bounds)]


def _lines(lines: list[str], start: int, end: int) -> str:
    return "".join(line + "\n" for line in lines[start:end])


def _cut_inside(text: str, block: Block | None) -> list[str]:
    if _size(text) <= LARGEST_BLOCK:
        return [text]
    if block is not None and block.kind == "fence":
        fence = lines_of(text)[0]
        closing = block.content.rstrip("\n")
        return [f"{fence}\n{piece.rstrip()}\n{_closing(fence)}\n\n" for piece in _cut_lines(closing)]
    if block is not None and block.kind == "table_open":
        head, rows = lines_of(text)[:2], "\n".join(lines_of(text)[2:])
        return ["\n".join([*head, piece.rstrip()]) + "\n\n" for piece in _cut_lines(rows)]
    return [piece + "\n" for piece in _cut_lines(text)]


def _closing(fence: str) -> str:
    return fence[: len(fence) - len(fence.lstrip(" `~"))]


def _cut_lines(text: str) -> list[str]:
    found: list[str] = []
    size = 0
    for line in (short for long in lines_of(text) for short in _cut_line(long)):
        weight = _size(line)
        if found and size + weight <= PART_SIZE:
            found[-1] += line + "\n"
            size += weight
        else:
            found.append(line + "\n")
            size = weight
    return found


def _cut_line(line: str) -> list[str]:
    limit = PART_SIZE * _CHARACTERS_A_WORD
    found = []
    while len(line) > limit:
        at = line.rfind(" ", limit // 2, limit) + 1 or limit
        found.append(line[:at])
        line = line[at:]
    return [*found, line]
