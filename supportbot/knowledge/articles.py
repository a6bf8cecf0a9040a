"""The published articles, as the help pages and the commands read them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from supportbot.database import Database
from supportbot.knowledge.cleaning import storable
from supportbot.models import Article, ArticleState


@dataclass(frozen=True, slots=True)
class Listed:
    """An article in a list, without its text."""

    collection: str
    path: str
    slug: str
    title: str
    description: str
    language: str
    updated_at: datetime


async def by_slug(database: Database, slug: str) -> Article | None:
    """The published article at `/help/<slug>`, or None, also if it is retired."""
    if storable(slug) != slug:  # PostgreSQL refuses a NUL even in a question
        return None
    async with database.reading() as session:
        query = select(Article).where(col(Article.slug) == slug, col(Article.state) == ArticleState.PUBLISHED)
        return (await session.exec(query)).one_or_none()


async def count(database: Database) -> int:
    """How many articles are published."""
    async with database.reading() as session:
        query = select(func.count()).select_from(Article).where(col(Article.state) == ArticleState.PUBLISHED)
        return (await session.exec(query)).one()


async def listing(database: Database) -> list[Listed]:
    """Every published article, ordered by collection and path."""
    return await _listed(database)


async def in_folder(database: Database, collection: str, folder: str) -> list[Listed]:
    """The published articles of a collection that lie in this folder, at any depth."""
    inside = col(Article.path).startswith(f"{folder}/", autoescape=True)
    return await _listed(database, col(Article.collection) == collection, inside)


async def listed(database: Database, slugs: Collection[str]) -> dict[str, Listed]:
    """The published ones among these articles, by their slugs."""
    found = await _listed(database, col(Article.slug).in_(slugs)) if slugs else []
    return {article.slug: article for article in found}


async def _listed(database: Database, *conditions: ColumnElement[bool]) -> list[Listed]:
    query = select_columns(
        col(Article.collection),
        col(Article.path),
        col(Article.slug),
        col(Article.title),
        col(Article.description),
        col(Article.language),
        col(Article.updated_at),
    ).where(col(Article.state) == ArticleState.PUBLISHED, *conditions)
    async with database.reading() as session:
        rows = (await (await session.connection()).execute(query)).all()
    # Sorted here, because databases disagree about the order of capitals and accents.
    return sorted((Listed(*row) for row in rows), key=lambda article: (article.collection, article.path))
