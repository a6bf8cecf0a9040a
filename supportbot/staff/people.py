"""Who may work at the desk and as what. There is always an admin who can sign in."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.database import Database
from supportbot.errors import NotFound, Refused
from supportbot.ids import now
from supportbot.models import Staff, StaffRole
from supportbot.staff.accounts import revoke_access


async def set_role(database: Database, admin: Staff, staff_id: UUID, role: StaffRole) -> Staff:
    """Make somebody an agent or an admin.

    Raises:
        NotFound: there is no such account.
        Refused: it is no admin who asks, or nobody else could let people in.
    """
    async with database.transaction() as session:
        staff = await _found(session, admin, staff_id)
        if role != StaffRole.ADMIN:
            await _keep_an_admin(session, staff)
        staff.role = role
        return staff


async def close_account(database: Database, admin: Staff, staff_id: UUID) -> Staff:
    """Let somebody in no more, and sign them out everywhere.

    Raises:
        NotFound: there is no such account.
        Refused: it is no admin who asks, or nobody else could let people in.
    """
    async with database.transaction() as session:
        staff = await _found(session, admin, staff_id)
        await _keep_an_admin(session, staff)
        staff.disabled_at = staff.disabled_at or now()
        await revoke_access(session, staff.id)
        return staff


async def open_account(database: Database, admin: Staff, staff_id: UUID) -> Staff:
    """Let somebody in again, with the password they had.

    Raises:
        NotFound: there is no such account.
        Refused: it is no admin who asks.
    """
    async with database.transaction() as session:
        staff = await _found(session, admin, staff_id)
        staff.disabled_at = None
        return staff


async def _found(session: AsyncSession, admin: Staff, staff_id: UUID) -> Staff:
    if admin.role != StaffRole.ADMIN:
        raise Refused("Only admins can change who works here.")
    staff = await session.get(Staff, staff_id)
    if staff is None:
        raise NotFound("There is no such account.")
    return staff


async def _keep_an_admin(session: AsyncSession, staff: Staff) -> None:
    """Refuse to lose the last admin who can sign in; locked, so that two cannot lose each other at once."""
    query = (
        select(Staff.id)
        .where(
            Staff.role == StaffRole.ADMIN, col(Staff.disabled_at).is_(None), col(Staff.password_hash) != ""
        )
        .order_by(col(Staff.id))
        .with_for_update()
    )
    admins = set(await session.exec(query))
    if staff.id in admins and len(admins) == 1:
        raise Refused(f"{staff.name} is the only admin. Make somebody else an admin first.")
