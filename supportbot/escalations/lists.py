"""The lists of the desk: which conversations stand in each, in which order, and how many."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, literal, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from supportbot.models import (
    JUNK,
    OPEN,
    RESOLVED,
    SNOOZED,
    Conversation,
    ConversationTag,
    Handoff,
    Outcome,
    StaffRead,
    Status,
)

MOST_COUNTED = 1_000
"""Beyond this a number says no more than "very many", and counting on would take longer than the list."""

MOST_TAGGED = 500
"""Of a tag, the conversations begun last that a list of what is over looks at: it may be years of them."""


class List(StrEnum):
    """A conversation stands in exactly one of waiting, snoozed, resolved, junk, and "with people or the
    assistant"; `mine` and `open` look at those that are not over and not put off.
    """

    WAITING = "waiting"
    MINE = "mine"
    OPEN = "open"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    JUNK = "junk"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; an empty word narrows nothing."""

    tag: str = ""
    reason: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class _Order:
    """The ids of a list, and the column it is sorted by."""

    ids: Select[Any]
    by: Any
    of: Any = Conversation
    """The table that has this column."""
    newest_first: bool = True


WAITS = (col(Handoff.closed_at).is_(None), col(Handoff.claimed_by).is_(None))
"""A hand-off nobody has claimed yet."""

_HERE = col(Conversation.snoozed_until).is_(None)
_NEWS = col(Conversation.customer_seq) > func.coalesce(col(StaffRead.seq), 0)


async def ids_in(
    connection: AsyncConnection,
    which: List,
    staff_id: UUID,
    filters: Filters,
    *,
    limit: int,
    before: UUID | None,
) -> list[UUID]:
    """The conversations of a list, at most `limit`, those after `before` if that is given."""
    found: list[UUID] = []
    parts = _parts(which, staff_id, filters)
    if before is not None:
        parts = await _after(connection, parts, before)
    for part in parts:
        if len(found) < limit:
            ids = _ordered(part).limit(limit - len(found))
            found += list(await connection.scalars(ids))
    return found


async def counts(connection: AsyncConnection, staff_id: UUID) -> tuple[dict[List, int], int]:
    """How many stand in each list, none counted beyond `MOST_COUNTED`, and how many of mine have news."""
    parts = [(which, part) for which in List for part in _parts(which, staff_id, Filters())]
    numbers = (await connection.execute(select(*(_count(part) for _, part in parts)))).one()
    of_each = dict.fromkeys(List, 0)
    for (which, _), number in zip(parts, numbers, strict=True):
        of_each[which] = min(of_each[which] + number, MOST_COUNTED)
    news = next(number for (which, _), number in zip(parts, numbers, strict=True) if which == List.MINE)
    return of_each, news


async def tags(connection: AsyncConnection) -> list[str]:
    """Every tag that some conversation carries, in alphabetical order, at most `MOST_COUNTED`."""
    # From one tag to the next along the index: DISTINCT would read every tag of every conversation.
    first = select(func.min(col(ConversationTag.tag)).label("tag")).cte("tags", recursive=True)
    following = (
        select(func.min(col(ConversationTag.tag)))
        .where(col(ConversationTag.tag) > first.c.tag)
        .correlate(first)
        .scalar_subquery()
    )
    each = first.union_all(select(following).where(first.c.tag.is_not(None)))
    found = await connection.scalars(select(each.c.tag).where(each.c.tag.is_not(None)).limit(MOST_COUNTED))
    return sorted(found, key=str.casefold)


def _parts(which: List, staff_id: UUID, filters: Filters) -> list[_Order]:
    """The list in one piece, or in several to be read one after the other."""
    match which:
        case List.WAITING:
            ids = _narrowed(_waiting(), filters, reason=col(Handoff.reason))
            return [_Order(ids, col(Handoff.requested_at), of=Handoff, newest_first=False)]
        case List.MINE:
            # Two walks along an index: sorting by "has news" would read everything first.
            pieces = [_mine(staff_id, news=news) for news in (True, False)]
            return [_by_activity(_narrowed(_with_handoff(piece, filters), filters)) for piece in pieces]
        case List.OPEN:
            return [_by_activity(_narrowed(_with_handoff(_of(text(OPEN)), filters), filters))]
        case List.SNOOZED:
            ids = _narrowed(_with_handoff(_of(_snoozed()), filters), filters)
            return [_Order(ids, col(Conversation.snoozed_until), newest_first=False)]
        case List.RESOLVED:
            return [_over(text(RESOLVED), filters)]
        case List.JUNK:
            return [_over(text(JUNK), filters)]


