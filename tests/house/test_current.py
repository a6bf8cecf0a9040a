"""Every worker knows what is in effect: at once through the log, and soon without it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from supportbot.conversations.events import DESK
from supportbot.conversations.live import LiveLog, MemoryLive
from supportbot.database import Database
from supportbot.house import versions
from supportbot.house.current import House
from supportbot.house.sections import Company, Sections
from supportbot.models import Setting
from tests.lives import redis_live
from tests.servers.redis import Redis

pytestmark = pytest.mark.anyio

NEVER = 3600.0


@asynccontextmanager
async def worker(
    database: Database, live: LiveLog | None, *, look_every: float = NEVER
) -> AsyncIterator[House]:
    """What one worker knows of the settings."""
    house = House(database, Sections(), look_every=look_every)
    await house.start(live)
    try:
        yield house
    finally:
        await house.close()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


async def rename(database: Database, live: LiveLog, name: str) -> None:
    over = (await versions.newest(database, "company")).version
    await versions.save(database, live, "company", {"name": name}, None, over=over)


async def test_every_worker_hears_of_a_save(database: Database) -> None:
    live = MemoryLive()
    async with worker(database, live) as one, worker(database, live) as other:
        await rename(database, live, "Birch")

        await until(lambda: one.company.name == other.company.name == "Birch")

        assert (one.version("company"), other.version("company")) == (1, 1)
        assert one.version("look") == 0


async def test_workers_joined_by_redis_hear_of_each_others_saves(
    database: Database, redis_server: Redis
) -> None:
    async with (
        redis_live(redis_server.url) as here,
        redis_live(redis_server.url, prefix=here._prefix) as there,
        worker(database, here) as one,
        worker(database, there) as other,
    ):
        await rename(database, there, "Birch")
        await until(lambda: one.company.name == other.company.name == "Birch")

        await versions.restore(database, here, "company", 0, None)
        await until(lambda: one.company.name == other.company.name == "Acme")


async def test_a_worker_that_hears_nothing_finds_out_by_looking(database: Database) -> None:
    async with worker(database, None, look_every=0.02) as deaf:
        await rename(database, MemoryLive(), "Birch")

        await until(lambda: deaf.company.name == "Birch")


async def test_a_worker_that_was_lost_by_the_log_reads_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supportbot.house.current.AGAIN_AFTER", 0.02)
    live = MemoryLive()
    async with worker(database, live) as house:
        await rename(database, MemoryLive(), "Birch")  # announced where nobody hears it
        live.forget(DESK)
        await until(lambda: house.company.name == "Birch")

        await rename(database, live, "Cedar")
        await until(lambda: house.company.name == "Cedar")


async def test_what_is_in_effect_when_a_worker_starts_is_known_at_once(database: Database) -> None:
    await rename(database, MemoryLive(), "Birch")

    async with worker(database, None) as house:
        assert house.company == Company(name="Birch")


async def test_those_who_follow_the_settings_are_told_and_do_not_hold_up_each_other(
    database: Database,
) -> None:
    async with worker(database, None) as house:
        heard: list[str] = []
        house.on_change(lambda _: 1 / 0)
        house.on_change(lambda sections: heard.append(sections.company.name))
        await rename(database, MemoryLive(), "Birch")

        assert await house.refresh() is True
        assert await house.refresh() is False

        assert heard == ["Birch"]


async def test_a_version_nobody_here_can_read_leaves_in_effect_what_was(database: Database) -> None:
    await rename(database, MemoryLive(), "Birch")
    async with worker(database, None) as house:
        async with database.transaction() as session:
            session.add(Setting(section="company", version=2, content={"name": ["of", "a", "newer", "kind"]}))
            session.add(Setting(section="a section of a newer kind", version=1, content={}))
            session.add(Setting(section="look", version=1, content={"greeting": "Hello"}))

        await house.refresh()

        assert (house.company.name, house.look.greeting) == ("Birch", "Hello")


async def test_an_outage_of_the_database_is_lived_with(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with worker(database, None, look_every=0.02) as house:
        with monkeypatch.context() as outage:
            outage.setattr(database, "reading", _away)
            await asyncio.sleep(0.1)
            assert house.company.name == "Acme"
        await rename(database, MemoryLive(), "Birch")

        await until(lambda: house.company.name == "Birch")


def _away() -> None:
    raise OSError("the database is away")


async def test_nothing_goes_on_after_the_end(database: Database) -> None:
    async with worker(database, MemoryLive()):
        pass

    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("house-")]
