"""What the assistant wrote, as one line of a list shows it. Pure."""

import re

_SIGNS = re.compile(r"\*\*|`|(?m:^ {0,3}(?:#{1,6}|[-*]) +)")


def plain_line(markdown: str) -> str:
    """The words without the signs that stand in their way, on one line."""
    return " ".join(_SIGNS.sub("", markdown).split())
