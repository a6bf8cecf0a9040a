"""Pictures in the database: kept while something shows them, or could show them again."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.database import Database
from supportbot.house.image_files import checked
from supportbot.ids import now, parse_id
from supportbot.models import Picture, Setting, Staff

CHOSEN_WITHIN = timedelta(days=1)
"""How long an uploaded picture may wait until somebody saves the page it was chosen on."""


async def keep(database: Database, content: bytes) -> UUID:
    """Keep an uploaded picture, and no longer those that nobody has used.

    Raises:
        Refused: it is no picture that may be kept.
    """
    image = checked(content)
    picture = Picture(media_type=image.media_type, content=image.content)
    async with database.transaction() as session:
        await _forget_unused(session)
        session.add(picture)
    return picture.id


async def picture_of(database: Database, identity: UUID) -> Picture | None:
    """A picture, if there is one with this id."""
    async with database.reading() as session:
        return await session.get(Picture, identity)


async def is_shown(database: Database, identity: UUID) -> bool:
    """Whether somebody at the desk is shown with this picture."""
    query = select(Staff.id).where(Staff.picture_id == identity).limit(1)
    async with database.reading() as session:
        return (await session.exec(query)).first() is not None


async def _forget_unused(session: AsyncSession) -> None:
    looks = await session.exec(select(Setting.content).where(Setting.section == "look"))
    logos = {parse_id(content.get("logo")) for content in looks}
    people = set(await session.exec(select(Staff.picture_id).where(col(Staff.picture_id).is_not(None))))
    old = select(Picture.id).where(Picture.created_at < now() - CHOSEN_WITHIN)
    unused = [one for one in await session.exec(old) if one not in logos | people]
    if unused:
        await session.exec(delete(Picture).where(col(Picture.id).in_(unused)))
