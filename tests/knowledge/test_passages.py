import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.knowledge.passages import LARGEST_BLOCK, PART_SIZE, parts, pieces, sections, title_of
from tests.endings import comes_to_an_end

ARTICLE = """# How to get a refund

Within 30 days.

## How to ask

Open Billing.

### In the app

Not possible.

## How long it takes

Two days.
"""


def words(count, word="word"):
    return " ".join(f"{word}{at}" for at in range(count))


def test_an_article_is_cut_at_its_headings_with_their_path():
    assert [
        (piece.heading, piece.anchor, piece.body) for piece in pieces("How to get a refund", ARTICLE)
    ] == [
        ("", "how-to-get-a-refund", "Within 30 days."),
        ("How to ask", "how-to-ask", "Open Billing."),
        ("How to ask > In the app", "in-the-app", "Not possible."),
        ("How long it takes", "how-long-it-takes", "Two days."),
    ]


def test_the_first_heading_of_the_first_level_is_the_title():
    assert title_of(ARTICLE) == "How to get a refund"
    assert title_of("Text only") == ""
    assert title_of("## Second level\n\n# First") == ""


def test_headings_are_plain_text():
    assert title_of("# The `PORT` of *your* [server](x) &amp; C\\#") == "The PORT of your server & C#"


def test_anchors_are_written_as_github_does_and_used_once():
    found = sections("T", "# T\n\n## What's new?\n\n## Examples\n\n## Examples\n\n## Examples-1\n\n## ???")
    assert [section.anchor for section in found] == [
        *("t", "whats-new", "examples", "examples-1", "examples-1-1", "section"),
    ]


def test_a_heading_may_bring_its_own_anchor():
    found = sections("T", "## Create a Check {: #create-check .rule }\n\n## Other {#other-one}")
    assert [(section.heading, section.anchor) for section in found[1:]] == [
        ("Create a Check", "create-check"),
        ("Other", "other-one"),
    ]


def test_underlined_headings_count_and_headings_in_code_do_not():
    found = sections("T", "Refunds\n-------\n\n```\n# no heading\n```")
    assert [section.heading for section in found[1:]] == ["Refunds"]


def test_what_stands_above_the_title_belongs_to_the_introduction():
    assert sections("T", "Above\n\n# T\n\nBelow\n\n## A")[0].body == "Above\n\n\n\nBelow"


def test_sections_without_text_are_no_pieces():
    assert [piece.heading for piece in pieces("T", "# T\n\n## A\n\n### B\n\nText")] == ["A > B"]


def test_a_long_section_is_cut_between_paragraphs_into_even_parts():
    paragraphs = [words(60, f"w{at}") for at in range(10)]
    found = pieces("T", "## Long\n\n" + "\n\n".join(paragraphs))
    assert {piece.anchor for piece in found} == {"long"}
    assert [len(piece.body.split()) for piece in found] == [180, 180, 180, 60]
    assert "\n\n".join(piece.body for piece in found) == "\n\n".join(paragraphs)


def test_a_list_stays_with_the_sentence_that_introduces_it():
    body = f"{words(150)}\n\nYou need:\n\n" + "\n".join(f"- {words(20)}" for _ in range(5))
    first, second = parts(body)
    assert first.endswith("word149")
    assert second.startswith("You need:\n\n- ")


def test_a_long_list_is_cut_between_items():
    found = parts("\n".join(f"{at}. {words(30)}" for at in range(1, 21)))
    assert len(found) > 2
    assert all(part[0].isdigit() and part.split(". ")[0].isdigit() for part in found)


def test_a_huge_table_is_cut_between_rows_and_each_part_has_the_head():
    rows = "\n".join(f"| {words(10)} | b |" for _ in range(100))
    found = parts(f"| A | B |\n|---|---|\n{rows}")
    assert len(found) > 3
    assert all(part.startswith("| A | B |\n|---|---|\n| word0") for part in found)


def test_huge_code_stays_code_in_every_part():
    found = parts("```bash\n" + "\n".join(words(10) for _ in range(100)) + "\n```")
    assert len(found) > 3
    assert all(part.startswith("```bash\n") and part.endswith("\n```") for part in found)


def test_a_word_of_a_megabyte_is_cut():
    found = parts("x" * 1_000_000)
    assert "".join(found) == "x" * 1_000_000
    assert max(map(len, found)) <= PART_SIZE * 8


def test_text_without_spaces_is_measured_by_its_characters():
    assert len(parts("\n\n".join("返金方法" * 100 for _ in range(10)))) > 2


@pytest.mark.parametrize(
    "text",
    [
        ">" * 3_000 + " deep",
        "\n".join("> " * 3_000 + "x" for _ in range(20)),
        "\n".join("  " * at + "- x" for at in range(500)),
        "|" * 100_000 + "\n" + "|-" * 50_000,
        "# a\n" * 5_000,
        "# " + "[" * 100_000,
        "# " + "*a " * 30_000,
        "```\n" * 20_000,
        "word " * 200_000,
        "para\n\n" * 20_000,
    ],
    ids=[
        "quotes",
        "quoted lines",
        "lists",
        "table",
        "headings",
        "brackets",
        "stars",
        "fences",
        "words",
        "paragraphs",
    ],
)
def test_hostile_markdown_is_quick_and_loses_nothing_large(text):
    with comes_to_an_end():
        found = pieces("T", text)
    assert all(len(piece.body) <= LARGEST_BLOCK * 8 + 2_000 for piece in found)


@given(st.text(alphabet="ab \n#->1.`|*:\t", max_size=400))
def test_every_word_of_the_text_is_in_some_section(text):
    shown = " ".join(f"{section.heading} {section.body}" for section in sections(title_of(text), text))
    for letter in "ab":
        assert shown.count(letter) == text.count(letter)
