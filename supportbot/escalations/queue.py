"""What the desk sees: its lists, who waits since when, and a customer's other conversations."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from supportbot.database import Database
from supportbot.escalations import lists
from supportbot.escalations.lists import MOST_COUNTED, Filters, List
from supportbot.escalations.past import PastRow, other_conversations
from supportbot.escalations.rows import LAST_WORDS_CHARACTERS, Row, customer_name, rows_of
from supportbot.escalations.waiting import WaitRange, place_in_queue, waits
from supportbot.models import OPEN, Conversation

__all__ = [
    "LAST_WORDS_CHARACTERS",
    "MOST_COUNTED",
    "MOST_ROWS",
    "List",
    "PastRow",
    "Row",
    "Rows",
    "WaitRange",
    "customer_name",
    "languages_in_use",
    "listed",
    "other_conversations",
    "place_in_queue",
    "tags_in_use",
    "waits",
]

MOST_ROWS = 100


@dataclass(frozen=True, slots=True)
class Rows:
    """A page of a list of the desk.

    `counts` holds how many stand in each list, whatever this one is narrowed to, counted up to
    `MOST_COUNTED`; `unread` says how many of this person's have news. `more` is whether the list goes on.
    """

    rows: tuple[Row, ...]
    counts: dict[List, int] = field(default_factory=dict)
    unread: int = 0
    more: bool = False

    @property
    def waiting(self) -> int:
        """How many nobody has claimed."""
        return self.counts.get(List.WAITING, 0)


async def listed(
    database: Database,
    which: List,
    staff_id: UUID,
    *,
    tag: str = "",
    reason: str = "",
    language: str = "",
    limit: int = MOST_ROWS,
    before: UUID | None = None,
) -> Rows:
    """A list as this member of staff sees it.

    Waiting: who waits longest first. Mine: what has news first, then the newest activity. Snoozed: what
    comes back soonest first. The others: the newest activity first. A list of what is over is narrowed to a
    tag among the `MOST_TAGGED` conversations begun last that carry it, and narrowed to a reason it means the
    first one.

    Args:
        database: Where conversations are kept.
        which: The list.
        staff_id: Who looks at it.
        tag: Only what carries this tag.
        reason: Only what went to people for this reason.
        language: Only what is in this language.
        limit: Most rows.
        before: The last row of the page before, to go on below it.
    """
    narrowed = Filters(tag, reason, language)
    async with database.reading() as session:
        connection = await session.connection()
        ids = await lists.ids_in(connection, which, staff_id, narrowed, limit=limit + 1, before=before)
        return await _page(connection, staff_id, ids, limit)


async def tags_in_use(database: Database) -> list[str]:
    """Every tag that some conversation carries, in alphabetical order."""
    async with database.reading() as session:
        return await lists.tags(await session.connection())


async def languages_in_use(database: Database) -> list[str]:
    """The languages of the conversations that are open, in alphabetical order."""
    query = select(col(Conversation.language)).where(text(OPEN), col(Conversation.language).is_not(None))
    async with database.reading() as session:
        return sorted(await (await session.connection()).scalars(query.distinct()))


async def _page(connection: AsyncConnection, staff_id: UUID, ids: Sequence[UUID], limit: int) -> Rows:
    rows = await rows_of(connection, staff_id, ids[:limit])
    counts, unread = await lists.counts(connection, staff_id)
    return Rows(tuple(rows), counts, unread, more=len(ids) > limit)
