"""CSV: a list of questions and answers, an article for each row."""

import csv
from collections.abc import Iterator
from io import StringIO
from itertools import islice

from supportbot.knowledge.cleaning import clean, pictures_in
from supportbot.knowledge.files import (
    LONGEST_PATH,
    ImportedArticle,
    Read,
    Skipped,
    UnusableError,
    article,
    line,
)
from supportbot.knowledge.formats.web_pages import looks_like_html, markdown_from
from supportbot.knowledge.passages import slug as slug_of

MOST_ROWS = 5_000
LONGEST_CELL = 200_000
DELIMITERS = ",;\t|"
COLUMNS = {
    "question": ("question", "title"),
    "answer": ("answer", "body", "content"),
    "language": ("language", "lang", "locale"),
    "category": ("category", "topic"),
}
"""What a column means, and what it may be called. Without such a head the first two are meant."""

_SAMPLE_ROWS = 30


def read_questions(path: str, content: bytes) -> Read:
    """The articles in a CSV file, and the rows that are none.

    Raises:
        UnusableError: it is no such list.
    """
    text = _text(content)
    rows = _rows(text, _delimiter(text))
    columns = _columns(rows[0][1])
    if columns:
        rows = rows[1:]
    else:
        columns = {"question": 0, "answer": 1}
    if not any(len(cells) > columns["answer"] for _, cells in rows):
        raise UnusableError("It has no columns for questions and answers.")
    paths = _Paths(path)
    return [_row(path, number, cells, columns, paths) for number, cells in rows if any(cells)]


class _Paths:
    """A path for each question, the same as long as its words are."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._taken: set[str] = set()

    def of(self, question: str) -> str:
        stem = f"{self._file}/{slug_of(question) or 'question'}"[: LONGEST_PATH - 6]
        path, number = stem, 2
        while path in self._taken:
            path, number = f"{stem}-{number}", number + 1
        self._taken.add(path)
        return path


def _row(
    file: str, number: int, cells: list[str], columns: dict[str, int], paths: _Paths
) -> ImportedArticle | Skipped:
    here = f"{file}, row {number}"
    values = {name: cells[at] if at < len(cells) else "" for name, at in columns.items()}
    question = line(values["question"])
    if not question or not values["answer"].strip():
        return Skipped(here, f"It has no {'answer' if question else 'question'}.")
    try:
        body, pictures = _answer(values["answer"])
        return article(
            paths.of(question),
            body,
            title=question,
            slug=slug_of(question),
            description=line(values.get("category", "")),
            language_tag=values.get("language", ""),
            pictures=pictures,
        )
    except UnusableError as reason:
        return Skipped(here, str(reason))


def _answer(text: str) -> tuple[str, int]:
    return markdown_from(text) if looks_like_html(text) else (clean(text), pictures_in(text))


def _text(content: bytes) -> str:
    """Spreadsheets write UTF-8 with a mark, UTF-16, or what Windows has always written."""
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnusableError("It is no text.")


def _delimiter(text: str) -> str:
    """The one that cuts the first rows alike, into the most columns.

    `csv.Sniffer` counts characters in prose too, and finds a comma's place in every sentence.
    """
    return max(DELIMITERS, key=lambda one: _evenness(text, one))


def _evenness(text: str, delimiter: str) -> tuple[float, int]:
    sample = [len(cells) for _, cells in islice(_read(text, delimiter), _SAMPLE_ROWS)]
    if not sample or sample[0] < 2:
        return 0.0, 0
    return sum(count == sample[0] for count in sample) / len(sample), sample[0]


def _rows(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    rows = list(islice(_read(text, delimiter), MOST_ROWS + 2))
    if len(rows) > MOST_ROWS + 1:
        raise UnusableError(f"It has more than {MOST_ROWS:,} rows.")
    if not rows:
        raise UnusableError("It is empty.")
    return rows


def _read(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, numbered as a spreadsheet does."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    try:
        for number, cells in enumerate(reader, 1):
            if any(cell.strip() for cell in cells):
                yield number, cells
    except csv.Error:
        raise UnusableError(
            f"A cell holds more than {LONGEST_CELL:,} characters, or is never closed."
        ) from None


def _columns(head: list[str]) -> dict[str, int]:
    """Where each known column is; nothing at all if the first row is no head."""
    names = [line(cell).casefold() for cell in head]
    found = {
        meaning: names.index(name)
        for meaning, called in COLUMNS.items()
        if (name := next((one for one in called if one in names), None)) is not None
    }
    return found if {"question", "answer"} <= found.keys() else {}
