"""Text to the words an index sees: folded, without accents, stemmed. Pure.

Both databases index what `terms` returns, so they find the same passages; nothing about a language is
left to the database's own configuration.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import snowballstemmer

from supportbot.knowledge.stop_words import STOP_WORDS

LONGEST_TERM = 64
"""A longer word is cut. No reader looks for it, and PostgreSQL refuses words above 2 KB."""

# Han, kana, Hangul, Thai, Lao, Khmer and Burmese: written without spaces between words, or, as Korean, with
# endings glued to them. Two neighbouring characters are the shortest piece that means something.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff"
_UNSPACED += "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"(?P<unspaced>(?:(?![\W_])[{_UNSPACED}])+)|[^\W_{_UNSPACED}]+")
_ACCENTS = re.compile("[\u0300-\u036f]")
_HIRAGANA_ONLY = re.compile("[\u3040-\u309f]+")

_SLICE = 1_000
"""Normalising sorts the marks on a letter in quadratic time, and a tower of 100,000 is one letter."""

_english = snowballstemmer.stemmer("english")
_english_is_free = Lock()  # the stemmer keeps the word it works on; importing runs beside answering


@dataclass(frozen=True, slots=True)
class Word:
    """A folded word and its term; of an unspaced script, a pair of characters."""

    folded: str
    term: str
    unspaced: bool = False

    @property
    def is_content(self) -> bool:
        """Whether it says what a question is about: no stop word and no single letter."""
        if self.unspaced:
            return True
        return self.folded not in STOP_WORDS and (len(self.folded) > 1 or self.folded.isdigit())


def terms(text: str) -> list[str]:
    """The words of `text` in order, as the index knows them.

    Words consist of Unicode letters and digits; `Café_Münchens` gives `cafe` and `munchen`. Chinese,
    Japanese, Korean, Thai, Lao, Khmer and Burmese give overlapping pairs of characters. Every other
    language is stemmed as English, wrongly at times, but the same way in articles and in questions.
    Markup is not understood here. Never raises; the time is proportional to the length.
    """
    found: list[str] = []
    for match in _WORD.finditer(fold(text)):
        if match["unspaced"]:
            found += _pairs(match[0])
        else:
            found.append(stem(match[0][:LONGEST_TERM]))
    return found


def content_terms(question: str) -> list[str]:
    """The terms of `question` that say what it is about, each once, in order.

    Leaves out the words that any question may hold in English, German, French, Spanish and
    Portuguese, Japanese endings, and letters standing alone. A question of nothing else gives an
    empty list.
    """
    return list(dict.fromkeys(word.term for word in question_words(question) if word.is_content))


def question_words(question: str) -> list[Word]:
    """All words of a question with their terms, stop words included, but no Japanese endings."""
    found: list[Word] = []
    for match in _WORD.finditer(fold(question)):
        if match["unspaced"]:
            pairs = (pair for pair in _pairs(match[0]) if not _HIRAGANA_ONLY.fullmatch(pair))
            found += [Word(pair, pair, unspaced=True) for pair in pairs]
        else:
            word = match[0][:LONGEST_TERM]
            found.append(Word(word, stem(word)))
    return found


def fold(text: str) -> str:
    """`text` in one spelling: compatibility forms, case and accents folded, vowel signs dropped."""
    if text.isascii():
        return text.lower()
    return "".join(_fold(text[at : at + _SLICE]) for at in range(0, len(text), _SLICE))


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The stem of one folded word."""
    if not word.isascii() or not word.isalpha():
        return word
    with _english_is_free:
        return str(_english.stemWord(word))


def _fold(text: str) -> str:
    letters = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    # Composed again before the other marks go: in が the mark makes another letter, it is no accent...
    letters = unicodedata.normalize("NFC", _ACCENTS.sub("", letters))
    # ...but databases disagree whether Indic vowel signs belong to a word, so those are left out.
    return "".join(letter for letter in letters if not unicodedata.category(letter).startswith("M"))


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]
