"""Who is at the desk: somebody whose page was open a moment ago and who has not gone away."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest

from supportbot.database import Database
from supportbot.models import Staff
from supportbot.staff import accounts
from supportbot.staff.presence import (
    THERE_FOR,
    WRITE_EVERY,
    anybody_there,
    away,
    colleagues,
    present,
    seen,
)
from tests.people import alex, sam

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


async def there(database: Database, at: datetime) -> bool:
    async with database.reading() as session:
        return await anybody_there(session, at)


async def states(database: Database, at: datetime) -> dict[str, str]:
    return {name: state for _, name, state in await colleagues(database, at)}


async def test_nobody_is_there_who_was_never_seen(database: Database) -> None:
    await sam(database)

    assert not await there(database, NOON)
    assert await present(database, NOON) == []


async def test_a_sign_of_life_counts_for_a_minute(database: Database) -> None:
    staff = await sam(database)
    assert await seen(database, staff.id, NOON)

    assert await there(database, NOON)
    assert await there(database, NOON + THERE_FOR - SECOND)
    assert not await there(database, NOON + THERE_FOR)


async def test_an_open_page_is_written_down_seldom_and_often_enough(database: Database) -> None:
    staff = await sam(database)
    at, written = NOON, []
    for _ in range(60):
        if await seen(database, staff.id, at):
            written.append(at)
        assert await there(database, at)
        at += 5 * SECOND

    assert len(written) == 20
    assert {after - before for before, after in pairwise(written)} == {WRITE_EVERY}


async def test_two_pages_at_once_write_once(database: Database) -> None:
    staff = await sam(database)

    written = await asyncio.gather(*(seen(database, staff.id, NOON) for _ in range(4)))

    assert sorted(written) == [False, False, False, True]


async def test_who_is_away_is_not_there_however_often_their_page_says_so(database: Database) -> None:
    staff = await sam(database)
    await seen(database, staff.id, NOON)
    await away(database, staff.id, True)
    await seen(database, staff.id, NOON + WRITE_EVERY)

    assert not await there(database, NOON + WRITE_EVERY)
    assert [one.state for one in await present(database, NOON + WRITE_EVERY)] == ["away"]


async def test_who_is_back_is_there(database: Database) -> None:
    staff = await sam(database)
    await seen(database, staff.id, NOON)
    await away(database, staff.id, True)

    await away(database, staff.id, False)

    assert await there(database, NOON)


async def test_being_away_twice_is_being_away_since_the_first_time(database: Database) -> None:
    staff = await sam(database)
    await away(database, staff.id, True)
    async with database.reading() as session:
        since = (await session.get_one(Staff, staff.id)).away_at

    await away(database, staff.id, True)

    async with database.reading() as session:
        assert (await session.get_one(Staff, staff.id)).away_at == since


async def test_a_disabled_account_is_nobody(database: Database) -> None:
    await sam(database)
    staff = await alex(database)
    await seen(database, staff.id, NOON)
    await accounts.disable(database, staff.email)

    assert not await there(database, NOON)
    assert "Alex" not in await states(database, NOON)


async def test_one_who_is_there_is_enough(database: Database) -> None:
    one, other = await sam(database), await alex(database)
    await seen(database, one.id, NOON)
    await seen(database, other.id, NOON)
    await away(database, one.id, True)

    assert await there(database, NOON)


async def test_those_who_would_notice_first_stand_first(database: Database) -> None:
    one, other = await sam(database), await alex(database)
    await accounts.add(database, "kim@example.com", name="Kim", password="correct horse battery")
    for staff in (one, other):
        await seen(database, staff.id, NOON)
    await away(database, other.id, True)

    assert await states(database, NOON) == {"Sam": "online", "Alex": "away", "Kim": "offline"}
    assert [one.name for one in await colleagues(database, NOON)] == ["Sam", "Alex", "Kim"]
    assert [one.name for one in await present(database, NOON)] == ["Sam", "Alex"]


async def test_somebody_unknown_is_nowhere(database: Database) -> None:
    assert not await seen(database, uuid4(), NOON)
    await away(database, uuid4(), True)
