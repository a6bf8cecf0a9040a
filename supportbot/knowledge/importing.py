"""Files become a collection of articles, and stay in step with it.

Everything that takes time (reading, cutting, stemming) happens before the one transaction that writes,
so customers' messages do not wait for an import, and nobody ever sees an article without its passages.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.database import Database
from supportbot.errors import Refused
from supportbot.knowledge.announcing import Announcement
from supportbot.knowledge.cleaning import storable
from supportbot.knowledge.files import ImportedArticle, Skipped
from supportbot.knowledge.folders import read_folder
from supportbot.knowledge.gathering import Gathered, gather
from supportbot.knowledge.plans import Bundle, Plan, Written, make_plan
from supportbot.knowledge.progress import Told, nobody
from supportbot.knowledge.publishing import CutPassage, cut
from supportbot.knowledge.writing_imports import known_articles, newest_state, wait_for_other_imports, write
from supportbot.models import WRITTEN_HERE

__all__ = [
    "Announcement",
    "ImportReport",
    "ImportedArticle",
    "NothingToImport",
    "Skipped",
    "announce",
    "bundle_of",
    "carry_out",
    "ensure_sample",
    "import_folder",
    "read_folder",
]

SAMPLE = "acme-sample"
SAMPLE_FOLDER = Path(__file__).parent / "acme"
LONGEST_COLLECTION = 120

ATTEMPTS = 5
Also = Callable[[AsyncSession, Announcement], Awaitable[None]]
_CUT_AT_ONCE = 25


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How many articles an import changed. `skipped` holds each file left out and the reason."""

    added: int
    updated: int
    unchanged: int
    retired: int
    skipped: list[tuple[str, str]]
    sample_retired: int


class NothingToImport(Refused):
    """There is no article, so nothing was changed. `skipped` says what there is."""

    def __init__(self, sentence: str, skipped: Sequence[Skipped] = ()) -> None:
        super().__init__(sentence)
        self.skipped = [(file.path, file.reason) for file in skipped]


class PlanChanged(Refused):
    """What would happen is no longer what was announced; `now` is."""

    def __init__(self, now: Announcement) -> None:
        super().__init__(
            "The articles have changed since this was worked out. Nothing was imported; please look again."
        )
        self.now = now


def collection_name(name: str) -> str:
    """A collection's name as it is kept.

    Raises:
        Refused: it means something else.
    """
    tidy = " ".join(storable(name).split())[:LONGEST_COLLECTION]
    if tidy == WRITTEN_HERE:
        raise Refused(f"“{WRITTEN_HERE}” is kept for articles that are written here. Please choose another.")
    return tidy


def bundle_of(
    collection: str, articles: Sequence[ImportedArticle], *, whole: bool, keep_sample: bool
) -> Bundle:
    """Articles to import; the shipped sample is retired with the first import of another collection."""
    without = None if keep_sample or collection == SAMPLE else SAMPLE
    return Bundle(collection, articles, whole, without)


async def import_folder(
    database: Database, folder: Path, *, collection: str | None = None, keep_sample: bool = False
) -> ImportReport:
    """Make the articles of a collection what the folder's files say, without asking anybody.

    New files are added, changed ones updated, vanished ones retired, and those that came back
    published again (counted as added). The shipped sample is retired with the first import of
    another collection.

    Args:
        database: Where to.
        folder: The folder of files.
        collection: The collection's name; the folder's by default.
        keep_sample: Leave the sample articles published.

    Raises:
        NothingToImport: if the folder does not exist or holds no article; nothing was changed.
        Refused: if others kept importing at the same time.
    """
    if not await asyncio.to_thread(folder.is_dir):
        raise NothingToImport(f"There is no folder {folder}.")
    found = await gather([folder])
    name = collection_name(collection or found.name)
    refuse_nothing(found)
    bundle = bundle_of(name, found.articles, whole=True, keep_sample=keep_sample)
    return report(await carry_out(database, bundle), found)


