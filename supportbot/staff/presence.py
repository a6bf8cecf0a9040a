"""Who is at the desk: seen by an open page of theirs, or away because they said so."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select

from supportbot.database import Database
from supportbot.models import Staff

GONE_AFTER = timedelta(seconds=45)


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody with an open desk page."""

    id: UUID
    name: str
    away: bool


async def seen(database: Database, staff_id: UUID, at: datetime) -> None:
    """Note a sign of life of an open desk page."""
    async with database.transaction() as session:
        await session.exec(update(Staff).where(col(Staff.id) == staff_id).values(seen_at=at))


async def away(database: Database, staff_id: UUID, on: bool, at: datetime) -> None:
    """Somebody says that they are away, or back."""
    async with database.transaction() as session:
        await session.exec(update(Staff).where(col(Staff.id) == staff_id).values(away_at=at if on else None))


async def present(database: Database, at: datetime) -> list[Present]:
    """Everybody with an open desk page, by name."""
    query = (
        select(Staff)
        .where(col(Staff.seen_at) > at - GONE_AFTER, col(Staff.disabled_at).is_(None))
        .order_by(col(Staff.name))
    )
    async with database.reading() as session:
        people = (await session.exec(query)).all()
    return [Present(one.id, one.name, one.away_at is not None) for one in people]
