"""How a rule is written, and the regular expression it stands for.

A rule is words with single spaces between them, as `reading` gives sentences. A word may be

    lawyer      itself, or a regular expression without spaces: `lawyers?`, `sol[iv]citor`, `rep(re|er)sent`
    lawyer~     anything that begins so: lawyer, lawyers, lawyer's
    some_?one   a space where customers may leave one out
    \\w+         any word; `,` is a pause
    (a|b c)     one of these
    (a|b c)?    one of these, or nothing; `(a|b c){0,3}` up to three of them
    <name>      one word of a family; up to five of them, if its name has a star: `a* = the | your | real`
    . .. ...    up to one word, up to four, up to nine, and no pause
    *           up to twelve words and pauses
    ^ and $     here a sentence or a part of it begins, or ends
    &(a|$)      one of these must follow; `!(a|b)` none of these may

`ä`, `ö`, `ü` are also what people type instead: a, ae; other accents are read as the plain letter.

There is no other repetition, so reading takes time in proportion to the text.
"""

import re
from collections.abc import Iterator, Mapping

from supportbot.escalations.wording.reading import without_accents

_UMLAUTS = str.maketrans({"ä": "ae?", "ö": "oe?", "ü": "ue?"})
_COUNT = r"(\?|\{\d,\d\})?"
_FAMILY = re.compile(rf"<(\w+)>{_COUNT}")
_GROUP = re.compile(rf"([&!]?)\((.*)\){_COUNT}")
_SIGNS = {
    "^": r"(?<![^,])",
    "$": r"(?= ,|$)",
    ".": r"(?: [^ ,]+)?",
    "..": r"(?: [^ ,]+){0,4}?",
    "...": r"(?: [^ ,]+){0,9}?",
    "*": r"(?: [^ ]+){0,12}?",
}
_FOLLOWS = {"&": "?=", "!": "?!", "": "?:"}
_MOST_OF_A_STAR = "{0,5}"


def pattern(rule: str, families: Mapping[str, str]) -> str:
    """A rule as a regular expression, which begins with the space before its first word.

    Raises:
        ValueError: if the rule is not written as above, or names a family that is not given.
    """
    return _sequence(without_accents(rule.translate(_UMLAUTS)), families)


def _sequence(words: str, families: Mapping[str, str]) -> str:
    return "".join(_word(word, families) for word in _parted(words, " "))


def _word(word: str, families: Mapping[str, str]) -> str:
    if sign := _SIGNS.get(word):
        return sign
    if family := _FAMILY.fullmatch(word):
        return _family(family[1], families) + (family[2] or "")
    if (group := _GROUP.fullmatch(word)) and not _is_open(group[2]):
        ways = "|".join(_sequence(way, families) for way in _parted(group[2], "|"))
        return f"({_FOLLOWS[group[1]]}{ways}){group[3] or ''}"
    if not word or set(word) & set(" <>^$&!") or len(list(_parted(word, "|"))) > 1 or _is_open(word):
        raise ValueError(f"not a word of a rule: {word!r}")
    return " " + re.sub(r"\((?!\?)", "(?:", word).replace("~", r"\w*").replace("_", " ")


def _family(name: str, families: Mapping[str, str]) -> str:
    count = ""
    if name not in families:
        name, count = name + "*", _MOST_OF_A_STAR
    if name not in families:
        raise ValueError(f"there is no family {name!r}")
    words = without_accents(families[name].translate(_UMLAUTS))
    ways = "|".join(_sequence(way.strip(), families) for way in _parted(words, "|"))
    return f"(?:(?:{ways}){count})"


def _parted(text: str, at: str) -> Iterator[str]:
    """The parts of a text between these characters, where they are in no bracket."""
    depth = begun = 0
    for place, one in enumerate(text):
        depth += (one in "([") - (one in ")]")
        if one == at and depth == 0:
            yield text[begun:place]
            begun = place + 1
    yield text[begun:]


def _is_open(text: str) -> bool:
    """Whether a bracket in it has no partner."""
    depth = 0
    for one in text:
        depth += (one in "([") - (one in ")]")
        if depth < 0:
            return True
    return depth != 0
