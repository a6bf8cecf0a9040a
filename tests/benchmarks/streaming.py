"""What an answer costs while it streams: our app beside the bare SDK and a bare server over it.

All of them read the same answers from the same local server, at 50 tokens a second a conversation.
"""

import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from uuid import UUID

from supportbot.conversations.live import MemoryLive
from supportbot.conversations.transcript import read
from supportbot.database import Database
from supportbot.migrations import ROOT
from tests.benchmarks import answers
from tests.benchmarks.arena import Arena, port_of
from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.processes import Server, granian
from tests.benchmarks.visitors import PATIENCE, Visitor, new_visitors
from tests.servers.postgres import free_port

PART = "streaming"
SPREAD = 5.0
"""Seconds over which the conversations of one measurement start."""
TOKENS, FEW = 400, 5
APART = 50
LEVELS = {1: 1, 50: 3, 150: 1}
"""How many conversations at once, and how often that is measured; the median counts."""
MICRO, MILLI = 1e6, 1e3


@dataclass
class Run:
    """One measurement of one contestant."""

    cpu_seconds: float
    tokens: int
    seconds: float
    complete: int = 0
    gaps: Sequence[float] = ()
    added: Sequence[float] = ()
    """Seconds between the upstream's first token and ours."""
    waited: Sequence[float] = ()
    """Seconds between the question and the first token, without the upstream's own delay."""
    upstream_cpu: float = 0.0

    @property
    def cpu_a_token(self) -> float:
        """Microseconds of user and system time."""
        return self.cpu_seconds / self.tokens * MICRO


async def measure(arena: Arena) -> list[Figure]:
    """Run the contestants in turn, so that a noisy moment of the machine meets all of them."""
    environment = {**os.environ, "ANTHROPIC_BASE_URL": arena.upstream.url}
    with granian("tests.benchmarks.sse_server:app", free_port(), **environment) as sse:
        contest = _Contest(arena, sse)
        figures: list[Figure] = []
        for level, times in LEVELS.items():
            runs: dict[str, list[Run]] = {}
            for _ in range(times):
                for name, contestant in contest.contestants.items():
                    runs.setdefault(name, []).append(await contest.run(contestant, level))
            figures += _figures(level, runs)
        return figures + await _apart(contest, figures)


async def _apart(contest: "_Contest", figures: list[Figure]) -> list[Figure]:
    """What a turn costs whatever it says, and what each token adds: two answers' lengths tell them apart."""
    part = f"{PART}, {APART} at once"
    long = {one.name: one.value for one in figures if one.part == part}
    found: list[Figure] = []
    for name in ("bare SSE", "this app"):
        contest.answer_with(FEW)
        few = (await contest.run(contest.contestants[name], APART)).cpu_seconds / APART
        many = long[f"CPU a token: {name}"] * TOKENS / MICRO
        found += [
            Figure(f"{part}, apart", f"CPU a turn of {FEW} tokens: {name}", few * MILLI, "ms"),
            Figure(
                f"{part}, apart", f"CPU a further token: {name}", (many - few) / (TOKENS - FEW) * MICRO, "µs"
            ),
        ]
    return found


class _Contest:
    """The contestants and the server whose answers they all read."""

    def __init__(self, arena: Arena, sse: str) -> None:
        self.arena, self.upstream, self.sse = arena, arena.upstream, sse
        self.tokens, self.text = TOKENS, answers.prose(TOKENS)
        self.contestants: dict[str, Callable[[int], Awaitable[Run]]] = {
            "SDK, create": lambda level: self._sdk(level, "create"),
            "SDK, stream": lambda level: self._sdk(level, "stream"),
            "bare SSE": self._sse,
            "this app": self._app,
        }
        self._upstream_process = Server(port_of(self.upstream.url))

    def answer_with(self, tokens: int) -> None:
        """Answers of another length from now on."""
        self.tokens, self.text = tokens, answers.prose(tokens)

    async def run(self, contestant: Callable[[int], Awaitable[Run]], level: int) -> Run:
        """One contestant with so many conversations at once."""
        self.upstream.reset()
        self.upstream.says(self.text, pace=answers.PACE, times=level)
        before = self._upstream_process.cpu_seconds
        run = await contestant(level)
        run.upstream_cpu = self._upstream_process.cpu_seconds - before
        return run

    async def _sdk(self, level: int, how: str) -> Run:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.benchmarks.sdk_consumer"),
            *(self.upstream.url, str(level), str(_spread(level)), how),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await process.communicate()
        took = json.loads(output)
        complete = level if took["texts"] == [self.text] else 0
        return Run(took["cpu"], level * self.tokens, took["seconds"], complete)

    async def _sse(self, level: int) -> Run:
        server = Server(port_of(self.sse))
        readers = [_Reader(f"sse {number}") for number in range(level)]
        used, started = server.cpu_seconds, time.monotonic()
        await _spread_out([reader.read(port_of(self.sse)) for reader in readers])
        seconds = time.monotonic() - started
        cpu = server.cpu_seconds - used
        return Run(
            cpu,
            level * self.tokens,
            seconds,
            complete=sum(reader.text == self.text for reader in readers),
            gaps=[gap for reader in readers for gap in reader.gaps],
            **self._delays({reader.question: (reader.asked_at, reader.came[0]) for reader in readers}),
        )

    async def _app(self, level: int) -> Run:
        server = self.arena.app_server
        database = self.arena.app_database()
        try:
            visitors = await new_visitors(database, level)
            async with AsyncExitStack() as pages:
                open_pages = [await pages.enter_async_context(one.page(self.arena.app)) for one in visitors]
                used, started = server.cpu_seconds, time.monotonic()
                await _spread_out(
                    [
                        visitor.ask(page, f"How do I get a refund? app {number}")
                        for number, (visitor, page) in enumerate(zip(visitors, open_pages, strict=True))
                    ]
                )
                seconds = time.monotonic() - started
                cpu = server.cpu_seconds - used
            complete = await _told(database, visitors, self.text)
        finally:
            await database.close()
        answered = [one for one in visitors if one.frames]
        return Run(
            cpu,
            level * self.tokens,
            seconds,
            complete=complete,
            gaps=[gap for one in answered for gap in one.gaps],
            **self._delays({one.question: (one.asked_at, one.frames[0]) for one in answered}),
        )

    def _delays(self, seen: dict[str, tuple[float, float]]) -> dict[str, list[float]]:
        """What we added to the first token: since the upstream wrote it, and in all."""
        added, waited = [], []
        for received in self.upstream.requests:
            if received.text in seen and received.first_delta_at is not None:
                asked_at, seen_at = seen[received.text]
                added.append(seen_at - received.first_delta_at)
                waited.append(seen_at - asked_at - (received.first_delta_at - received.at))
        return {"added": added, "waited": waited}


