"""Who is at the desk: signing in, the cookie that proves it, signing out.

The cookie holds a random token; the database holds only its hash. Whether somebody is signed in is
looked up each time, so an account that is disabled is out with its next event.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Protocol
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import col, select

from supportbot.database import Database
from supportbot.errors import NotSignedIn
from supportbot.ids import now
from supportbot.models import Staff, StaffRole, StaffSession
from supportbot.staff import passwords
from supportbot.staff.accounts import normal_email

SECURE_COOKIE = "__Host-supportbot_staff"
PLAIN_COOKIE = "supportbot_staff"
LONGEST_COOKIE_HEADER = 16_384
DEFAULT_HOURS = 12

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class SignInLimits(Protocol):
    """What signing in needs of the rate limits."""

    async def sign_in(self, email: str, address: str) -> None:
        """Count a try, or raise RateLimited."""

    async def signed_in(self, email: str, address: str) -> None:
        """Forget the tries that led to a success."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A member of staff, as long as the cookie holds."""

    id: UUID
    name: str
    email: str
    role: StaffRole

    @property
    def is_admin(self) -> bool:
        """Whether this person may also change settings and people."""
        return self.role == StaffRole.ADMIN


def cookie_name(secure: bool) -> str:
    """The cookie's name. On https browsers refuse to let a neighbouring host set the `__Host-` one."""
    return SECURE_COOKIE if secure else PLAIN_COOKIE


async def sign_in(
    database: Database,
    limits: SignInLimits,
    email: str,
    password: str,
    address: str,
    *,
    hours: int = DEFAULT_HOURS,
) -> str:
    """Open a session and return the token for the cookie.

    Unknown, disabled and mistyped are answered with the same words after the same work.

    Raises:
        RateLimited: too many tries on this account or from this address.
        NotSignedIn: these are not the credentials of an open account.
    """
    await limits.sign_in(email, address)
    staff = await _open_account(database, email)
    right = await passwords.matches(password, staff.password_hash if staff else None)
    token = await open_session(database, staff, timedelta(hours=hours)) if staff and right else None
    if token is None:
        raise NotSignedIn("The e-mail address or the password is not right.")
    await limits.signed_in(email, address)
    return token


async def staff_from_cookie(
    database: Database, cookie_header: str | None, *, secure: bool
) -> SignedIn | None:
    """Whoever this Cookie header proves, checked against the database in one indexed query.

    Args:
        database: Where the sessions are.
        cookie_header: As the browser sent it; anything at all.
        secure: Whether the browser's page is on https, which decides the cookie's name.
    """
    token_hash = token_hash_of(cookie_header, secure)
    if token_hash is None:
        return None
    query = (
        select(Staff.id, Staff.name, Staff.email, Staff.role)
        .join(StaffSession, col(StaffSession.staff_id) == Staff.id)
        .where(
            StaffSession.token_hash == token_hash,
            StaffSession.expires_at > now(),
            col(StaffSession.revoked_at).is_(None),
            col(Staff.disabled_at).is_(None),
        )
    )
    async with database.reading() as session:
        row = (await session.exec(query)).one_or_none()
    if row is None:
        return None
    staff_id, name, email, role = row
    return SignedIn(id=staff_id, name=name, email=email, role=StaffRole(role))


async def sign_out(database: Database, cookie_header: str | None, *, secure: bool) -> None:
    """End the session this Cookie header belongs to, if it belongs to one."""
    token_hash = token_hash_of(cookie_header, secure)
    if token_hash is None:
        return
    async with database.transaction() as session:
        await session.exec(
            update(StaffSession)
            .where(col(StaffSession.token_hash) == token_hash, col(StaffSession.revoked_at).is_(None))
            .values(revoked_at=now())
        )


async def _open_account(database: Database, email: str) -> Staff | None:
    query = select(Staff).where(Staff.email == (normal_email(email) or ""), col(Staff.disabled_at).is_(None))
    async with database.reading() as session:
        return (await session.exec(query)).one_or_none()


async def open_session(database: Database, staff: Staff, lifetime: timedelta) -> str | None:
    """Sign somebody in whose credentials were checked.

    Returns:
        The token for the cookie; None if the account was closed or its password changed meanwhile.
    """
    token = secrets.token_urlsafe(32)
    async with database.transaction() as session:
        # Checking a password takes a while; one that was changed meanwhile opens nothing.
        current = select(Staff).where(
            Staff.id == staff.id,
            Staff.password_hash == staff.password_hash,
            col(Staff.disabled_at).is_(None),
        )
        if (await session.exec(current.with_for_update())).one_or_none() is None:
            return None
        await session.exec(
            delete(StaffSession).where(
                col(StaffSession.staff_id) == staff.id, col(StaffSession.expires_at) < now()
            )
        )
        session.add(StaffSession(staff_id=staff.id, token_hash=_hash(token), expires_at=now() + lifetime))
    return token


def token_hash_of(cookie_header: str | None, secure: bool) -> str | None:
    """How the session of this Cookie header is stored; None if it holds none of ours."""
    # http.cookies gives up on a whole header because of one odd cookie of somebody else's.
    if not cookie_header or len(cookie_header) > LONGEST_COOKIE_HEADER:
        return None
    pairs = (pair.strip().partition("=") for pair in cookie_header.split(";"))
    tokens = {value.strip().strip('"') for name, _, value in pairs if name == cookie_name(secure)}
    # Two different ones: a neighbour planted the other, and nobody can tell which is ours.
    token = tokens.pop() if len(tokens) == 1 else ""
    return _hash(token) if _TOKEN.fullmatch(token) else None


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
