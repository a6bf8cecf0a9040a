"""Finds the questions that had no good answer, and puts alike ones together.

A job does it every few seconds, from what others have recorded: turns that found nothing, hand-offs for
missing knowledge, thumbs down, answers a colleague has marked as wrong. Collecting twice, or by two workers
at once, is collecting once.
"""

import asyncio
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from sqlalchemy import delete, func, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from supportbot.database import Database
from supportbot.ids import new_id
from supportbot.knowledge.alike import Groups, in_common, language_of, terms_of
from supportbot.models import (
    JUNK,
    MARKED,
    MISSING_KNOWLEDGE,
    UNSURE,
    Conversation,
    Gap,
    GapQuestion,
    Handoff,
    MarkedWrong,
    Message,
    MessageState,
    Rating,
    Role,
    Turn,
)
from supportbot.settings import POSTGRESQL

T = TypeVar("T")

FIRST_LOOK = timedelta(days=30)
"""How far a worker looks back that has not looked yet."""
OVERLAP = timedelta(minutes=5)
"""What is recorded a little late, or by a worker whose clock is behind, is not missed."""
AT_ONCE = 100
"""Questions that are put away in one transaction."""
KNOWN_GROUPS = 3_000
"""The newest groups of a language; a question like none of them begins a new one."""
REMEMBERED = 50
"""The newest questions of a group, whose common words it is known by."""
QUESTION_CHARACTERS = 300
ADVISORY_LOCK = 7_305_009
"""As for imports: any number that nothing else uses."""


class Cause(StrEnum):
    """How we know that a question had no good answer; the names are `GapQuestion`'s."""

    FOUND_NOTHING = "found_nothing"
    ESCALATED = "escalated"
    RATED_DOWN = "rated_down"
    MARKED_WRONG = "marked_wrong"


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question as it is put away."""

    message_id: UUID
    conversation_id: UUID
    asked_at: datetime
    text: str
    language: str
    terms: tuple[str, ...]


class Collector:
    """Collects gaps. Remembers how far it has looked; forgetting that only makes the next look longer."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._looked: datetime | None = None

    async def collect(self, at: datetime) -> int:
        """Put away what is new and take out what was taken back; how many questions are new causes of.

        What asks nothing (a greeting, thanks, abuse) is none, nor is what stands in the junk.
        """
        since = self._looked - OVERLAP if self._looked else at - FIRST_LOOK
        async with self._database.reading() as session:
            found = await _found(session, since)
            revoked = await _revoked(session, since, at - FIRST_LOOK)
            causes = await _without_known(session, found)
            asked = await _questions(session, causes)
        new = await asyncio.to_thread(_asking, asked)
        for some in _in_parts(new):
            await self._put_away(some, causes)
        if revoked:
            await self._take_out(revoked)
        self._looked = at
        return len(new)

    async def _put_away(self, asked: Sequence[_Asked], causes: dict[UUID, set[Cause]]) -> None:
        async with self._database.transaction() as session:
            await _alone(session, self._database.kind)
            languages = {one.language for one in asked}
            groups = {language: await _groups(session, language) for language in languages}
            touched = {
                await _place(session, groups[one.language], one, causes[one.message_id]) for one in asked
            }
            for gap_id in touched:
                await _count_anew(session, gap_id)

    async def _take_out(self, revoked: dict[UUID, set[Cause]]) -> None:
        async with self._database.transaction() as session:
            await _alone(session, self._database.kind)
            touched: set[UUID] = set()
            for message_id, causes in revoked.items():
                question = await session.get(GapQuestion, message_id)
                if question is None:
                    continue
                for cause in causes:
                    setattr(question, cause, False)
                touched.add(question.gap_id)
                if not any(getattr(question, cause) for cause in Cause):
                    await session.delete(question)
            await session.flush()
            for gap_id in touched:
                await _count_anew(session, gap_id)


# ---- what others have recorded


