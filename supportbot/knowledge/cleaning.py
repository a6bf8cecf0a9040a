"""What real help centres mix into their Markdown, taken out gently. Pure.

HTML, comments, images, template tags and attribute lists mean something to the site a file was written
for and nothing here. Code is never touched, and a word in angle brackets that is no HTML tag, such as
`<your-key>`, stays. Every expression below reads a text once, however it was made.
"""

import html
import re
from collections.abc import Callable, Iterator

from supportbot.knowledge.blocks import Block, code_blocks, lines_of, references
from supportbot.knowledge.dialects import plain_markdown

_TAGS = (
    "a abbr address article aside b blockquote body br button center cite code col colgroup dd del "
    "details dfn div dl dt em fieldset figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header "
    "hr html i iframe img input ins kbd label legend li link main mark meta nav ol option p picture pre "
    "q s samp section select small source span strong sub summary sup svg table tbody td textarea tfoot "
    "th thead time tr tt u ul var video wbr"
).replace(" ", "|")
_TAG = re.compile(rf"</?(?:{_TAGS})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_STARTS_WITH_TAG = re.compile(rf"\s*</?(?:{_TAGS})[\s>/]", re.IGNORECASE)
_UNREAD = ("script", "style", "select", "svg", "iframe", "template")
_CODE_SPAN = re.compile(r"((?<![`\\])`++[^`]++`++)")

_LINKED_IMAGE = re.compile(r"\[!\[([^\[\]\n]*)\]\([^()\n]*\)\]\([^()\n]*\)")
_IMAGE = re.compile(r"!\[([^\[\]\n]*)\](?:\([^()\n]*\)|\[[^\[\]\n]*\])")
_IMAGE_TAG = re.compile(r"<img\b", re.IGNORECASE)
_LIQUID_LINK = re.compile(r"\[([^\[\]\n]*)\]\(\s*\{\{[^{}\n]*\}\}[^()\n]*\)")
_LIQUID = re.compile(r"\{\{[^{}\n]*\}\}|\{%[^%\n]*%\}")
_ATTRIBUTES = re.compile(r"\{:[^{}\n]*\}")
_REFERENCE = re.compile(r"\[([^\[\]\n]+)\]\[([^\[\]\n]*)\]")
_SHORT_REFERENCE = re.compile(r"(?<![\]!\\])\[([^\[\]\n]+)\](?![\[(:])")
_DEFINITION = re.compile(r" {0,3}\[([^\[\]\n]+)\]:[ \t]*\S")
_BLANK_LINES = re.compile(r"\n{3,}")
_EMPTY_BOLD = re.compile(r"^\*\*[ \t]*\*\*$", re.MULTILINE)
_SPACES_AT_END = re.compile(r"(?<![ \t])[ \t]+\n")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def clean(markdown: str) -> str:
    """`markdown` without HTML, comments, images, template tags, and with its link references filled in.

    What cannot be stored or would turn a line around (control characters, bidirectional overrides) is
    removed as well. Headings keep their attribute lists (`{#anchor}`). Never raises.
    """
    text = plain_markdown(storable(markdown))
    known = references(text)
    cleaned = (
        _clean_code(block, lines) if block else _clean_prose(lines, known) for block, lines in _segments(text)
    )
    return _BLANK_LINES.sub("\n\n", "\n".join(cleaned)).strip("\n").rstrip()


def pictures_in(markdown: str) -> int:
    """How many pictures `markdown` shows, in its own syntax or in HTML. Code shows none."""
    count = 0

    def look(text: str) -> str:
        nonlocal count
        text = without_comments(text)
        count += len(_IMAGE.findall(text)) + len(_IMAGE_TAG.findall(text))
        return ""

    for block, lines in _segments(storable(markdown)):
        if block is None:
            _outside_spans("\n".join(lines), look)
        elif block.kind == "html_block" or _STARTS_WITH_TAG.match(lines[0]):
            look("\n".join(lines))
    return count


def change_prose(markdown: str, change: Callable[[str], str]) -> str:
    """Apply `change` to everything that is neither a block of code nor a `code span`."""
    return "\n".join(
        "\n".join(lines) if block else _outside_spans("\n".join(lines), change)
        for block, lines in _segments(markdown)
    )


def storable(text: str) -> str:
    r"""`text` with `\n` line ends and without the characters a database refuses or that hide others."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def without_markup(html_text: str) -> str:
    """The words of a piece of HTML."""
    return _TAG.sub(" ", without_comments(_without_unread(html_text))).replace("\t", " ")


def without_comments(text: str) -> str:
    """`text` without `<!-- … -->`; one that never ends stays."""
    return _without_between(text, "<!--", "-->")


def _segments(text: str) -> Iterator[tuple[Block | None, list[str]]]:
    """The lines of `text` in order: prose (None) and blocks of code or HTML in turn."""
    lines, done = lines_of(text), 0
    for block in code_blocks(text):
        if block.start < done:
            continue
        if block.start > done:
            yield None, lines[done : block.start]
        yield block, lines[block.start : block.end]
        done = block.end
    if done < len(lines):
        yield None, lines[done:]


def _outside_spans(prose: str, change: Callable[[str], str]) -> str:
    parts = _CODE_SPAN.split(prose)
    return "".join(part if at % 2 else change(part) for at, part in enumerate(parts))


def _clean_prose(lines: list[str], known: dict[str, str]) -> str:
    kept = (line for line in lines if not _defines(line, known))
    return _outside_spans("\n".join(kept), lambda text: _clean_text(text, known))


def _clean_code(block: Block, lines: list[str]) -> str:
    if block.kind == "html_block":
        return _joined_lines(without_markup("\n".join(lines)))
    # Definition lists of Python-Markdown indent their HTML examples, which CommonMark takes for code.
    if block.kind == "code_block" and _STARTS_WITH_TAG.match(lines[0]):
        return html.unescape(_TAG.sub("", "\n".join(lines)))
    return "\n".join(lines)


def _clean_text(text: str, known: dict[str, str]) -> str:
    text = without_comments(_without_unread(text))
    text = _LIQUID_LINK.sub(r"\1", text)
    text = _LIQUID.sub("", text)
    text = _LINKED_IMAGE.sub(r"![\1]()", text)
    text = "\n".join(_without_lone_image(line) for line in text.split("\n"))
    text = _IMAGE.sub(r"\1", text)
    text = _REFERENCE.sub(lambda match: _filled_in(match, known), text)
    text = _SHORT_REFERENCE.sub(lambda match: _filled_in(match, known), text)
    text = "\n".join(line if line.startswith("#") else _ATTRIBUTES.sub("", line) for line in text.split("\n"))
    text = _EMPTY_BOLD.sub("", _TAG.sub(" ", text))
    return _SPACES_AT_END.sub(_kept_break, text)


def _without_lone_image(line: str) -> str:
    match = _IMAGE.fullmatch(line.strip()) if "![" in line else None
    return "" if match else line


def _kept_break(spaces: re.Match[str]) -> str:
    # Two spaces at a line's end are a line break in Markdown; one is nothing.
    return "  \n" if len(spaces[0]) > 2 else "\n"


def _filled_in(match: re.Match[str], known: dict[str, str]) -> str:
    name = match[2] if match.lastindex == 2 and match[2] else match[1]
    address = known.get(_normalised(name))
    return match[0] if address is None else f"[{match[1]}]({address})"


def _defines(line: str, known: dict[str, str]) -> bool:
    match = _DEFINITION.match(line)
    return match is not None and _normalised(match[1]) in known


def _normalised(name: str) -> str:
    return re.sub(r"\s+", " ", name.strip()).lower().upper()


def _joined_lines(text: str) -> str:
    # What was inside tags loses its indentation, which would make it code.
    return "\n".join(line.strip() for line in text.split("\n"))


def _without_unread(text: str) -> str:
    for name in _UNREAD if "<" in text else ():
        text = _without_between(text, f"<{name}", f"</{name}>")
    return text


def _without_between(text: str, opening: str, closing: str) -> str:
    folded = text.lower() if len(text.lower()) == len(text) else text
    kept, at = list[str](), 0
    while (start := folded.find(opening, at)) >= 0:
        end = folded.find(closing, start)
        if end < 0:
            break
        kept.append(text[at:start])
        at = end + len(closing)
    return "".join(kept) + text[at:]
