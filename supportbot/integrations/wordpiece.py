"""Text cut into the pieces BERT's models were taught with (WordPiece, lower case). Pure."""

import unicodedata
from collections.abc import Iterator, Mapping

LONGEST_WORD = 100
"""A longer word is one unknown piece, as it was when the model was taught."""
_UNKNOWN, _FIRST, _LAST = "[UNK]", "[CLS]", "[SEP]"
_HAN = (
    *((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F)),
    *((0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F)),
)


class WordPiece:
    """Cuts text by a vocabulary, a piece a line; a piece's number is its line.

    Args:
        vocabulary: The pieces in the order of their numbers; `##` marks one that continues a word.
    """

    def __init__(self, vocabulary: str) -> None:
        self._numbers: Mapping[str, int] = {piece: at for at, piece in enumerate(vocabulary.splitlines())}

    def numbers(self, text: str, most: int) -> list[int]:
        """The numbers of the pieces of `text`, at most so many, between the marks of beginning and end."""
        found: list[int] = []
        for word in words(text):
            found += self._pieces(word)
            if len(found) >= most - 2:
                break
        return [self._numbers[_FIRST], *found[: most - 2], self._numbers[_LAST]]

    def pieces_a_word(self, text: str) -> float:
        """Into how many pieces a word is cut on average: few where the vocabulary knows the language."""
        cut = [len(self._pieces(word)) for word in words(text)]
        return sum(cut) / max(1, len(cut))

    def _pieces(self, word: str) -> list[int]:
        unknown = [self._numbers[_UNKNOWN]]
        if len(word) > LONGEST_WORD:
            return unknown
        found: list[int] = []
        start = 0
        while start < len(word):
            end = len(word)
            while end > start and (piece := word[start:end] if not start else "##" + word[start:end]):
                if piece in self._numbers:
                    break
                end -= 1
            if end == start:
                return unknown
            found.append(self._numbers[piece])
            start = end
        return found


def words(text: str) -> Iterator[str]:
    """The words of `text` in lower case and without accents; each mark and Chinese character is one."""
    word = ""
    for letter in unicodedata.normalize("NFD", text.lower()):
        category = unicodedata.category(letter)
        if category == "Mn":
            continue
        if _is_mark(letter, category) or _is_han(letter):
            if word:
                yield word
            yield letter
            word = ""
        elif letter.isspace() or category.startswith("Z"):
            if word:
                yield word
            word = ""
        elif not category.startswith("C") and letter != "\ufffd":
            word += letter
    if word:
        yield word


def _is_mark(letter: str, category: str) -> bool:
    return category.startswith("P") or (
        letter.isascii() and not letter.isalnum() and letter.isprintable() and letter != " "
    )


def _is_han(letter: str) -> bool:
    return letter >= "\u3400" and any(first <= ord(letter) <= last for first, last in _HAN)
