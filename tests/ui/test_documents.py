"""An assistant's Markdown inside a page of ours."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.ui.documents import document, growing


def test_headings_begin_below_the_pages_and_the_speakers() -> None:
    assert document("# Title") == "<h3>Title</h3>\n"
    assert document("## Part\n\n### Step") == "<h3>Part</h3>\n<h4>Step</h4>\n"
    assert document("###### Deep") == "<h6>Deep</h6>\n"


def test_a_table_scrolls_in_a_box_the_keyboard_can_reach() -> None:
    html = document("| a | b |\n| - | - |\n| 1 | 2 |")
    assert html.startswith('<div class="table-box" tabindex="0"><table>')
    assert html.rstrip().endswith("</table></div>")


def test_code_can_be_reached_with_the_keyboard() -> None:
    assert '<pre tabindex="0"><code' in document("```python\nprint()\n```")


@pytest.mark.parametrize("words", ["<table>", "<h1>x</h1>", "<pre>", "</table>"])
def test_tags_that_somebody_wrote_stay_words(words: str) -> None:
    html = document(f"Type {words} here, or `{words}`.")
    assert "table-box" not in html
    assert "tabindex" not in html
    assert not re.search(r"<h\d", html)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Open **Set", "<p>Open <strong>Set</strong></p>\n"),
        ("Open **", "<p>Open</p>\n"),
        ("Open *", "<p>Open</p>\n"),
        ("Open **Settings**", "<p>Open <strong>Settings</strong></p>\n"),
        ("Run `make", "<p>Run <code>make</code></p>\n"),
        ("See [our help", "<p>See our help</p>\n"),
        ("See [our help](https://acme.exam", "<p>See our help</p>\n"),
        ("| Plan | Price", ""),
        ("| Plan | Price |\n| --", ""),
    ],
)
def test_a_growing_block_shows_no_half_marks(written: str, shown: str) -> None:
    assert growing(written) == shown


def test_a_table_appears_with_its_second_line_and_then_grows() -> None:
    assert "<th>Plan</th>" in growing("| Plan |\n| --- |\n")
    assert "<td>Team" in growing("| Plan |\n| --- |\n| Team")


def test_code_that_is_being_written_stays_as_it_is() -> None:
    assert "echo **x" in growing("```\necho **x")


@given(st.text(alphabet="ab *`[]()|-#>\n.1", max_size=60))
def test_no_growing_block_breaks(markdown: str) -> None:
    assert isinstance(growing(markdown), str)


@given(st.text(alphabet="ab c.\n", max_size=60))
def test_plain_words_grow_as_they_are(markdown: str) -> None:
    assert growing(markdown) == document(markdown)
