"""The job that reads what was uploaded, works out what it would change, and carries out what was decided.

One worker at a time has the job (`schedule.py`). Everything it has done so far is in rows, so when it dies
the next one goes on where it was.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.database import Database
from supportbot.errors import Refused
from supportbot.ids import now
from supportbot.knowledge.announcing import Announcement
from supportbot.knowledge.archives import Archive
from supportbot.knowledge.files import Found, Read, Skipped, packed, unpacked
from supportbot.knowledge.gathering import Gathered
from supportbot.knowledge.import_runs import Upload, forget_files, forget_old
from supportbot.knowledge.importing import PlanChanged, announce, bundle_of, carry_out
from supportbot.knowledge.plans import Bundle
from supportbot.knowledge.reading import Reader
from supportbot.models import ImportFile, ImportRun, ImportState, ImportUpload

log = logging.getLogger(__name__)

TELL_EVERY = 0.5
"""Seconds between two words about how far it is."""
MOST_TRIES = 5
"""Workers that may end while they are at a run without having got any further."""
_WORKING = (ImportState.READING, ImportState.IMPORTING)


class _DecidedOtherwise(Exception):
    """Somebody has discarded the run meanwhile."""


async def work(database: Database, stopping: asyncio.Event) -> None:
    """Bring every import on to where somebody has to decide, or to its end."""
    await forget_old(database)
    while not stopping.is_set() and (run := await _next(database)) is not None:
        with suppress(_DecidedOtherwise):
            await _go_on(database, run, stopping)


async def _next(database: Database) -> ImportRun | None:
    query = select(ImportRun).where(col(ImportRun.state).in_(_WORKING)).order_by(col(ImportRun.created_at))
    async with database.reading() as session:
        return (await session.exec(query.limit(1))).first()


async def _go_on(database: Database, run: ImportRun, stopping: asyncio.Event) -> None:
    if run.tries >= MOST_TRIES:
        await _end(
            database, run, "This could not be done, however often it was tried. Please divide the files."
        )
        return
    await _set(database, run, tries=run.tries + 1)
    if run.state == ImportState.IMPORTING:
        await _import(database, run)
    elif await _read(database, run, stopping):
        await _plan(database, run)


async def _read(database: Database, run: ImportRun, stopping: asyncio.Event) -> bool:
    """Read what has not been read yet; whether everything is."""
    async with database.reading() as session:
        uploads = (
            await session.exec(
                select(ImportUpload).where(ImportUpload.run_id == run.id).order_by(col(ImportUpload.place))
            )
        ).all()
        done = (
            await session.exec(
                select(func.count()).select_from(ImportFile).where(ImportFile.run_id == run.id)
            )
        ).one()
    if not uploads:
        return True
    found, left_out = await asyncio.to_thread(_look, [Upload(one.name, one.content) for one in uploads])
    pages = _Pages(database, run, done, len(found))
    if not done:
        await pages.add(packed(left_out))
    async with Reader() as reader:
        for file in found[max(done - 1, 0) :]:
            if stopping.is_set():
                await pages.write()
                return False
            await pages.add(packed(await reader.read(file)))
    await pages.write()
    return True


def _look(uploads: list[Upload]) -> tuple[list[Found], Read]:
    found, left_out = list[Found](), Read()
    for upload in uploads:
        if not upload.is_archive:
            found.append(Found(upload.name, partial(_content, upload)))
            continue
        try:
            archive = Archive(upload.content)
        except Refused as refusal:
            left_out.append(Skipped(upload.name, refusal.sentence))
        else:
            found += archive.files
            left_out += archive.skipped
    return found, left_out


def _content(upload: Upload) -> bytes:
    return upload.content


class _Pages:
    """What has come of the files, written down twice a second. The first page is what was not looked into."""

    def __init__(self, database: Database, run: ImportRun, done: int, total: int) -> None:
        self._database, self._run, self._total = database, run, total
        self._next = done
        self._waiting: list[ImportFile] = []
        self._written_at = time.monotonic()

    async def add(self, read: list[dict[str, Any]]) -> None:
        self._waiting.append(ImportFile(run_id=self._run.id, place=self._next, read=read))
        self._next += 1
        if time.monotonic() - self._written_at >= TELL_EVERY:
            await self.write()

    async def write(self) -> None:
        async with self._database.transaction() as session:
            session.add_all(self._waiting)
            # It gets on, so whatever ended a worker was not these files.
            await _update(session, self._run, done=self._next - 1, total=self._total, tries=1)
        self._waiting, self._written_at = [], time.monotonic()


async def _plan(database: Database, run: ImportRun) -> None:
    """Work out what it would change, for somebody to decide."""
    gathered = await _gathered(database, run.id)
    left_out = [[one.path, one.reason] for one in gathered.skipped]
    told: dict[str, Any] = {"left_out": left_out, "pictures": gathered.pictures}
    if gathered.articles:
        plan = await announce(database, _bundle(run, gathered))
        told |= {"plan": plan.packed(), "state": ImportState.PLANNED}
    else:
        told |= {
            "said": "There is no article in these files.",
            "state": ImportState.FAILED,
            "ended_at": now(),
        }
    async with database.transaction() as session:
        await _update(session, run, **told)
        await session.exec(delete(ImportUpload).where(col(ImportUpload.run_id) == run.id))


async def _import(database: Database, run: ImportRun) -> None:
    gathered = await _gathered(database, run.id)

    async def over(session: AsyncSession, done: Announcement) -> None:
        # With the articles, or not at all: a run is never done twice, and never without a report.
        await _update(session, run, state=ImportState.DONE, plan=done.packed(), ended_at=now())
        await forget_files(session, run.id)

    try:
        async with _telling(database, run) as told:
            await carry_out(
                database,
                _bundle(run, gathered),
                agreed=Announcement.unpacked(run.plan or {}),
                staff_id=run.staff_id,
                told=told,
                also=over,
            )
        log.info("an import into %s is done, %s articles read", run.collection, len(gathered.articles))
    except PlanChanged as changed:
        await _set(database, run, state=ImportState.PLANNED, plan=changed.now.packed(), said=changed.sentence)
    except Refused as refusal:
        await _set(database, run, state=ImportState.PLANNED, said=refusal.sentence)


@asynccontextmanager
async def _telling(database: Database, run: ImportRun) -> AsyncIterator[Any]:
    """Write down how far it is, while it goes on."""
    far = {"done": 0, "total": 0}

    def told(done: int, total: int) -> None:
        far.update(done=done, total=total)

    async def write() -> None:
        while True:
            await asyncio.sleep(TELL_EVERY)
            with suppress(_DecidedOtherwise):
                await _set(database, run, **far)

    writing = asyncio.create_task(write(), name="import-progress")
    try:
        yield told
    finally:
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing


async def _gathered(database: Database, run_id: UUID) -> Gathered:
    gathered = Gathered(name="", source="", whole=True)
    query = select(ImportFile.read).where(ImportFile.run_id == run_id).order_by(col(ImportFile.place))
    async with database.reading() as session:
        pages = (await session.exec(query)).all()
    for page in pages:
        gathered.take(unpacked(list(page)))
    return gathered


def _bundle(run: ImportRun, gathered: Gathered) -> Bundle:
    return bundle_of(run.collection, gathered.articles, whole=run.whole, keep_sample=run.keep_sample)


async def _end(database: Database, run: ImportRun, sentence: str) -> None:
    async with database.transaction() as session:
        await _update(session, run, state=ImportState.FAILED, said=sentence, ended_at=now())
        await forget_files(session, run.id)


async def _set(database: Database, run: ImportRun, **values: Any) -> None:
    async with database.transaction() as session:
        await _update(session, run, **values)


async def _update(session: AsyncSession, run: ImportRun, **values: Any) -> None:
    """Change a run that is still in the state in which it was taken up.

    Raises:
        _DecidedOtherwise: it is in another.
    """
    changed = await session.exec(
        update(ImportRun)
        .where(col(ImportRun.id) == run.id, col(ImportRun.state) == run.state)
        .values(**values)
    )
    if changed.rowcount != 1:
        raise _DecidedOtherwise
