"""Python-Markdown's definition lists and admonitions as plain Markdown. Pure.

Their contents are indented by four spaces, which CommonMark takes for code: parameters, answers and
warnings would be quoted to customers as if they were programs.
"""

import re

from supportbot.knowledge.blocks import code_blocks, lines_of

_INDENT = "    "
_DEFINITION = re.compile(r":[ \t]+(?=\S)")
_ADMONITION = re.compile(
    r"(?:!!!|\?\?\?\+?)[ \t]+(?P<kind>[A-Za-z]+)[^\"\n]*(?:\"(?P<title>[^\"\n]*)\")?[ \t]*"
)


def plain_markdown(text: str) -> str:
    r"""`text` with `term\n:   meaning` as a bold term above its meaning, and `!!! note` as bold too."""
    lines = lines_of(text)
    fenced = {
        at for block in code_blocks(text) if block.kind == "fence" for at in range(block.start, block.end)
    }
    out: list[str] = []
    inside = False
    for at, line in enumerate(lines):
        if at in fenced:
            out.append(line.removeprefix(_INDENT) if inside else line)
        elif _DEFINITION.match(line) and _follows_term(out):
            _set_term(out)
            out += ["", _DEFINITION.sub("", line, count=1)]
            inside = True
        elif admonition := _ADMONITION.fullmatch(line):
            out += ["", f"**{admonition['title'] or admonition['kind'].capitalize()}**", ""]
            inside = True
        elif inside and (not line.strip() or line.startswith((_INDENT, "\t"))):
            out.append(line.removeprefix(_INDENT).removeprefix("\t"))
        else:
            inside = inside and _continues(out, line)
            out.append(line)
    return "\n".join(out)


def _follows_term(out: list[str]) -> bool:
    return bool(out) and bool(out[-1].strip()) and not out[-1].startswith((_INDENT, "#", "|", ">"))


def _set_term(out: list[str]) -> None:
    if not out[-1].startswith("**"):
        out[-1] = f"**{out[-1].strip()}**"


def _continues(out: list[str], line: str) -> bool:
    # The second line of a definition's paragraph need not be indented.
    return bool(out and out[-1].strip()) and bool(line.strip())
