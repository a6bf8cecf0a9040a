"""Follow a conversation as a page does: load, apply, and load again when the log has lost us."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any
from uuid import UUID

from supportbot.conversations.events import staff_topic
from supportbot.conversations.live import HEARTBEAT, LOST, LiveLog, Position, Resync, Stamped
from supportbot.conversations.merging import merged
from supportbot.conversations.page import ConversationPage, Gap
from supportbot.conversations.transcript import OPENING, read
from supportbot.database import Database

RELOAD_PAUSE = 0.25
"""Seconds before a transcript is read again; the running answer is written once a second."""

_Batches = AsyncGenerator[list[Stamped] | Resync, None]


async def follow(
    database: Database,
    live: LiveLog,
    conversation_id: UUID,
    page: ConversationPage,
    position: Position,
    *,
    staff: bool = False,
    staff_position: Position = LOST,
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
        staff: Whether it is a page of the staff's: then with notes, and with what only staff may hear.
        staff_position: The transcript's `staff_follow_from`. Without it, the page is loaded once more.
        heartbeat: Seconds of quiet after which an empty batch comes.
        reload_pause: Seconds before the transcript is read again.

    Yields:
        After every change: the events it came from, a single `Resync` after a reload, or [] when quiet.
    """
    while True:
        batches = live.follow(conversation_id, position, heartbeat=heartbeat)
        if staff:
            whispered = live.follow(staff_topic(conversation_id), staff_position, heartbeat=heartbeat)
            batches = merged(batches, _without_quiet(whispered))
        async with aclosing(batches):
            async for batch in batches:
                if isinstance(batch, Resync) or not _applied(page, batch):
                    break
                yield [entry.event for entry in batch]
        await asyncio.sleep(reload_pause)
        transcript = await read(database, live, conversation_id, limit=OPENING, notes=staff)
        page.load(transcript)
        position, staff_position = transcript.follow_from, transcript.staff_follow_from
        yield [Resync()]


async def _without_quiet(batches: _Batches) -> _Batches:
    """One of two logs says often enough that nothing happens."""
    async with aclosing(batches):
        async for batch in batches:
            if batch != []:
                yield batch


def _applied(page: ConversationPage, batch: list[Stamped]) -> bool:
    try:
        for entry in batch:
            page.apply(entry.event)
    except Gap:
        return False
    return True
