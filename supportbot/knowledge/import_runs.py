"""Imports from a page, as admins see and decide them. The work itself is in `import_work.py`.

A run is a row: whatever happens to a page or a worker, the next one finds it as it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.database import Database
from supportbot.errors import Refused
from supportbot.ids import now
from supportbot.knowledge.gathering import ZIP
from supportbot.knowledge.importing import SAMPLE, collection_name
from supportbot.models import (
    WRITTEN_HERE,
    Article,
    ArticleState,
    ImportFile,
    ImportRun,
    ImportState,
    ImportUpload,
    Staff,
)

JOB = "articles.import"
LARGEST_UPLOAD = 60_000_000
"""Bytes of all files together. More comes in by the command line."""
MOST_OPEN = 20
"""Imports that may wait for somebody to decide."""
UNDECIDED_FOR = timedelta(days=7)
"""After this time nobody will."""
REMEMBERED_FOR = timedelta(days=365)
OPEN = (ImportState.READING, ImportState.PLANNED, ImportState.IMPORTING)
DEFAULT_COLLECTION = "articles"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as somebody has chosen it: its name without any folder, and all of it."""

    name: str
    content: bytes

    @property
    def is_archive(self) -> bool:
        """Whether it is a whole collection."""
        return self.name.lower().endswith(ZIP)


async def begin(database: Database, staff: Staff, collection: str, uploads: Sequence[Upload]) -> UUID:
    """Keep what was uploaded, for a job to read; the id of the import.

    Archives are taken for the whole collection, single files for additions to it: `change` says otherwise.

    Raises:
        Refused: there is nothing in it, the collection has an impossible name, or too much waits already.
    """
    if not any(upload.content for upload in uploads):
        raise Refused("There is nothing in what you have chosen.")
    run = ImportRun(
        collection=collection_name(collection) or collection_name(_name_for(uploads)),
        whole=all(upload.is_archive for upload in uploads),
        staff_id=staff.id,
    )
    async with database.transaction() as session:
        waiting = select(func.count()).select_from(ImportRun).where(col(ImportRun.state).in_(OPEN))
        if (await session.exec(waiting)).one() >= MOST_OPEN:
            raise Refused("Too many imports wait for somebody to decide. Please carry out or discard some.")
        session.add(run)
        await session.flush()
        session.add_all(
            ImportUpload(run_id=run.id, place=place, name=upload.name, content=upload.content)
            for place, upload in enumerate(uploads)
        )
    return run.id


async def change(
    database: Database, run_id: UUID, *, whole: bool | None = None, keep_sample: bool | None = None
) -> None:
    """Import these files in another way; what that would change is worked out anew.

    Raises:
        Refused: it is not to be decided at this moment.
    """
    values = {"whole": whole, "keep_sample": keep_sample}
    wanted = {name: value for name, value in values.items() if value is not None}
    await _decide(database, run_id, (ImportState.PLANNED,), state=ImportState.READING, **wanted)


async def carry_out(database: Database, run_id: UUID, staff: Staff) -> None:
    """Let a job do what has been announced.

    Raises:
        Refused: it is not to be decided at this moment.
    """
    importing = {"state": ImportState.IMPORTING, "staff_id": staff.id}
    await _decide(database, run_id, (ImportState.PLANNED,), **importing)


async def discard(database: Database, run_id: UUID) -> None:
    """Import nothing of it, and forget what was uploaded.

    Raises:
        Refused: it is being carried out, or over.
    """
    undecided = (ImportState.PLANNED, ImportState.READING)
    await _decide(database, run_id, undecided, state=ImportState.DISCARDED, ended_at=now())
    async with database.transaction() as session:
        await forget_files(session, run_id)


async def recent(database: Database, limit: int = 10) -> list[tuple[ImportRun, str]]:
    """The newest imports, each with the name of whoever began it or let it happen."""
    query = (
        select(ImportRun, Staff.name)
        .outerjoin(Staff, col(Staff.id) == col(ImportRun.staff_id))
        .order_by(col(ImportRun.created_at).desc())
        .limit(limit)
    )
    async with database.reading() as session:
        return [(run, name or "") for run, name in await session.exec(query)]


async def collections(database: Database) -> list[tuple[str, int]]:
    """The collections one can import into, with their published articles, the largest first."""
    count = func.count()
    query = (
        select(Article.collection, count)
        .where(
            col(Article.collection).not_in([SAMPLE, WRITTEN_HERE]), Article.state == ArticleState.PUBLISHED
        )
        .group_by(col(Article.collection))
        .order_by(count.desc(), col(Article.collection))
    )
    async with database.reading() as session:
        return [(name, number) for name, number in await session.exec(query)]


async def forget_files(session: AsyncSession, run_id: UUID) -> None:
    """Forget what was uploaded and read; what has become of it stays."""
    await session.exec(delete(ImportUpload).where(col(ImportUpload.run_id) == run_id))
    await session.exec(delete(ImportFile).where(col(ImportFile.run_id) == run_id))


async def forget_old(database: Database) -> None:
    """Discard what nobody has decided for a week, and forget what ended a year ago."""
    at = now()
    undecided = select(ImportRun.id).where(
        ImportRun.state == ImportState.PLANNED, ImportRun.created_at < at - UNDECIDED_FOR
    )
    ended = col(ImportRun.state).not_in(OPEN) & (col(ImportRun.created_at) < at - REMEMBERED_FOR)
    async with database.reading() as session:
        stale = list(await session.exec(undecided))
        old = list(await session.exec(select(ImportRun.id).where(ended)))
    if not (stale or old):
        return
    async with database.transaction() as session:
        for run_id in stale:
            await session.exec(
                update(ImportRun)
                .where(col(ImportRun.id) == run_id, col(ImportRun.state) == ImportState.PLANNED)
                .values(state=ImportState.DISCARDED, ended_at=at)
            )
            await forget_files(session, run_id)
        await session.exec(delete(ImportRun).where(col(ImportRun.id).in_(old)))


async def _decide(database: Database, run_id: UUID, from_: tuple[ImportState, ...], **values: Any) -> None:
    """Change a run that is in one of these states; two who decide at once decide once."""
    async with database.transaction() as session:
        decided = await session.exec(
            update(ImportRun)
            .where(col(ImportRun.id) == run_id, col(ImportRun.state).in_(from_))
            .values(said="", done=0, total=0, tries=0, **values)
        )
    if decided.rowcount != 1:
        raise Refused("Somebody has decided about this import already.")


def _name_for(uploads: Sequence[Upload]) -> str:
    archive = next((upload.name for upload in uploads if upload.is_archive), "")
    return PurePosixPath(archive).stem or DEFAULT_COLLECTION
