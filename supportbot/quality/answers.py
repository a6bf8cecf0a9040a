"""What the desk knows about an answer of the assistant: what it rests on, and what was wrong with it.

Customers receive none of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.conversations.changes import changing
from supportbot.conversations.live import LiveLog
from supportbot.conversations.wording import clean
from supportbot.database import Database
from supportbot.models import (
    Article,
    ArticleState,
    Evidence,
    MarkedWrong,
    Message,
    Rating,
    Staff,
    Turn,
)

NOTE_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Rested:
    """A passage that was found for an answer. `changed` says that the article reads differently now."""

    article_id: UUID
    title: str
    heading: str
    cited: bool
    changed: bool
    state: ArticleState


@dataclass(frozen=True, slots=True)
class AboutAnswer:
    """What is known about one answer; `wrong_by` is None unless a colleague has marked it as wrong."""

    complaint: str = ""
    comment: str = ""
    wrong_by: str | None = None
    wrong_note: str = ""
    passages: tuple[Rested, ...] = ()


async def about_answers(database: Database, conversation_id: UUID) -> dict[UUID, AboutAnswer]:
    """What is known about the answers of a conversation, for those of which anything is."""
    async with database.reading() as session:
        ratings = await session.exec(select(Rating).where(Rating.conversation_id == conversation_id))
        complaints = {one.message_id: one for one in ratings if one.complaint}
        marks = await session.exec(
            select(MarkedWrong, Staff.name)
            .outerjoin(Staff, col(Staff.id) == MarkedWrong.staff_id)
            .where(MarkedWrong.conversation_id == conversation_id)
        )
        wrong = {mark.message_id: (name or "", mark.note) for mark, name in marks}
        passages = await _passages(session, conversation_id)
    return {
        message_id: AboutAnswer(
            complaint=str(said.complaint or "") if (said := complaints.get(message_id)) else "",
            comment=said.comment if said else "",
            wrong_by=wrong[message_id][0] if message_id in wrong else None,
            wrong_note=wrong[message_id][1] if message_id in wrong else "",
            passages=tuple(passages.get(message_id, ())),
        )
        for message_id in {*complaints, *wrong, *passages}
    }


async def mark_wrong(database: Database, live: LiveLog, answer: Message, staff: Staff, note: object) -> None:
    """Say that an answer is wrong, and perhaps what is right. Said again, the last note counts.

    Raises:
        Refused: if the note cannot be taken, with the reason.
    """
    said = clean(note, limit=NOTE_CHARACTERS) if not isinstance(note, str) or note.strip() else ""
    async with changing(database, live, answer.conversation_id) as change:
        mark = await change.session.get(MarkedWrong, answer.id)
        if mark is None:
            mark = MarkedWrong(message_id=answer.id, conversation_id=answer.conversation_id)
            change.session.add(mark)
        mark.staff_id, mark.note = staff.id, said
        change.note_case()


async def unmark_wrong(database: Database, live: LiveLog, answer: Message, staff: Staff) -> None:
    """Take that back, whoever said it; nothing if nobody has."""
    async with changing(database, live, answer.conversation_id) as change:
        mark = await change.session.get(MarkedWrong, answer.id)
        if mark is not None:
            await change.session.delete(mark)
            change.note_case()


async def _passages(session: AsyncSession, conversation_id: UUID) -> dict[UUID, list[Rested]]:
    """Every passage once an answer: what it cites first, then what was merely found."""
    answers = select(Turn.wrote_id).where(Turn.conversation_id == conversation_id)
    rows: Sequence[tuple[Evidence, Article]] = (
        await session.exec(
            select(Evidence, Article)
            .join(Article, col(Article.id) == Evidence.article_id)
            .where(col(Evidence.message_id).in_(answers))
            .order_by(col(Evidence.cited).desc(), col(Evidence.place))
        )
    ).all()
    found: dict[UUID, list[Rested]] = {}
    for evidence, article in rows:
        found.setdefault(evidence.message_id, []).append(
            Rested(
                article_id=article.id,
                title=article.title,
                heading=evidence.heading,
                cited=evidence.cited,
                changed=article.version != evidence.version,
                state=ArticleState(article.state),
            )
        )
    return found
