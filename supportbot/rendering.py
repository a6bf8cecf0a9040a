"""Markdown to HTML that is safe to put into a page, one block at a time.

HTML in the source stays text (markdown-it with HTML off), then an allow-list cleans what came out.
Images are left out: loading one would tell its host who reads the conversation.
"""

import re
from functools import lru_cache
from html import escape

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

MAX_NESTING = 12
"""Text with deeper quotes and lists stays as typed: thousands of them are an attack on the browser."""
_CONTAINERS = ("blockquote_open", "list_item_open")

_markdown = MarkdownIt("commonmark", {"html": False, "maxNesting": MAX_NESTING}).enable(
    ["table", "strikethrough"]
)
_markdown.disable("image")
# Where blocks begin does not depend on the marks inside them, which a hostile answer can make slow to read.
_blocks = MarkdownIt("commonmark", {"html": False, "maxNesting": MAX_NESTING}).enable("table")
_blocks.core.ruler.enableOnly(["normalize", "block"])
_cleaner = nh3.Cleaner(
    tags={
        *("p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
    },
    attributes={"a": {"href", "title"}, "code": {"class"}, "ol": {"start"}, "th": {"style"}, "td": {"style"}},
    filter_style_properties={"text-align"},
    url_schemes={"https", "http", "mailto"},
    link_rel="noopener noreferrer nofollow",
    set_tag_attribute_values={"a": {"target": "_blank"}},
)


ALL_LINKS: frozenset[str] | None = None
NO_LINKS: frozenset[str] = frozenset()


@lru_cache(maxsize=2048)
def render(markdown: str, links: frozenset[str] | None = ALL_LINKS) -> str:
    """The sanitised HTML of a piece of Markdown. Never raises, whatever the text.

    Results are kept: each page that follows an answer asks for the same blocks.

    Args:
        markdown: The text.
        links: The addresses that may be clicked, spelled as `addresses` spells them; of other links only
            the words stay. Without it, all of them may.
    """
    tokens = _markdown.parse(markdown)
    if links is not None:
        _unlink(tokens, links)
    if any(token.type in _CONTAINERS and token.level >= MAX_NESTING - 1 for token in tokens):
        # The parser leaves out what lies deeper.
        return plain(markdown, links)
    html: str = _markdown.renderer.render(tokens, _markdown.options, {})
    return _cleaned(html)


_PLAIN = re.compile(r"[^*_`\[\]~\\<>&\x00-\x1f\x7f\xa0\ud800-\udfff]*+")


def inline(markdown: str) -> str:
    """The sanitised HTML of Markdown inside a block: marks, no paragraphs around them, of links the words."""
    if _PLAIN.fullmatch(markdown):
        return markdown
    tokens = _markdown.parseInline(markdown)
    _unlink(tokens, NO_LINKS)
    html: str = _markdown.renderer.render(tokens, _markdown.options, {})
    return _cleaned(html)


def text(words: str) -> str:
    """Words as they are, as HTML: what stands in a code block."""
    return words if _PLAIN.fullmatch(words) else _cleaned(escape(words, quote=False))


_URL = re.compile(r"https?://[^\s<>\"']{1,1000}[^\s<>\"'.,;:!?)\]]")


def plain(text: str, links: frozenset[str] | None = ALL_LINKS) -> str:
    """What a person typed, as HTML: their line breaks stay, addresses become links, nothing else.

    Args:
        text: The text.
        links: The addresses that may be clicked; without it, all of them may.
    """
    pieces: list[str] = []
    end = 0
    for match in _URL.finditer(text):
        if links is not None and match[0] not in links:
            continue
        address = escape(match[0])
        pieces += [escape(text[end : match.start()]), f'<a href="{address}">{address}</a>']
        end = match.end()
    pieces.append(escape(text[end:]))
    return _cleaned("".join(pieces).replace("\n", "<br>"))


def addresses(markdown: str) -> tuple[str, ...]:
    """The addresses of all links in a text, as a browser would be given them, each once."""
    if "[" not in markdown and "<" not in markdown:
        return ()
    found = (
        str(child.attrGet("href"))
        for token in _markdown.parse(markdown)
        for child in token.children or ()
        if child.type == "link_open"
    )
    return tuple(dict.fromkeys(found))


def bare_addresses(text: str) -> tuple[str, ...]:
    """The addresses of the web that stand in a text as they are, spelled as `addresses` would."""
    return tuple(_markdown.normalizeLink(found) for found in _URL.findall(text))


def _unlink(tokens: list[Token], links: frozenset[str]) -> None:
    """Take every link away that is not one of these, and leave what it says."""
    for token in tokens:
        if not token.children or not any(child.type == "link_open" for child in token.children):
            continue
        kept: list[Token] = []
        taken = False
        for child in token.children:
            if child.type == "link_open":
                taken = child.attrGet("href") not in links
            if not (taken and child.type in ("link_open", "link_close")):
                kept.append(child)
        token.children = kept


def _cleaned(html: str) -> str:
    # Lone surrogates cannot be encoded, and the cleaner raises on them.
    clean: str = _cleaner.clean(html.encode("utf-8", "replace").decode())
    return clean


def blocks(markdown: str) -> list[Token]:
    """Where the blocks of a text begin and end; what is inside of them is not read."""
    return _blocks.parse(markdown)


def split(markdown: str) -> tuple[list[str], str]:
    """Cut a growing answer into the blocks that cannot change any more and the one still running.

    Splitting follows Markdown's own blocks, not blank lines, so a code fence stays whole.
    """
    starts = [
        token.map[0] for token in blocks(markdown) if token.level == 0 and token.map and token.nesting >= 0
    ]
    if len(starts) < 2:
        return [], markdown
    # Markdown counts only LF as a line's end; splitlines would also cut at U+2028 and form feeds.
    lines = [line + "\n" for line in markdown.split("\n")]
    lines[-1] = lines[-1][:-1]
    bounds = [0, *starts[1:]]
    finished = [
        "".join(lines[begin:end]) for begin, end in zip(bounds, [*bounds[1:], len(lines)], strict=True)
    ]
    return finished[:-1], finished[-1]
