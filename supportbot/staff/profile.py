"""What people change of their own account."""

from uuid import UUID

from sqlalchemy import func, update
from sqlmodel import col, select

from supportbot.database import Database
from supportbot.errors import NotFound, Refused
from supportbot.ids import now
from supportbot.models import Picture, Staff, StaffSession
from supportbot.staff import passwords
from supportbot.staff.accounts import valid_name, void_links
from supportbot.staff.sign_in import SignInLimits, token_hash_of


async def rename(database: Database, staff_id: UUID, name: str) -> str:
    """Be called otherwise, at the desk and by customers, from now on.

    Returns:
        The name as it is kept.

    Raises:
        Refused: it cannot be a name.
    """
    name = valid_name(name)
    async with database.transaction() as session:
        await session.exec(update(Staff).where(col(Staff.id) == staff_id).values(name=name))
    return name


async def set_picture(database: Database, staff_id: UUID, picture: UUID | None) -> None:
    """Be shown with this picture, or with none.

    Raises:
        NotFound: there is no such picture.
    """
    async with database.transaction() as session:
        if picture is not None and await session.get(Picture, picture) is None:
            raise NotFound("The picture could not be found. Please choose it again.")
        await session.exec(update(Staff).where(col(Staff.id) == staff_id).values(picture_id=picture))


async def change_password(
    database: Database,
    limits: SignInLimits,
    staff: Staff,
    present: str,
    password: str,
    *,
    cookie: str,
    secure: bool,
    address: str,
) -> None:
    """Have another password, and be signed out everywhere but in this browser.

    Raises:
        RateLimited: too many wrong tries.
        Refused: the present password is not right, or the new one cannot be used.
    """
    await limits.sign_in(staff.email, address)
    if not await passwords.matches(present, staff.password_hash):
        raise Refused("The present password is not right.")
    await limits.signed_in(staff.email, address)
    password_hash = await passwords.hashed(password)
    async with database.transaction() as session:
        changed = await session.exec(
            update(Staff)
            .where(col(Staff.id) == staff.id, col(Staff.password_hash) == staff.password_hash)
            .values(password_hash=password_hash)
        )
        if changed.rowcount != 1:
            raise Refused("Your password has been changed meanwhile. Please sign in again.")
        await void_links(session, staff.id)
    await sign_out_elsewhere(database, staff.id, cookie, secure=secure)


async def sign_out_elsewhere(database: Database, staff_id: UUID, cookie: str, *, secure: bool) -> int:
    """End every session of this person but the one of this browser.

    Returns:
        How many ended.
    """
    async with database.transaction() as session:
        ended = await session.exec(
            update(StaffSession)
            .where(
                col(StaffSession.staff_id) == staff_id,
                col(StaffSession.revoked_at).is_(None),
                col(StaffSession.expires_at) > now(),
                col(StaffSession.token_hash) != (token_hash_of(cookie, secure) or ""),
            )
            .values(revoked_at=now())
        )
    return int(ended.rowcount)


async def sessions_elsewhere(database: Database, staff_id: UUID, cookie: str, *, secure: bool) -> int:
    """In how many other browsers this person is signed in."""
    query = select(func.count(col(StaffSession.id))).where(
        StaffSession.staff_id == staff_id,
        col(StaffSession.revoked_at).is_(None),
        StaffSession.expires_at > now(),
        StaffSession.token_hash != (token_hash_of(cookie, secure) or ""),
    )
    async with database.reading() as session:
        return (await session.exec(query)).one()
