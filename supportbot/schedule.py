"""Work that recurs, whichever worker does it: named jobs, each a row with a lease.

Every worker has a scheduler; a conditional UPDATE of the job's row decides whose turn it is. A worker
that dies leaves a lease behind that passes, and the job is due again. Jobs must therefore bear being
begun twice: what may happen only once (a mail, for instance) has a claim of its own.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlmodel import col, select

from supportbot.database import Database, add_once
from supportbot.ids import now
from supportbot.logs import log_trouble
from supportbot.models import Job

log = logging.getLogger(__name__)

TICK = 1.0
"""Seconds between two looks for jobs that are due."""
LEASE = timedelta(seconds=60)
"""How long a job is believed to run without a sign of life from its worker."""
RENEW_EVERY = 15.0
"""Seconds between two signs of life."""
LONGEST_PAUSE = timedelta(hours=1)
"""A job that keeps failing is tried at least this often, or as often as it would be anyway."""

Work = Callable[[asyncio.Event], Awaitable[object]]
"""What a job does. The event is set when the worker is about to stop: end soon, between two steps."""


@dataclass(frozen=True, slots=True)
class Every:
    """A job: what it is called in the database, how often it runs, what it does, and whether at present."""

    name: str
    interval: timedelta
    work: Work
    wanted: Callable[[], bool] = lambda: True
    """Asked at each look: a job that has nothing to do costs nothing."""


class Scheduler:
    """Runs the jobs that are due and that no other worker is running.

    Args:
        database: Where the jobs' rows are.
        jobs: All jobs of the application.
        runner: The name of this worker.
        clock: Says what time it is.
        renew_every: Seconds between two renewals of a running job's lease.
    """

    def __init__(
        self,
        database: Database,
        jobs: Sequence[Every],
        *,
        runner: str,
        clock: Callable[[], datetime] = now,
        renew_every: float = RENEW_EVERY,
    ) -> None:
        self._database = database
        self._jobs = {job.name: job for job in jobs}
        self._runner = runner
        self._clock = clock
        self._renew_every = renew_every
        self._running: dict[str, asyncio.Task[None]] = {}
        self._stopping = asyncio.Event()
        self._ticking: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look for due jobs."""
        self._ticking = asyncio.create_task(self._tick(), name="schedule-tick")

    async def run_due(self) -> set[str]:
        """Run every job that is due here and now, and wait for them.

        Returns:
            The names of those this call has run.
        """
        begun = await self._begin_due()
        # What was quick has ended by now.
        if running := [self._running[name] for name in begun if name in self._running]:
            await asyncio.wait(running)
        return begun

    async def hurry(self, name: str) -> None:
        """Let a job run at the next look instead of at its time, on whichever worker looks first."""
        async with self._database.transaction() as session:
            await session.exec(update(Job).where(col(Job.name) == name).values(next_run_at=self._clock()))

    async def close(self, grace: float = 5) -> None:
        """Begin nothing more, give what runs `grace` seconds to end, then cancel it.

        A job that was cancelled stays due, so another worker takes it up at once.
        """
        self._stopping.set()
        if self._ticking is not None:
            # It ends by itself: cancelled between a claim and its job, it would leave a lease to nobody.
            await _end([self._ticking], grace)
        await _end(list(self._running.values()), grace)

    async def _tick(self) -> None:
        failing = False
        while not self._stopping.is_set():
            try:
                await self._begin_due()
                failing = False
            except Exception as error:
                # Once is enough for the log: an outage of the database is reported elsewhere too.
                if not failing:
                    log.warning("the schedule cannot be read (%s); trying on", type(error).__name__)
                failing = True
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), TICK)

    async def _begin_due(self) -> set[str]:
        begun: set[str] = set()
        for name in [] if self._stopping.is_set() else await self._due():
            if self._stopping.is_set():
                break
            if name not in self._running and await self._claim(name):
                self._running[name] = asyncio.create_task(self._run(self._jobs[name]), name="schedule-job")
                begun.add(name)
        return begun

    async def _due(self) -> list[str]:
        at = self._clock()
        wanted = [name for name, job in self._jobs.items() if job.wanted()]
        async with self._database.reading() as session:
            rows = await session.exec(select(Job).where(col(Job.name).in_(wanted)))
            known = {row.name: row for row in rows}
        for name in set(wanted) - known.keys():
            async with self._database.transaction() as session:
                await add_once(session, Job, name=name, next_run_at=at)
        return [
            name
            for name in wanted
            if (row := known.get(name)) is None
            or (row.next_run_at <= at and (row.lease_until is None or row.lease_until < at))
        ]

    async def _claim(self, name: str) -> bool:
        at = self._clock()
        async with self._database.transaction() as session:
            claimed = await session.exec(
                update(Job)
                .where(
                    col(Job.name) == name,
                    col(Job.next_run_at) <= at,
                    or_(col(Job.lease_until).is_(None), col(Job.lease_until) < at),
                )
                .values(runner=self._runner, lease_until=at + LEASE, started_at=at)
            )
        return bool(claimed.rowcount == 1)

    async def _run(self, job: Every) -> None:
        """One run, from the claim to the record of its end."""
        keeping = asyncio.create_task(self._keep(job.name), name="schedule-lease")
        try:
            await job.work(self._stopping)
            await self._record(job, error="")
        except asyncio.CancelledError:
            with contextlib.suppress(Exception):
                await asyncio.shield(self._release(job.name))
            raise
        except Exception as error:
            log_trouble(log, f"the job {job.name} failed", error)
            with contextlib.suppress(Exception):  # else the lease passes, and the job is due again
                await self._record(job, error=type(error).__name__)
        finally:
            keeping.cancel()
            del self._running[job.name]

    async def _keep(self, name: str) -> None:
        """Renew the lease while the job runs, however long it takes."""
        while True:
            await asyncio.sleep(self._renew_every)
            try:
                if not await self._write(name, lease_until=self._clock() + LEASE):
                    log.warning("the job %s took so long that another worker has begun it too", name)
                    return
            except Exception as error:
                log.warning("the lease of the job %s could not be renewed (%s)", name, type(error).__name__)

    async def _record(self, job: Every, error: str) -> None:
        at = self._clock()
        async with self._database.reading() as session:
            row = await session.get(Job, job.name)
        failures = (row.failures if row else 0) + 1 if error else 0
        await self._write(
            job.name,
            lease_until=None,
            runner="",
            ended_at=at,
            failures=failures,
            last_error=error,
            next_run_at=at + _pause(job.interval, failures),
        )

    async def _release(self, name: str) -> None:
        await self._write(name, lease_until=None, runner="")

    async def _write(self, name: str, **values: object) -> bool:
        """Change the job's row, if it is still ours."""
        async with self._database.transaction() as session:
            changed = await session.exec(
                update(Job).where(col(Job.name) == name, col(Job.runner) == self._runner).values(**values)
            )
        return bool(changed.rowcount == 1)


async def _end(tasks: Sequence[asyncio.Task[None]], grace: float) -> None:
    """Wait for tasks to end, and cancel those that have not after `grace` seconds."""
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=grace)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


def _pause(interval: timedelta, failures: int) -> timedelta:
    """The time until the next run: twice as long with each failure in a row."""
    if not failures:
        return interval
    doubled: timedelta = interval * 2 ** min(failures, 16)
    return max(interval, min(doubled, LONGEST_PAUSE))
