"""A folder of Markdown files becomes a collection of articles, and stays in step with it.

Everything that takes time (reading, cutting, stemming) happens before the one transaction that writes,
so customers' messages do not wait for an import, and nobody ever sees an article without its passages.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import insert, select, text, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.database import Database
from supportbot.errors import Refused
from supportbot.ids import new_id, now
from supportbot.knowledge.folders import ImportedArticle, Skipped, read_folder
from supportbot.knowledge.plans import Known, Plan, Written, make_plan
from supportbot.knowledge.publishing import Words, add_version, publish, retire
from supportbot.models import Article, ArticleState, Origin
from supportbot.settings import POSTGRESQL

__all__ = [
    "ImportReport",
    "ImportedArticle",
    "NothingToImport",
    "Skipped",
    "ensure_sample",
    "import_folder",
    "read_folder",
]

SAMPLE = "acme-sample"
SAMPLE_FOLDER = Path(__file__).parent / "acme"
LONGEST_COLLECTION = 120

ATTEMPTS = 5
ADVISORY_LOCK = 7_305_002
"""Any constant number will do, as long as every process uses the same one."""


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
    """The folder holds no article, so nothing was changed. `skipped` says what it does hold."""

    def __init__(self, sentence: str, skipped: Sequence[Skipped] = ()) -> None:
        super().__init__(sentence)
        self.skipped = [(file.path, file.reason) for file in skipped]


async def import_folder(
    database: Database, folder: Path, *, collection: str | None = None, keep_sample: bool = False
) -> ImportReport:
    """Make the articles of a collection what the folder's files say.

    New files are added, changed ones updated, vanished ones retired, and those that came back
    published again (counted as added). The shipped sample is retired with the first import of
    another collection.

    Args:
        database: Where to.
        folder: The folder of Markdown files.
        collection: The collection's name; the folder's by default.
        keep_sample: Leave the sample articles published.

    Raises:
        NothingToImport: if the folder does not exist or holds no article; nothing was changed.
        Refused: if others kept importing at the same time.
    """
    if not await asyncio.to_thread(folder.is_dir):
        raise NothingToImport(f"There is no folder {folder}.")
    name = collection if collection else await asyncio.to_thread(_name_of, folder)
    articles, skipped = await _read(folder)
    if not articles:
        raise NothingToImport(f"The folder {folder} holds no article, so nothing was changed.", skipped)
    retire = SAMPLE if name != SAMPLE and not keep_sample else None
    plan = await _carry_out(database, name[:LONGEST_COLLECTION], articles, retire)
    return ImportReport(
        added=len(plan.added),
        updated=len(plan.updated),
        unchanged=plan.unchanged,
        retired=len(plan.retired),
        skipped=[(file.path, file.reason) for file in skipped],
        sample_retired=len(plan.sample),
    )


async def ensure_sample(database: Database) -> int:
    """Load the sample help centre if there has never been an article; how many were added.

    Several processes may call this at once: one of them loads it.
    """
    if await _known_articles(database):
        return 0
    articles, _ = await _read(SAMPLE_FOLDER)
    plan = await _carry_out(database, SAMPLE, articles, None, only_into_empty=True)
    return len(plan.added)


def _name_of(folder: Path) -> str:
    return folder.resolve().name or "articles"


async def _read(folder: Path) -> tuple[list[ImportedArticle], list[Skipped]]:
    files = await asyncio.to_thread(read_folder, folder)
    articles = [file for file in files if isinstance(file, ImportedArticle)]
    return articles, [file for file in files if isinstance(file, Skipped)]


async def _carry_out(
    database: Database,
    collection: str,
    articles: Sequence[ImportedArticle],
    retired_with: str | None,
    *,
    only_into_empty: bool = False,
) -> Plan:
    for _ in range(ATTEMPTS):
        known = await _known_articles(database)
        if only_into_empty and known:
            return Plan()
        plan = await asyncio.to_thread(make_plan, known, collection, articles, retired_with)
        async with database.transaction() as session:
            await _wait_for_other_imports(session, database.kind)
            # Another import may have come between; then the plan is of yesterday.
            if await _read_known(session) == known:
                await _write(session, collection, plan)
                return plan
    raise Refused("Articles are being imported by somebody else. Please try again in a minute.")


async def _known_articles(database: Database) -> list[Known]:
    async with database.reading() as session:
        return await _read_known(session)


async def _read_known(session: AsyncSession) -> list[Known]:
    connection = await session.connection()
    rows = await connection.execute(
        select(
            col(Article.id),
            col(Article.collection),
            col(Article.path),
            col(Article.slug),
            col(Article.content_hash),
            col(Article.state) == ArticleState.RETIRED,
        ).order_by(col(Article.id))
    )
    return [Known(*row) for row in rows]


async def _wait_for_other_imports(session: AsyncSession, kind: str) -> None:
    # On SQLite the transaction itself lets nobody else write.
    if kind == POSTGRESQL:
        connection = await session.connection()
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})


async def _write(session: AsyncSession, collection: str, plan: Plan) -> None:
    moment = now()
    for article_id, slug in plan.freed.items():
        await session.exec(update(Article).where(col(Article.id) == article_id).values(slug=slug))
    await retire(session, [*plan.retired, *plan.sample], moment)
    for written in [*plan.added, *plan.updated]:
        article_id, words = written.replaces or new_id(), _words(written)
        known = {"path": written.article.path, "slug": written.slug, "content_hash": written.content_hash}
        if written.replaces:
            await session.exec(update(Article).where(col(Article.id) == article_id).values(**known))
        else:
            new = {"id": article_id, "collection": collection, "created_at": moment, "updated_at": moment}
            new |= {"state": ArticleState.PUBLISHED, "version": 1}
            await session.exec(insert(Article).values(**new, **known, **asdict(words)))
        version = await add_version(session, article_id, words, moment, origin=Origin.IMPORTED)
        await publish(session, article_id, words, version, written.passages, moment)


def _words(written: Written) -> Words:
    article = written.article
    return Words(article.title, written.body, article.description, article.language)
