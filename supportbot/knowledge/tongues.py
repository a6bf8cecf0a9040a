"""Whether a question is in English, as far as a model that knows little else must know. Pure."""

import unicodedata

from supportbot.knowledge.stop_words import ENGLISH_STOP_WORDS, STOP_WORDS
from supportbot.knowledge.words import question_words

_FEW = 4
"""Fewer words say too little: names of products are cut into many pieces in any language."""


def is_english(text: str, pieces_a_word: float, too_many: float) -> bool:
    """Whether `text` reads like English: its letters, then its small words, then how its words are cut.

    Args:
        text: A question.
        pieces_a_word: Into how many pieces an English vocabulary cuts a word of it.
        too_many: From where on that says "another language", where no small word says it.
    """
    letters = [letter for letter in text if letter.isalpha()]
    latin = sum(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    if 2 * latin < len(letters):
        return False
    words = [word.folded for word in question_words(text)]
    english = sum(word in ENGLISH_STOP_WORDS for word in words)
    others = sum(word in STOP_WORDS and word not in ENGLISH_STOP_WORDS for word in words)
    if english or others:
        return english >= others
    return len(words) < _FEW or pieces_a_word <= too_many
