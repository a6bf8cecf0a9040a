"""What is typed is cut into words as the index cuts texts, and found again in a text to show it."""

import pytest
from sqlalchemy import text

from supportbot.database import Database
from supportbot.escalations.search_words import SNIPPET_CHARACTERS, Word, fold, holds, snippet, words_of
from supportbot.settings import POSTGRESQL


def cut(typed: str) -> list[tuple[str, ...]]:
    return [word.runs for word in words_of(typed)]


def test_words_stand_between_spaces_and_signs_cut_them_into_neighbours() -> None:
    assert cut("Alice.Smith@example.com  refund!") == [("alice", "smith", "example", "com"), ("refund",)]
    assert cut("100% _under_score_ AB-12") == [("100",), ("under", "score"), ("ab", "12")]
    assert cut("% _ * \" ' \\ ( ) 🙂 \u202e \ud800") == []


def test_only_the_last_word_is_open_at_its_end_and_not_after_one_letter() -> None:
    assert [word.open_ended for word in words_of("refund inv")] == [False, True]
    assert [word.open_ended for word in words_of("refund i")] == [False, False]


def test_of_unspaced_scripts_each_character_goes_with_the_next() -> None:
    (refund,), (one,), (mixed,) = words_of("返金は"), words_of("金"), words_of("iPhoneの返金v2")

    assert refund.terms() == ["返金", "金は"]
    assert (one.terms(), one.open_ended) == (["金"], True)
    assert mixed.terms() == ["iphone", "の返", "返金", "金", "v2"]


def test_case_accents_and_width_are_folded_and_a_japanese_mark_is_no_accent() -> None:
    assert fold("ÉCOLE Ｗｉｄｅ ΟΔΟΣ Ж") == "ecole wide οδοσ ж"
    assert fold("が") == "が"


def test_the_same_word_twice_counts_once_and_too_many_are_left_out() -> None:
    assert cut("refund Refund REFUND") == [("refund",)]
    assert len(words_of(" ".join(f"word{number}" for number in range(50)))) == 8


@pytest.mark.parametrize(
    ("typed", "said", "there"),
    [
        ("refund", "A Refund, please", True),
        ("fund", "A refund", False),
        ("ref", "A refund", True),
        ("a ref", "A refund", True),
        ("alice@example", "write to alice@example.com", True),
        ("example alice", "write to alice@example.com", True),
        ("café", "CAFE", True),
        ("金は", "返金はいつ", True),
        ("金返", "返金はいつ", False),
        (".*", "anything", True),
        ("a.c", "abc", False),
    ],
)
def test_a_text_holds_all_words_or_it_does_not(typed: str, said: str, there: bool) -> None:
    assert holds(said, words_of(typed)) is there


def test_of_an_address_the_middle_is_found() -> None:
    assert holds("alice@example.com", words_of("ice@exam"), inside=True)
    assert not holds("alice@example.com", words_of("ice@exam"))


def test_a_snippet_is_one_line_around_the_words() -> None:
    said = "First of all. " * 40 + "The zephyr\n\n failed here. " + "And so on. " * 40

    shown = snippet(said, words_of("failed zephyr"))

    assert len(shown.text) <= SNIPPET_CHARACTERS + 4
    assert "The zephyr failed here." in shown.text
    assert [shown.text[a:b] for a, b in shown.marks] == ["zephyr", "failed"]
    assert shown.text[2].isalpha()


def test_a_snippet_begins_where_most_of_the_words_stand() -> None:
    said = "A refund. " + "Something else. " * 40 + "A refund of the invoice."

    assert "refund of the invoice" in snippet(said, words_of("refund invoice")).text


def test_a_snippet_without_a_hit_is_the_beginning() -> None:
    assert snippet("Hello there", words_of("nothing")).text == "Hello there"
    assert snippet("", words_of("nothing")).text == ""


def test_marks_are_where_the_letters_stand_although_folding_makes_more_of_them() -> None:
    shown = snippet("㎏ ﬁle Ünïted がりがり 返金です", words_of("united 返金"))

    assert [shown.text[a:b] for a, b in shown.marks] == ["Ünïted", "返金"]


def test_odd_texts_take_no_time_worth_speaking_of() -> None:
    for odd in ("a" * 100_000, "a " * 50_000, "e\u0301" * 50_000, "返" * 100_000, "-" * 100_000):
        for typed in ("a-b", "b a", "返返金", "aaaa"):
            snippet(odd, words_of(typed))


@pytest.mark.anyio
async def test_postgresql_cuts_texts_into_the_same_words(database: Database) -> None:
    if database.kind != POSTGRESQL:
        return
    for said in (
        "Alice.Smith@example.com has 100% of AB-12_x",
        "Le Café ÉTÉ, ΟΔΟΣ; Привет «мир»",
        "返金はiPhoneの、請求書。ｶﾀｶﾅ ㎏ ﬁle",
        "한국어 문장 ภาษาไทย naïve 🙂 ok",
    ):
        async with database.reading() as session:
            connection = await session.connection()
            query = text(
                "SELECT array_to_string(array_agg(lexeme ORDER BY place), ' ')"
                " FROM unnest(fts_words(:said, '0')), unnest(positions) AS place"
            )
            indexed = str(await connection.scalar(query, {"said": said})).replace("0.", "")
        # A word that is followed by another one ends with its last character alone, as texts do.
        runs = [run for word in words_of(said + " x") for run in word.runs]
        assert indexed.split() == [term for run in runs[:-1] for term in (*Word((run, "x")).terms(),)[:-1]], (
            said
        )
