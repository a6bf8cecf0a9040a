"""Files are read while others are served; what is made to be hard to read is given up."""

import asyncio
import os

import pytest

from supportbot.knowledge import reading
from supportbot.knowledge.files import Found, ImportedArticle, Skipped, UnusableError
from supportbot.knowledge.reading import Reader

pytestmark = pytest.mark.anyio

NEVER_ENDS = b"<a <b " * 300_000
"""The standard library's parser looks through the rest of it for each tag."""


def found(path: str, content: bytes) -> Found:
    return Found(path, lambda: content)


async def test_every_format_is_read_and_one_after_the_other() -> None:
    async with Reader() as reader:
        read = [
            await reader.read(found("a.md", b"# A")),
            await reader.read(found("b.html", b"<h1>B</h1><p>Text")),
            await reader.read(found("c.csv", b"question,answer\nC?,Yes.\n")),
            await reader.read(found("d.html", "<h1>D</h1><p>Größe".encode())),
        ]

    assert [one.title for [one] in read if isinstance(one, ImportedArticle)] == ["A", "B", "C?", "D"]
    assert [one.body for [one] in read if isinstance(one, ImportedArticle)][-1] == "# D\n\nGröße"


async def test_a_file_that_takes_too_long_is_given_up_and_the_next_is_read() -> None:
    async with Reader(patience=1) as reader:
        [slow] = await reader.read(found("slow.html", NEVER_ENDS))
        reader._patience = 30  # starting a process takes as long as the machine lets it
        [next_] = await reader.read(found("b.html", b"<p>B"))

    assert slow == Skipped("slow.html", "Reading it takes longer than 1 seconds.")
    assert isinstance(next_, ImportedArticle)


async def test_a_folder_full_of_such_files_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_GIVEN_UP", 1)
    async with Reader(patience=1) as reader:
        await reader.read(found("slow.html", NEVER_ENDS))
        [second] = await reader.read(found("b.html", b"<p>B"))
        [markdown] = await reader.read(found("c.md", b"# C"))

    assert second == Skipped("b.html", "Too many files before it took too long to read.")
    assert isinstance(markdown, ImportedArticle)


async def test_the_loop_is_free_while_a_file_is_read() -> None:
    async with Reader(patience=1) as reader:
        reading_it = asyncio.create_task(reader.read(found("slow.html", NEVER_ENDS)))
        turns = 0
        while not reading_it.done():
            await asyncio.sleep(0.01)
            turns += 1

    assert turns > 10


async def test_no_process_is_left_behind_by_whoever_breaks_off() -> None:
    async with Reader() as reader:
        reading_it = asyncio.create_task(reader.read(found("slow.html", NEVER_ENDS)))
        while reader._process is None:
            await asyncio.sleep(0.01)
        process = reader._process
        reading_it.cancel()
        await asyncio.gather(reading_it, return_exceptions=True)

    assert process.returncode is not None
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


async def test_what_cannot_be_fetched_is_skipped_with_its_reason() -> None:
    def content() -> bytes:
        raise UnusableError("It is a link to another file.")

    async with Reader() as reader:
        assert await reader.read(Found("a.md", content)) == [Skipped("a.md", "It is a link to another file.")]
        assert await reader.read(found("a.docx", b"x")) == [
            Skipped("a.docx", "It is not Markdown, HTML, PDF or CSV.")
        ]
