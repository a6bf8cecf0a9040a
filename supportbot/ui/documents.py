"""An assistant's Markdown as a document inside a page of ours.

The page has the first heading, so a document's headings begin one lower. Tables and code scroll in
boxes of their own, which the keyboard can reach, and never widen a phone's page.
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


@lru_cache(maxsize=2048)
def document(markdown: str) -> str:
    """Sanitised HTML, ready for a page."""
    html = _HEADING.sub(_one_lower, rendering.render(markdown))
    for plain, boxed in _BOXES:
        html = html.replace(plain, boxed)
    return html


def _one_lower(tag: re.Match[str]) -> str:
    return f"<{tag[1]}h{min(int(tag[2]) + 1, 6)}>"
