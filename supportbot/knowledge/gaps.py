"""What customers ask and the articles do not answer, as the desk works through it.

Nothing here says that a gap is covered: that follows from the state of the article drafted for it and from
what was asked since. See `collecting` for how questions get here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, literal, not_, or_, true, update
from sqlalchemy import select as select_columns
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.database import Database
from supportbot.ids import now
from supportbot.knowledge.collecting import Cause
from supportbot.models import Article, ArticleState, Gap, GapQuestion, Message, Staff

EXAMPLES = 5
"""Questions shown of a group, the newest ones."""
EXAMPLE_CHARACTERS = 300
MOST_COUNTED = 1_000


class GapState(StrEnum):
    """Where a gap stands."""

    OPEN = "open"
    COVERED = "covered"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Example:
    """A question of a group, and where it was asked."""

    conversation_id: UUID
    text: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class GapRow:
    """A group of questions as the list shows it.

    `since` counts the conversations it came up in after its article was published, which opens it again.
    """

    id: UUID
    question: str
    language: str
    state: GapState
    customers: int
    last_asked_at: datetime
    causes: dict[Cause, int]
    examples: tuple[Example, ...]
    article_id: UUID | None = None
    article_title: str = ""
    article_state: ArticleState | None = None
    since: int = 0


@dataclass(frozen=True, slots=True)
class Gaps:
    """A page of the list; `counts` says how many gaps stand where, at most `MOST_COUNTED` each."""

    rows: tuple[GapRow, ...]
    more: bool
    counts: dict[GapState, int]


_PUBLISHED = col(Article.state) == ArticleState.PUBLISHED
_COVERED = and_(_PUBLISHED, col(Gap.last_asked_at) <= col(Article.updated_at))
_DISMISSED = col(Gap.dismissed_at).is_not(None)
_WHERE: dict[GapState, ColumnElement[bool]] = {
    GapState.DISMISSED: _DISMISSED,
    GapState.COVERED: and_(not_(_DISMISSED), _COVERED),
    # Without an article the comparison is NULL, and so is its opposite.
    GapState.OPEN: and_(not_(_DISMISSED), or_(col(Article.id).is_(None), not_(_COVERED))),
}


async def listed(
    database: Database,
    state: GapState = GapState.OPEN,
    *,
    cause: Cause | None = None,
    language: str = "",
    limit: int = 50,
) -> Gaps:
    """The gaps in a state: what most customers asked for first, then what was asked last.

    Args:
        database: Where they are kept.
        state: Which of them.
        cause: Only groups with a question of this cause.
        language: Only those in this language.
        limit: How many at most.
    """
    query = (
        select(Gap, Article)
        .outerjoin(Article, col(Article.id) == Gap.article_id)
        .where(_WHERE[state], Gap.customers > 0)
        .order_by(col(Gap.customers).desc(), col(Gap.last_asked_at).desc(), col(Gap.id))
        .limit(limit + 1)
    )
    if cause is not None:
        of_cause = select(GapQuestion.message_id).where(
            GapQuestion.gap_id == Gap.id, getattr(GapQuestion, cause) == true()
        )
        query = query.where(of_cause.exists())
    if language:
        query = query.where(Gap.language == language)
    async with database.reading() as session:
        found = (await session.exec(query)).all()
        shown = found[:limit]
        ids = [gap.id for gap, _ in shown]
        causes, examples = await _causes(session, ids), await _examples(session, ids)
        since = await _since(session, ids)
        counts = await _counts(session)
    rows = [
        _row(gap, article, causes.get(gap.id, {}), examples.get(gap.id, ()), since.get(gap.id, 0))
        for gap, article in shown
    ]
    return Gaps(tuple(rows), len(found) > limit, counts)


async def languages(database: Database) -> list[str]:
    """The languages there are gaps in."""
    query = select(Gap.language).where(Gap.language != "").distinct().order_by(Gap.language)
    async with database.reading() as session:
        return list((await session.exec(query)).all())


async def gaps_of(database: Database, conversation_id: UUID) -> list[UUID]:
    """The gaps a conversation has questions in, that of its newest question first."""
    query = (
        select(GapQuestion.gap_id)
        .where(GapQuestion.conversation_id == conversation_id)
        .order_by(col(GapQuestion.asked_at).desc())
    )
    async with database.reading() as session:
        return list(dict.fromkeys((await session.exec(query)).all()))


async def dismiss(database: Database, gap_id: UUID, staff: Staff) -> None:
    """Put a gap away: nothing is going to be written about it. What is asked again does not bring it back."""
    await _set_dismissed(database, gap_id, dismissed_at=now(), dismissed_by=staff.id)


async def bring_back(database: Database, gap_id: UUID, staff: Staff) -> None:
    """Take that back, whoever did it."""
    await _set_dismissed(database, gap_id, dismissed_at=None, dismissed_by=None)


async def _set_dismissed(database: Database, gap_id: UUID, **values: object) -> None:
    async with database.transaction() as session:
        await session.exec(update(Gap).where(col(Gap.id) == gap_id).values(**values))


async def _causes(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, dict[Cause, int]]:
    """How many questions of each group have each cause."""
    counted = (func.sum(case((getattr(GapQuestion, cause) == true(), 1), else_=0)) for cause in Cause)
    query = select_columns(col(GapQuestion.gap_id), *counted).where(col(GapQuestion.gap_id).in_(ids))
    connection = await session.connection()
    rows = await connection.execute(query.group_by(col(GapQuestion.gap_id)))
    return {
        row[0]: {cause: count for cause, count in zip(Cause, row[1:], strict=True) if count} for row in rows
    }


async def _examples(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, tuple[Example, ...]]:
    """The newest questions of each group, one of a conversation."""
    place = (
        func.row_number()
        .over(partition_by=col(GapQuestion.gap_id), order_by=col(GapQuestion.asked_at).desc())
        .label("place")
    )
    numbered = (
        select(GapQuestion.message_id, GapQuestion.gap_id, place)
        .where(col(GapQuestion.gap_id).in_(ids))
        .subquery()
    )
    rows = await session.exec(
        select(numbered.c.gap_id, Message)
        .join(Message, col(Message.id) == numbered.c.message_id)
        .where(numbered.c.place <= 2 * EXAMPLES)
        .order_by(numbered.c.place)
    )
    found: dict[UUID, dict[UUID, Example]] = {}
    for gap_id, message in rows:
        of_gap = found.setdefault(gap_id, {})
        if len(of_gap) < EXAMPLES:
            text = " ".join(message.content.split())
            short = text if len(text) <= EXAMPLE_CHARACTERS else f"{text[: EXAMPLE_CHARACTERS - 1].rstrip()}…"
            of_gap.setdefault(
                message.conversation_id, Example(message.conversation_id, short, message.created_at)
            )
    return {gap_id: tuple(of_gap.values()) for gap_id, of_gap in found.items()}


async def _since(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, int]:
    """In how many conversations each was asked after its article was published."""
    rows = await session.exec(
        select(GapQuestion.gap_id, func.count(func.distinct(GapQuestion.conversation_id)))
        .join(Gap, col(Gap.id) == GapQuestion.gap_id)
        .join(Article, col(Article.id) == Gap.article_id)
        .where(col(Gap.id).in_(ids), _PUBLISHED, col(GapQuestion.asked_at) > col(Article.updated_at))
        .group_by(col(GapQuestion.gap_id))
    )
    return dict(rows.all())


async def _counts(session: AsyncSession) -> dict[GapState, int]:
    counts: dict[GapState, int] = {}
    for state, where in _WHERE.items():
        some = (
            select(literal(1))
            .select_from(Gap)
            .outerjoin(Article, col(Article.id) == Gap.article_id)
            .where(where, Gap.customers > 0)
            .limit(MOST_COUNTED)
        )
        counts[state] = (await session.exec(select(func.count()).select_from(some.subquery()))).one()
    return counts


def _row(
    gap: Gap, article: Article | None, causes: dict[Cause, int], examples: tuple[Example, ...], since: int
) -> GapRow:
    published = article is not None and article.state == ArticleState.PUBLISHED
    state = GapState.COVERED if published and not since else GapState.OPEN
    return GapRow(
        id=gap.id,
        question=gap.question,
        language=gap.language,
        state=GapState.DISMISSED if gap.dismissed_at is not None else state,
        customers=gap.customers,
        last_asked_at=gap.last_asked_at,
        causes=causes,
        examples=examples,
        article_id=article.id if article else None,
        article_title=article.title if article else "",
        article_state=ArticleState(article.state) if article else None,
        since=since,
    )
