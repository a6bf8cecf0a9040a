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

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy.orm import Mapped
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.database import Database
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


async def look(database: Database, staff_id: UUID, at: datetime, given: Collection[UUID] = ()) -> Noticed:
    """What this person should know at a glance.

    Args:
        database: Where it is recorded.
        staff_id: Whose conversations count as theirs.
        at: The time it is: what sleeps until later does not wait.
        given: Conversations that have just been given to them, as events say. When that was, the history
            knows; `claimed_at` is the first claim's.
    """
    mine = (col(Handoff.closed_at).is_(None), col(Handoff.claimed_by) == staff_id)
    waits = (col(Handoff.closed_at).is_(None), col(Handoff.claimed_by).is_(None), _awake(at))
    async with database.reading() as session:
        some = _conversations(select(Handoff.id)).where(*waits).limit(MOST_COUNTED).subquery()
        waiting: int = (await session.exec(select(func.count()).select_from(some))).one()
        found = [
            await _newest(session, Cause.WAITS, col(Handoff.requested_at), *waits),
            await _newest(session, Cause.LATE, col(Handoff.unclaimed_told_at), *waits),
            await _newest(session, Cause.YOURS, col(Handoff.claimed_at), *mine),
            await _newest(session, Cause.WROTE, col(Message.created_at), *mine),
            *[await _given(session, one, *mine) for one in given],
        ]
    return Noticed(waiting, max((one for one in found if one), key=lambda one: one.at, default=None))


async def _newest(
    session: AsyncSession, cause: Cause, moment: Mapped[Any], *which: ColumnElement[bool]
) -> Notice | None:
    query = _notices(moment)
    if cause == Cause.WROTE:
        query = query.join(Message, and_(_of_it(), col(Message.seq) == Conversation.customer_seq))
    return await _first(session, cause, query.where(*which, moment.is_not(None)).order_by(moment.desc()))


async def _given(session: AsyncSession, conversation_id: UUID, *mine: ColumnElement[bool]) -> Notice | None:
    """The newest line of what happened in it, which says that it was given."""
    happened = and_(_of_it(), col(Message.kind) == Kind.EVENT)
    query = _notices(col(Message.created_at)).join(Message, happened)
    query = query.where(*mine, col(Handoff.conversation_id) == conversation_id)
    return await _first(session, Cause.YOURS, query.order_by(col(Message.seq).desc()))


async def _first(session: AsyncSession, cause: Cause, notices: Any) -> Notice | None:
    for at, conversation_id, reason, visitor in await session.exec(notices.limit(1)):
        return Notice(at, cause, conversation_id, customer_name(visitor), str(reason))
    return None


def _notices(moment: Mapped[Any]) -> Any:
    return _conversations(select(moment, Handoff.conversation_id, Handoff.reason, Visitor))


def _of_it() -> ColumnElement[bool]:
    return col(Message.conversation_id) == Conversation.id


def _conversations(query: Any) -> Any:
    query = query.select_from(Handoff).join(Conversation, col(Conversation.id) == Handoff.conversation_id)
    return query.join(Visitor, col(Visitor.id) == Conversation.visitor_id)


def _awake(at: datetime) -> ColumnElement[bool]:
    sleeps = col(Conversation.snoozed_until)
    return or_(sleeps.is_(None), sleeps <= at)
