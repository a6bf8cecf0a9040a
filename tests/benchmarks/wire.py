"""How much crosses the socket for each byte of an answer: prose, one long table, one long block of code."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

from tests.benchmarks import answers
from tests.benchmarks.arena import Arena
from tests.benchmarks.figures import Figure
from tests.benchmarks.visitors import new_visitors

PART = "bytes on the socket for each byte of the answer"
SHORT, LONG = 200, 2_000
KINDS: dict[str, tuple[Callable[[int], str], float]] = {
    "prose": (answers.prose, 20),
    "one table": (answers.table, 40),
    "one block of code": (answers.code, 40),
}
"""Each with its bar."""
GROWTH = 1.2
"""A long answer may cost so much more for each byte than a short one: else it is not linear."""


async def measure(arena: Arena) -> list[Figure]:
    """Stream all of them at once, each to a page of its own, and count what the pages receive."""
    asked: dict[tuple[str, int], str] = {}
    arena.upstream.reset()
    for kind, (write, _) in KINDS.items():
        for tokens in (SHORT, LONG):
            asked[kind, tokens] = write(tokens)
            arena.upstream.says(asked[kind, tokens], pace=answers.PACE, when=_question(kind, tokens))
    database = arena.app_database()
    try:
        visitors = dict(zip(asked, await new_visitors(database, len(asked)), strict=True))
    finally:
        await database.close()
    async with AsyncExitStack() as stack:
        pages = [await stack.enter_async_context(one.page(arena.app)) for one in visitors.values()]
        await asyncio.gather(
            *(
                visitor.ask(page, _question(*what))
                for page, (what, visitor) in zip(pages, visitors.items(), strict=True)
            )
        )
    ratio = {what: visitors[what].bytes / len(text.encode()) for what, text in asked.items()}
    figures: list[Figure] = []
    for kind, (_, bar) in KINDS.items():
        figures += [
            Figure(PART, f"{kind}, {SHORT} tokens", ratio[kind, SHORT], "", bar),
            Figure(PART, f"{kind}, {LONG:,} tokens", ratio[kind, LONG], "", bar),
            Figure(PART, f"{kind}, long / short", ratio[kind, LONG] / ratio[kind, SHORT], "×", GROWTH),
        ]
    return figures


def _question(kind: str, tokens: int) -> str:
    return f"Please answer with {kind} of {tokens} tokens."
