import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.knowledge.differences import Line, Piece, compare

TEXTS = st.lists(st.sampled_from(["", "a", "b c", "b d", "# e"]), max_size=12).map("\n".join)


def shown(lines: list[Line], kind: str) -> list[str]:
    return ["".join(piece.text for piece in line.pieces) for line in lines if line.kind == kind]


def test_equal_texts_have_no_differences() -> None:
    assert compare("one\ntwo", "one\ntwo") == []


def test_the_words_that_changed_are_marked() -> None:
    assert compare("You have 30 days.", "You have 60 days.") == [
        Line("old", (Piece("You have "), Piece("30", changed=True), Piece(" days."))),
        Line("new", (Piece("You have "), Piece("60", changed=True), Piece(" days."))),
    ]


def test_other_lines_are_new_as_a_whole() -> None:
    assert compare("Write to us.", "Prices are above")[0] == Line(
        "old", (Piece("Write to us.", changed=True),)
    )


def test_what_is_the_same_is_left_out_except_around_a_change() -> None:
    before = [str(number) for number in range(20)]
    after = [*before[:10], "new", *before[10:]]

    lines = compare("\n".join(before), "\n".join(after))

    assert [(line.kind, line.left_out) for line in lines] == [
        ("gap", 8),
        *[("same", 0)] * 2,
        ("new", 0),
        *[("same", 0)] * 2,
        ("gap", 8),
    ]


@given(TEXTS, TEXTS)
def test_every_line_is_there_once(before: str, after: str) -> None:
    lines = compare(before, after)
    same = shown(lines, "same")
    left_out = sum(line.left_out for line in lines)

    if before != after:
        assert len(shown(lines, "old")) + len(same) + left_out == len(before.split("\n"))
        assert len(shown(lines, "new")) + len(same) + left_out == len(after.split("\n"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\nb\n" * 50_000 + "x", "b\na\n" * 50_000 + "y"),
        ("a " * 100_000, "b a " * 50_000),
        ("\n".join(["a b " * 499] * 100), "\n".join(["b a " * 499] * 100)),
    ],
)
def test_what_would_take_for_ever_is_shown_as_replaced(before: str, after: str) -> None:
    lines = compare(before, after)

    assert {line.kind for line in lines} == {"old", "new"}
    assert all(len(line.pieces) == 1 for line in lines[-3:])
