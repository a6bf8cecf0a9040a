import pytest

from supportbot.integrations.quoting import ABOUT, AT_MOST, excerpt
from tests.endings import comes_to_an_end


def sentence(word, length=300):
    return (f"{word} " * length)[:length].strip() + "."


def test_a_short_passage_is_quoted_whole():
    text = "One.\n\n- a\n- b\n\nTwo."
    assert excerpt(text, "anything") == text


def test_a_long_passage_is_shortened_to_the_blocks_about_the_question():
    text = "\n\n".join(
        [sentence("apple"), sentence("pear"), sentence("refund"), sentence("plum"), sentence("fig")]
    )
    quoted = excerpt(text, "How do I get a refund?")
    assert sentence("refund") in quoted
    assert len(quoted) <= ABOUT
    assert quoted in text


def test_what_follows_is_quoted_before_what_precedes():
    text = "\n\n".join([sentence("apple", 500), sentence("refund", 300), sentence("plum", 500)])
    assert excerpt(text, "refund") == "\n\n".join([sentence("refund", 300), sentence("plum", 500)])


def test_without_a_word_of_the_question_the_beginning_is_quoted():
    text = "\n\n".join(sentence(word, 500) for word in ("apple", "pear", "plum"))
    assert excerpt(text, "zebra") == sentence("apple", 500)


def test_a_list_comes_whole_and_with_its_introduction():
    steps = "\n".join(f"{at}. {sentence('step', 120)}" for at in range(1, 9))
    text = f"{sentence('apple', 400)}\n\nTo get a refund:\n\n{steps}\n\n{sentence('pear', 400)}"
    assert excerpt(text, "refund") == f"To get a refund:\n\n{steps}"


def test_a_table_comes_whole():
    table = "| Plan | Refund |\n|---|---|\n" + "\n".join(f"| Plan {at} | {at} days |" for at in range(40))
    assert excerpt(f"{sentence('apple', 800)}\n\n{table}", "refund plan 39") == table


def test_a_list_far_too_long_ends_after_an_item():
    items = [f"- {sentence('refund', 200)}" for _ in range(30)]
    quoted = excerpt("\n".join(items), "refund")
    assert len(quoted) <= AT_MOST + 10
    assert quoted.endswith(f"\n{items[0]}\n\n…")


def test_a_table_far_too_long_ends_after_a_row():
    rows = "\n".join(f"| refund {at} | {sentence('x', 80)} |" for at in range(60))
    quoted = excerpt(f"| A | B |\n|---|---|\n{rows}", "refund")
    assert len(quoted) <= AT_MOST + 10
    assert quoted.endswith("|\n\n…")


def test_code_far_too_long_is_closed():
    quoted = excerpt("```\n" + "\n".join(sentence("refund", 60) for _ in range(100)) + "\n```", "refund")
    assert quoted.endswith("\n```\n\n…")
    assert quoted.count("```") == 2


@pytest.mark.parametrize("text", ["x" * 100_000, "x " * 50_000, ">" * 5_000 + " x", "", "\n\n", "- " * 3_000])
def test_hostile_passages_are_shortened_quickly(text):
    with comes_to_an_end():
        assert len(excerpt(text, "x")) <= 3 * ABOUT or text.startswith((">", "-"))
