"""An answer on its way into a page: however it is cut, what stays is right and little."""

import random
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from supportbot import rendering
from supportbot.ui.documents import document
from supportbot.ui.growing import ENOUGH, RESTART, Growing, Piece
from tests.ui.tree import Shown, read

SENTENCE = "You can change your plan at any time, and the price changes with your next invoice. "
RICH = "Open **Settings**, choose *Billing*, press `Change plan` and read [this](/help/plans) first. "
ROW = "| Team | 12 € a month | **40** people |\n"

LONG = {
    "a paragraph": (SENTENCE + RICH) * 40,
    "paragraphs": (SENTENCE + RICH + "\n\n") * 40,
    "a table": "| Plan | Price | Members |\n| --- | ---: | :-: |\n" + ROW * 200,
    "code": "```python\n" + '    total = compute(price, "x < y")  # with tax\n' * 160 + "```\n",
    "one line of code": "```\n" + "abc " * 2000 + "\n```\n",
    "a list": "".join(f"{n}. **Step {n}**: {SENTENCE}\n" for n in range(1, 80)),
    "a list with air": "".join(f"{n}. **Step {n}**: {SENTENCE}\n\n" for n in range(1, 80)),
    "a list in a list": f"- {SENTENCE}\n  - nested\n  - nested `more`\n" * 70,
    "words without spaces": "文字列のテストです。" * 800,
    "letters without end": "a" * 8000,
    "Arabic with Latin": "يمكنك تغيير خطتك في Acme Billing في أي وقت. " * 180,
    "a quotation": "> " + SENTENCE * 90,
    "brackets": "[" * 4000,
    "half bold": "*a " * 2500,
    "a code in an item": "- see\n\n  ```\n" + "  code = 1\n" * 600 + "  ```\n",
    "Windows": (SENTENCE + "\r\n\r\n") * 90,
}

markdown = st.lists(
    st.sampled_from(
        [
            *("word ", "a longer run of words, with a comma and an end. ", SENTENCE, RICH),
            *("\n", "\n\n", "\r\n", "\n- ", "\n  - ", "\n1. ", "\n2) ", "\n> ", "\n# ", "\n---\n", "\n===\n"),
            *(
                "**",
                "*",
                "_",
                "`",
                "```",
                "\n```python\n",
                "\n```\n",
                "~~~",
                "[",
                "](/help)",
                "]: /x\n",
                "|",
                "<",
            ),
            *(
                "\n| a | b |\n|---|---|\n",
                "| 1 | 2 |\n",
                "&amp;",
                "&",
                "\\",
                "    code\n",
                "文字列",
                "e\u0301",
                "\0",
            ),
        ]
    ),
    max_size=30,
).map("".join)


def cut(text: str, seed: int) -> list[str]:
    """The text in frames of any size."""
    chance = random.Random(seed)
    frames = []
    while text:
        size = chance.choice([1, 2, 5, 13, 13, 40, 400])
        frames.append(text[:size])
        text = text[size:]
    return frames


