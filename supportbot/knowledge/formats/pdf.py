"""PDF: the words of each page as paragraphs.

A PDF says where letters stand and not what is a heading, so nothing is guessed: headings become
paragraphs like the rest. It is read by a process of its own (`reading.py`), because a file can be made so
that it takes hours or all of the memory.
"""

import logging
import re
from collections.abc import Iterator
from io import BytesIO

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from supportbot.knowledge.cleaning import clean
from supportbot.knowledge.files import LARGEST_FILE, Read, UnusableError, article, line

MOST_PAGES = 500
FEWEST_LETTERS = 20
"""On average a page; below it is a picture of words, as a scanner makes it."""

_UNTITLED = re.compile(
    r"^(?:microsoft (?:word|powerpoint)\b|untitled|.*\.(?:docx?|pptx?|indd|odt|pdf)$)", re.I
)
_BEGINS_BLOCK = re.compile(r"^(\d{0,9})([#>=~|+-]|(?<=\d)[.)])")
_MARKUP = re.compile(r"([\\`*])")
_ENDS_SENTENCE = tuple(".!?:。！？")
_SHORT = 0.7

logging.getLogger("pypdf").setLevel(logging.ERROR)  # it warns about each oddity of each file


def read_pdf(path: str, content: bytes) -> Read:
    """The article in a PDF.

    Raises:
        UnusableError: it is protected, broken, too long, or pictures without text.
    """
    try:
        document = PdfReader(BytesIO(content))
        if document.is_encrypted and not _opens(document):
            raise UnusableError("It is protected by a password.")
        pages, pictures = _pages(document)
        about, root = document.metadata, document.root_object
        title = line(about.title if about else "")
        tag = line(str(root.get("/Lang", "")))
    except UnusableError:
        raise
    except Exception:  # whatever a broken file makes the parser stumble over
        raise UnusableError("It is broken, or no PDF.") from None
    letters = sum(character.isalnum() for page in pages for character in page)
    if letters < FEWEST_LETTERS * len(pages):
        raise UnusableError("It holds pictures of text and no text, as a scanner makes them.")
    body = clean("\n\n".join(_paragraphs(pages)))
    return [
        article(
            path,
            body,
            title="" if _UNTITLED.match(title) else title,
            language_tag=tag,
            pictures=pictures,
        )
    ]


def _opens(document: PdfReader) -> bool:
    """Some are locked against printing only, and open without a password."""
    try:
        return bool(document.decrypt(""))
    except PyPdfError:  # a cipher for which nothing is installed
        return False


def _pages(document: PdfReader) -> tuple[list[str], int]:
    if len(document.pages) > MOST_PAGES:
        raise UnusableError(f"It has more than {MOST_PAGES} pages.")
    texts, pictures, size = [], 0, 0
    for page in document.pages:
        texts.append(page.extract_text())
        size += len(texts[-1])
        if size > LARGEST_FILE:
            raise UnusableError(f"Its text is longer than {LARGEST_FILE // 1_000_000} MB.")
        pictures += _pictures_of(page)
    return texts, pictures


def _pictures_of(page: object) -> int:
    """How many pictures a page names, without looking at them."""
    try:
        named = page["/Resources"].get_object()["/XObject"].get_object().values()  # type: ignore[index]
        return sum(one.get_object().get("/Subtype") == "/Image" for one in named)
    except (KeyError, AttributeError, TypeError):
        return 0


def _paragraphs(pages: list[str]) -> Iterator[str]:
    for page in pages:
        lines = [" ".join(one.split()) for one in page.split("\n")]
        longest = max(map(len, lines), default=0)
        paragraph = ""
        for one in lines:
            paragraph = _joined(paragraph, one)
            # The last line of a paragraph ends before the margin.
            if not one or (one.endswith(_ENDS_SENTENCE) and len(one) < _SHORT * longest):
                yield _plain(paragraph)
                paragraph = ""
        yield _plain(paragraph)


def _joined(paragraph: str, line_: str) -> str:
    if paragraph.endswith("-") and line_[:1].islower():
        return paragraph[:-1] + line_
    return f"{paragraph} {line_}".strip()


def _plain(paragraph: str) -> str:
    """Words that mean themselves in Markdown."""
    text = _MARKUP.sub(r"\\\1", paragraph)
    return _BEGINS_BLOCK.sub(r"\1\\\2", text)
