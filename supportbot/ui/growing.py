"""An answer on its way into a page, in pieces that never change again and a tail that still may.

What crosses the socket must grow with the answer, also inside one long paragraph, list, table or code
block. So a block that is still being written is taken apart: what no later text can change leaves as a
*piece*, which the page appends, and only the *tail* behind it is sent again with each frame.

A piece is sanitised HTML and how deep in the block that was written last it belongs: 0 is the document
itself, 1 the inside of a paragraph or list, 2 of a list's last item or of code, 3 of a table's rows.
`RESTART` takes the last block away first: Markdown may turn a paragraph into a heading, or a tight list
into a loose one, by what comes later. When a block is over, it is rendered as a whole and compared with
what its pieces made, so that a finished block is always shown as the whole Markdown shows it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from unicodedata import combining

from markdown_it.token import Token

from supportbot import rendering
from supportbot.ui.documents import UNDECIDED, closed, document, growing

Piece = tuple[int, str]

RESTART = -1
"""In place of a depth: take the last block away, then append to the document."""

ENOUGH = 48
"""Characters worth a piece of their own: below, sending the tail again is cheaper."""
PATIENT = 256
"""A tail this long is sent only when it has grown by an eighth: in sum, nine times its length at most."""

_TEXT = r"[^*_`\[\]~\\<&|\n\r]"
_INSIDE = rf"(?:{_TEXT}++|`[^`\n]++`)++"
_ENDS = r"(?=[\s.,;:!?)])"
_UNIT = re.compile(
    "|".join(
        [
            rf"(?P<text>{_TEXT}++)",
            r"(?<=\w)_++(?=\w)",  # snake_case
            r"\\[!-/:-@\[-`{-~]",
            r"(?<!`)`[^`\n]++`(?=[^`])",
            rf"\*\*(?=\w){_INSIDE}(?<=\S)\*\*{_ENDS}",
            rf"(?<!\*)\*(?=\w){_INSIDE}(?<=\S)\*{_ENDS}",
            rf"(?<!\w)__?(?=\w){_INSIDE}(?<=\S)__?{_ENDS}",
            r"\[[^\[\]\\`*_<|\n]++\]\([^()\s\\<>]*+\)",
            r"\[[^\[\]\\`*_<|\n]*+\](?=[^(:\[])",
            r"(?<= )[*_]++(?= )",  # 2 * 3
            r"(?<!~)~(?=[^~])",
            r"[<&](?=[\s\d=])",
            r"&(?:[a-zA-Z]{2,31}|#\d{1,7});",
            r"\n(?= {0,3}[^\W\d_])",
        ]
    )
)
"""What a paragraph may begin with that no later text can change: words, and marks that have been closed."""
_WORDS = re.compile(r"[^\W\d_][^|\n]*")
_FENCE = re.compile(r"(`{3,}|~{3,})([^\n]*)\n")
_MARKER = re.compile(r" {0,3}(?:[-+*]|\d{1,9}[.)]) {1,4}(?=\S)")
_TAG = re.compile(r"<(/?)([a-z0-9]+)")
_ITEM = re.compile(r"<(/?)li>\n?")
_UNSPACED = 64
_JOINED = frozenset("\u200d\ufe0f")


@dataclass(slots=True)
class _Block:
    """The block that is being written: what left of it as Markdown and as HTML, and where more of it goes."""

    kind: str
    source: str
    shown: str
    depth: int
    closing: str
    """The tags behind the place where the next piece goes."""
    again: str
    """Markdown that opens the block anew in front of what is left, so that the parser reads it rightly."""
    loose: bool = False

    def add(self, markdown: str, html: str) -> Piece:
        self.source += markdown
        self.shown = self.shown.removesuffix(self.closing) + html + self.closing
        return self.depth, html


class Growing:
    """One answer as it grows. `tail` is the last piece, and goes when the next frame comes."""

    def __init__(self) -> None:
        self.tail: Piece = (0, "")
        self._rest = ""
        self._block: _Block | None = None
        self._next = 0
        self._return = ""

    def feed(self, text: str) -> list[Piece]:
        """Take in more of the answer; returns the pieces that are settled by it, in order."""
        self._rest += self._lines(text)
        if len(self._rest) < self._next:
            return []
        pieces: list[Piece] = []
        undecided = self._undecided()
        self._rest = self._rest.removesuffix(undecided)
        while self._settle(pieces):
            pass
        self.tail = self._running()
        self._rest += undecided
        longer = len(self._rest) - PATIENT
        self._next = len(self._rest) + longer // 8 if longer > 0 else 0
        return pieces

    def _lines(self, text: str) -> str:
        """The text with Markdown's own idea of a line's end, also when a frame cuts CR LF in two."""
        if "\r" not in text and not self._return and "\0" not in text:
            return text
        text = self._return + text
        self._return = "\r" if text.endswith("\r") else ""
        text = text.removesuffix("\r").replace("\r\n", "\n").replace("\r", "\n")
        return text.replace("\0", "\ufffd")

    def _undecided(self) -> str:
        """The last line, as long as it is only marks that may become anything."""
        found = UNDECIDED.search(self._rest)
        if found is None:
            return ""
        goes_on = self._block is not None and not self._block.source.endswith("\n")
        return "" if goes_on and found[0][0] != "\n" else found[0]

    def _settle(self, pieces: list[Piece]) -> bool:
        if self._block is None:
            return self._begin(pieces)
        return ("\n" in self._rest and self._end(self._block, pieces)) or self._continue(self._block, pieces)

    # ---- between two blocks

    def _begin(self, pieces: list[Piece]) -> bool:
        self._rest = rest = self._rest.lstrip("\n")
        kind = "paragraph_open"
        if not _WORDS.fullmatch(rest):
            tops = _tops(rest)
            if len(tops) > 1:
                cuts = [_offset(rest, top) for top in tops]
                pieces += [
                    (0, html)
                    for begin, end in zip([0, *cuts[1:-1]], cuts[1:], strict=True)
                    if (html := document(rest[begin:end]))
                ]
                self._rest = rest[cuts[-1] :]
                return True
            kind = tops[0].type if tops else ""
        opened = _OPENERS[kind](rest) if kind in _OPENERS else None
        if opened is None:
            return False
        self._block = opened
        self._rest = rest[len(opened.source) :]
        pieces.append((0, opened.shown))
        return True

    # ---- inside a block

    def _end(self, block: _Block, pieces: list[Piece]) -> bool:
        """Whether the block is over: then its last piece, or all of it anew."""
        again = block.again
        if block.kind == "code" and not block.source.endswith("\n"):
            again += "x"  # what is left begins inside a line
        tops = _tops(again + self._rest)
        if len(tops) < 2 and (block.kind != "list" or not tops or tops[0].type.endswith("_list_open")):
            return False
        cut = _offset(again + self._rest, tops[1]) - len(again) if len(tops) > 1 else 0
        whole = document(block.source + self._rest[:cut])
        left = _between(whole, block.shown.removesuffix(block.closing), block.closing)
        if left is None or not _balanced(left):
            pieces.append((RESTART, whole))
        elif left:
            pieces.append((block.depth, left))
        self._rest, self._block = self._rest[cut:], None
        return True

    def _continue(self, block: _Block, pieces: list[Piece]) -> bool:
        if block.kind == "list":
            return self._continue_list(block, pieces)
        cut, html = _SETTLERS[block.kind](block, self._rest)
        if not cut:
            return False
        pieces.append(block.add(self._rest[:cut], html))
        self._rest = self._rest[cut:]
        return True

    def _continue_list(self, block: _Block, pieces: list[Piece]) -> bool:
        rest = self._rest
        if "\n" in rest:
            items, loose = _items(block.again + rest)
            if len(items) > 1:
                return self._settle_items(block, items, loose, pieces)
        if block.again:
            cut, html = _settle_words(block, rest)
        elif block.loose or not (marker := _MARKER.match(rest)):
            return False
        else:
            # The words of an item leave while it is written, as long as it is nothing but words.
            cut = _closed_words(rest[marker.end() :])
            html = f"<li>{rendering.inline(rest[marker.end() :][:cut])}</li>\n"
            cut += marker.end() if cut else 0
        if not cut:
            return False
        pieces.append(block.add(rest[:cut], html))
        self._rest = rest[cut:]
        if not block.again and marker:
            block.again = marker[0] + "x"
            block.depth, block.closing = 2, "</li>\n" + block.closing
        return True

    def _settle_items(self, block: _Block, items: list[int], loose: bool, pieces: list[Piece]) -> bool:
        cut = items[-1] - len(block.again)
        done = self._rest[:cut]
        list_closing = block.closing.removeprefix("</li>\n")
        left = None
        if loose == block.loose or (block.loose and not block.again):
            if block.again:
                html = document(block.again + self._rest[: items[1] - len(block.again)])
                _, opening, inside = html.partition("<li>x")
                left = _between(inside, "", "</li>\n" + list_closing) if opening else None
                cut = items[1] - len(block.again)
                done = self._rest[:cut]
            else:
                left = _items_html(done, loose=block.loose, closing=list_closing)
        if left is None or not _balanced(left):
            html = document(block.source + done)
            pieces.append((RESTART, html))
            block.source, block.shown = block.source + done, html
            block.loose = block.loose or loose
        else:
            pieces.append(block.add(done, left))
        block.again, block.depth, block.closing = "", 1, list_closing
        self._rest = self._rest[cut:]
        return True

    # ---- the tail

    def _running(self) -> Piece:
        """What is not settled yet, as it will look."""
        rest, block = self._rest, self._block
        if block is None:
            return 0, growing(rest) if rest else ""
        if block.kind == "code":
            return 2, rendering.text(_not_a_fence(block, rest))
        if block.kind == "table":
            return 3, _rows(growing(block.again + rest)) or ""
        if block.kind == "list" and not block.again:
            return 1, _items_html(rest, loose=block.loose, closing=block.closing, show=growing) or ""
        if "\n" in rest:
            html = growing(block.again + rest)
            _, opening, inside = html.partition("<p>x" if block.kind == "paragraph" else "<li>x")
            if opening and inside.endswith(block.closing):
                inside = inside.removesuffix(block.closing)
            if opening and _balanced(inside):
                return block.depth, inside
        return block.depth, rendering.inline(closed(rest))


# ---- how blocks begin


def _open_paragraph(rest: str) -> _Block | None:
    cut = _closed_words(rest)
    if not cut:
        return None
    html = f"<p>{rendering.inline(rest[:cut].lstrip())}</p>\n"
    return _Block("paragraph", rest[:cut], html, 1, "</p>\n", "x")


def _open_code(rest: str) -> _Block | None:
    fence = _FENCE.match(rest)
    if fence is None:
        return None
    html, closing = document(fence[0] + fence[1]), "</code></pre>\n"
    return _Block("code", fence[0], html, 2, closing, fence[0]) if html.endswith(closing) else None


def _open_table(rest: str) -> _Block | None:
    header, _, below = rest.partition("\n")
    delimiter, _, rows = below.partition("\n")
    cut = _whole_rows(rows)
    if not cut:
        return None
    source = f"{header}\n{delimiter}\n{rows[:cut]}"
    html, closing = document(source), "</tbody>\n</table></div>\n"
    # The real header would be read again with each row.
    again = "|x" * (html.count("<th>") + html.count("<th ")) + f"|\n{delimiter}\n"
    if not html.endswith(closing) or _rows(document(again + rows[:cut])) is None:
        return None
    return _Block("table", source, html, 3, closing, again)


def _open_list(rest: str) -> _Block | None:
    items, loose = _items(rest)
    closing = "</ul>\n" if rest.lstrip()[0] in "-+*" else "</ol>\n"
    if len(items) > 1:
        source = rest[: items[-1]]
        html = document(source)
        if loose and len(items) == 2:
            # Only what comes after the first item makes it loose.
            html = document(source + _MARKER.sub(lambda m: m[0] + "x", rest[items[-1] :], count=1))
            html = html[: _end_of_first_item(html)] + closing
        return _Block("list", source, html, 1, closing, "", loose) if html.endswith(closing) else None
    marker = _MARKER.match(rest)
    cut = _closed_words(rest[marker.end() :]) if marker else 0
    if not marker or not cut:
        return None
    source = rest[: marker.end() + cut]
    opening, _, _ = document(marker[0] + "x").partition("<li>")
    html = f"{opening}<li>{rendering.inline(source[marker.end() :])}</li>\n{closing}"
    return _Block("list", source, html, 2, "</li>\n" + closing, marker[0] + "x")


_OPENERS: dict[str, Callable[[str], _Block | None]] = {
    "paragraph_open": _open_paragraph,
    "fence": _open_code,
    "table_open": _open_table,
    "bullet_list_open": _open_list,
    "ordered_list_open": _open_list,
}


# ---- what of a running block can settle: how many characters, and their HTML


def _settle_words(_: _Block, rest: str) -> tuple[int, str]:
    cut = _closed_words(rest)
    return cut, rendering.inline(rest[:cut]) if cut else ""


def _settle_code(block: _Block, rest: str) -> tuple[int, str]:
    code = _not_a_fence(block, rest)
    ended = len(code) < len(rest) and "\n" in rest[len(code) :]
    if not code or (len(code) < ENOUGH and not ended):
        return 0, ""
    return len(code), rendering.text(code)


def _settle_rows(block: _Block, rest: str) -> tuple[int, str]:
    cut = _whole_rows(rest)
    html = _rows(document(block.again + rest[:cut])) if cut else None
    return (cut, html) if html else (0, "")


_SETTLERS: dict[str, Callable[[_Block, str], tuple[int, str]]] = {
    "paragraph": _settle_words,
    "code": _settle_code,
    "table": _settle_rows,
}


def _closed_words(markdown: str) -> int:
    """How many characters from the start are sure to stay as they are, up to the end of a word."""
    if len(markdown) < ENOUGH:
        return 0
    at = cut = 0
    while unit := _UNIT.match(markdown, at):
        at = unit.end()
        if unit["text"]:
            found = unit.start() + _end_of_a_word(unit["text"])
            # Spaces behind a line's end are not text, and those before it may be a line break.
            if found > 0 and markdown[found - 1] not in "\n ":
                cut = found
    return cut if cut >= ENOUGH else 0


def _end_of_a_word(text: str) -> int:
    words = text.rstrip()
    space = words.rfind(" ")
    if len(words) - space <= _UNSPACED:
        return len(words[:space].rstrip()) if space >= 0 else 0
    # Without spaces, as Chinese is written: anywhere but before an accent or inside a joined sign.
    end = len(words) - 8
    while end > space + 1 and (combining(words[end]) or not _JOINED.isdisjoint(words[end - 1 : end + 1])):
        end -= 1
    return end


def _not_a_fence(block: _Block, rest: str) -> str:
    """The code before the closing fence, and before what may become one."""
    sign = block.again[0]
    length = len(block.again) - len(block.again.lstrip(sign))
    closing = re.compile(rf"^ {{0,3}}(?:{sign}{{{length},}}[ \t]*$|{sign}*[ \t]*\Z)", re.M)
    # Behind the start of a line that has left already, nothing is a fence.
    end = closing.search(rest, 0 if block.source.endswith("\n") else 1)
    return rest[: end.start()] if end else rest


def _whole_rows(rest: str) -> int:
    """Where the last finished row ends."""
    blank = re.search(r"^[ \t]*\n", rest, re.M)
    return rest.rfind("\n", 0, blank.start() if blank else None) + 1


def _rows(html: str) -> str | None:
    _, begin, rows = html.partition("<tbody>\n")
    return rows.removesuffix("</tbody>\n</table></div>\n") if begin else None


def _items_html(
    markdown: str, *, loose: bool, closing: str, show: Callable[[str], str] = document
) -> str | None:
    """A list's items without the list around them."""
    marker = _MARKER.match(markdown)
    # An item that is read alone does not know that it stands among paragraphs.
    first = f"{marker[0].rstrip()} x\n\n" if loose and marker else ""
    html = show(first + markdown)
    opening = html[: html.find("</li>\n") + 6] if first else html[: html.find("\n") + 1]
    return _between(html, opening, closing) if opening else None


