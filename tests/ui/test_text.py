"""The catalogue of words."""

import re
from pathlib import Path

import pytest

from supportbot.ui import text
from supportbot.ui.text_desk import DESK
from supportbot.ui.text_gaps import GAPS
from supportbot.ui.text_settings import SETTINGS

UI = Path(text.__file__).parent
ASKED_FOR = re.compile(r"""\bt\(\s*f?["']([a-z_.{}]+)["']""")


def test_no_key_is_written_twice() -> None:
    catalogues = (text.CHAT, text.RETURN, text.MESSAGE, text.COMPLAINT, text.SHARED, DESK, SETTINGS, GAPS)
    assert len(text.ENGLISH) == sum(len(catalogue) for catalogue in catalogues)


def test_an_unknown_key_fails_at_once() -> None:
    with pytest.raises(KeyError):
        text.t("chat.nobody_wrote_this")


def test_every_key_of_the_customers_page_is_used() -> None:
    asked = {key for file in UI.rglob("*.py") for key in ASKED_FOR.findall(file.read_text())}
    families = tuple(key.partition("{")[0] for key in asked if "{" in key)
    unused = [
        key
        for key in (*text.CHAT, *text.MESSAGE, *text.COMPLAINT, *text.SHARED)
        if key not in asked and not key.startswith(families)
    ]
    assert unused == []


@pytest.mark.parametrize("words", text.ENGLISH.values())
def test_words_are_plain_sentences(words: str) -> None:
    assert words.strip() == words
    assert words
    assert "!" not in words
    assert "Oops" not in words
