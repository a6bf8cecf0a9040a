"""Links by which somebody gets a password of their own: to a new account (`invite`) or again (`reset`).

The token is random and stored as a hash; it is good for one use within seven days, and as long as whoever
made it is an admin: they have seen it, and must not come back by it. Used, expired, unknown and closed are
answered alike. It is shown once to whoever made it, and mailed when mail is set up.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot import outbox
from supportbot.database import Database
from supportbot.errors import NotFound, Refused
from supportbot.ids import now
from supportbot.models import Staff, StaffLink, StaffRole
from supportbot.staff import passwords
from supportbot.staff.accounts import revoke_access, valid_email, valid_name, void_links
from supportbot.staff.sign_in import open_session

INVITE, RESET = "invite", "reset"
PATH = "/welcome/"
GOOD_FOR = timedelta(days=7)
OVER = "This link cannot be used: it may be mistyped, too old, or used already. Ask an admin for another one."

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Made:
    """A link that was made: where it leads, for whom, and whether it was mailed to them, too."""

    url: str
    email: str
    mailed: bool


@dataclass(frozen=True, slots=True)
class Welcome:
    """Whom a link is for."""

    email: str
    name: str
    purpose: str


async def invite(database: Database, admin: Staff, email: str, name: str, role: StaffRole) -> Made:
    """Open an account without a password, and make the link that gives it one.

    Whoever has not accepted yet is invited again: the earlier link is void.

    Raises:
        Refused: it is no admin who invites, the address or the name cannot be used, or the account exists.
    """
    _is_admin(admin)
    email, name = valid_email(email), valid_name(name)
    async with database.transaction() as session:
        found = await session.exec(select(Staff).where(Staff.email == email).with_for_update())
        staff = found.one_or_none()
        if staff is None:
            staff = Staff(email=email, name=name, role=role, password_hash="")
            session.add(staff)
            await session.flush()
        elif staff.password_hash or staff.disabled_at is not None:
            raise Refused(f"There is already an account for {email}.")
        else:
            staff.name, staff.role = name, role
        return await _make(session, admin, staff, INVITE)


async def invite_again(database: Database, admin: Staff, staff_id: UUID) -> Made:
    """Another link for somebody who has not accepted yet.

    Raises:
        Refused: it is no admin who asks, or the account has a password or is closed.
        NotFound: there is no such account.
    """
    return await _another(database, admin, staff_id, INVITE)


async def reset(database: Database, admin: Staff, staff_id: UUID) -> Made:
    """A link by which somebody chooses another password. The present one works until then.

    Raises:
        Refused: it is no admin who asks, or the account is not open.
        NotFound: there is no such account.
    """
    return await _another(database, admin, staff_id, RESET)


async def look(database: Database, token: object) -> Welcome | None:
    """Whom a link is for, if it can be used now."""
    async with database.reading() as session:
        found = await _open_link(session, token)
    return Welcome(found[1].email, found[1].name, found[0].purpose) if found else None


async def accept(
    database: Database, token: object, name: str | None, password: str, *, hours: int
) -> tuple[Staff, str]:
    """Give the account its password, sign it out everywhere and in here.

    Args:
        database: Where accounts are.
        token: From the link.
        name: What an invited person wants to be called; their name stays if None.
        password: The new one.
        hours: How long the session lasts.

    Returns:
        Who it is, and the token for their cookie.

    Raises:
        NotFound: the link cannot be used.
        Refused: the name or the password cannot; the link still can.
    """
    if await look(database, token) is None:
        raise NotFound(OVER)
    name = valid_name(name) if name is not None else None
    password_hash = await passwords.hashed(password)
    async with database.transaction() as session:
        found = await _open_link(session, token)
        if found is None:
            raise NotFound(OVER)
        link, staff = found
        used = await session.exec(
            update(StaffLink)
            .where(col(StaffLink.id) == link.id, col(StaffLink.used_at).is_(None))
            .values(used_at=now())
        )
        if used.rowcount != 1:
            raise NotFound(OVER)
        await revoke_access(session, staff.id)
        staff.password_hash = password_hash
        if name is not None and link.purpose == INVITE:
            staff.name = name
    cookie = await open_session(database, staff, timedelta(hours=hours))
    if cookie is None:
        raise NotFound(OVER)
    return staff, cookie


async def _another(database: Database, admin: Staff, staff_id: UUID, purpose: str) -> Made:
    _is_admin(admin)
    async with database.transaction() as session:
        staff = await session.get(Staff, staff_id, with_for_update=True)
        if staff is None:
            raise NotFound("There is no such account.")
        if staff.disabled_at is not None:
            raise Refused(f"The account of {staff.name} is closed. Open it first.")
        if bool(staff.password_hash) != (purpose == RESET):
            has_one = f"{staff.name} has a password by now." if staff.password_hash else ""
            raise Refused(has_one or f"{staff.name} has not accepted the invitation yet.")
        return await _make(session, admin, staff, purpose)


async def _make(session: AsyncSession, admin: Staff, staff: Staff, purpose: str) -> Made:
    await void_links(session, staff.id)  # only the newest link of somebody can be used
    token = secrets.token_urlsafe(32)
    link = StaffLink(
        staff_id=staff.id,
        purpose=purpose,
        token_hash=_hash(token),
        made_by=admin.id,
        expires_at=now() + GOOD_FOR,
    )
    session.add(link)
    house = outbox.outlets_of(session)
    url = house.link(PATH + token)
    subject, body = _mail(house.company, admin.name, staff.name, url, purpose)
    mailed = await outbox.mail(
        session, key=f"staff:{link.id}", topic=f"staff.{purpose}", to=staff.email, subject=subject, body=body
    )
    return Made(url, staff.email, mailed)


def _mail(company: str, by: str, name: str, url: str, purpose: str) -> tuple[str, str]:
    if purpose == INVITE:
        subject = f"Join {company} support"
        body = f"{by} invites you to answer customers of {company}. Choose a password here:"
    else:
        subject = f"Your password for {company} support"
        body = f"{by} has sent you a link by which you choose a new password:"
    end = "The link can be used once, within seven days. If you did not expect it, do nothing."
    return subject, f"Hello {name},\n\n{body}\n\n{url}\n\n{end}\n"


async def _open_link(session: AsyncSession, token: object) -> tuple[StaffLink, Staff] | None:
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        return None
    maker = aliased(Staff)
    query = (
        select(StaffLink, Staff)
        .join(Staff, col(Staff.id) == StaffLink.staff_id)
        .join(maker, col(maker.id) == StaffLink.made_by)
        .where(
            StaffLink.token_hash == _hash(token),
            StaffLink.expires_at > now(),
            col(StaffLink.used_at).is_(None),
            col(Staff.disabled_at).is_(None),
            col(maker.disabled_at).is_(None),
            col(maker.role) == StaffRole.ADMIN,
        )
    )
    row = (await session.exec(query)).first()
    return (row[0], row[1]) if row is not None else None


def _is_admin(staff: Staff) -> None:
    if staff.role != StaffRole.ADMIN:
        raise Refused("Only admins can invite people and reset passwords.")


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
