"""How long it takes to open a conversation of 10, 1,000 and 10,000 messages, and what that sends."""

import statistics
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel

from supportbot.ids import new_id, now
from supportbot.models import Conversation, Kind, MessageState, Role
from tests.benchmarks.arena import Arena
from tests.benchmarks.figures import Figure
from tests.benchmarks.visitors import Visitor, new_visitors

PART = "opening a conversation"
SIZES = (10, 1_000, 10_000)
TIMES = 15
GROWTH = 1.5
"""The largest may take so many times what the smallest takes."""


async def measure(arena: Arena) -> list[Figure]:
    """Open each in turn, again and again, and take the medians."""
    visitors = dict(zip(SIZES, await _talkative(arena), strict=True))
    seconds: dict[int, list[float]] = {size: [] for size in SIZES}
    carried: dict[int, list[int]] = {size: [] for size in SIZES}
    for _ in range(TIMES):
        for size, visitor in visitors.items():
            visitor.opening_bytes = 0
            started = time.perf_counter()
            async with visitor.page(arena.app):
                seconds[size].append(time.perf_counter() - started)
            carried[size].append(visitor.opening_bytes)
    middle = {size: statistics.median(seconds[size]) * 1e3 for size in SIZES}
    sent = {size: statistics.median(carried[size]) / 1e3 for size in SIZES}
    least, most = SIZES[0], SIZES[-1]
    return [
        *(Figure(PART, f"{size:,} messages, until the page is loaded", middle[size], "ms") for size in SIZES),
        *(Figure(PART, f"{size:,} messages, sent", sent[size], "KB") for size in SIZES),
        Figure(PART, f"time, {most:,} / {least} messages", middle[most] / middle[least], "×", GROWTH),
        Figure(PART, f"bytes, {most:,} / {least} messages", sent[most] / sent[least], "×"),
    ]


async def _talkative(arena: Arena) -> list[Visitor]:
    """One visitor for each size."""
    database = arena.app_database()
    try:
        visitors = await new_visitors(database, len(SIZES))
        for visitor, size in zip(visitors, SIZES, strict=True):
            async with database.transaction() as session:
                connection = await session.connection()
                table = SQLModel.metadata.tables["message"]
                await connection.execute(table.insert(), list(_messages(UUID(visitor.conversation), size)))
                conversation = await session.get(Conversation, UUID(visitor.conversation))
                assert conversation is not None
                conversation.last_seq = size
    finally:
        await database.close()
    return visitors


def _messages(conversation: UUID, size: int) -> Iterator[dict[str, Any]]:
    for seq in range(1, size + 1):
        asks = seq % 2 == 1
        yield {
            "id": new_id(),
            "conversation_id": conversation,
            "seq": seq,
            "role": Role.USER if asks else Role.STAFF,
            "kind": Kind.TEXT,
            "content": f"And how is it with number {seq}?" if asks else f"Number {seq} is done.",
            "state": MessageState.COMPLETE,
            "log_epoch": "",
            "log_seq": 0,
            "notice": "",
            "sources": [],
            "created_at": now(),
        }
