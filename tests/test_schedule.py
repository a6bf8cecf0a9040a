"""Jobs: one worker at a time, none lost, on both databases. The clock is the test's."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from supportbot.database import Database
from supportbot.models import Job
from supportbot.schedule import LEASE, LONGEST_PAUSE, Every, Scheduler, Work

pytestmark = pytest.mark.anyio

MINUTE = timedelta(minutes=1)


class Clock:
    """A clock that stands still unless somebody moves it."""

    def __init__(self) -> None:
        self.at = datetime(2026, 5, 4, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def moves(self, by: timedelta) -> None:
        self.at += by


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def worker(database: Database, clock: Clock) -> Callable[..., Scheduler]:
    """A worker's scheduler with these jobs, each due every minute."""

    def made(name: str, renew_every: float = 15, **work: Work) -> Scheduler:
        jobs = [Every(job, MINUTE, does) for job, does in work.items()]
        return Scheduler(database, jobs, runner=name, clock=clock, renew_every=renew_every)

    return made


async def row(database: Database, name: str) -> Job:
    async with database.reading() as session:
        found = await session.get(Job, name)
    assert found is not None
    return found


class Counted:
    """Work that counts its runs, and can be held up or told to fail."""

    def __init__(self, fails: bool = False) -> None:
        self.runs = 0
        self.fails = fails
        self.began = asyncio.Event()
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def __call__(self, _stopping: asyncio.Event) -> None:
        self.runs += 1
        self.began.set()
        await self.may_end.wait()
        if self.fails:
            raise RuntimeError("canary-password")


async def test_a_job_that_is_told_to_hurry_runs_before_its_time(worker: Callable[..., Scheduler]) -> None:
    work = Counted()
    first, second = worker("first", work=work), worker("second", work=work)
    await first.run_due()

    await second.hurry("work")

    assert await first.run_due() == {"work"}
    assert await first.run_due() == set()
    assert work.runs == 2


async def test_a_job_runs_at_once_and_then_once_an_interval(
    worker: Callable[..., Scheduler], clock: Clock
) -> None:
    sweep = Counted()
    one = worker("one", sweep=sweep)
    ran = []
    for _ in range(4):
        ran.append(await one.run_due())
        clock.moves(MINUTE / 2)

    assert ran == [{"sweep"}, set(), {"sweep"}, set()]
    assert sweep.runs == 2


async def test_two_workers_at_once_run_it_once(worker: Callable[..., Scheduler], clock: Clock) -> None:
    sweep = Counted()
    workers = [worker(name, sweep=sweep) for name in ("one", "two", "three")]

    for _ in range(5):
        await asyncio.gather(*(one.run_due() for one in workers))
        clock.moves(MINUTE)

    assert sweep.runs == 5


async def test_a_dead_workers_lease_passes(
    database: Database, worker: Callable[..., Scheduler], clock: Clock
) -> None:
    sweep = Counted()
    sweep.may_end.clear()
    died = asyncio.create_task(worker("died", sweep=sweep).run_due())
    await sweep.began.wait()
    other, sweep.may_end = worker("other", sweep=sweep), asyncio.Event()
    sweep.may_end.set()

    clock.moves(LEASE)
    assert await other.run_due() == set()
    clock.moves(timedelta(seconds=1))
    assert await other.run_due() == {"sweep"}

    assert (await row(database, "sweep")).ended_at == clock.at
    died.cancel()


async def test_one_that_takes_long_keeps_its_lease(
    database: Database, worker: Callable[..., Scheduler], clock: Clock
) -> None:
    sweep = Counted()
    sweep.may_end.clear()
    slow, other = worker("slow", renew_every=0.01, sweep=sweep), worker("other", sweep=sweep)
    running = asyncio.create_task(slow.run_due())
    await sweep.began.wait()

    for _ in range(4):
        clock.moves(LEASE * 0.75)
        async with asyncio.timeout(5):
            while (await row(database, "sweep")).lease_until != clock.at + LEASE:
                await asyncio.sleep(0.01)
        assert await other.run_due() == set()

    sweep.may_end.set()
    await running
    # Three minutes late, it is neither lost nor caught up with: due again a minute after its end.
    assert sweep.runs == 1
    assert (await row(database, "sweep")).next_run_at == clock.at + MINUTE