async def _found(session: AsyncSession, since: datetime) -> dict[UUID, set[Cause]]:
    """The questions that something has happened to since then, each with what."""
    causes: dict[UUID, set[Cause]] = {}

    def note(cause: Cause, messages: Iterable[UUID | None]) -> None:
        for message_id in messages:
            if message_id is not None:
                causes.setdefault(message_id, set()).add(cause)

    unsure = (
        select(Turn.answers_id, Message.sources)
        .join(Message, col(Message.id) == Turn.wrote_id)
        .where(text(UNSURE), col(Turn.ended_at) >= since, Message.state != MessageState.SUPERSEDED)
    )
    rows = (await session.exec(unsure)).all()
    note(Cause.FOUND_NOTHING, [asked for asked, sources in rows if not sources])
    # The columns of both are meant: `reason` and `requested_at` are the hand-off's alone.
    asked_before = (
        select(Message.id)
        .where(
            Message.conversation_id == Handoff.conversation_id,
            Message.role == Role.USER,
            col(Message.created_at) <= col(Handoff.requested_at),
        )
        .order_by(col(Message.seq).desc())
        .limit(1)
        .correlate(Handoff)
        .scalar_subquery()
    )
    missing = select(asked_before).select_from(Handoff)
    note(
        Cause.ESCALATED,
        (
            await session.exec(missing.where(text(MISSING_KNOWLEDGE), col(Handoff.requested_at) >= since))
        ).all(),
    )
    down = _answered(Rating).where(Rating.value == -1, Rating.changed_at >= since)
    note(Cause.RATED_DOWN, (await session.exec(down)).all())
    wrong = _answered(MarkedWrong).where(MarkedWrong.created_at >= since)
    note(Cause.MARKED_WRONG, (await session.exec(wrong)).all())
    return causes


def _answered(table: type[Rating] | type[MarkedWrong]) -> SelectOfScalar[UUID]:
    """The questions whose answers somebody has judged."""
    return select(Turn.answers_id).join(
        table,
        (col(Turn.conversation_id) == table.conversation_id) & (col(Turn.wrote_id) == table.message_id),
    )


async def _revoked(session: AsyncSession, since: datetime, lately: datetime) -> dict[UUID, set[Cause]]:
    """Known questions of which something does not hold any more."""
    taken_back = _answered(Rating).where(Rating.value != -1, Rating.changed_at >= since)
    up = set((await session.exec(taken_back)).all())
    still_down = _answered(Rating).where(Rating.value == -1, col(Turn.answers_id).in_(up))
    revoked = {one: {Cause.RATED_DOWN} for one in up - set((await session.exec(still_down)).all())}
    # Few: marked by hand.
    marked = set((await session.exec(select(GapQuestion.message_id).where(text(MARKED)))).all())
    still_wrong = _answered(MarkedWrong).where(col(Turn.answers_id).in_(marked))
    for one in marked - set((await session.exec(still_wrong)).all()):
        revoked.setdefault(one, set()).add(Cause.MARKED_WRONG)
    # Putting away what is resolved already leaves no newer trace in the conversation.
    put_away = select(Conversation.id).where(text(JUNK), Conversation.updated_at >= lately)
    junk = select(GapQuestion.message_id).where(col(GapQuestion.conversation_id).in_(put_away))
    revoked |= {one: set(Cause) for one in (await session.exec(junk)).all()}
    return revoked


async def _without_known(session: AsyncSession, causes: dict[UUID, set[Cause]]) -> dict[UUID, set[Cause]]:
    """What is put away already is left out."""
    for some in _in_parts(list(causes)):
        known = await session.exec(select(GapQuestion).where(col(GapQuestion.message_id).in_(some)))
        for question in known:
            causes[question.message_id] -= {one for one in Cause if getattr(question, one)}
    return {message_id: left for message_id, left in causes.items() if left}


