import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.knowledge.indexing import Indexed
from supportbot.knowledge.questions import MOST_CORRECTED, MOST_WANTED, understand, without_name
from supportbot.knowledge.vocabulary import Vocabulary
from tests.endings import comes_to_an_end

KNOWN = Vocabulary(
    Indexed.of("", "", text)
    for text in (
        "refund your money within thirty days",
        "reset the password at login",
        "self hosted servers",
        "delete a board, restore a board",
        "send an e-mail",
    )
)


def wanted(text):
    return {want.term: dict(want.forms) for want in understand(text, KNOWN).wanted}


def test_a_word_the_articles_use_stands_for_itself():
    assert wanted("How do I reset my password?")["reset"] == {("reset",): 1.0}


def test_a_word_they_do_not_use_stands_for_what_they_call_it():
    assert ("delet",) in wanted("how to erase a board")["eras"]
    assert ("refund",) in wanted("reimburse me")["reimburs"]


def test_a_phrase_may_stand_for_a_word():
    assert ("refund",) in wanted("I want my money back")["money"]


def test_a_slip_stands_for_the_word_that_was_meant():
    assert ("password",) in wanted("pasword")["pasword"]


def test_words_written_together_or_apart_are_recognised():
    assert ("self", "host") in wanted("selfhosted")["selfhost"]
    assert wanted("log in")["login"] == {("login",): 1.0}


def test_an_unknown_word_counts_against_the_articles():
    [want] = understand("furniture", KNOWN).wanted
    assert want.forms == ()
    assert want.weight == KNOWN.rarity("furnitur")


def test_chatter_and_numbers_count_only_if_an_article_has_them():
    assert wanted("hello guys, honestly great weather 4711") == {"weather": {}}
    assert [want.chatty for want in understand("days", KNOWN).wanted] == [True]
    assert [want.chatty for want in understand("money", KNOWN).wanted] == [False]


def test_a_question_without_content_wants_nothing():
    assert understand("how do I do it", KNOWN).wanted == ()
    assert understand("", KNOWN).wanted == ()


def test_neighbours_are_content_words_side_by_side():
    assert understand("reset the password", KNOWN).neighbours == (("reset", "password"),)


def test_long_questions_are_judged_by_their_rarest_words_and_are_quick():
    with comes_to_an_end():
        question = understand(" ".join(f"unheard{chr(97 + at % 26)}{at}x" for at in range(3_000)), KNOWN)
    assert len(question.wanted) == MOST_WANTED


@given(st.text())
def test_any_text_is_a_question(text):
    understand(text, KNOWN)


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("Can I pause Acme over the summer?", "Can I pause it over the summer?"),
        ("Where is ACME's office?", "Where is it office?"),
        ("Is help@acme.example of Acmeister?", "Is help@acme.example of Acmeister?"),
        ("Acme kündigen", "  kündigen"),
        ("Acme?", "Acme?"),
        ("Do you sell shares?", "Do you sell shares?"),
    ],
)
def test_the_name_of_the_company_says_nothing(question, left):
    assert without_name(question, " Acme ") == left


def test_a_name_is_no_pattern_and_may_be_missing():
    assert without_name("Is A+ (B) down?", "A+ (B)") == "Is it down?"
    assert without_name("Is A down?", "") == "Is A down?"


class CountingVocabulary(Vocabulary):
    """Knows how often all of its words were gone through."""

    looks = 0

    def nearest(self, *spellings):
        self.looks += 1
        return super().nearest(*spellings)


def test_a_question_of_made_up_words_is_not_compared_with_the_articles_word_by_word():
    vocabulary = CountingVocabulary([Indexed.of("", "", "reset the password at login")])
    made_up = [f"{a}x{b}y{c}zq" for a in "bcdf" for b in "aeio" for c in "bcdfgh"]

    understand(" ".join(["pasword", *made_up, *made_up[:5] * 20]), vocabulary)
    assert vocabulary.looks == MOST_CORRECTED

    vocabulary.looks = 0
    understand("pasword pasword pasword, pasword", vocabulary)
    assert vocabulary.looks == 1
