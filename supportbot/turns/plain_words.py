"""Markdown as the plain text that people write to each other in. Pure."""

import re
from collections.abc import Callable

_LINK = re.compile(r"\[((?:[^\[\]\\]|\\.){0,300})\]\(([^()\s]{1,500})\)")
_FENCE = re.compile(r"(?m)^ {0,3}(?:```|~~~).*\n?")
_HEADING = re.compile(r"(?m)^ {0,3}#{1,6} +")
_RULE = re.compile(r"(?m)^ {0,3}\|?(?: *:?-{3,}:? *\|?)+ *$\n?")
_ROW = re.compile(r"(?m)^ {0,3}\|(.*)\| *$")
_MARKS = re.compile(r"(\*\*|__|~~)(?=\S)(.{1,500}?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*\\])\*(?=\S)([^*\n]{1,300}?)(?<=\S)\*(?![\w*])")
_CODE = re.compile(r"`([^`\n]{1,300})`")
_ESCAPED = re.compile(r"\\([\\`*_\[\]<>~|#.!()-])")
_GAPS = re.compile(r"\n{3,}")


def plainly(markdown: str, link: Callable[[str], str]) -> str:
    """The words without Markdown's signs. Lists keep theirs, and links name their address.

    Args:
        markdown: The text.
        link: Makes a whole address of one of our own.
    """
    text = _FENCE.sub("", markdown)
    text = _RULE.sub("", _HEADING.sub("", text))
    text = _ROW.sub(lambda row: " | ".join(cell.strip() for cell in row[1].split("|")), text)
    text = _LINK.sub(lambda found: f"{found[1]} ({link(found[2])})", text)
    for marks in (_MARKS, _EMPHASIS):
        text = marks.sub(lambda found: found[found.re.groups], text)
    text = _ESCAPED.sub(r"\1", _CODE.sub(r"\1", text))
    return _GAPS.sub("\n\n", text).strip()
