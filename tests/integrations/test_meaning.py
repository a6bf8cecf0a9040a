"""The real models, from their packages; nothing is downloaded."""

import numpy as np
import pytest

from supportbot.integrations import meaning, minilm
from supportbot.integrations.meaning import load_embedder

QUESTION = "How do I get my money back?"
REFUND = "Refunds. Ask within thirty days and we reimburse what you paid."
PASSWORD = "Sign in. Choose a new password on the account page."


@pytest.fixture(scope="module")
def embedder():
    loaded = load_embedder()
    assert loaded is not None, "the packages of the models are in requirements.txt"
    return loaded


def closest(embedder, question, *texts):
    products = embedder.passages(texts) @ embedder.question(question)
    return texts[int(np.argmax(products))]


def test_a_question_is_closest_to_what_answers_it(embedder):
    assert closest(embedder, QUESTION, PASSWORD, REFUND) == REFUND


@pytest.mark.parametrize(
    "question",
    [
        "Wie bekomme ich mein Geld zurück?",
        "¿Cómo recupero mi dinero?",
        "どうすれば返金してもらえますか",
        "怎么退款?",
        "هل يمكنني استرداد أموالي؟",
    ],
)
def test_a_question_in_another_language_finds_what_is_in_english(embedder, question):
    assert closest(embedder, question, PASSWORD, REFUND) == REFUND


def test_nothing_is_closer_than_one(embedder):
    assert float((embedder.passages([QUESTION]) @ embedder.question(QUESTION))[0]) == pytest.approx(
        1, abs=0.01
    )


@pytest.mark.parametrize(
    "text", ["", " ", "?", "\x00\ufffd\u202e", "😀" * 400, "a" * 100_000, "a\u0301" * 5_000, "返" * 5_000]
)
def test_any_text_is_a_question(embedder, text):
    vector = embedder.question(text)
    assert vector.shape == (embedder.dimensions,)
    assert np.isfinite(vector).all()
    assert np.isfinite(embedder.passages([text])).all()


def test_without_the_english_model_the_other_works_alone(monkeypatch):
    monkeypatch.setattr(minilm, "WEIGHTS", ("no_such_package", "model.onnx"))
    loaded = load_embedder()
    assert loaded is not None
    assert loaded.name == "use-multilingual-3"
    assert closest(loaded, QUESTION, PASSWORD, REFUND) == REFUND


def test_without_any_package_there_is_no_model_and_the_log_says_so(monkeypatch, caplog):
    monkeypatch.setattr(meaning, "find_spec", lambda name: None)
    assert load_embedder() is None
    assert "words alone" in caplog.text


def test_a_word_the_model_knows_is_one_piece_and_one_of_another_language_many():
    known = minilm.MiniLm.installed()
    assert known is not None
    assert known.pieces_a_word("how do i get a refund") < 1.2
    assert known.pieces_a_word("Rückerstattungsantrag") > 3
    assert known.pieces_a_word("") == 0
