"""What the desk sees: who waits, since when and why, and everything that is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, TextClause, func, text
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.conversations.events import Owner
from supportbot.conversations.ownership import owner_of
from supportbot.database import Database
from supportbot.models import (
    OPEN,
    Conversation,
    Handoff,
    Kind,
    Message,
    MessageState,
    Role,
    Staff,
    Visitor,
)

_Found = tuple[Conversation, Visitor, Handoff | None, Staff | None]
_Said = tuple[Role, str]

MOST_ROWS = 100
MOST_COUNTED = 1_000
"""Beyond this a number says no more than "very many", and counting on would take longer than the list."""
LAST_WORDS_CHARACTERS = 160
READ_CHARACTERS = 4 * LAST_WORDS_CHARACTERS
"""Read of a message for that: line breaks and indentation are left out later."""

_WAITS = (col(Handoff.closed_at).is_(None), col(Handoff.claimed_by).is_(None))
_CLAIMED = (col(Handoff.closed_at).is_(None), col(Handoff.claimed_by).is_not(None))
_OPEN = text(OPEN)


@dataclass(frozen=True, slots=True)
class Row:
    """One conversation in a list of the desk."""

    id: UUID
    customer: str
    subject: str
    last_words: str
    last_role: str
    reason: str
    owner: Owner
    staff_id: UUID | None
    staff_name: str
    reopened: bool
    since: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of the desk and how many there are in all."""

    rows: tuple[Row, ...]
    waiting: int
    total: int


async def escalated(database: Database, *, limit: int = MOST_ROWS) -> Rows:
    """Conversations with people or waiting for them: unclaimed first, the longest waiting at the top."""
    colleague = aliased(Staff)
    query = (
        select(Conversation, Visitor, Handoff, colleague)
        .join(Handoff, col(Handoff.conversation_id) == Conversation.id)
        .join(Visitor, col(Visitor.id) == Conversation.visitor_id)
        .outerjoin(colleague, col(colleague.id) == Handoff.claimed_by)
        .order_by(col(Handoff.requested_at))
    )
    async with database.reading() as session:
        # One after the other, each along an index of its own; sorting all of them took ten times as long.
        found = list((await session.exec(query.where(*_WAITS).limit(limit))).all())
        if len(found) < limit:
            found += (await session.exec(query.where(*_CLAIMED).limit(limit - len(found)))).all()
        return await _rows(session, found, await _counted(session, col(Handoff.closed_at).is_(None)))


async def all_open(database: Database, *, limit: int = MOST_ROWS) -> Rows:
    """Every conversation that is not resolved and has a message, the newest activity first."""
    colleague = aliased(Staff)
    query = (
        select(Conversation, Visitor, Handoff, colleague)
        .join(Visitor, col(Visitor.id) == Conversation.visitor_id)
        .outerjoin(
            Handoff, (col(Handoff.conversation_id) == Conversation.id) & col(Handoff.closed_at).is_(None)
        )
        .outerjoin(colleague, col(colleague.id) == Conversation.assigned_staff_id)
        .where(_OPEN)
        .order_by(col(Conversation.updated_at).desc())
        .limit(limit)
    )
    async with database.reading() as session:
        found = (await session.exec(query)).all()
        return await _rows(session, found, await _counted(session, _OPEN, of=Conversation))


async def place_in_queue(database: Database, conversation_id: UUID) -> int:
    """How many wait up to and including this conversation: 1 is next; 0 if it does not wait."""
    async with database.reading() as session:
        mine = (
            await session.exec(
                select(Handoff.requested_at).where(Handoff.conversation_id == conversation_id, *_WAITS)
            )
        ).first()
        if mine is None:
            return 0
        ahead = select(func.count()).select_from(Handoff).where(*_WAITS, col(Handoff.requested_at) < mine)
        return (await session.exec(ahead)).one() + 1


def customer_name(visitor: Visitor) -> str:
    """What the desk calls a customer: the name given, the address, or a short number."""
    return visitor.name or visitor.email or f"Visitor {visitor.id.hex[-5:]}"


async def _rows(session: AsyncSession, found: Sequence[_Found], total: int) -> Rows:
    last = await _last_words(session, [conversation.id for conversation, *_ in found])
    waiting = await _counted(session, *_WAITS)
    rows = tuple(
        _row(conversation, visitor, handoff, staff, last.get(conversation.id))
        for conversation, visitor, handoff, staff in found
    )
    return Rows(rows, waiting=waiting, total=total)


async def _counted(
    session: AsyncSession,
    *conditions: ColumnElement[bool] | TextClause,
    of: type[Conversation] | type[Handoff] = Handoff,
) -> int:
    """How many rows fulfil the conditions; the counting ends at `MOST_COUNTED`."""
    some = select(1).select_from(of).where(*conditions).limit(MOST_COUNTED).subquery()
    return (await session.exec(select(func.count()).select_from(some))).one()


async def _last_words(session: AsyncSession, conversations: Sequence[UUID]) -> dict[UUID, _Said]:
    # The newest of each conversation by its number, so that a long one costs no more than a short one.
    newest = (
        select(Message.id)
        .where(
            Message.conversation_id == Conversation.id,
            Message.kind == Kind.TEXT,
            Message.content != "",
            col(Message.state).not_in([MessageState.SUPERSEDED, MessageState.STREAMING]),
        )
        .order_by(col(Message.seq).desc())
        .limit(1)
        .correlate(Conversation)
        .scalar_subquery()
    )
    these = select(newest).where(col(Conversation.id).in_(conversations))
    query = select(
        Message.conversation_id, Message.role, func.substr(Message.content, 1, READ_CHARACTERS)
    ).where(col(Message.id).in_(these))
    return {one: (Role(role), words) for one, role, words in await session.exec(query)}


def _row(
    conversation: Conversation,
    visitor: Visitor,
    handoff: Handoff | None,
    staff: Staff | None,
    last: _Said | None,
) -> Row:
    role, words = last or (Role.USER, "")
    return Row(
        id=conversation.id,
        customer=customer_name(visitor),
        subject=conversation.subject,
        last_words=" ".join(words.split())[:LAST_WORDS_CHARACTERS],
        last_role=str(role),
        reason=str(handoff.reason) if handoff else "",
        owner=owner_of(conversation, handoff),
        staff_id=staff.id if staff else None,
        staff_name=staff.name if staff else "",
        reopened=bool(handoff and handoff.reopened),
        since=handoff.requested_at if handoff else conversation.updated_at,
        updated_at=conversation.updated_at,
    )
