"""Every article as staff look for it: its state, who changed it last, how often it was cited and how rated.

A page of the list is one query, however many articles there are.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, case, distinct, func, or_
from sqlalchemy import select as select_columns
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.database import Database
from supportbot.knowledge.cleaning import storable
from supportbot.models import Article, ArticleState, ArticleVersion, Evidence, Origin, Rating, Staff

PAGE = 50
CITED_WITHIN = timedelta(days=30)
"""What answers cited longer ago does not count: the article may have been another one."""
MOST_WORDS = 6
CHANGED = "changed"
"""In place of a state: published articles with changes that are not."""


class Order(StrEnum):
    """What comes first."""

    CHANGED = "changed"
    TITLE = "title"
    CITED = "cited"
    RATED_DOWN = "rated_down"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for. Empty words ask for everything; unknown ones find nothing."""

    search: str = ""
    state: str = ""
    language: str = ""
    collection: str = ""
    order: Order = Order.CHANGED
    page: int = 1


@dataclass(frozen=True, slots=True)
class Shelved:
    """An article in the list, as its newest version has it. `version` is what readers see, or saw last."""

    id: UUID
    slug: str
    title: str
    state: ArticleState
    language: str
    collection: str
    version: int
    newest: int
    changed_at: datetime
    changed_by: str
    origin: Origin
    cited: int
    up: int
    down: int

    @property
    def has_changes(self) -> bool:
        """Whether readers see something else than what was saved last."""
        return self.state == ArticleState.PUBLISHED and self.newest > self.version


