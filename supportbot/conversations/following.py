"""Follow a conversation as a page does: load, apply, and load again when the log has lost us."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any
from uuid import UUID

from supportbot.conversations.live import HEARTBEAT, LiveLog, Position, Resync, Stamped
from supportbot.conversations.page import ConversationPage, Gap
from supportbot.conversations.transcript import OPENING, read
from supportbot.database import Database

RELOAD_PAUSE = 0.25
"""Seconds before a transcript is read again; the running answer is written once a second."""


async def follow(
    database: Database,
    live: LiveLog,
    conversation_id: UUID,
    page: ConversationPage,
    position: Position,
    *,
    heartbeat: float = HEARTBEAT,
    reload_pause: float = RELOAD_PAUSE,
) -> AsyncGenerator[list[Any], None]:
    """Keep `page` in step with its conversation, for as long as this is iterated.

    Args:
        database: To read the transcript again when needed.
        live: The log.
        conversation_id: Whose page it is.
        page: Loaded at `position`; changed in place.
        position: The transcript's `follow_from`.
        heartbeat: Seconds of quiet after which an empty batch comes.
        reload_pause: Seconds before the transcript is read again.

    Yields:
        After every change: the events it came from, a single `Resync` after a reload, or [] when quiet.
    """
    while True:
        async with aclosing(live.follow(conversation_id, position, heartbeat=heartbeat)) as batches:
            async for batch in batches:
                if isinstance(batch, Resync) or not _applied(page, batch):
                    break
                yield [entry.event for entry in batch]
        await asyncio.sleep(reload_pause)
        transcript = await read(database, live, conversation_id, limit=OPENING)
        page.load(transcript)
        position = transcript.follow_from
        yield [Resync()]


def _applied(page: ConversationPage, batch: list[Stamped]) -> bool:
    try:
        for entry in batch:
            page.apply(entry.event)
    except Gap:
        return False
    return True
