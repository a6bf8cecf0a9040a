"""The published articles, as the help pages and the commands read them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
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
    query = select_columns(
        col(Article.collection),
        col(Article.path),
        col(Article.slug),
        col(Article.title),
        col(Article.description),
        col(Article.language),
        col(Article.updated_at),
    ).where(col(Article.state) == ArticleState.PUBLISHED)
    async with database.reading() as session:
        rows = (await (await session.connection()).execute(query)).all()
    # Sorted here, because databases disagree about the order of capitals and accents.
    return sorted((Listed(*row) for row in rows), key=lambda article: (article.collection, article.path))
