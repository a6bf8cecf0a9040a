"""The database's side of an import: what it knows, and the one transaction that writes."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.database import Database
from supportbot.ids import new_id, now
from supportbot.knowledge.plans import Known, Plan, Written
from supportbot.knowledge.publishing import (
    CutPassage,
    Publication,
    Words,
    in_portions,
    one_at_a_time,
    publish_all,
    retire,
)
from supportbot.models import Article, ArticleState, ArticleVersion, Origin
from supportbot.settings import POSTGRESQL


async def known_articles(database: Database) -> list[Known]:
    """Every article there is."""
    async with database.reading() as session:
        return await newest_state(session)


async def newest_state(session: AsyncSession) -> list[Known]:
    """Every article there is, as this session sees it."""
    newest = (
        select(col(ArticleVersion.origin), col(ArticleVersion.version))
        .where(col(ArticleVersion.article_id) == col(Article.id))
        .order_by(col(ArticleVersion.version).desc())
        .limit(1)
    )
    connection = await session.connection()
    rows = await connection.execute(
        select(
            col(Article.id),
            col(Article.collection),
            col(Article.path),
            col(Article.slug),
            col(Article.title),
            col(Article.content_hash),
            col(Article.state) == ArticleState.RETIRED,
            newest.with_only_columns(col(ArticleVersion.version)).scalar_subquery(),
            newest.with_only_columns(col(ArticleVersion.origin)).scalar_subquery(),
        ).order_by(col(Article.id))
    )
    return [
        Known(*row[:7], row[7] or 0, row[8] not in (None, Origin.IMPORTED))  # type: ignore[call-arg]
        for row in rows
    ]


async def wait_for_other_imports(session: AsyncSession, kind: str, plan: Plan) -> None:
    """Until the transaction ends, nobody else imports, publishes, or writes a version of what is updated."""
    await one_at_a_time(session)
    # On SQLite the transaction itself lets nobody else write. Answers may still rest on these articles.
    if kind == POSTGRESQL:
        replaced = [one.replaces.id for one in [*plan.added, *plan.updated] if one.replaces]
        if replaced:
            rows = select(col(Article.id)).where(col(Article.id).in_(replaced)).order_by(col(Article.id))
            await (await session.connection()).execute(rows.with_for_update(key_share=True))


async def write(
    session: AsyncSession,
    collection: str,
    plan: Plan,
    cuts: Mapping[Written, tuple[CutPassage, ...]],
    staff_id: UUID | None,
) -> None:
    """Do what a plan says, in as few statements as it takes: meanwhile nobody else writes to SQLite."""
    moment = now()
    for article_id, slug in plan.freed.items():
        await session.exec(update(Article).where(col(Article.id) == article_id).values(slug=slug))
    await retire(session, [row.id for row in [*plan.retired, *plan.sample]], moment)
    publications = [_publication(one, cuts[one]) for one in [*plan.added, *plan.updated]]
    written = list(zip(publications, [*plan.added, *plan.updated], strict=True))
    new = [_new(*one, collection, moment) for one in written if one[1].replaces is None]
    await in_portions(session, insert(Article), new)
    await in_portions(session, _MOVE, [_moved(*one) for one in written if one[1].replaces is not None])
    await in_portions(
        session, insert(ArticleVersion), [_version(one, staff_id, moment) for one in publications]
    )
    await publish_all(session, publications, moment)


_MOVE = (
    update(Article)
    .where(col(Article.id) == bindparam("article_id"))
    .values(slug=bindparam("new_slug"), content_hash=bindparam("new_hash"))
)


def _publication(one: Written, passages: tuple[CutPassage, ...]) -> Publication:
    article, row = one.article, one.replaces
    words = Words(article.title, one.body, article.description, article.language)
    return Publication(row.id if row else new_id(), words, (row.newest if row else 0) + 1, passages)


def _new(publication: Publication, one: Written, collection: str, moment: datetime) -> dict[str, Any]:
    return asdict(publication.words) | {
        "id": publication.article_id,
        "collection": collection,
        "path": one.article.path,
        "slug": one.slug,
        "content_hash": one.content_hash,
        "created_at": moment,
        "updated_at": moment,
        "state": ArticleState.PUBLISHED,
        "version": publication.version,
    }


def _moved(publication: Publication, one: Written) -> dict[str, Any]:
    return {
        "article_id": publication.article_id,
        "new_slug": one.slug,
        "new_hash": one.content_hash,
    }


def _version(publication: Publication, staff_id: UUID | None, moment: datetime) -> dict[str, Any]:
    return asdict(publication.words) | {
        "id": new_id(),
        "article_id": publication.article_id,
        "version": publication.version,
        "origin": Origin.IMPORTED,
        "staff_id": staff_id,
        "restored_from": None,
        "created_at": moment,
    }