# ---- reading Markdown and HTML


def _tops(markdown: str) -> list[Token]:
    return [
        token for token in rendering.blocks(markdown) if token.level == 0 and token.map and token.nesting >= 0
    ]


def _items(markdown: str) -> tuple[list[int], bool]:
    """Where the items of the list begin, and whether their texts are paragraphs of their own."""
    tokens = rendering.blocks(markdown)
    items = [
        _offset(markdown, token) for token in tokens if token.type == "list_item_open" and token.level == 1
    ]
    loose = any(token.type == "paragraph_open" and token.level == 2 and not token.hidden for token in tokens)
    return items, loose


def _offset(markdown: str, token: Token) -> int:
    """Where the first line of a token begins."""
    at = 0
    for _ in range(token.map[0] if token.map else 0):
        at = markdown.index("\n", at) + 1
    return at


def _between(html: str, opening: str, closing: str) -> str | None:
    if len(html) < len(opening) + len(closing) or not html.startswith(opening) or not html.endswith(closing):
        return None
    return html[len(opening) : len(html) - len(closing)]


def _end_of_first_item(html: str) -> int:
    """Where a list's first item ends, whatever lists stand in it."""
    depth = 0
    for tag in _ITEM.finditer(html):
        depth += -1 if tag[1] else 1
        if not depth:
            return tag.end()
    return len(html)


def _balanced(html: str) -> bool:
    """Whether every element that begins here ends here."""
    depth = 0
    for end, name in _TAG.findall(html):
        if name in ("br", "hr"):
            continue
        depth += -1 if end else 1
        if depth < 0:
            return False
    return depth == 0
