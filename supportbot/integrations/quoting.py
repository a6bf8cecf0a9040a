"""The part of a passage that answers a question, in whole blocks of Markdown. Pure."""

from collections.abc import Sequence
from itertools import pairwise

from supportbot.knowledge.blocks import lines_of, list_items, top_blocks
from supportbot.knowledge.words import content_terms, terms

ABOUT = 900
"""Characters of an excerpt. A list or table that is a little longer is kept whole."""

AT_MOST = 2 * ABOUT


def excerpt(passage: str, question: str) -> str:
    """What to quote of `passage`: all of it if it is short, else the blocks about the question.

    Lists, tables and code stay whole, and with the paragraph that introduces them, unless one alone is
    longer than twice the usual excerpt; then its beginning is quoted, up to the end of an item or row.
    """
    passage = passage.strip("\n")
    if len(passage) <= ABOUT:
        return passage
    blocks = _quotable(passage)
    wanted = set(content_terms(question))
    best = max(range(len(blocks)), key=lambda at: (len(wanted.intersection(terms(blocks[at]))), -at))
    first, last = _around(blocks, best)
    text = "".join(blocks[first:last]).strip("\n").rstrip()
    return text if len(text) <= AT_MOST else _beginning(text)


def _quotable(passage: str) -> list[str]:
    """The blocks, each list or table together with the paragraph before it that ends in a colon."""
    lines = lines_of(passage)
    starts = [block.start for block in top_blocks(passage)]
    bounds = [0, *starts[1:], len(lines)]
    found: list[str] = []
    for start, end in pairwise(bounds):
        text = "".join(line + "\n" for line in lines[start:end])
        if found and found[-1].rstrip(" \n*_").endswith(":"):
            found[-1] += text
        else:
            found.append(text)
    return found


def _around(blocks: Sequence[str], best: int) -> tuple[int, int]:
    """Which blocks to quote: what follows the best one, then what precedes it, as far as there is room."""
    first, last, size = best, best + 1, len(blocks[best])
    while last < len(blocks) and size + len(blocks[last]) <= ABOUT:
        size += len(blocks[last])
        last += 1
    while first > 0 and size + len(blocks[first - 1]) <= ABOUT:
        first -= 1
        size += len(blocks[first])
    return first, last


def _beginning(text: str) -> str:
    lines = lines_of(text)
    ends = [*(item.start for item in list_items(text)), *_row_ends(text)] or list(range(1, len(lines)))
    fitting = [end for end in ends if end and len("\n".join(lines[:end])) <= AT_MOST]
    if not fitting:
        return text[:AT_MOST].rpartition(" ")[0] + " …"
    return _closed("\n".join(lines[: max(fitting)]).rstrip(), text)


def _row_ends(text: str) -> list[int]:
    return [
        row
        for block in top_blocks(text)
        if block.kind == "table_open"
        for row in range(block.start + 3, block.end)
    ]


def _closed(beginning: str, text: str) -> str:
    """The beginning with the code fence closed that it may end in, and a mark that something is left out."""
    fences = [block for block in top_blocks(text) if block.kind == "fence"]
    cut = len(lines_of(beginning))
    if any(fence.start < cut < fence.end for fence in fences):
        return beginning + "\n```\n\n…"
    return beginning + "\n\n…"
