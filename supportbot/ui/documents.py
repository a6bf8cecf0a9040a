"""An assistant's Markdown as a document inside a page of ours.

The page has the first heading and each speaker the second, so a document's begin with the third.
Tables and code scroll in boxes of their own, which the keyboard can reach, and never widen a page.
"""

import re
from functools import lru_cache

from supportbot import rendering

_HEADING = re.compile(r"<(/?)h([1-6])>")
# Text is escaped, so these can only be real tags.
_BOXES = (
    ("<table>", '<div class="table-box" tabindex="0"><table>'),
    ("</table>", "</table></div>"),
    ("<pre>", '<pre tabindex="0">'),
)

_FENCE = re.compile(r"^ {0,3}(?:```|~~~)")
_HALF_TABLE = re.compile(r"(?:^|\n) {0,3}\|[^\n]*(?:\n {0,3}\|?[ :|-]*)?\Z")
_DELIMITED = re.compile(r"\n {0,3}\|(?: *:?-+:? *\|)+ *\n")
_HALF_LINK = re.compile(r"\[([^\[\]\n]*)(?:\](?:\([^()\s]*)?)?\Z")
UNDECIDED = re.compile(
    r"(?:^|\n)[ \t]*+(?:[-=+#>~`*_][-=+#>~`*_ \t]{0,40}|\d{1,9}[.)]?[ \t]*|`{3,}[^`\n]{0,200})\Z"
)
"""A line that has only begun: it may become an item, a rule or words, or make a heading of what is above."""
_MARKS = ("**", "`")


@lru_cache(maxsize=2048)
def document(markdown: str, links: frozenset[str] | None = rendering.NO_LINKS) -> str:
    """Sanitised HTML, ready for a page.

    Args:
        markdown: The text.
        links: The addresses that may be clicked; see `rendering.render`. An assistant's text that is still
            being written has none: which of its links rest on an article is known at its end.
    """
    html = _HEADING.sub(_lower, rendering.render(markdown, links))
    for plain, boxed in _BOXES:
        html = html.replace(plain, boxed)
    return html


def growing(markdown: str) -> str:
    """The block that is still being written, as it will look: no half marks that vanish a moment later.

    A table waits for its second line, a link shows its words, bold and code are closed where they stand.
    """
    if _FENCE.match(markdown):
        return document(markdown)
    if not _DELIMITED.search(markdown):
        markdown = _HALF_TABLE.sub("", markdown)
    return document(closed(UNDECIDED.sub("", markdown)))


def closed(markdown: str) -> str:
    """Markdown whose half-written links, bold and code are ended where they stand."""
    markdown = _HALF_LINK.sub(r"\1", markdown)
    if markdown.endswith("*") and not markdown.endswith("**"):
        markdown = markdown[:-1]
    for mark in _MARKS:
        if markdown.count(mark) % 2:
            markdown = markdown.removesuffix(mark) if markdown.endswith(mark) else markdown.rstrip() + mark
    return markdown


def _lower(tag: re.Match[str]) -> str:
    return f"<{tag[1]}h{min(max(int(tag[2]) + 1, 3), 6)}>"
