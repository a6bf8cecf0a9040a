"""Hand-offs that nobody would notice, and those that nobody takes: staff are told once of each.

By webhook and mail, and at the desk itself.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.conversations.events import DESK, WaitsTooLong
from supportbot.conversations.live import LiveLog
from supportbot.conversations.wording import clean_line
from supportbot.database import Database
from supportbot.escalations.extracting import read_parts
from supportbot.escalations.queue import customer_name
from supportbot.ids import now
from supportbot.models import Channel, Conversation, Handoff, Staff, Visitor
from supportbot.outbox import mail_staff, outlets_of, webhook
from supportbot.staff.presence import anybody_there

REQUESTED, UNCLAIMED = "handoff.requested", "handoff.unclaimed"
AT_A_TIME = 100
BRIEF_IN_MAIL = 200
NAME_IN_MAIL = 60


async def tell_of_request(session: AsyncSession, handoff: Handoff, *, after: Staff | None = None) -> None:
    """Tell of a hand-off that has just been requested, in the transaction that makes it.

    A webhook in any case; a mail to everybody if there is nobody at the desk who would see it. The same
    again when it is back in the queue `after` somebody who no longer works here.
    """
    there = await anybody_there(session, now())
    key = f"{REQUESTED}:{handoff.id.hex}" + (f":{after.id.hex}" if after else "")
    data = _facts(session, handoff) | {"anybody_there": there}
    await webhook(session, REQUESTED, key=key, data=data, at=handoff.requested_at)
    if there or Channel.MAIL not in outlets_of(session).channels:
        return
    name = await _name_of_customer(session, handoff)
    opening = f"{name} has asked for a person, and nobody is at the desk."
    ending = "sends this once for each conversation that comes while nobody is at the desk"
    await mail_staff(
        session,
        key=key,
        topic=REQUESTED,
        subject=f"{name} asks for a person",
        body=_letter(session, handoff, opening, ending),
    )


async def tell_of_unclaimed(database: Database, live: LiveLog, after: timedelta, at: datetime) -> int:
    """Tell everybody at the desk of hand-offs that have waited for so long, each once.

    Args:
        database: Where hand-offs are kept.
        live: The log that tells the open pages of the desk.
        after: How long nobody may have claimed one.
        at: The time it is.

    Returns:
        How many hand-offs were told of.
    """
    query = (
        select(Handoff.id, Handoff.conversation_id)
        .where(*_unclaimed(), col(Handoff.requested_at) <= at - after)
        .order_by(col(Handoff.requested_at))
        .limit(AT_A_TIME)
    )
    async with database.reading() as session:
        late = (await session.exec(query)).all()
    told = 0
    for handoff_id, conversation_id in late:
        async with database.transaction() as session:
            tells = await _tell(session, handoff_id, after, at)
        if tells:
            told += 1
            await live.append(DESK, WaitsTooLong(conversation_id))
    return told


async def _tell(session: AsyncSession, handoff_id: UUID, after: timedelta, at: datetime) -> bool:
    """The fact that it was told of, and what is told, in one transaction."""
    noted = await session.exec(
        update(Handoff).where(col(Handoff.id) == handoff_id, *_unclaimed()).values(unclaimed_told_at=at)
    )
    if noted.rowcount != 1:
        return False  # somebody has claimed it, or told of it, since we looked
    handoff = (await session.exec(select(Handoff).where(Handoff.id == handoff_id))).one()
    minutes = int(after.total_seconds() // 60)
    key = f"{UNCLAIMED}:{handoff.id.hex}"
    await webhook(
        session, UNCLAIMED, key=key, data=_facts(session, handoff) | {"unclaimed_minutes": minutes}, at=at
    )
    name = await _name_of_customer(session, handoff)
    since = f"{handoff.requested_at:%H:%M} UTC"
    await mail_staff(
        session,
        key=key,
        topic=UNCLAIMED,
        subject=f"{name} waits for a person",
        body=_letter(
            session,
            handoff,
            f"{name} has been waiting for a person since {since}, and nobody has claimed the conversation.",
            "sends this once for each conversation that nobody has claimed for "
            f"{minutes} {'minute' if minutes == 1 else 'minutes'}",
        ),
    )
    return True


async def _name_of_customer(session: AsyncSession, handoff: Handoff) -> str:
    query = (
        select(Visitor)
        .join(Conversation, col(Conversation.visitor_id) == Visitor.id)
        .where(Conversation.id == handoff.conversation_id)
    )
    return clean_line(customer_name((await session.exec(query)).one()), limit=NAME_IN_MAIL)


def _letter(session: AsyncSession, handoff: Handoff, opening: str, ending: str) -> str:
    brief = clean_line(read_parts(handoff.brief).wanted, limit=BRIEF_IN_MAIL)
    about = f"What it is about: {brief}\n" if brief else ""
    house = outlets_of(session)
    return (
        f"{opening}\n\n"
        f"Reason: {str(handoff.reason).replace('_', ' ')}\n{about}\n"
        f"Claim it: {_link(session, handoff)}\n\n"
        f"{house.company} support {ending}.\n"
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
