"""What a connected visitor weighs in the server's memory: a loaded page that follows its conversation."""

import asyncio
from contextlib import AsyncExitStack

from tests.benchmarks.arena import Arena
from tests.benchmarks.figures import Figure
from tests.benchmarks.visitors import Visitor, new_visitors

PART = "memory"
FIRST, LAST = 50, 1_050
AT_ONCE = 25
SETTLE = 3.0
"""Seconds until what the opening itself took has been given back."""


async def measure(arena: Arena) -> list[Figure]:
    """Compare the resident memory with 50 pages open and with 1,000 more."""
    database = arena.app_database()
    try:
        visitors = await new_visitors(database, LAST)
    finally:
        await database.close()
    async with AsyncExitStack() as pages:
        await _open(arena, pages, visitors[:FIRST])
        before = arena.app_server.resident
        await _open(arena, pages, visitors[FIRST:])
        after = arena.app_server.resident
    kilobytes = (after - before) / (LAST - FIRST) / 1_000
    return [
        Figure(PART, f"resident with {FIRST} visitors", before / 1e6, "MB"),
        Figure(PART, f"resident with {LAST:,} visitors", after / 1e6, "MB"),
        Figure(PART, "a connected visitor", kilobytes, "KB", 250),
    ]


async def _open(arena: Arena, pages: AsyncExitStack, visitors: list[Visitor]) -> None:
    for start in range(0, len(visitors), AT_ONCE):
        some = visitors[start : start + AT_ONCE]
        await asyncio.gather(*(pages.enter_async_context(one.page(arena.app)) for one in some))
    await asyncio.sleep(SETTLE)