async def _questions(session: AsyncSession, messages: Collection[UUID]) -> list[tuple[Message, str | None]]:
    """The messages in the order they were written, each with its browser's language."""
    found: list[tuple[Message, str | None]] = []
    for some in _in_parts(list(messages)):
        rows = await session.exec(
            select(Message, Conversation.language)
            .join(Conversation, col(Conversation.id) == Message.conversation_id)
            .where(col(Message.id).in_(some), col(Conversation.junk_at).is_(None))
        )
        found += rows.all()
    return sorted(found, key=lambda row: row[0].created_at)


def _asked(message: Message, browser: str | None) -> _Asked | None:
    """The question in a message; None if it asks nothing."""
    terms = terms_of(message.content)
    if not terms:
        return None
    language = language_of(message.content, browser)
    return _Asked(message.id, message.conversation_id, message.created_at, message.content, language, terms)


def _asking(rows: Sequence[tuple[Message, str | None]]) -> list[_Asked]:
    return [one for message, browser in rows if (one := _asked(message, browser)) is not None]


def _in_parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[at : at + AT_ONCE] for at in range(0, len(items), AT_ONCE))


# ---- the groups


async def _alone(session: AsyncSession, kind: str) -> None:
    # Two at once would begin two groups for one question. On SQLite the transaction lets nobody else write.
    if kind == POSTGRESQL:
        connection = await session.connection()
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})


async def _place(session: AsyncSession, groups: Groups[UUID], asked: _Asked, causes: set[Cause]) -> UUID:
    """Put a question into the group it belongs to, or note what else happened to it; the group."""
    known = await session.get(GapQuestion, asked.message_id)
    if known is None:
        gap_id = groups.of(asked.terms) or await _begin(session, groups, asked)
        known = GapQuestion(
            message_id=asked.message_id,
            gap_id=gap_id,
            conversation_id=asked.conversation_id,
            terms=" ".join(asked.terms),
            asked_at=asked.asked_at,
        )
        session.add(known)
    for cause in causes:
        setattr(known, cause, True)
    await session.flush()
    return known.gap_id


async def _groups(session: AsyncSession, language: str) -> Groups[UUID]:
    rows = await session.exec(
        select(Gap.id, Gap.terms)
        .where(Gap.language == language)
        .order_by(col(Gap.last_asked_at).desc())
        .limit(KNOWN_GROUPS)
    )
    return Groups({gap_id: frozenset(terms.split()) for gap_id, terms in rows})


async def _begin(session: AsyncSession, groups: Groups[UUID], asked: _Asked) -> UUID:
    gap = Gap(
        id=new_id(),
        language=asked.language,
        question=_short(asked.text),
        terms=" ".join(asked.terms),
        last_asked_at=asked.asked_at,
    )
    session.add(gap)
    await session.flush()
    groups.add(gap.id, asked.terms)
    return gap.id


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= QUESTION_CHARACTERS else f"{words[: QUESTION_CHARACTERS - 1].rstrip()}…"


async def _count_anew(session: AsyncSession, gap_id: UUID) -> None:
    """Count a group's conversations and find its words anew; one that is empty and untouched goes."""
    gap = await session.get_one(Gap, gap_id)
    counted = select(
        func.count(func.distinct(GapQuestion.conversation_id)), func.max(GapQuestion.asked_at)
    ).where(GapQuestion.gap_id == gap_id)
    customers, last = (await session.exec(counted)).one()
    if not customers and gap.article_id is None and gap.dismissed_at is None:
        await session.exec(delete(Gap).where(col(Gap.id) == gap_id))
        return
    newest = (
        select(GapQuestion.terms)
        .where(GapQuestion.gap_id == gap_id)
        .order_by(col(GapQuestion.asked_at).desc())
        .limit(REMEMBERED)
    )
    questions = [terms.split() for terms in (await session.exec(newest)).all()]
    gap.customers = customers
    if questions:
        gap.last_asked_at, gap.terms = last, " ".join(in_common(questions))
    await session.flush()
