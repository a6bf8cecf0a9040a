import pytest

from supportbot.knowledge.files import ImportedArticle, Skipped
from supportbot.knowledge.formats import read_file
from supportbot.knowledge.formats.questions import MOST_ROWS


def read(content: str | bytes) -> tuple[list[ImportedArticle], list[tuple[str, str]]]:
    found = read_file("faq.csv", content.encode() if isinstance(content, str) else content)
    articles = [one for one in found if isinstance(one, ImportedArticle)]
    return articles, [(one.path, one.reason) for one in found if isinstance(one, Skipped)]


@pytest.mark.parametrize(
    "content",
    [
        'question,answer\nCan I pay by card?,"Yes, you can."\nHow?,So.\n',
        "Answer;Question\nYes, you can.;Can I pay by card?\nSo.;How?\n",
        "Title\tId\tContent\nCan I pay by card?\t1\tYes, you can.\nHow?\t2\tSo.\n",
        "\ufeffQUESTION|ANSWER\r\nCan I pay by card?|Yes, you can.\r\nHow?|So.\r\n",
        "Can I pay by card?;Yes, you can.\nHow?;So.\n",
    ],
)
def test_each_row_is_an_article_whatever_the_file_looks_like(content: str) -> None:
    articles, left_out = read(content)

    assert [(one.path, one.title, one.body) for one in articles] == [
        ("faq.csv/can-i-pay-by-card", "Can I pay by card?", "Yes, you can."),
        ("faq.csv/how", "How?", "So."),
    ]
    assert left_out == []


def test_language_and_category_are_taken_where_they_are() -> None:
    [one], _ = read("question,answer,language,category\nWas kostet es?,Nichts.,de,Prices\n")

    assert (one.language, one.description) == ("de", "Prices")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_spreadsheets_write_in_several_encodings(encoding: str) -> None:
    [one], _ = read("question,answer\nWie groß?,Höchstens 5 €.\n".encode(encoding))

    assert (one.title, one.body) == ("Wie groß?", "Höchstens 5 €.")


def test_an_answer_may_be_html_or_markdown() -> None:
    (html, markdown), _ = read(
        'question,answer\nA?,"<p>See <b>this</b>.</p><img src=x>"\nB?,"Two\n\n- points ![x](y.png)"\n'
    )

    assert (html.body, html.pictures) == ("See **this**.", 1)
    assert (markdown.body, markdown.pictures) == ("Two\n\n- points x", 1)


def test_a_row_that_lacks_something_is_named_with_its_number() -> None:
    articles, left_out = read("question,answer\nA?,Yes.\n,Nobody asked.\n\nC?,\nD?,...\nE?\n")

    assert [one.title for one in articles] == ["A?"]
    assert left_out == [
        ("faq.csv, row 3", "It has no question."),
        ("faq.csv, row 5", "It has no answer."),
        ("faq.csv, row 6", "It is empty."),
        ("faq.csv, row 7", "It has no answer."),
    ]


def test_the_same_question_twice_is_two_articles() -> None:
    articles, _ = read("question,answer\nA?,1.\na?,2.\n")

    assert [one.path for one in articles] == ["faq.csv/a", "faq.csv/a-2"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("just one column\nand another line\n", "It has no columns for questions and answers."),
        (b"PK\x03\x04\0\0\0", "It is no text."),
        (b"\x81\x8d\x8f\n", "It is no text."),
        ("", "It is empty."),
        ("question,answer\n", "It has no columns for questions and answers."),
        (
            'question,answer\nA?,"' + "x" * 300_000,
            "A cell holds more than 200,000 characters, or is never closed.",
        ),
        ("a,b\n" * (MOST_ROWS + 2), f"It has more than {MOST_ROWS:,} rows."),
    ],
)
def test_what_is_no_such_list_says_so(content: str | bytes, reason: str) -> None:
    assert read(content) == ([], [("faq.csv", reason)])


def test_cells_that_a_spreadsheet_would_calculate_stay_words() -> None:
    [one], _ = read('question,answer\n"=HYPERLINK(""http://x"")","+1 @SUM(A1)"\n')

    assert one.title == '=HYPERLINK("http://x")'
    assert one.body == "+1 @SUM(A1)"
