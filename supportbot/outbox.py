"""Mails and webhooks as rows, written in the transaction that causes them.

What is not committed is never sent, and what is committed is sent sooner or later: `delivery.py` does
it, in a job. The row's id is the mail's Message-ID and the webhook's id, so a receiver that gets
something twice can tell. Here is what the rooms need (writing) and what staff need (looking after it).

Nothing is written for a channel that is not set up: nobody could ever send it, and owners would look at
a growing list of failures that are none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.database import Database, add_once
from supportbot.ids import now
from supportbot.models import Channel, Outbox, Staff, StaffRole

KEEP = timedelta(days=30)
"""How long a message stays after it was sent or dropped. Its key must not come back within this time."""
MOST_ROWS = 100
_OUTLETS = "outlets"
WHY: dict[str, str] = {
    "timeout": "The other side did not answer in time.",
    "unreachable": "The other side could not be reached.",
    "disconnected": "The mail server hung up; it may have taken the mail.",
    "sign_in_refused": "The mail server refused the user or the password.",
    "sender_refused": "The mail server refused the sender.",
    "recipient_refused": "There is no such mailbox, or it takes no mail.",
    "mail_refused": "The mail server refused this mail for good.",
    "not_trusted": "The mail server's certificate cannot be trusted.",
    "not_supported": "The mail server cannot do what the settings ask for.",
    "server_busy": "The other side asked us to come back later.",
    "server_error": "The other side answered with an error.",
    "gone": "The receiver wants no more webhooks (410 Gone).",
    "redirected": "The receiver has moved; its new address belongs into the settings.",
    "refused": "The receiver refused it; it may not know the secret.",
    "not_public": "The address leads to this machine or into a private network, where webhooks may not go.",
    "not_set_up": "The way out was closed in the settings at that moment.",
    "interrupted": "The server stopped during each try.",
    "internal": "Something went wrong on our side; the server's log says more.",
}
"""Why a try did not succeed, by `Outbox.last_error`."""


@dataclass(frozen=True, slots=True)
class Outlets:
    """Which channels are set up, and what messages need to know of the house.

    `public_url` is where the links in them lead.
    """

    channels: frozenset[Channel] = frozenset()
    public_url: str = ""
    company: str = ""

    def link(self, path: str) -> str:
        """The whole address of one of our pages."""
        return self.public_url.rstrip("/") + path


@dataclass(frozen=True, slots=True)
class Listed:
    """What waits or has failed: the failed first, the newest at the top; and how many there are in all."""

    rows: tuple[Outbox, ...]
    failed: int
    waiting: int


def open_outlets(database: Database, outlets: Outlets) -> None:
    """Say what can be sent from here; every session of this database knows it from now on."""
    database.info[_OUTLETS] = outlets


def outlets_of(session: AsyncSession) -> Outlets:
    """What can be sent from here; nothing, unless somebody has said so."""
    outlets = session.info.get(_OUTLETS)
    return outlets if isinstance(outlets, Outlets) else Outlets()


# Writing


async def mail(session: AsyncSession, *, key: str, topic: str, to: str, subject: str, body: str) -> bool:
    """Write a mail in this transaction.

    Args:
        session: The transaction that causes it.
        key: Names what is said to whom: writing the same twice is writing it once.
        topic: What it is about, in one word, for those who look after the outbox.
        to: One address.
        subject: One line.
        body: Plain text.

    Returns:
        Whether it is new and mail is set up.
    """
    return await _write(
        session, Channel.MAIL, key=key, topic=topic, recipient=to, payload={"subject": subject, "body": body}
    )


async def webhook(
    session: AsyncSession, event: str, *, key: str, data: Mapping[str, Any], at: datetime | None = None
) -> bool:
    """Write a webhook in this transaction.

    Args:
        session: The transaction that causes it.
        event: What happened, such as `handoff.requested`.
        key: Names this very happening: writing the same twice is writing it once.
        data: The facts, as JSON. No words of customers: the receiver follows the link.
        at: When it happened; now, if not given.

    Returns:
        Whether it is new and webhooks are set up.
    """
    payload = {
        "type": event,
        "timestamp": (at or now()).isoformat(timespec="milliseconds"),
        "data": dict(data),
    }
    return await _write(session, Channel.WEBHOOK, key=key, topic=event, payload=payload)


async def mail_staff(
    session: AsyncSession, *, key: str, topic: str, subject: str, body: str, admins_only: bool = False
) -> int:
    """Write the same mail to everybody at the desk, or to its admins: one row for each address.

    Returns:
        To how many it is new.
    """
    if Channel.MAIL not in outlets_of(session).channels:
        return 0
    query = select(Staff.id, Staff.email).where(col(Staff.disabled_at).is_(None))
    if admins_only:
        query = query.where(Staff.role == StaffRole.ADMIN)
    written = 0
    for staff_id, address in (await session.exec(query)).all():
        written += await mail(
            session, key=f"{key}:{staff_id.hex}", topic=topic, to=address, subject=subject, body=body
        )
    return written


async def _write(session: AsyncSession, channel: Channel, **values: Any) -> bool:
    if channel not in outlets_of(session).channels:
        return False
    return await add_once(session, Outbox, channel=channel, **values)


# Looking after it


async def failed_count(database: Database) -> int:
    """How many messages were given up and wait for somebody to decide."""
    async with database.reading() as session:
        return await _count(session, _failed())


async def listed(database: Database, *, limit: int = MOST_ROWS) -> Listed:
    """What has failed and what waits."""
    query = (
        select(Outbox)
        .where(col(Outbox.sent_at).is_(None), col(Outbox.dropped_at).is_(None))
        .order_by(col(Outbox.failed_at).is_(None), col(Outbox.created_at).desc(), col(Outbox.id).desc())
        .limit(limit)
    )
    async with database.reading() as session:
        rows = tuple((await session.exec(query)).all())
        return Listed(rows, failed=await _count(session, _failed()), waiting=await _count(session, waits()))


async def send_again(database: Database, ids: Iterable[UUID] | None = None) -> int:
    """Begin anew with messages that failed or wait for their next try; None means all that failed.

    One that is being sent at this moment is left alone.

    Returns:
        How many are due now.
    """
    at = now()
    which = _failed() if ids is None else _unsent(ids)
    return await _change(database, which, at, attempts=0, next_attempt_at=at, failed_at=None, dropped_at=None)


async def drop(database: Database, ids: Iterable[UUID]) -> int:
    """Never send these. Undone by `keep`, until the row is swept.

    Returns:
        How many were dropped; one that is sent, or being sent at this moment, is not.
    """
    at = now()
    return await _change(database, _unsent(ids), at, dropped_at=at)


async def keep(database: Database, ids: Iterable[UUID]) -> int:
    """Undo `drop`: what waited waits again, what had failed has failed.

    Returns:
        How many are kept.
    """
    return await _change(database, _unsent(ids), now(), dropped_at=None)


async def sweep(database: Database, at: datetime) -> int:
    """Delete what was sent or dropped long ago.

    Returns:
        How many rows.
    """
    old = at - KEEP
    async with database.transaction() as session:
        gone = await session.exec(
            delete(Outbox).where(
                # What ended long ago began long ago, and this there is an index on.
                col(Outbox.created_at) < old,
                or_(col(Outbox.sent_at) < old, col(Outbox.dropped_at) < old),
            )
        )
        return int(gone.rowcount)


def waits() -> list[ColumnElement[bool]]:
    """Neither sent nor given up nor dropped."""
    return [col(Outbox.sent_at).is_(None), col(Outbox.failed_at).is_(None), col(Outbox.dropped_at).is_(None)]


def free(at: datetime) -> ColumnElement[bool]:
    """Not being sent at this moment."""
    return or_(col(Outbox.lease_until).is_(None), col(Outbox.lease_until) < at)


def _failed() -> list[ColumnElement[bool]]:
    return [
        col(Outbox.failed_at).is_not(None),
        col(Outbox.sent_at).is_(None),
        col(Outbox.dropped_at).is_(None),
    ]


def _unsent(ids: Iterable[UUID]) -> list[ColumnElement[bool]]:
    return [col(Outbox.id).in_(list(ids)), col(Outbox.sent_at).is_(None)]


async def _count(session: AsyncSession, which: list[ColumnElement[bool]]) -> int:
    return (await session.exec(select(func.count()).select_from(Outbox).where(*which))).one()


async def _change(
    database: Database, which: list[ColumnElement[bool]], at: datetime, **values: object
) -> int:
    async with database.transaction() as session:
        changed = await session.exec(
            update(Outbox).where(*which, free(at)).values(claim="", lease_until=None, **values)
        )
        return int(changed.rowcount)
