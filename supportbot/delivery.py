"""Sends what the outbox holds: each row claimed with a lease, sent, and recorded; or tried again later.

At least once: a worker that dies between sending and recording leaves a lease behind, and when that has
passed the row is sent again, under the same id. Nothing else makes a duplicate.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Protocol
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from supportbot.database import Database
from supportbot.ids import now
from supportbot.models import Channel, Outbox
from supportbot.outbox import free, waits

log = logging.getLogger(__name__)

BACK_OFF = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
)
"""The time between one try and the next. After the last try a person has to look."""
MOST_TRIES = len(BACK_OFF) + 1
LONGEST_WAIT = timedelta(hours=24)
"""However long a receiver asks us to wait."""
SENDING_SECONDS = 30.0
"""How long one try may take, from connecting to the receiver's word."""
LEASE = timedelta(seconds=SENDING_SECONDS * 4)
"""Longer than a try and its record can take: while a worker lives, nobody sends its row as well."""
AT_ONCE = 4
"""Tries that go on at the same time, so that one slow receiver does not hold up all."""
RECORD_AGAIN_AFTER = (0.1, 0.5, 2.0, 5.0)
"""Seconds between tries to record that something was sent, while the database is locked or away."""


class DeliveryFailed(Exception):
    """A try did not succeed.

    Args:
        code: A short word for the record, such as `timeout`; pages know a sentence for each.
        permanent: Whether the receiver will never take it, so that trying again is pointless.
        retry_after: Seconds the other side asked us to wait, or None.
    """

    def __init__(self, code: str, *, permanent: bool = False, retry_after: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent
        self.retry_after = retry_after


class Carrier(Protocol):
    """Takes messages of one channel to their receivers."""

    async def send(self, message: Outbox) -> None:
        """Hand the message over; returns once the receiver has taken it.

        Raises:
            DeliveryFailed: if it has not.
        """
        ...


async def deliver(
    database: Database,
    channel: Channel,
    carrier: Carrier,
    stopping: asyncio.Event,
    *,
    clock: Callable[[], datetime] = now,
) -> int:
    """Try everything of this channel that is due, until nothing is or the worker is about to stop.

    Returns:
        How many tries were made here.
    """
    tries = 0
    while not stopping.is_set() and (due := await _due(database, channel, clock())):
        tried = await asyncio.gather(
            *(_try(database, carrier, one, clock) for one in due), return_exceptions=True
        )
        for one in tried:
            if isinstance(one, BaseException):  # the database is away; what is due stays due
                raise one
            tries += one
    return tries


async def _due(database: Database, channel: Channel, at: datetime) -> list[UUID]:
    query = (
        select(Outbox.id)
        .where(Outbox.channel == channel, *waits(), col(Outbox.next_attempt_at) <= at, free(at))
        .order_by(col(Outbox.next_attempt_at))
        .limit(AT_ONCE)
    )
    async with database.reading() as session:
        return list(await session.exec(query))


async def _try(database: Database, carrier: Carrier, message_id: UUID, clock: Callable[[], datetime]) -> bool:
    """One try, from the claim to the record; False if somebody else has it."""
    message = await _claim(database, message_id, clock())
    if message is None:
        return False
    try:
        async with asyncio.timeout(SENDING_SECONDS):
            await carrier.send(message)
    except DeliveryFailed as failure:
        await _record_failure(database, message, failure, clock())
    except TimeoutError:
        await _record_failure(database, message, DeliveryFailed("timeout"), clock())
    except Exception:
        log.exception("sending %s %s broke off", message.channel, message.id)
        await _record_failure(database, message, DeliveryFailed("internal"), clock())
    else:
        await _record_sent(database, message, clock())
    return True


async def _claim(database: Database, message_id: UUID, at: datetime) -> Outbox | None:
    """Make a row ours for one try, counting it. One that was begun too often is given up instead."""
    claim = token_hex(8)
    async with database.transaction() as session:
        claimed = await session.exec(
            update(Outbox)
            .where(col(Outbox.id) == message_id, *waits(), col(Outbox.next_attempt_at) <= at, free(at))
            .values(claim=claim, lease_until=at + LEASE, attempts=col(Outbox.attempts) + 1)
        )
        message = await session.get(Outbox, message_id) if claimed.rowcount == 1 else None
        if message is not None and message.attempts > MOST_TRIES:
            # Each of those tries ended with its worker: perhaps this very message kills them.
            message.attempts, message.lease_until = MOST_TRIES, None
            message.failed_at, message.last_error = at, "interrupted"
            log.error("gave %s %s up: no try came to its end", message.channel, message.id)
            return None
        return message


async def _record_sent(database: Database, message: Outbox, at: datetime) -> None:
    """It was sent: true whoever holds the row by now. Worth some patience, for else it is sent twice.

    A mail's words go, and with them the links and codes in it, of which else only hashes are kept.
    """
    payload = {name: value for name, value in message.payload.items() if name != "body"}
    log.info("sent %s %s (%s) at try %s", message.channel, message.id, message.topic, message.attempts)
    for pause in (*RECORD_AGAIN_AFTER, None):
        try:
            async with database.transaction() as session:
                await session.exec(
                    update(Outbox)
                    .where(col(Outbox.id) == message.id)
                    .values(
                        sent_at=at,
                        failed_at=None,
                        lease_until=None,
                        claim="",
                        last_error="",
                        payload=payload if message.channel == Channel.MAIL else message.payload,
                    )
                )
            return
        except (DBAPIError, OSError):
            if pause is None:
                raise
            await asyncio.sleep(pause)


async def _record_failure(database: Database, message: Outbox, failure: DeliveryFailed, at: datetime) -> None:
    """Try again later, or give up."""
    given_up = failure.permanent or message.attempts >= MOST_TRIES
    level = logging.ERROR if given_up else logging.WARNING
    log.log(level, "%s %s (%s) failed: %s", message.channel, message.id, message.topic, failure.code)
    async with database.transaction() as session:
        await session.exec(
            update(Outbox)
            .where(col(Outbox.id) == message.id, col(Outbox.claim) == message.claim, *waits())
            .values(
                claim="",
                lease_until=None,
                last_error=failure.code,
                failed_at=at if given_up else None,
                next_attempt_at=at if given_up else at + _pause(message.attempts, failure.retry_after),
            )
        )


def _pause(attempts: int, asked_for: float | None) -> timedelta:
    ours = BACK_OFF[min(attempts, len(BACK_OFF)) - 1]
    return min(max(ours, timedelta(seconds=asked_for or 0)), LONGEST_WAIT)