def _over(stands_there: Any, filters: Filters) -> _Order:
    """A list of what is over: endless, so each filter is an index to walk along and not a sieve."""
    if filters.tag:
        carried = (
            select(col(ConversationTag.conversation_id))
            .where(col(ConversationTag.tag) == filters.tag)
            .order_by(col(ConversationTag.conversation_id).desc())
            .limit(MOST_TAGGED)
            .subquery()
        )
        ids = _of(stands_there).join(carried, carried.c.conversation_id == col(Conversation.id))
    else:
        ids = _of(stands_there)
    if filters.language:
        ids = ids.where(col(Conversation.language) == filters.language)
    if filters.reason:
        ids = ids.join(Outcome, col(Outcome.conversation_id) == Conversation.id)
        ids = ids.where(col(Outcome.handoff_reason) == filters.reason)
        return _Order(ids, col(Outcome.updated_at), of=Outcome)
    return _by_activity(ids)


def _of(condition: Any) -> Select[Any]:
    return select(col(Conversation.id)).where(condition)


def _waiting() -> Select[Any]:
    return (
        select(col(Conversation.id))
        .select_from(Handoff)
        .join(Conversation, col(Conversation.id) == Handoff.conversation_id)
        .where(*WAITS, _HERE)
    )


def _mine(staff_id: UUID, *, news: bool) -> Select[Any]:
    return (
        select(col(Conversation.id))
        .outerjoin(
            StaffRead,
            (col(StaffRead.conversation_id) == Conversation.id) & (col(StaffRead.staff_id) == staff_id),
        )
        .where(
            col(Conversation.assigned_staff_id) == staff_id,
            col(Conversation.status) == Status.ESCALATED,
            _HERE,
            _NEWS if news else ~_NEWS,
        )
    )


def _snoozed() -> ColumnElement[bool]:
    return and_(text(SNOOZED), col(Conversation.junk_at).is_(None))


def _with_handoff(ids: Select[Any], filters: Filters) -> Select[Any]:
    """Joined with the open hand-off, if its reason is asked for."""
    if not filters.reason:
        return ids
    theirs = (col(Handoff.conversation_id) == Conversation.id) & col(Handoff.closed_at).is_(None)
    return ids.join(Handoff, theirs)


def _narrowed(ids: Select[Any], filters: Filters, *, reason: Any = None) -> Select[Any]:
    """A list of what is not over: short enough to look at each conversation in it."""
    if filters.tag:
        carries = select(literal(1)).where(
            col(ConversationTag.conversation_id) == Conversation.id, col(ConversationTag.tag) == filters.tag
        )
        ids = ids.where(carries.correlate(Conversation).exists())
    if filters.language:
        ids = ids.where(col(Conversation.language) == filters.language)
    if filters.reason:
        ids = ids.where((col(Handoff.reason) if reason is None else reason) == filters.reason)
    return ids


def _by_activity(ids: Select[Any]) -> _Order:
    return _Order(ids, col(Conversation.updated_at))


def _ordered(part: _Order) -> Select[Any]:
    by, tie = part.by, col(Conversation.id)
    return part.ids.order_by(*((by.desc(), tie.desc()) if part.newest_first else (by, tie)))


async def _after(connection: AsyncConnection, parts: Sequence[_Order], before: UUID) -> list[_Order]:
    """What is left of a list below the conversation `before`, also if that has left the list by now."""
    here = 0
    while here < len(parts) - 1:
        holds = parts[here].ids.where(col(Conversation.id) == before)
        if await connection.scalar(holds) is not None:
            break
        here += 1
    part, rest = parts[here], parts[here + 1 :]
    of = col(part.of.conversation_id) if part.of is not Conversation else col(Conversation.id)
    at = await connection.scalar(select(func.max(part.by)).where(of == before))
    if at is None:
        return []
    return [replace(part, ids=part.ids.where(_below(part, at, before))), *rest]


def _below(part: _Order, at: Any, before: UUID) -> ColumnElement[bool]:
    by, tie = part.by, col(Conversation.id)
    if part.newest_first:
        return and_(by <= at, or_(by < at, tie < before))
    return and_(by >= at, or_(by > at, tie > before))


def _count(part: _Order) -> ScalarSelect[int]:
    # In the list's order, which is an index: the planner would rather read the table until it has enough.
    some = _ordered(part).with_only_columns(literal(1), maintain_column_froms=True).limit(MOST_COUNTED)
    return select(func.count()).select_from(some.subquery()).scalar_subquery()
