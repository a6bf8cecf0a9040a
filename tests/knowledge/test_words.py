import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.knowledge.words import LONGEST_TERM, content_terms, terms
from tests.endings import comes_to_an_end


def test_words_are_folded_stemmed_and_without_accents():
    assert terms("Café_Münchens REFUNDED refunds") == ["cafe", "munchen", "refund", "refund"]


def test_compatibility_forms_and_sharp_s_are_spelled_one_way():
    assert terms("ﬁle Straße STRASSE １２") == ["file", "strass", "strass", "12"]


def test_accents_fold_whether_they_are_composed_or_not():
    assert terms(unicodedata.normalize("NFD", "résumé")) == terms("résumé") == terms("resume")


def test_text_without_spaces_becomes_pairs_of_characters():
    assert terms("返金方法") == ["返金", "金方", "方法"]
    assert terms("คืนเงิน") == ["คน", "นเ", "เง", "งน"]
    assert terms("税") == ["税"]


def test_scripts_side_by_side_are_told_apart():
    assert terms("HEYを使う") == ["hey", "を使", "使う"]


def test_kana_keep_the_mark_that_makes_another_letter():
    assert terms("がか") == ["がか"]


def test_other_scripts_are_words():
    assert terms("الدفع возврат денег") == ["الدفع", "возврат", "денег"]


def test_content_terms_leave_out_stop_words_and_say_each_word_once():
    assert content_terms("How do I get a refund for the refund?") == ["refund"]
    assert content_terms("Wie bekomme ich mein Geld zurück?") == content_terms("bekomme Geld zurück")
    assert content_terms("¿Cómo puedo cancelar mi cuenta?") == ["cancelar", "cuenta"]


def test_a_question_of_nothing_but_stop_words_has_no_content():
    assert content_terms("how do I do it?") == []


def test_digits_alone_are_content_and_letters_alone_are_not():
    assert content_terms("a 429 b 2") == ["429", "2"]


def test_a_word_of_a_megabyte_is_cut():
    assert terms("x" * 1_000_000) == ["x" * LONGEST_TERM]


@pytest.mark.parametrize(
    "piece",
    [
        "hello ",
        "a\u0301\u0323",
        "\u0301\u0323",
        "東京",
        "'",
        "_",
        "\ufdfa",
        "\u0e33",
        "é-",
        "😀",
        "\u202e",
        "{{",
    ],
)
def test_a_hundred_thousand_characters_of_a_kind_come_to_an_end(piece):
    text = (piece * 100_000)[:100_000]
    with comes_to_an_end():
        assert set(content_terms(text)) <= set(terms(text))


@given(st.text())
def test_terms_are_letters_and_digits_only(text):
    for term in terms(text):
        assert all(unicodedata.category(letter)[0] in "LN" for letter in term), term


@given(st.text())
def test_terms_do_not_depend_on_case_or_composition(text):
    assert terms(unicodedata.normalize("NFC", text)) == terms(unicodedata.normalize("NFD", text))
