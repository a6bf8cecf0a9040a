"""What somebody at the desk should notice: who waits, who waits too long, what is theirs and has moved.

Read from the records each time, never from an event alone: a page that slept, lost its connection or missed
an event while Redis was away notices the same as one that did not.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.database import Database
from supportbot.escalations.lists import WAITS
from supportbot.escalations.queue import MOST_COUNTED, customer_name
from supportbot.models import Conversation, Handoff, Kind, Message, Visitor


class Cause(StrEnum):
    """Why somebody should look up."""

    WAITS = "waits"
    LATE = "late"
    YOURS = "yours"
    WROTE = "wrote"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something worth a sound. `at` orders notices: a later one is news to whoever knows an earlier one."""

    at: datetime
    cause: Cause
    conversation_id: UUID
    customer: str
    reason: str


@dataclass(frozen=True, slots=True)
class Noticed:
    """How many wait, and the newest thing to notice."""

    waiting: int
    newest: Notice | None


async def look(database: Database, staff_id: UUID, given: Collection[UUID] = ()) -> Noticed:
    """What this person should know at a glance. What is snoozed does not wait.

    Args:
        database: Where it is recorded.
        staff_id: Whose conversations count as theirs.
        given: Conversations that have just been given to them, as events say. When that was, the history
            knows; `claimed_at` is the first claim's.
    """
    mine = (col(Conversation.assigned_staff_id) == staff_id, col(Handoff.closed_at).is_(None))
    waits = (*WAITS, col(Conversation.snoozed_until).is_(None))
    async with database.reading() as session:
        waiting, began, late = (await session.exec(_waiting(*waits))).one()
        claimed, wrote = (await session.exec(_moments(*mine))).one()
        moments = {
            (began, Cause.WAITS): (col(Handoff.requested_at) == began, *waits),
            (late, Cause.LATE): (col(Handoff.unclaimed_told_at) == late, *waits),
            (claimed, Cause.YOURS): (col(Handoff.claimed_at) == claimed, *mine),
            (wrote, Cause.WROTE): (col(Message.created_at) == wrote, *mine),
        }
        for one in given:
            moments[await _given(session, one), Cause.YOURS] = (col(Conversation.id) == one, *mine)
        # Only the newest is looked up; if somebody has just taken it, so be it, the next look is near.
        newest = max(((at, why) for at, why in moments if at), default=None)
        return Noticed(waiting, newest and await _notice(session, *newest, moments[newest]))


def _waiting(*waits: ColumnElement[bool]) -> Any:
    """How many wait, when the last of them began, and when the last of them was told of as late."""
    some = (
        select(Handoff.requested_at, Handoff.unclaimed_told_at)
        .join(Conversation, col(Conversation.id) == Handoff.conversation_id)
        .where(*waits)
        .order_by(col(Handoff.requested_at).desc())
        .limit(MOST_COUNTED)
        .subquery()
    )
    return select(
        func.count(), func.max(some.c.requested_at), func.max(some.c.unclaimed_told_at)
    ).select_from(some)


def _moments(*mine: ColumnElement[bool]) -> Any:
    """When somebody last claimed a conversation of theirs, and when a customer of theirs last wrote."""
    return _with_last_words(select(func.max(Handoff.claimed_at), func.max(Message.created_at))).where(*mine)


async def _given(session: AsyncSession, conversation_id: UUID) -> datetime | None:
    """When the last thing happened in it, as its history says: that it was given."""
    happened = (
        select(Message.created_at)
        .where(Message.conversation_id == conversation_id, Message.kind == Kind.EVENT)
        .order_by(col(Message.seq).desc())
        .limit(1)
    )
    return (await session.exec(happened)).first()


async def _notice(
    session: AsyncSession, at: datetime, cause: Cause, which: tuple[ColumnElement[bool], ...]
) -> Notice | None:
    query = select(Conversation.id, Handoff.reason, Visitor).join(
        Visitor, col(Visitor.id) == Conversation.visitor_id
    )
    for conversation_id, reason, visitor in await session.exec(
        _with_last_words(query).where(*which).limit(1)
    ):
        return Notice(at, cause, conversation_id, customer_name(visitor), str(reason))
    return None


def _with_last_words(query: Any) -> Any:
    """Conversations with their hand-offs and what their customer said last, if anything."""
    last = and_(
        col(Message.conversation_id) == Conversation.id, col(Message.seq) == Conversation.customer_seq
    )
    return (
        query.select_from(Conversation)
        .join(Handoff, col(Handoff.conversation_id) == Conversation.id)
        .outerjoin(Message, last)
    )
