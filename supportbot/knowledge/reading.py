"""Reading files while others are served: nothing here keeps the loop waiting, and no file can stop it."""

import asyncio
import json
import logging
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from supportbot.knowledge.files import Found, Read, UnusableError, suffix_of, unpacked
from supportbot.knowledge.formats import GUARDED, read_file, skipped, unwanted

log = logging.getLogger(__name__)

PATIENCE = 30.0
"""Seconds a file may take."""
MOST_GIVEN_UP = 5
"""Files that take too long or too much, after which a folder is not believed any more."""
LONGEST_ANSWER = 64_000_000
"""Bytes that may come of a file; far more than any of those we accept can hold."""

_ROOT = Path(__file__).parents[2]


class Reader:
    """Reads one file after the other; a context, because it may have started a process.

    Our own readers are quick whatever they are given, so they run in a thread. Parsers that are not ours
    (`formats.GUARDED`) run in a process that is ended when it takes too long or wants too much memory; the
    file is then skipped, and the next one gets a new process.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._process: Process | None = None
        self._given_up = 0

    async def __aenter__(self) -> "Reader":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end()

    async def read(self, file: Found) -> Read:
        """The articles in a file, or why there are none. Never raises for what is in it."""
        try:
            content = await asyncio.to_thread(file.content)
        except UnusableError as reason:
            return [skipped(file.path, str(reason))]
        if reason_why := unwanted(file.path, len(content)):
            return [skipped(file.path, reason_why)]
        if suffix_of(file.path) not in GUARDED:
            return await asyncio.to_thread(read_file, file.path, content)
        return await self._read_guarded(file.path, content)

    async def _read_guarded(self, path: str, content: bytes) -> Read:
        if self._given_up >= MOST_GIVEN_UP:
            return [skipped(path, "Too many files before it took too long to read.")]
        try:
            async with asyncio.timeout(self._patience):
                return await self._ask(path, content)
        except TimeoutError:
            reason = f"Reading it takes longer than {self._patience:.0f} seconds."
        except (OSError, EOFError, ValueError):
            reason = "Reading it takes too much memory."
        except BaseException:
            await self._end()  # in the middle of an answer it is of no use to anybody
            raise
        self._given_up += 1
        log.warning("a %s was given up: %s", suffix_of(path), reason)
        await self._end()
        return [skipped(path, reason)]

    async def _ask(self, path: str, content: bytes) -> Read:
        if self._process is None:
            self._process = await _start()
        process = self._process
        if process.stdin is None or process.stdout is None:
            raise OSError("no pipes")
        head = json.dumps({"path": path, "size": len(content)}).encode()
        process.stdin.write(head + b"\n" + content)
        await process.stdin.drain()
        answer = await process.stdout.readline()
        if not answer.endswith(b"\n"):
            raise EOFError
        return unpacked(json.loads(answer))

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _start() -> Process:
    # No environment: a key that is not there cannot be read.
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "supportbot.knowledge.reading_process"),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        cwd=_ROOT,
        env={"PATH": os.defpath},
        limit=LONGEST_ANSWER,
    )