def finished_blocks(text: str) -> str:
    """What a page has to show of the blocks that are over."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    return "".join(read(document(block)).html for block in rendering.split(lines)[0])


def stream(text: str, size: int = 13) -> tuple[list[tuple[list[Piece], Piece]], Growing]:
    growing = Growing()
    frames = []
    for at in range(0, len(text), size):
        frames.append((growing.feed(text[at : at + size]), growing.tail))
    return frames, growing


def sent(frames: list[tuple[list[Piece], Piece]]) -> int:
    """Bytes of HTML that cross the socket: pieces once, a tail whenever it changes."""
    total, last = 0, (0, "")
    for pieces, tail in frames:
        total += sum(len(html.encode()) for _, html in pieces)
        total += len(tail[1].encode()) if tail != last else 0
        last = tail
    return total


@settings(max_examples=300, deadline=None)
@given(markdown, st.integers(0, 1000))
@example("Title of it all, which is rather long and goes on for some time\n===\n\nEnd", 1)
@example("1. one item that is long enough to be settled while it is written\n\n2. two\n\n3. three\n\nEnd", 2)
@example("```python\n" + SENTENCE + "```\n```\n", 280)
@example("\n- \n  - \n\n- word ", 3)
@example("- one\n  - a\n    - b\n  - c\n\n- two\n\n- three", 3)
@example("Words\n```that `look` like code for a moment, and are not\n\nEnd", 3)
def test_finished_blocks_are_shown_as_the_whole_markdown_shows_them(text: str, seed: int) -> None:
    growing, shown = Growing(), Shown()
    # A last block that cannot be taken for a part of another, and is too long to be waited for.
    text += "\n\nThe end of it all. And then some more words to be sure, " * 60
    for frame in cut(text, seed):
        shown.take(growing.feed(frame), growing.tail)

    expected = finished_blocks(text)
    assert shown.settled.startswith(expected.rstrip("\n"))


@settings(max_examples=200, deadline=None)
@given(markdown, st.integers(0, 1000))
def test_what_has_settled_stays_or_is_replaced_as_a_whole(text: str, seed: int) -> None:
    growing, shown, before = Growing(), Shown(), ""
    for frame in cut(text, seed):
        pieces = growing.feed(frame)
        shown.take(pieces, growing.tail)
        # Closing tags move; the words that were there stay in front.
        words = re.sub(r"<[^>]*>|\s", "", shown.settled)
        if all(depth != RESTART for depth, _ in pieces):
            assert words.startswith(before)
        before = words


TIDY = [
    SENTENCE,
    "Open **Settings**, press `Change plan` and read [this article](/help/plans), then [that](/b). " * 2,
    "## A heading",
    "- one **bold** word\n- two\n- three `code`",
    f"1. {SENTENCE}\n2. **Press** it.\n3. " + SENTENCE * 3,
    f"1. {SENTENCE}\n\n2. Press it.\n\n3. Done",
    "| Plan | Price |\n| --- | ---: |\n| Team | **12** € |\n| Business | 20 € |",
    "```python\nif a ** b:\n    print(`x`)\n- no list\n```",
    "> said **somebody** once",
    "文字列のテストです。" * 9,
]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(TIDY), min_size=1, max_size=5), st.sampled_from([1, 3, 13]))
def test_no_half_written_mark_is_seen_that_vanishes_later(blocks: list[str], size: int) -> None:
    def words(html: str) -> str:
        return re.sub(r"<[^>]*>|\s", "", html)

    text = "\n\n".join(blocks)
    whole, growing, shown = words(read(document(text)).html), Growing(), Shown()
    for at in range(0, len(text), size):
        shown.take(growing.feed(text[at : at + size]), growing.tail)
        assert whole.startswith(words(shown.html))


@pytest.mark.parametrize("name", LONG)
def test_what_is_sent_grows_with_the_answer(name: str) -> None:
    short, long = LONG[name][:1000], LONG[name][:8000]
    few, many = sent(stream(short)[0]), sent(stream(long)[0])

    assert many / len(long.encode()) <= 1.2 * max(few / len(short.encode()), 10)
    assert many <= 15 * len(long.encode())


@pytest.mark.parametrize(
    "name", ["a paragraph", "paragraphs", "code", "one line of code", "a list", "words without spaces"]
)
def test_what_answers_are_made_of_is_sent_almost_once(name: str) -> None:
    frames, _ = stream(LONG[name])

    assert sent(frames) <= 6 * len(LONG[name].encode())
    assert not any(depth == RESTART for pieces, _ in frames for depth, _ in pieces)


@pytest.mark.parametrize("name", LONG)
def test_a_frame_reads_only_what_is_new(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read_characters = 0
    originals = rendering.blocks, rendering.render, rendering.inline

    def counting(original):  # type: ignore[no-untyped-def]
        def count(markdown: str, *how):  # type: ignore[no-untyped-def]
            nonlocal read_characters
            read_characters += len(markdown)
            return original(markdown, *how)

        return count

    document.cache_clear()
    for original in originals:
        monkeypatch.setattr(rendering, original.__name__, counting(original))
    text = LONG[name][:8000]
    stream(text)

    assert read_characters < 60 * len(text)


@pytest.mark.parametrize(
    ("written", "tail"),
    [
        (SENTENCE + "Open **Set", "<strong>Set</strong>"),
        (SENTENCE + "See [our help](https://acme.exam", "See our help"),
        (SENTENCE + "Run `make", "<code>make</code>"),
        (SENTENCE + "\n-", ""),
        (SENTENCE + "\n\n2", ""),
        (SENTENCE + "\n| Plan", ""),
        ("| Plan |\n| --- |\n| Team |\n| **Bus", "<strong>Bus</strong>"),
        (f"1. {SENTENCE}\n2. Open **Set", "<li>Open <strong>Set</strong></li>"),
        ("```\n" + "echo one\n" * 9 + "``", ""),
    ],
)
def test_half_written_marks_are_closed_or_wait(written: str, tail: str) -> None:
    frames, growing = stream(written, 3)

    shown = Shown()
    for pieces, last in frames:
        shown.take(pieces, last)
    assert tail in growing.tail[1]
    assert not re.search(r"\*\*|`|\]\(|\|", re.sub(r"<[^>]*>", "", shown.html))


def test_a_page_that_joins_late_is_told_the_same() -> None:
    for text in LONG.values():
        early, late = Shown(), Shown()
        growing, joining = Growing(), Growing()
        for frame in cut(text[:3000], 7):
            early.take(growing.feed(frame), growing.tail)
        late.take(joining.feed(text[:3000]), joining.tail)
        more = SENTENCE + "\n\n" + "Something else comes behind it and is long enough to be seen. " * 20
        early.take(growing.feed(more), growing.tail)
        late.take(joining.feed(more), joining.tail)
        assert late.html == early.html


def test_short_words_wait_and_long_ones_go() -> None:
    growing = Growing()
    assert growing.feed("Not much yet") == []
    assert growing.tail == (0, "<p>Not much yet</p>\n")
    assert growing.feed(" but now there is more than enough to be worth a piece") != []
    assert len(growing.tail[1]) < ENOUGH
