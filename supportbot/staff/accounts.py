"""The people who work at the desk."""

from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.database import Database
from supportbot.errors import NotFound, Refused
from supportbot.ids import now
from supportbot.models import Staff, StaffLink, StaffRole, StaffSession
from supportbot.staff import passwords

LONGEST_EMAIL = 254
LONGEST_NAME = 120


async def add(
    database: Database,
    email: str,
    *,
    name: str | None = None,
    role: StaffRole = StaffRole.AGENT,
    password: str | None = None,
) -> tuple[Staff, str | None]:
    """Open an account. The first one is always an admin's: somebody has to be able to let others in.

    Returns:
        The account, and the password that was made up when none was given (told once, stored hashed).

    Raises:
        Refused: the e-mail address, name or password is not acceptable, or the account exists.
    """
    email = valid_email(email)
    name = valid_name(name) if name is not None else _name_from(email)
    made_up = None if password is not None else passwords.one_time()
    password_hash = await passwords.hashed(password if password is not None else made_up or "")
    try:
        async with database.transaction() as session:
            if await _count(session) == 0:
                role = StaffRole.ADMIN
            staff = Staff(email=email, name=name, role=role, password_hash=password_hash)
            session.add(staff)
    except IntegrityError:
        raise Refused(f"There is already an account for {email}.") from None
    return staff, made_up


async def set_password(database: Database, email: str, password: str | None = None) -> str | None:
    """Give an account another password and sign it out everywhere.

    Returns:
        The password that was made up when none was given.

    Raises:
        NotFound: there is no such account.
        Refused: the password is too short or too long.
    """
    made_up = None if password is not None else passwords.one_time()
    password_hash = await passwords.hashed(password if password is not None else made_up or "")
    async with database.transaction() as session:
        staff = await _find(session, email)
        staff.password_hash = password_hash
        await revoke_access(session, staff.id)
    return made_up


async def disable(database: Database, email: str) -> Staff:
    """Close an account: nobody can sign in to it, and whoever is signed in to it is no longer.

    Raises:
        NotFound: there is no such account.
        Refused: nobody else could let people in.
    """
    async with database.transaction() as session:
        staff = await _find(session, email)
        if staff.role == StaffRole.ADMIN and not await _other_admins(session, staff.id):
            raise Refused(f"{staff.email} is the only admin. Add another admin first.")
        staff.disabled_at = staff.disabled_at or now()
        await revoke_access(session, staff.id)
        return staff


async def enable(database: Database, email: str) -> Staff:
    """Open a disabled account again, with the password it had.

    Raises:
        NotFound: there is no such account.
    """
    async with database.transaction() as session:
        staff = await _find(session, email)
        staff.disabled_at = None
        return staff


async def everyone(database: Database) -> list[Staff]:
    """All accounts, disabled ones too, by e-mail address."""
    async with database.reading() as session:
        return list(await session.exec(select(Staff).order_by(col(Staff.email))))


async def count(database: Database) -> int:
    """How many accounts there are, disabled ones too."""
    async with database.reading() as session:
        return await _count(session)


async def any_account(database: Database) -> bool:
    """Whether anybody has been given an account yet."""
    return await count(database) > 0


def normal_email(email: str) -> str | None:
    """The one spelling an address is stored under, or None for what cannot be an address."""
    email = email.strip().casefold()
    name, at, host = email.rpartition("@")
    plain = email.isprintable() and not any(character.isspace() for character in email)
    return email if name and at and host and plain and len(email) <= LONGEST_EMAIL else None


def valid_email(email: str) -> str:
    """The one spelling an address is stored under.

    Raises:
        Refused: it cannot be an address.
    """
    normal = normal_email(email)
    if normal is None:
        raise Refused("This does not look like an e-mail address.")
    return normal


def valid_name(name: str) -> str:
    """The name as it is kept.

    Raises:
        Refused: it cannot be one.
    """
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused(f"A name needs 1 to {LONGEST_NAME} ordinary characters.")
    return name


def _name_from(email: str) -> str:
    words = email.rpartition("@")[0].partition("+")[0].replace(".", " ").replace("_", " ").split()
    return " ".join(word.capitalize() for word in words)[:LONGEST_NAME] or email[:LONGEST_NAME]


async def _find(session: AsyncSession, email: str) -> Staff:
    found = await session.exec(select(Staff).where(Staff.email == normal_email(email)))
    staff = found.one_or_none()
    if staff is None:
        raise NotFound("There is no account with this e-mail address.")
    return staff


async def _count(session: AsyncSession) -> int:
    return (await session.exec(select(func.count()).select_from(Staff))).one()


async def _other_admins(session: AsyncSession, staff_id: UUID) -> bool:
    others = select(Staff.id).where(
        Staff.role == StaffRole.ADMIN,
        Staff.id != staff_id,
        col(Staff.disabled_at).is_(None),
        col(Staff.password_hash) != "",
    )
    return (await session.exec(others.limit(1))).first() is not None


async def revoke_access(session: AsyncSession, staff_id: UUID) -> None:
    """Sign somebody out everywhere and void their links, in this transaction: nobody gets in by what was."""
    await void_links(session, staff_id)
    await session.exec(
        update(StaffSession)
        .where(col(StaffSession.staff_id) == staff_id, col(StaffSession.revoked_at).is_(None))
        .values(revoked_at=now())
    )


async def void_links(session: AsyncSession, staff_id: UUID) -> None:
    """Let nobody choose a password for this account by a link that was made before."""
    await session.exec(
        update(StaffLink)
        .where(col(StaffLink.staff_id) == staff_id, col(StaffLink.used_at).is_(None))
        .values(used_at=now())
    )
