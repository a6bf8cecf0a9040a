import pytest

from supportbot.knowledge.files import ImportedArticle, Skipped
from supportbot.knowledge.formats import read_file
from supportbot.knowledge.formats.pdf import MOST_PAGES
from tests.files import pdf, protected_pdf, swollen_pdf

LINES = """How to get your money back
Write to us within fourteen days, and we return what you have paid, all of it,
to the card that you have used.
After that we look at each case, and often we find a way that is fair to every-
one."""


def article(content: bytes, path: str = "docs/Refund-Policy.pdf") -> ImportedArticle:
    [found] = read_file(path, content)
    assert isinstance(found, ImportedArticle), found
    return found


def reason(content: bytes) -> str:
    [found] = read_file("a.pdf", content)
    assert isinstance(found, Skipped), found
    return found.reason


def test_lines_become_paragraphs_and_words_cut_in_two_are_whole_again() -> None:
    found = article(pdf([LINES], title="Refunds", language="en-GB"))

    assert (found.title, found.slug, found.language) == ("Refunds", "refund-policy", "en-GB")
    assert "within fourteen days, and we return what you have paid, all of it, to the card" in found.body
    assert found.body.split("\n\n")[1] == (
        "After that we look at each case, and often we find a way that is fair to everyone."
    )


@pytest.mark.parametrize("title", ["", "Microsoft Word - refunds_v2.docx", "untitled", "refunds.indd"])
def test_a_title_that_a_program_has_made_up_is_none(title: str) -> None:
    assert article(pdf([LINES], title=title)).title == "Refund Policy"


def test_what_looks_like_markdown_means_itself() -> None:
    body = article(
        pdf(["# not a heading, for a hash is only a hash here.", "1. not a list, but *this* is text"])
    ).body

    assert (
        body
        == r"\# not a heading, for a hash is only a hash here."
        + "\n\n"
        + r"1\. not a list, but \*this\* is text"
    )


def test_one_that_is_locked_against_printing_only_is_read() -> None:
    assert "A secret" in article(protected_pdf("")).body


def test_one_with_a_password_is_not() -> None:
    assert reason(protected_pdf("sesame")) == "It is protected by a password."


def test_pictures_of_text_are_no_text() -> None:
    assert reason(pdf(["", "12"])) == "It holds pictures of text and no text, as a scanner makes them."


def test_too_many_pages_are_refused() -> None:
    assert reason(pdf(["x"] * (MOST_PAGES + 1))) == f"It has more than {MOST_PAGES} pages."


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\n",
        b"no pdf at all",
        pdf([LINES])[:300],
        b"%PDF-1.4\n" + b"\0" * 1_000,
        b"%PDF-1.4\n1 0 obj << /Type /Catalog /Pages 1 0 R >> endobj trailer << /Root 1 0 R >>",
        b"%PDF-1.4\nxref\n0 99999999999\ntrailer << /Root 1 0 R /Prev 9 >>\nstartxref\n9\n%%EOF",
    ],
)
def test_a_broken_one_is_a_reason_and_no_crash(content: bytes) -> None:
    assert reason(content) in (
        "It is broken, or no PDF.",
        "It holds pictures of text and no text, as a scanner makes them.",
        "It is empty.",
    )


def test_a_bomb_does_not_go_off() -> None:
    bomb = swollen_pdf(100_000_000)

    assert len(bomb) < 200_000
    assert reason(bomb) == "It is broken, or no PDF."
    # The same, small enough to be looked into: a page without words.
    assert reason(swollen_pdf(1_000)).startswith("It holds pictures of text")


def test_an_empty_file_is_named_as_such() -> None:
    assert reason(b"") == "It is empty."
