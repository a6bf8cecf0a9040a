"""What the desk sees: who waits, since when and why, and everything that is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, TextClause, func, literal, select, text
from sqlalchemy.engine import Row as RowOfColumns
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import Mapped
from sqlmodel import SQLModel, col

from supportbot.conversations.events import Owner
from supportbot.conversations.ownership import owner
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

_Found = RowOfColumns[Any]
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
# Columns and not whole records, which take five times as long to build and carry what no list shows.
_SHOWN: tuple[Mapped[Any] | ColumnElement[Any], ...] = (
    *(col(Conversation.id), col(Conversation.visitor_id), col(Conversation.status)),
    *(col(Conversation.subject), col(Conversation.updated_at)),
    *(col(Visitor.name), col(Visitor.email)),
    *(col(Handoff.reason), col(Handoff.reopened), col(Handoff.requested_at)),
    *(col(Handoff.claimed_by), col(Handoff.assistant_meanwhile_at)),
    *(col(Staff.id).label("staff_id"), col(Staff.name).label("staff_name")),
)


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
    query = (
        select(*_SHOWN)
        .select_from(Handoff)
        .join(Conversation, col(Conversation.id) == Handoff.conversation_id)
        .join(Visitor, col(Visitor.id) == Conversation.visitor_id)
        .outerjoin(Staff, col(Staff.id) == Handoff.claimed_by)
        .order_by(col(Handoff.requested_at))
    )
    async with database.reading() as session:
        connection = await session.connection()
        # One after the other, each along an index of its own; sorting all of them took ten times as long.
        found = list(await connection.execute(query.where(*_WAITS).limit(limit)))
        if len(found) < limit:
            found += await connection.execute(query.where(*_CLAIMED).limit(limit - len(found)))
        return await _rows(connection, found, _some(Handoff, col(Handoff.closed_at).is_(None)))


async def all_open(database: Database, *, limit: int = MOST_ROWS) -> Rows:
    """Every conversation that is not resolved and has a message, the newest activity first."""
    query = (
        select(*_SHOWN)
        .select_from(Conversation)
        .join(Visitor, col(Visitor.id) == Conversation.visitor_id)
        .outerjoin(
            Handoff, (col(Handoff.conversation_id) == Conversation.id) & col(Handoff.closed_at).is_(None)
        )
        .outerjoin(Staff, col(Staff.id) == Conversation.assigned_staff_id)
        .where(_OPEN)
        .order_by(col(Conversation.updated_at).desc())
        .limit(limit)
    )
    async with database.reading() as session:
        connection = await session.connection()
        found = list(await connection.execute(query))
        return await _rows(connection, found, _some(Conversation, _OPEN))


async def place_in_queue(database: Database, conversation_id: UUID) -> int:
    """How many wait up to and including this conversation: 1 is next; 0 if it does not wait."""
    async with database.reading() as session:
        connection = await session.connection()
        mine = await connection.scalar(
            select(col(Handoff.requested_at)).where(col(Handoff.conversation_id) == conversation_id, *_WAITS)
        )
        if mine is None:
            return 0
        ahead = select(func.count()).select_from(Handoff).where(*_WAITS, col(Handoff.requested_at) < mine)
        return (await connection.scalar(ahead) or 0) + 1


def customer_name(visitor: Visitor) -> str:
    """What the desk calls a customer: the name given, the address, or a short number."""
    return _called(visitor.name, visitor.email, visitor.id)


def _called(name: str | None, email: str | None, visitor_id: UUID) -> str:
    return name or email or f"Visitor {visitor_id.hex[-5:]}"


async def _rows(connection: AsyncConnection, found: Sequence[_Found], of_all: Select[Any]) -> Rows:
    last = await _last_words(connection, [one.id for one in found])
    counts = select(_count(_some(Handoff, *_WAITS)), _count(of_all))
    waiting, total = (await connection.execute(counts)).one()
    return Rows(tuple(_row(one, last.get(one.id)) for one in found), waiting=waiting, total=total)


def _some(of: type[SQLModel], *conditions: ColumnElement[bool] | TextClause) -> Select[Any]:
    """The rows that fulfil the conditions, at most `MOST_COUNTED`."""
    return select(literal(1)).select_from(of).where(*conditions).limit(MOST_COUNTED)


def _count(rows: Select[Any]) -> ScalarSelect[int]:
    return select(func.count()).select_from(rows.subquery()).scalar_subquery()


async def _last_words(connection: AsyncConnection, conversations: Sequence[UUID]) -> dict[UUID, _Said]:
    # The newest of each conversation by its number, so that a long one costs no more than a short one.
    newest = (
        select(col(Message.id))
        .where(
            col(Message.conversation_id) == Conversation.id,
            col(Message.kind) == Kind.TEXT,
            col(Message.content) != "",
            col(Message.state).not_in([MessageState.SUPERSEDED, MessageState.STREAMING]),
        )
        .order_by(col(Message.seq).desc())
        .limit(1)
        .correlate(Conversation)
        .scalar_subquery()
    )
    these = select(newest).where(col(Conversation.id).in_(conversations))
    words = func.substr(col(Message.content), 1, READ_CHARACTERS)
    query = select(col(Message.conversation_id), col(Message.role), words).where(col(Message.id).in_(these))
    return {one: (role, said) for one, role, said in await connection.execute(query)}


def _row(one: _Found, last: _Said | None) -> Row:
    role, words = last or (Role.USER, "")
    handed_off = one.requested_at is not None
    return Row(
        id=one.id,
        customer=_called(one.name, one.email, one.visitor_id),
        subject=one.subject,
        last_words=" ".join(words.split())[:LAST_WORDS_CHARACTERS],
        last_role=str(role),
        reason=str(one.reason) if handed_off else "",
        owner=owner(
            one.status,
            handed_off=handed_off,
            claimed=one.claimed_by is not None,
            meanwhile=one.assistant_meanwhile_at is not None,
        ),
        staff_id=one.staff_id,
        staff_name=one.staff_name or "",
        reopened=bool(one.reopened),
        since=one.requested_at if handed_off else one.updated_at,
        updated_at=one.updated_at,
    )