@dataclass(frozen=True, slots=True)
class Shelf:
    """A page of the list. `total` counts what was found on all pages; `page` is the one shown."""

    articles: tuple[Shelved, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many there are; one if nothing was found."""
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True, slots=True)
class Choices:
    """What the list can be narrowed to."""

    languages: tuple[str, ...]
    collections: tuple[str, ...]


async def look(database: Database, wanted: Wanted, at: datetime) -> Shelf:
    """A page of the articles that were asked for. A page behind the last one is the last one.

    Args:
        database: Where articles are.
        wanted: What to look for.
        at: Now: citations count for 30 days.
    """
    async with database.reading() as session:
        page = max(1, wanted.page)
        rows = await _page(session, wanted, at, page)
        if not rows and page > 1:
            first = await _page(session, wanted, at, 1)
            page = max(1, -(-(first[0].total if first else 0) // PAGE))
            rows = first if page == 1 else await _page(session, wanted, at, page)
    return Shelf(tuple(_shelved(row) for row in rows), rows[0].total if rows else 0, page)


async def one(database: Database, article_id: UUID, at: datetime) -> Shelved | None:
    """One article as the list would show it, or None if there is none."""
    query = _with_use(_found(col(Article.id) == article_id).subquery("found"), at)
    async with database.reading() as session:
        row = (await (await session.connection()).execute(query)).first()
    return _shelved(row) if row else None


async def choices(database: Database) -> Choices:
    """The languages and collections there are."""
    query = select_columns(col(Article.language), col(Article.collection)).distinct()
    async with database.reading() as session:
        rows = (await (await session.connection()).execute(query)).all()
    languages, collections = ({row[at] for row in rows} for at in (0, 1))
    return Choices(tuple(sorted(languages)), tuple(sorted(collections)))


_UP, _DOWN = col(Rating.value) > 0, col(Rating.value) < 0
_newest = (
    select_columns(col(ArticleVersion.article_id), func.max(col(ArticleVersion.version)).label("version"))
    .group_by(col(ArticleVersion.article_id))
    .subquery("newest")
)


def _found(*conditions: ColumnElement[bool]) -> Any:
    """The articles as their newest versions have them, without what became of them."""
    query: Any = (
        select_columns(
            col(Article.id),
            col(Article.slug),
            col(ArticleVersion.title),
            col(Article.state),
            col(ArticleVersion.language),
            col(Article.collection),
            col(Article.version),
            col(ArticleVersion.version).label("newest"),
            col(ArticleVersion.created_at),
            func.coalesce(col(Staff.name), "").label("changed_by"),
            col(ArticleVersion.origin),
        )
        .select_from(Article)
        .join(_newest, _newest.c.article_id == col(Article.id))
        .join(
            ArticleVersion,
            and_(
                col(ArticleVersion.article_id) == col(Article.id),
                col(ArticleVersion.version) == _newest.c.version,
            ),
        )
        .outerjoin(Staff, col(Staff.id) == col(ArticleVersion.staff_id))
        .where(*conditions)
    )
    return query


def _used(article_id: Any, at: datetime, *rated: ColumnElement[bool]) -> Any:
    """How many answers cited the article; with conditions, of those that were rated so."""
    # An answer that cites three passages of an article cites the article once.
    counted = (
        select_columns(func.count(distinct(col(Evidence.message_id))))
        .select_from(Evidence)
        .where(
            col(Evidence.article_id) == article_id,
            col(Evidence.cited),
            col(Evidence.created_at) >= at - CITED_WITHIN,
        )
    )
    if rated:
        counted = counted.join(Rating, col(Rating.message_id) == col(Evidence.message_id)).where(*rated)
    return counted.correlate_except(Evidence, Rating).scalar_subquery()


def _with_use(found: Any, at: datetime) -> Any:
    """What was found, and of each article how often it was cited and rated."""
    return select_columns(
        found,
        _used(found.c.id, at).label("cited"),
        _used(found.c.id, at, _UP).label("up"),
        _used(found.c.id, at, _DOWN).label("down"),
    )


async def _page(session: AsyncSession, wanted: Wanted, at: datetime, page: int) -> list[Row[Any]]:
    words, title = _words(wanted.search), func.lower(col(ArticleVersion.title))
    orders: dict[Order, tuple[Any, ...]] = {
        Order.CHANGED: (col(ArticleVersion.created_at).desc(),),
        Order.TITLE: (title,),
        Order.CITED: (_used(col(Article.id), at).desc(), title),
        Order.RATED_DOWN: (_used(col(Article.id), at, _DOWN).desc(), title),
    }
    named = [case((and_(*(_in(ArticleVersion.title, word) for word in words)), 0), else_=1)] if words else []
    order = (*named, *orders[wanted.order], col(Article.id))
    found = (
        _found(*_conditions(wanted, words))
        .add_columns(
            func.count().over().label("total"), func.row_number().over(order_by=order).label("place")
        )
        .order_by(*order)
        .offset((page - 1) * PAGE)
        .limit(PAGE)
        .subquery("found")
    )
    query = _with_use(found, at).order_by(found.c.place)
    return list((await (await session.connection()).execute(query)).all())


def _conditions(wanted: Wanted, words: list[str]) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.state == CHANGED:
        found.append(col(Article.state) == ArticleState.PUBLISHED)
        found.append(_newest.c.version > col(Article.version))
    elif wanted.state:
        known = wanted.state in {str(state) for state in ArticleState}
        found.append(col(Article.state) == ArticleState(wanted.state) if known else col(Article.id).is_(None))
    if wanted.language:
        found.append(col(ArticleVersion.language) == wanted.language)
    if wanted.collection:
        found.append(col(Article.collection) == wanted.collection)
    for word in words:
        texts = (ArticleVersion.title, ArticleVersion.description, ArticleVersion.body, Article.slug)
        found.append(or_(*(_in(text, word) for text in texts)))
    return found


def _words(search: str) -> list[str]:
    return storable(search).split()[:MOST_WORDS]


def _in(text: Any, word: str) -> ColumnElement[bool]:
    """Whether the word stands in it, also in capitals, which SQLite knows of English letters only."""
    spelled = {word, word.lower(), word.upper(), word.capitalize()}
    return or_(*(col(text).icontains(one, autoescape=True) for one in sorted(spelled)))


def _shelved(row: Row[Any]) -> Shelved:
    values = row._asdict()
    values["changed_at"] = values.pop("created_at")
    return Shelved(**{name: value for name, value in values.items() if name not in ("total", "place")})
