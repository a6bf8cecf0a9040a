"""Who is at the desk: a page of theirs was open a moment ago, and they have not said that they are away."""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.database import Database
from supportbot.ids import now
from supportbot.models import Staff

WRITE_EVERY = timedelta(seconds=15)
"""An open page says often that it is there; this seldom it is written down."""
THERE_FOR = timedelta(seconds=60)
"""How long a sign of life counts."""

State = Literal["online", "away", "offline"]
_ORDER: tuple[State, ...] = ("online", "away", "offline")


class Present(NamedTuple):
    """A colleague and how they can be reached."""

    id: UUID
    name: str
    state: State


async def seen(database: Database, staff_id: UUID, at: datetime) -> bool:
    """A page of this person's is open at this moment.

    Returns:
        Whether it was written down; a sign of life just before is enough.
    """
    due = _not_since(at - WRITE_EVERY)
    async with database.reading() as session:
        # Mostly it is not due, and a look takes no lock.
        if (await session.exec(select(Staff.id).where(Staff.id == staff_id, due))).first() is None:
            return False
    async with database.transaction() as session:
        written = await session.exec(update(Staff).where(col(Staff.id) == staff_id, due).values(seen_at=at))
    return bool(written.rowcount == 1)


async def away(database: Database, staff_id: UUID, on: bool) -> None:
    """Somebody is away from now on, or back. Being away twice is being away since the first time."""
    async with database.transaction() as session:
        which = update(Staff).where(col(Staff.id) == staff_id)
        if on:
            await session.exec(which.where(col(Staff.away_at).is_(None)).values(away_at=now()))
        else:
            await session.exec(which.values(away_at=None))


async def anybody_there(session: AsyncSession, at: datetime) -> bool:
    """Whether somebody is at the desk who would notice a customer now."""
    there = select(Staff.id).where(
        col(Staff.disabled_at).is_(None),
        col(Staff.away_at).is_(None),
        col(Staff.seen_at) > at - THERE_FOR,
    )
    return (await session.exec(there.limit(1))).first() is not None


async def present(database: Database, at: datetime) -> list[Present]:
    """Who has a page of the desk open, away or not: those who are there first."""
    return [one for one in await colleagues(database, at) if one.state != "offline"]


async def colleagues(database: Database, at: datetime) -> list[Present]:
    """Everybody who may be given work, by how soon they would notice."""
    query = select(Staff).where(col(Staff.disabled_at).is_(None)).order_by(col(Staff.name))
    async with database.reading() as session:
        people = [Present(one.id, one.name, _state(one, at)) for one in await session.exec(query)]
    return sorted(people, key=lambda one: _ORDER.index(one.state))


def _state(staff: Staff, at: datetime) -> State:
    if staff.seen_at is None or staff.seen_at <= at - THERE_FOR:
        return "offline"
    return "away" if staff.away_at is not None else "online"


def _not_since(at: datetime) -> ColumnElement[bool]:
    return or_(col(Staff.seen_at).is_(None), col(Staff.seen_at) <= at)
