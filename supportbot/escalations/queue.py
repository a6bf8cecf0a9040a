"""What the desk sees: who waits, since when and why, and everything that is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import Select

from supportbot.conversations.events import Owner
from supportbot.conversations.ownership import owner_of
from supportbot.database import Database
from supportbot.models import Conversation, Handoff, Kind, Message, MessageState, Role, Staff, Status, Visitor

_Query = Select[Conversation, Visitor, Handoff, Staff]

MOST_ROWS = 100
LAST_WORDS_CHARACTERS = 160


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
    async with database.reading() as session:
        colleague = aliased(Staff)
        query = (
            select(Conversation, Visitor, Handoff, colleague)
            .join(Handoff, col(Handoff.conversation_id) == Conversation.id)
            .join(Visitor, col(Visitor.id) == Conversation.visitor_id)
            .outerjoin(colleague, col(colleague.id) == Handoff.claimed_by)
            .where(col(Handoff.closed_at).is_(None))
            .order_by(col(Handoff.claimed_by).is_not(None), col(Handoff.requested_at))
        )
        return await _rows(session, query, limit)


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
        .where(col(Conversation.status).in_([Status.ACTIVE, Status.ESCALATED]), Conversation.last_seq > 0)
        .order_by(col(Conversation.updated_at).desc())
    )
    async with database.reading() as session:
        return await _rows(session, query, limit)


async def place_in_queue(database: Database, conversation_id: UUID) -> int:
    """How many wait up to and including this conversation: 1 is next; 0 if it does not wait."""
    async with database.reading() as session:
        mine = (
            await session.exec(
                select(Handoff.requested_at).where(
                    Handoff.conversation_id == conversation_id,
                    col(Handoff.closed_at).is_(None),
                    col(Handoff.claimed_by).is_(None),
                )
            )
        ).first()
        if mine is None:
            return 0
        ahead = (
            select(func.count())
            .select_from(Handoff)
            .where(
                col(Handoff.closed_at).is_(None),
                col(Handoff.claimed_by).is_(None),
                col(Handoff.requested_at) < mine,
            )
        )
        return (await session.exec(ahead)).one() + 1


def customer_name(visitor: Visitor) -> str:
    """What the desk calls a customer: the name given, the address, or a short number."""
    return visitor.name or visitor.email or f"Visitor {visitor.id.hex[-5:]}"


async def _rows(session: AsyncSession, query: _Query, limit: int) -> Rows:
    found = (await session.exec(query.limit(limit))).all()
    total = len(found)
    if total == limit:
        every = query.with_only_columns(col(Conversation.id)).order_by(None).subquery()
        total = (await session.exec(select(func.count()).select_from(every))).one()
    last = await _last_words(session, [conversation.id for conversation, *_ in found])
    waiting = (
        await session.exec(
            select(func.count())
            .select_from(Handoff)
            .where(col(Handoff.closed_at).is_(None), col(Handoff.claimed_by).is_(None))
        )
    ).one()
    rows = tuple(
        _row(conversation, visitor, handoff, staff, last.get(conversation.id))
        for conversation, visitor, handoff, staff in found
    )
    return Rows(rows, waiting=waiting, total=total)


async def _last_words(session: AsyncSession, conversations: Sequence[UUID]) -> dict[UUID, Message]:
    newest = (
        select(Message.conversation_id, func.max(Message.seq).label("seq"))
        .where(
            col(Message.conversation_id).in_(conversations),
            Message.kind == Kind.TEXT,
            Message.content != "",
            col(Message.state).not_in([MessageState.SUPERSEDED, MessageState.STREAMING]),
        )
        .group_by(col(Message.conversation_id))
        .subquery()
    )
    query = select(Message).join(
        newest,
        (col(Message.conversation_id) == newest.c.conversation_id) & (col(Message.seq) == newest.c.seq),
    )
    return {message.conversation_id: message for message in (await session.exec(query)).all()}


def _row(
    conversation: Conversation,
    visitor: Visitor,
    handoff: Handoff | None,
    staff: Staff | None,
    last: Message | None,
) -> Row:
    return Row(
        id=conversation.id,
        customer=customer_name(visitor),
        subject=conversation.subject,
        last_words=" ".join((last.content if last else "").split())[:LAST_WORDS_CHARACTERS],
        last_role=str(last.role) if last else str(Role.USER),
        reason=str(handoff.reason) if handoff else "",
        owner=owner_of(conversation, handoff),
        staff_id=staff.id if staff else None,
        staff_name=staff.name if staff else "",
        reopened=bool(handoff and handoff.reopened),
        since=handoff.requested_at if handoff else conversation.updated_at,
        updated_at=conversation.updated_at,
    )
