"""Whether the desk makes a sound for somebody."""

from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from supportbot.database import Database
from supportbot.models import Staff


async def sound(database: Database, staff_id: UUID, on: bool) -> None:
    """Turn somebody's sounds on or off, on every page of theirs."""
    async with database.transaction() as session:
        await session.exec(update(Staff).where(col(Staff.id) == staff_id).values(sounds=on))
