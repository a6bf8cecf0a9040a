"""What somebody types into the search, and where it stands in a text. Pure.

Words are cut as the index cuts them (alembic/versions/0006_lists_and_search.py): letters and digits, and of
scripts without spaces each character together with the next. Everything else only separates, so no sign
means anything to a database.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

MOST_TYPED = 200
"""Characters that are read; nobody types more to find something."""
MOST_WORDS = 8
SNIPPET_CHARACTERS = 160
MOST_SEARCHED = 20_000
"""Characters of a text in which a hit is looked for, to show what stands around it."""
_LEAD = 50
"""Characters shown before the hit."""

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3006\u3040-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
_SEPARATORS = (
    "\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\xbf\xd7\xf7\u2000-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3007-\u3020\u3030"
    "\u303d-\u303f\u30fb\ud800-\udfff\ufe00-\ufe6f\ufff0-\uffff\U0001f000-\U0001faff"
)
_LETTER = f"[^{_SEPARATORS}{_UNSPACED}]"
_RUN = re.compile(f"[{_UNSPACED}]+|{_LETTER}+")
_STARTS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_ACCENTS = re.compile("[\u0300-\u036f]")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a search, folded: what stands between two spaces.

    `runs` are its parts, next to each other in whatever is found (`alice@example.com` has three). The last
    word of a search may go on where it ends: `begins`.
    """

    runs: tuple[str, ...]
    begins: bool = False

    def terms(self) -> list[str]:
        """The parts as the index holds them, in order."""
        found: list[str] = []
        for run in self.runs:
            if not _STARTS_UNSPACED.match(run):
                found.append(run)
                continue
            found += [run[at : at + 2] for at in range(len(run))]
        if _STARTS_UNSPACED.match(self.runs[-1]) and len(self.runs[-1]) > 1:
            # What follows in a text is part of the pair, and may be anything.
            found.pop()
        return found

    @property
    def open_ended(self) -> bool:
        """Whether the last term stands for everything that begins with it."""
        last = self.runs[-1]
        if _STARTS_UNSPACED.match(last):
            return len(last) == 1
        return self.begins and len(last) > 1

    def pattern(self, *, inside: bool = False) -> str:
        """The word in a folded text, as a regular expression; with `inside`, also within another word."""
        pieces: list[str] = []
        spaced_before = False
        for run in self.runs:
            spaced = not _STARTS_UNSPACED.match(run)
            if pieces:
                pieces.append(f"[{_SEPARATORS}]{'+' if spaced and spaced_before else '*'}")
            elif spaced and not inside:
                pieces.append(f"(?<!{_LETTER})")
            pieces.append(re.escape(run))
            spaced_before = spaced
        if spaced_before and not self.open_ended:
            pieces.append(f"(?!{_LETTER})")
        return "".join(pieces)


@dataclass(frozen=True, slots=True)
class Snippet:
    """A line of a text around what was found; each mark is where a found word begins and ends in it."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()


def words_of(typed: str) -> list[Word]:
    """The words of a search, each once, the last one open at its end; signs alone are no words."""
    cut = [tuple(_RUN.findall(part)) for part in fold(typed[:MOST_TYPED]).split()]
    runs = list(dict.fromkeys(one for one in cut if one))[:MOST_WORDS]
    return [Word(one, begins=at == len(runs) - 1) for at, one in enumerate(runs)]


def fold(text: str) -> str:
    """The text in one spelling: compatibility forms, accents and case folded."""
    if text.isascii():
        return text.lower()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    # Letter by letter, as a database does it: Python knows that a Greek word ends with another sigma.
    return "".join(letter.lower() for letter in unicodedata.normalize("NFC", bare))


def holds(text: str, words: Sequence[Word], *, inside: bool = False) -> bool:
    """Whether all of these words stand in a text; with `inside`, also within others."""
    folded = fold(text[:MOST_SEARCHED])
    return all(re.search(word.pattern(inside=inside), folded) for word in words)


def snippet(text: str, words: Sequence[Word], *, inside: bool = False) -> Snippet:
    """The part of a text that holds most of the words, on one line; its beginning if it holds none."""
    line = " ".join(text[:MOST_SEARCHED].split())
    marks = _marks(line, words, inside)
    start = _best_start(marks)
    if start > 0:
        # From the beginning of a word, where there are words.
        start = line.find(" ", start - 1, start + 12) + 1 or start
    end = start + SNIPPET_CHARACTERS
    if end < len(line):
        end = max(line.rfind(" ", end - 12, end + 1), end - 12) if " " in line[end - 12 : end + 1] else end
    before, after = "… " if start else "", " …" if end < len(line) else ""
    shift = len(before) - start
    return Snippet(
        before + line[start:end] + after,
        tuple((a + shift, b + shift) for a, b, _ in marks if start <= a and b <= end),
    )


def _best_start(marks: Sequence[tuple[int, int, int]]) -> int:
    def seen_from(at: int) -> int:
        return len({word for a, b, word in marks if at <= a and b <= at + SNIPPET_CHARACTERS})

    starts = [max(a - _LEAD, 0) for a, _, _ in marks[:MOST_WORDS]]
    return max(starts, key=seen_from, default=0)


def _marks(line: str, words: Sequence[Word], inside: bool) -> list[tuple[int, int, int]]:
    """Where each word stands in a line: from, to, and which word; none inside another."""
    folded, origin = _folded_with_origin(line)
    found: list[tuple[int, int, int]] = []
    for number, word in enumerate(words):
        for match in re.finditer(word.pattern(inside=inside), folded):
            found.append((origin[match.start()], origin[match.end() - 1] + 1, number))
    kept: list[tuple[int, int, int]] = []
    for mark in sorted(found, key=lambda one: (one[0], -one[1])):
        if not kept or mark[0] >= kept[-1][1]:
            kept.append(mark)
    return kept


def _folded_with_origin(line: str) -> tuple[str, Sequence[int]]:
    if line.isascii():
        return line.lower(), range(len(line))
    letters: list[str] = []
    origin: list[int] = []
    for at, letter in enumerate(line):
        folded = fold(letter)
        letters.append(folded)
        origin += [at] * len(folded)
    return "".join(letters), origin