def refuse_nothing(found: Gathered) -> None:
    """Somebody who names the wrong folder does not mean that everything has vanished.

    Raises:
        NothingToImport: if there is no article.
    """
    if not found.articles:
        raise NothingToImport(f"{found.source} holds no article, so nothing was changed.", found.skipped)


def report(done: Announcement, found: Gathered) -> ImportReport:
    """What an import did, in numbers."""
    return ImportReport(
        added=len(done.added),
        updated=len(done.updated),
        unchanged=done.unchanged,
        retired=len(done.retired),
        skipped=[(file.path, file.reason) for file in found.skipped],
        sample_retired=done.sample,
    )


async def ensure_sample(database: Database) -> int:
    """Load the sample help centre if there has never been an article; how many were added.

    Several processes may call this at once: one of them loads it.
    """
    if await known_articles(database):
        return 0
    files = await asyncio.to_thread(read_folder, SAMPLE_FOLDER)
    articles = [file for file in files if isinstance(file, ImportedArticle)]
    return len((await carry_out(database, Bundle(SAMPLE, articles), only_into_empty=True)).added)


async def announce(database: Database, bundle: Bundle) -> Announcement:
    """What importing these articles would change at this moment."""
    return Announcement.of(await _plan(database, bundle))


async def carry_out(
    database: Database,
    bundle: Bundle,
    *,
    agreed: Announcement | None = None,
    staff_id: UUID | None = None,
    only_into_empty: bool = False,
    told: Told = nobody,
    also: Also | None = None,
) -> Announcement:
    """Import articles, all of them or none.

    Args:
        database: Where to.
        bundle: What is imported.
        agreed: What somebody has been told it would change; nothing else is done.
        staff_id: Who imports, or None from the command line.
        only_into_empty: Do nothing if there has ever been an article.
        told: Hears how far it is.
        also: What else belongs into the transaction.

    Returns:
        What was changed.

    Raises:
        PlanChanged: something else would be changed than was agreed to.
        Refused: if others kept importing at the same time.
    """
    cuts: dict[Written, tuple[CutPassage, ...]] = {}
    for _ in range(ATTEMPTS):
        known = await known_articles(database)
        if only_into_empty and known:
            return Announcement()
        plan = await asyncio.to_thread(make_plan, known, bundle)
        announced = Announcement.of(plan)
        if agreed is not None and announced != agreed:
            raise PlanChanged(announced)
        cuts = await _cut(plan, cuts, told)
        async with database.transaction() as session:
            await wait_for_other_imports(session, database.kind, plan)
            # Another import, or somebody who edits, may have come between; then the plan is of yesterday.
            if await newest_state(session) == known:
                await write(session, bundle.collection, plan, cuts, staff_id)
                if also is not None:
                    await also(session, announced)
                return announced
    raise Refused("Articles are being changed by somebody else. Please try again in a minute.")


async def _plan(database: Database, bundle: Bundle) -> Plan:
    return await asyncio.to_thread(make_plan, await known_articles(database), bundle)


async def _cut(
    plan: Plan, done: dict[Written, tuple[CutPassage, ...]], told: Told
) -> dict[Written, tuple[CutPassage, ...]]:
    """The passages of what is written. Some at a time, so that others of this process have their turn."""
    every = [*plan.added, *plan.updated]
    cuts = {one: done[one] for one in every if one in done}
    missing = [one for one in every if one not in cuts]
    for start in range(0, len(missing), _CUT_AT_ONCE):
        cuts |= await asyncio.to_thread(_cut_some, missing[start : start + _CUT_AT_ONCE])
        told(len(cuts), len(every))
    return cuts


def _cut_some(some: Sequence[Written]) -> dict[Written, tuple[CutPassage, ...]]:
    return {one: cut(one.article.title, one.body, one.article.own_title) for one in some}
