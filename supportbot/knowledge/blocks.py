"""Where the blocks of a Markdown text begin and end. Pure; the text itself is never changed.

Only blocks are parsed, never what is inside a line: that is what takes time, and what hostile text
makes slow.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

MAX_NESTING = 16
"""Quotes and lists nested deeper than this are not looked into."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines `start` (included) to `end` (excluded) of the text. `kind` is markdown-it's token type.

    `content` is the text inside: a heading without its marks, a code block without its fence.
    """

    kind: str
    start: int
    end: int
    markup: str = ""
    content: str = ""


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True, "maxNesting": MAX_NESTING}).enable("table")
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


_markdown = _parser()


def lines_of(text: str) -> list[str]:
    r"""The lines as Markdown counts them: only `\n` ends one, unlike in `str.splitlines`."""
    return text.split("\n")


def top_blocks(text: str) -> list[Block]:
    """The outermost blocks in order. What stands between two of them belongs to the first."""
    tokens = _markdown.parse(text)
    return list(_blocks(tokens, level=0))


def list_items(text: str) -> list[Block]:
    """The items of the outermost lists in `text`, in order."""
    tokens = _markdown.parse(text)
    return [block for block in _blocks(tokens, level=1) if block.kind == "list_item_open"]


def code_blocks(text: str) -> list[Block]:
    """Fenced and indented code, and blocks of HTML, at any depth."""
    tokens = _markdown.parse(text)
    return [
        Block(token.type, token.map[0], token.map[1], token.markup, token.content)
        for token in tokens
        if token.type in ("fence", "code_block", "html_block") and token.map
    ]


def references(text: str) -> dict[str, str]:
    """The addresses of `[name]: address` definitions by their normalised (upper case) names."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    _markdown.parse(text, found)
    return {name: definition["href"] for name, definition in found.get("references", {}).items()}


def _blocks(tokens: list[Token], level: int) -> Iterator[Block]:
    for at, token in enumerate(tokens):
        if token.level != level or token.map is None or token.nesting < 0 or token.type == "inline":
            continue
        content = tokens[at + 1].content if token.type == "heading_open" else token.content
        yield Block(token.type, token.map[0], token.map[1], token.tag or token.markup, content)