async def test_whoever_lost_the_lease_finishes_without_touching_the_others(
    database: Database, worker: Callable[..., Scheduler], clock: Clock
) -> None:
    late, quick = Counted(), Counted()
    late.may_end.clear()
    running = asyncio.create_task(worker("late", sweep=late).run_due())
    await late.began.wait()
    clock.moves(LEASE + MINUTE)
    quick.may_end.clear()
    taken = asyncio.create_task(worker("quick", sweep=quick).run_due())
    await quick.began.wait()

    late.may_end.set()
    await running

    held = await row(database, "sweep")
    assert (held.runner, held.lease_until, held.ended_at) == ("quick", clock.at + LEASE, None)
    quick.may_end.set()
    await taken
    assert (await row(database, "sweep")).ended_at == clock.at


async def test_a_failure_is_logged_counted_backed_off_and_stops_no_other(
    database: Database, worker: Callable[..., Scheduler], clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    broken, whole = Counted(fails=True), Counted()
    one = worker("one", broken=broken, whole=whole)
    waits = []
    with caplog.at_level(logging.ERROR):
        for _ in range(9):
            assert "whole" in await one.run_due()
            noted = await row(database, "broken")
            waits.append(noted.next_run_at - clock.at)
            clock.moves(LONGEST_PAUSE)

    minutes = [wait / MINUTE for wait in waits]
    assert minutes == [2, 4, 8, 16, 32, 60, 60, 60, 60]
    assert (noted.failures, noted.last_error) == (9, "RuntimeError")
    assert "the job broken failed" in caplog.text
    assert whole.runs == 9

    broken.fails = False
    await one.run_due()
    noted = await row(database, "broken")
    assert (noted.failures, noted.last_error, noted.next_run_at) == (0, "", clock.at + MINUTE)


async def test_a_slow_job_holds_up_no_other(worker: Callable[..., Scheduler], clock: Clock) -> None:
    slow, quick = Counted(), Counted()
    slow.may_end.clear()
    one = worker("one", slow=slow, quick=quick)
    first = asyncio.create_task(one.run_due())
    await slow.began.wait()
    async with asyncio.timeout(5):
        while quick.runs == 0 or "quick" in one._running:  # until it is recorded, it is not due again
            await asyncio.sleep(0.01)
    clock.moves(LEASE + MINUTE)

    assert await one.run_due() == {"quick"}  # and it does not begin the slow one beside itself

    slow.may_end.set()
    await first
    assert (slow.runs, quick.runs) == (1, 2)


async def test_closing_lets_a_job_end_and_begins_none(
    database: Database, worker: Callable[..., Scheduler], clock: Clock
) -> None:
    ended = []

    async def work(stopping: asyncio.Event) -> None:
        await stopping.wait()
        ended.append(True)

    one = worker("one", work=work)
    one.start()
    async with asyncio.timeout(5):
        while not one._running:
            await asyncio.sleep(0.01)

    await one.close()

    assert ended == [True]
    assert (await row(database, "work")).lease_until is None
    clock.moves(MINUTE)
    assert await one.run_due() == set()


async def test_a_job_cut_off_at_shutdown_is_due_for_another_worker_at_once(
    worker: Callable[..., Scheduler],
) -> None:
    stubborn, other = Counted(), Counted()
    stubborn.may_end.clear()
    one = worker("one", job=stubborn)
    one.start()
    async with asyncio.timeout(5):
        await stubborn.began.wait()

    await one.close(grace=0.01)

    assert await worker("other", job=other).run_due() == {"job"}


async def test_the_database_may_be_away_for_a_while(
    database: Database, worker: Callable[..., Scheduler], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supportbot.schedule.TICK", 0.01)
    sweep, away = Counted(), True
    reading = database.reading

    def perhaps() -> object:
        if away:
            raise OSError("connection refused")
        return reading()

    monkeypatch.setattr(database, "reading", perhaps)
    one = worker("one", sweep=sweep)
    one.start()
    await asyncio.sleep(0.05)
    away = False

    async with asyncio.timeout(5):
        await sweep.began.wait()
    await one.close()

    assert sweep.runs == 1