class _Reader:
    """Reads one answer of the bare server."""

    def __init__(self, question: str) -> None:
        self.question, self.asked_at = question, 0.0
        self.came: list[float] = []
        self.text = ""

    @property
    def gaps(self) -> list[float]:
        """Seconds between two tokens."""
        return [after - before for before, after in zip(self.came, self.came[1:], strict=False)]

    async def read(self, port: int) -> None:
        """Ask, and read to the end."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        body = self.question.encode()
        head = f"POST /chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
        self.asked_at = time.monotonic()
        writer.write(head.encode() + body)
        pieces: list[str] = []
        async with asyncio.timeout(PATIENCE):
            while (line := await reader.readline()) != b"event: done\n":
                assert line, "the server closed the connection"
                if line.startswith(b"data: "):
                    self.came.append(time.monotonic())
                    pieces.append(json.loads(line[6:]))
        self.text = "".join(pieces)
        writer.close()


async def _told(database: Database, visitors: Sequence[Visitor], text: str) -> int:
    """How many conversations hold the whole answer, as it was sent."""
    complete = 0
    for visitor in visitors:
        messages = (await read(database, MemoryLive(), UUID(visitor.conversation))).messages
        complete += bool(visitor.ended_at) and messages[-1].content == text
    return complete


async def _spread_out(conversations: Sequence[Awaitable[None]]) -> None:
    spread = _spread(len(conversations))

    async def later(number: int, conversation: Awaitable[None]) -> None:
        await asyncio.sleep(spread * number / len(conversations))
        await conversation

    await asyncio.gather(*(later(number, one) for number, one in enumerate(conversations)))


def _spread(level: int) -> float:
    return SPREAD if level > 1 else 0.0


def _ideal(level: int) -> float:
    return TOKENS * answers.PACE + _spread(level) * (level - 1) / level


def _figures(level: int, runs: dict[str, list[Run]]) -> list[Figure]:
    part = f"{PART}, {level} at once"

    def middle(name: str, of: Callable[[Run], float]) -> float:
        return statistics.median(of(run) for run in runs[name])

    figures = [
        Figure(part, f"CPU a token: {name}", middle(name, lambda run: run.cpu_a_token), "µs") for name in runs
    ]
    ratios = [
        ours.cpu_a_token / theirs.cpu_a_token
        for ours, theirs in zip(runs["this app"], runs["bare SSE"], strict=True)
    ]
    at_50 = level == 50
    figures.append(
        Figure(
            part, "CPU a token: this app / bare SSE", statistics.median(ratios), "×", 1.3 if at_50 else None
        )
    )
    for name in ("bare SSE", "this app"):
        ours = at_50 and name == "this app"
        figures += [
            Figure(
                part,
                f"gap between frames, p50: {name}",
                middle(name, lambda run: percentile(run.gaps, 50)) * MILLI,
                "ms",
            ),
            Figure(
                part,
                f"gap between frames, p95: {name}",
                middle(name, lambda run: percentile(run.gaps, 95)) * MILLI,
                "ms",
                120 if ours else None,
            ),
            Figure(
                part,
                f"added to the first token, p50: {name}",
                middle(name, lambda run: percentile(run.added, 50)) * MILLI,
                "ms",
                40 if ours else None,
            ),
            Figure(
                part,
                f"added to the first token, p95: {name}",
                middle(name, lambda run: percentile(run.added, 95)) * MILLI,
                "ms",
                120 if ours else None,
            ),
            Figure(
                part,
                f"question to first token, p50: {name}",
                middle(name, lambda run: percentile(run.waited, 50)) * MILLI,
                "ms",
            ),
        ]
    missing = {name: max(level - run.complete for run in runs[name]) for name in runs}
    for name in runs:
        bar = 0 if name == "this app" else None
        figures.append(Figure(part, f"answers not complete: {name}", missing[name], "", bar))
    for name in runs:
        bar = 2.0 if name == "this app" and level == 150 else None
        figures.append(
            Figure(
                part,
                f"time / ideal time: {name}",
                middle(name, lambda run: run.seconds) / _ideal(level),
                "×",
                bar,
            )
        )
    busiest = max(run.upstream_cpu / run.seconds for each in runs.values() for run in each)
    figures.append(Figure(part, "the local server's own use of a core", busiest * 100, "%"))
    return figures
