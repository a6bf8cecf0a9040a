"""The outbox: written with what causes it, once, and looked after by people."""

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import select

from supportbot import outbox
from supportbot.database import Database
from supportbot.ids import now
from supportbot.models import Channel, Outbox, Staff
from supportbot.outbox import Outlets
from tests.people import alex, sam

pytestmark = pytest.mark.anyio

BOTH = Outlets(frozenset(Channel), "https://support.acme.example/", "Acme")


@pytest.fixture
def open_database(database: Database) -> Database:
    """A database from which mail and webhooks can leave."""
    outbox.open_outlets(database, BOTH)
    return database


async def rows(database: Database) -> list[Outbox]:
    async with database.reading() as session:
        return list(await session.exec(select(Outbox).order_by(Outbox.created_at)))  # type: ignore[arg-type]


async def wrote(database: Database, key: str = "key", **changed: object) -> Outbox:
    """A webhook in the outbox, its columns changed as given."""
    async with database.transaction() as session:
        assert await outbox.webhook(session, "handoff.requested", key=key, data={})
    async with database.transaction() as session:
        row = (await session.exec(select(Outbox).where(Outbox.key == key))).one()
        for name, value in changed.items():
            setattr(row, name, value)
    return row


async def again(database: Database, row: Outbox) -> Outbox:
    async with database.reading() as session:
        found = await session.get(Outbox, row.id)
    assert found is not None
    return found


# Writing


async def test_what_is_rolled_back_is_never_sent(open_database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with open_database.transaction() as session:
            await outbox.webhook(session, "handoff.requested", key="k", data={})
            raise ZeroDivisionError

    assert await rows(open_database) == []


async def test_writing_the_same_twice_is_writing_it_once_and_spoils_no_transaction(
    open_database: Database,
) -> None:
    async with open_database.transaction() as session:
        first = await outbox.mail(session, key="k", topic="t", to="a@b.example", subject="One", body="1")
        second = await outbox.mail(session, key="k", topic="t", to="a@b.example", subject="Two", body="2")
        third = await outbox.mail(session, key="l", topic="t", to="a@b.example", subject="Three", body="3")

    assert (first, second, third) == (True, False, True)
    assert [row.payload["subject"] for row in await rows(open_database)] == ["One", "Three"]


async def test_two_transactions_that_write_the_same_at_once_write_it_once(open_database: Database) -> None:
    async def write() -> bool:
        async with open_database.transaction() as session:
            written = await outbox.webhook(session, "handoff.requested", key="k", data={})
            await asyncio.sleep(0.02)
            return written

    written = await asyncio.gather(*(write() for _ in range(5)))

    assert sorted(written) == [False] * 4 + [True]
    assert len(await rows(open_database)) == 1


@pytest.mark.parametrize("channel", [None, Channel.MAIL, Channel.WEBHOOK])
async def test_nothing_is_written_for_a_channel_that_is_not_set_up(
    database: Database, channel: Channel | None
) -> None:
    if channel is not None:
        outbox.open_outlets(database, Outlets(frozenset({channel})))
    await sam(database)

    async with database.transaction() as session:
        await outbox.mail_staff(session, key="m", topic="t", subject="s", body="b")
        await outbox.webhook(session, "e", key="w", data={})

    assert [row.channel for row in await rows(database)] == ([channel] if channel else [])


async def test_everybody_who_may_sign_in_gets_the_mail(open_database: Database) -> None:
    await sam(open_database)
    await alex(open_database)
    gone = Staff(email="gone@example.com", name="Gone", password_hash="!", disabled_at=now())
    async with open_database.transaction() as session:
        session.add(gone)

    async with open_database.transaction() as session:
        told = await outbox.mail_staff(session, key="all", topic="t", subject="s", body="b")
        owners = await outbox.mail_staff(
            session, key="admins", topic="t", subject="s", body="b", admins_only=True
        )

    assert (told, owners) == (2, 1)
    found = [(row.key.split(":")[0], row.recipient) for row in await rows(open_database)]
    assert sorted(found) == [
        ("admins", "sam@example.com"),
        ("all", "alex@example.com"),
        ("all", "sam@example.com"),
    ]


# Looking after it


async def test_the_failed_come_first_and_the_sent_and_dropped_not_at_all(open_database: Database) -> None:
    at = now()
    waiting = await wrote(open_database, "waiting")
    failed = await wrote(open_database, "failed", failed_at=at)
    await wrote(open_database, "sent", sent_at=at)
    await wrote(open_database, "dropped", failed_at=at, dropped_at=at)

    found = await outbox.listed(open_database)

    assert [row.id for row in found.rows] == [failed.id, waiting.id]
    assert (found.failed, found.waiting) == (1, 1)
    assert await outbox.failed_count(open_database) == 1


async def test_sending_again_begins_anew(open_database: Database) -> None:
    at = now()
    row = await wrote(open_database, attempts=6, failed_at=at, last_error="timeout")

    assert await outbox.send_again(open_database, [row.id]) == 1

    row = await again(open_database, row)
    assert (row.attempts, row.failed_at, row.last_error) == (0, None, "timeout")
    assert at <= row.next_attempt_at <= now()


async def test_all_that_failed_can_be_sent_again_at_once(open_database: Database) -> None:
    at = now()
    later = at + timedelta(hours=1)
    for key in "ab":
        await wrote(open_database, key, attempts=6, failed_at=at, next_attempt_at=later)
    waiting = await wrote(open_database, "waiting", attempts=3, next_attempt_at=later)
    await wrote(open_database, "dropped", failed_at=at, dropped_at=at)

    assert await outbox.send_again(open_database) == 2

    assert await outbox.failed_count(open_database) == 0
    assert (await again(open_database, waiting)).attempts == 3


async def test_dropping_can_be_taken_back(open_database: Database) -> None:
    row = await wrote(open_database, failed_at=now(), attempts=6)

    assert await outbox.drop(open_database, [row.id]) == 1
    assert (await outbox.listed(open_database)).rows == ()
    assert await outbox.keep(open_database, [row.id]) == 1

    assert (await outbox.listed(open_database)).failed == 1


@pytest.mark.parametrize("verb", [outbox.send_again, outbox.drop])
async def test_what_is_being_sent_or_is_sent_is_left_alone(open_database: Database, verb: object) -> None:
    sending = await wrote(open_database, "a", lease_until=now() + timedelta(minutes=1), claim="x")
    sent = await wrote(open_database, "b", sent_at=now())

    assert await verb(open_database, [sending.id, sent.id]) == 0  # type: ignore[operator]


async def test_old_sent_and_dropped_rows_are_swept_and_the_others_kept(open_database: Database) -> None:
    at = now()
    old, young = at - outbox.KEEP - timedelta(hours=1), at - outbox.KEEP + timedelta(hours=1)
    await wrote(open_database, "old sent", created_at=old, sent_at=old)
    await wrote(open_database, "old dropped", created_at=old, dropped_at=old)
    await wrote(open_database, "young sent", created_at=old, sent_at=young)
    await wrote(open_database, "old failed", created_at=old, failed_at=old)
    await wrote(open_database, "old waiting", created_at=old)

    assert await outbox.sweep(open_database, at) == 2

    kept = {row.key for row in await rows(open_database)}
    assert kept == {"young sent", "old failed", "old waiting"}


def test_links_lead_where_the_settings_say() -> None:
    assert BOTH.link("/escalations/1") == "https://support.acme.example/escalations/1"
