"""Hand-offs that nobody takes: staff are told once, by mail and webhook."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.conversations.wording import clean_line
from supportbot.database import Database
from supportbot.escalations.queue import customer_name
from supportbot.models import Conversation, Handoff, Visitor
from supportbot.outbox import mail_staff, outlets_of, webhook

REQUESTED, UNCLAIMED = "handoff.requested", "handoff.unclaimed"
AT_A_TIME = 100
BRIEF_IN_MAIL = 200
NAME_IN_MAIL = 60


async def tell_of_request(session: AsyncSession, handoff: Handoff) -> None:
    """Write the webhook of a hand-off that has just been requested, in the transaction that makes it."""
    await webhook(
        session,
        REQUESTED,
        key=f"{REQUESTED}:{handoff.id.hex}",
        data=_facts(session, handoff),
        at=handoff.requested_at,
    )


async def tell_of_unclaimed(database: Database, after: timedelta, at: datetime) -> int:
    """Tell everybody at the desk of hand-offs that have waited for so long, each once.

    Args:
        database: Where hand-offs are kept.
        after: How long nobody may have claimed one.
        at: The time it is.

    Returns:
        How many hand-offs were told of.
    """
    query = (
        select(Handoff.id)
        .where(*_unclaimed(), col(Handoff.requested_at) <= at - after)
        .order_by(col(Handoff.requested_at))
        .limit(AT_A_TIME)
    )
    async with database.reading() as session:
        late = (await session.exec(query)).all()
    told = 0
    for handoff_id in late:
        async with database.transaction() as session:
            told += await _tell(session, handoff_id, after, at)
    return told


async def _tell(session: AsyncSession, handoff_id: UUID, after: timedelta, at: datetime) -> bool:
    """The fact that it was told of, and what is told, in one transaction."""
    noted = await session.exec(
        update(Handoff).where(col(Handoff.id) == handoff_id, *_unclaimed()).values(unclaimed_told_at=at)
    )
    if noted.rowcount != 1:
        return False  # somebody has claimed it, or told of it, since we looked
    handoff, visitor = (
        await session.exec(
            select(Handoff, Visitor)
            .join(Conversation, col(Conversation.id) == Handoff.conversation_id)
            .join(Visitor, col(Visitor.id) == Conversation.visitor_id)
            .where(Handoff.id == handoff_id)
        )
    ).one()
    minutes = int(after.total_seconds() // 60)
    key = f"{UNCLAIMED}:{handoff.id.hex}"
    await webhook(
        session, UNCLAIMED, key=key, data=_facts(session, handoff) | {"unclaimed_minutes": minutes}, at=at
    )
    name = clean_line(customer_name(visitor), limit=NAME_IN_MAIL)
    await mail_staff(
        session,
        key=key,
        topic=UNCLAIMED,
        subject=f"{name} waits for a person",
        body=_letter(session, handoff, name, minutes),
    )
    return True


def _letter(session: AsyncSession, handoff: Handoff, name: str, minutes: int) -> str:
    brief = clean_line(handoff.brief.strip().partition("\n")[0], limit=BRIEF_IN_MAIL)
    about = f"What it is about: {brief}\n" if brief else ""
    house = outlets_of(session)
    return (
        f"{name} has been waiting for a person since {handoff.requested_at:%H:%M} UTC, and nobody has "
        "claimed the conversation.\n\n"
        f"Reason: {str(handoff.reason).replace('_', ' ')}\n{about}\n"
        f"Claim it: {_link(session, handoff)}\n\n"
        f"{house.company} support sends this once for each conversation that nobody has claimed for "
        f"{minutes} {'minute' if minutes == 1 else 'minutes'}.\n"
    )


def _facts(session: AsyncSession, handoff: Handoff) -> dict[str, object]:
    """What a webhook says of a hand-off: facts, and where to read on. Nothing a customer wrote."""
    return {
        "handoff_id": str(handoff.id),
        "conversation_id": str(handoff.conversation_id),
        "reason": str(handoff.reason),
        "trigger": str(handoff.trigger),
        "reopened": handoff.reopened,
        "requested_at": handoff.requested_at.isoformat(timespec="milliseconds"),
        "url": _link(session, handoff),
    }


def _link(session: AsyncSession, handoff: Handoff) -> str:
    return outlets_of(session).link(f"/escalations/{handoff.conversation_id}")


def _unclaimed() -> list[ColumnElement[bool]]:
    return [
        col(Handoff.closed_at).is_(None),
        col(Handoff.claimed_by).is_(None),
        col(Handoff.unclaimed_told_at).is_(None),
    ]
