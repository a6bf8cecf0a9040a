"""What somebody had claimed whose account is disabled goes back to the queue: nobody may wait in vain."""

from uuid import UUID

from sqlmodel import col, select

from supportbot.conversations.changes import changing
from supportbot.conversations.live import LiveLog
from supportbot.database import Database
from supportbot.escalations.steps import say_event, wake_up
from supportbot.escalations.telling import tell_of_request
from supportbot.models import Handoff, Staff, Status

AT_A_TIME = 100
RELEASED = "{name} is no longer available. Our team has your conversation and will answer here."


async def release_abandoned(database: Database, live: LiveLog) -> int:
    """Let everybody at the desk see again what nobody who works here takes care of.

    Each keeps its place: its customer has waited since they asked.

    Returns:
        How many went back to the queue.
    """
    query = (
        select(Handoff.conversation_id)
        .join(Staff, col(Staff.id) == Handoff.claimed_by)
        .where(col(Handoff.closed_at).is_(None), col(Staff.disabled_at).is_not(None))
        .limit(AT_A_TIME)
    )
    async with database.reading() as session:
        abandoned = (await session.exec(query)).all()
    return sum([await _release(database, live, conversation_id) for conversation_id in abandoned])


async def _release(database: Database, live: LiveLog, conversation_id: UUID) -> bool:
    async with changing(database, live, conversation_id) as change:
        handoff = change.handoff
        if handoff is None or handoff.claimed_by is None:
            return False
        gone = await change.session.get(Staff, handoff.claimed_by)
        if gone is None or gone.disabled_at is None:
            return False  # somebody has taken it since we looked, or they are back
        handoff.claimed_by = handoff.unclaimed_told_at = None
        wake_up(change)
        await change.session.flush()
        await tell_of_request(change.session, handoff, after=gone)
        await say_event(change, RELEASED.format(name=gone.name))
        await change.own(Status.ESCALATED, None)
        return True
