"""What else a customer has talked to us about."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CompoundSelect, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from supportbot.conversations.events import Owner
from supportbot.conversations.ownership import owner
from supportbot.database import Database
from supportbot.models import Conversation, ConversationGuest, Handoff, Outcome, Staff, Visitor

MOST_OTHERS = 20


@dataclass(frozen=True, slots=True)
class PastRow:
    """Another conversation of the same customer, as the desk sees it beside an open one."""

    id: UUID
    subject: str
    owner: Owner
    reason: str
    staff_name: str
    junk: bool
    created_at: datetime
    updated_at: datetime


async def other_conversations(
    database: Database, conversation_id: UUID, *, limit: int = MOST_OTHERS
) -> list[PastRow]:
    """The customer's other conversations, the newest activity first.

    The same customer is the same browser, the same account of the site we are embedded in, an address that
    both have proven, or a browser that was let into this conversation by a mail. An address somebody has
    only typed is no proof: it must not show an agent, who believes what the page says, a stranger's past.
    """
    async with database.reading() as session:
        connection = await session.connection()
        people = set(await connection.scalars(_customers(conversation_id)))
        query = (
            select(
                *(col(Conversation.id), col(Conversation.subject), col(Conversation.status)),
                *(col(Conversation.junk_at), col(Conversation.created_at), col(Conversation.updated_at)),
                *(col(Handoff.reason), col(Handoff.claimed_by), col(Handoff.assistant_meanwhile_at)),
                *(col(Outcome.handoff_reason), col(Staff.name).label("staff_name")),
            )
            .outerjoin(
                Handoff,
                (col(Handoff.conversation_id) == Conversation.id) & col(Handoff.closed_at).is_(None),
            )
            .outerjoin(Outcome, col(Outcome.conversation_id) == Conversation.id)
            .outerjoin(Staff, col(Staff.id) == Conversation.assigned_staff_id)
            .where(
                col(Conversation.visitor_id).in_(people),
                col(Conversation.id) != conversation_id,
                col(Conversation.last_seq) > 0,
            )
            .order_by(col(Conversation.updated_at).desc())
            .limit(limit)
        )
        return [_row(one) for one in await connection.execute(query)]


def _customers(conversation_id: UUID) -> CompoundSelect[Any]:
    """The browsers of a conversation's customer."""
    this, same = aliased(Visitor), aliased(Visitor)
    owner_ = select(col(Conversation.visitor_id)).where(col(Conversation.id) == conversation_id)
    mine = col(this.id).in_(owner_)
    account = select(col(same.id)).join(this, col(same.external_id) == col(this.external_id)).where(mine)
    proven = (
        select(col(same.id))
        .join(this, col(same.email) == col(this.email))
        .where(mine, col(this.email_verified_at).is_not(None), col(same.email_verified_at).is_not(None))
    )
    guests = select(col(ConversationGuest.visitor_id)).where(
        col(ConversationGuest.conversation_id) == conversation_id
    )
    return owner_.union(account, proven, guests)


def _row(one: Any) -> PastRow:
    handed_off = one.reason is not None
    return PastRow(
        id=one.id,
        subject=one.subject,
        owner=owner(
            one.status,
            handed_off=handed_off,
            claimed=one.claimed_by is not None,
            meanwhile=one.assistant_meanwhile_at is not None,
        ),
        reason=str(one.reason or one.handoff_reason or ""),
        staff_name=one.staff_name or "",
        junk=one.junk_at is not None,
        created_at=one.created_at,
        updated_at=one.updated_at,
    )
