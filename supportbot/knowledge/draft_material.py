"""What an article is drafted from: what customers asked, and what people replied to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.errors import Refused
from supportbot.knowledge.alike import language_of, terms_of
from supportbot.models import (
    Conversation,
    Gap,
    GapQuestion,
    Kind,
    MarkedWrong,
    Message,
    Role,
    Staff,
    Turn,
    Visitor,
)

NO_REPLY = "Nobody has replied to the customer yet, so there is nothing to write an article from."
NO_QUESTION = "Nobody asks this any more, so there is nothing to write an article from."
MOST_QUESTIONS = 20
MOST_REPLIES = 12


@dataclass(frozen=True, slots=True)
class Material:
    """What a draft is made of, as it was written.

    `names` are those of the people in it; nobody is to read them. `paid_by` is the conversation that a
    call of the model is counted for.
    """

    question: str
    language: str
    questions: tuple[str, ...]
    replies: tuple[str, ...]
    names: tuple[str | None, ...]
    paid_by: UUID


async def of_gap(session: AsyncSession, gap: Gap) -> Material:
    """What an article about a gap is made of.

    Raises:
        Refused: if it has no question any more.
    """
    rows = await session.exec(
        select(Message)
        .join(GapQuestion, col(GapQuestion.message_id) == Message.id)
        .where(GapQuestion.gap_id == gap.id)
        .order_by(col(GapQuestion.asked_at).desc())
        .limit(MOST_QUESTIONS)
    )
    questions = list(rows.all())
    if not questions:
        raise Refused(NO_QUESTION)
    replies: list[str] = []
    for question in questions:
        # In a conversation with people only what was said after the question answers it.
        replies += await _replies(session, question.conversation_id, question.seq)
        replies += await _right_answers(session, question)
    conversations = {one.conversation_id for one in questions}
    return Material(
        question=gap.question,
        language=gap.language,
        questions=tuple(one.content for one in questions),
        replies=tuple(dict.fromkeys(replies))[:MOST_REPLIES],
        names=await _names(session, conversations),
        paid_by=questions[0].conversation_id,
    )


async def of_conversation(session: AsyncSession, conversation: Conversation) -> Material:
    """What an article from a conversation is made of.

    Raises:
        Refused: if nobody has replied in it.
    """
    replies = await _replies(session, conversation.id, 0)
    if not replies:
        raise Refused(NO_REPLY)
    rows = await session.exec(
        select(Message.content)
        .where(Message.conversation_id == conversation.id, Message.role == Role.USER)
        .order_by(col(Message.seq))
        .limit(MOST_QUESTIONS)
    )
    said = list(rows.all())
    # What came first is most likely what the conversation is about; thanks and greetings are not.
    asked = [one for one in said if terms_of(one)] or said or [conversation.subject]
    return Material(
        question=asked[0],
        language=language_of(" ".join(asked[:3]), conversation.language),
        questions=tuple(asked),
        replies=tuple(dict.fromkeys(replies))[:MOST_REPLIES],
        names=await _names(session, {conversation.id}),
        paid_by=conversation.id,
    )


async def _replies(session: AsyncSession, conversation_id: UUID, after: int) -> Sequence[str]:
    """What people told the customer, notes left out."""
    query = (
        select(Message.content)
        .where(
            Message.conversation_id == conversation_id,
            Message.role == Role.STAFF,
            Message.kind == Kind.TEXT,
            Message.seq > after,
        )
        .order_by(col(Message.seq))
        .limit(MOST_REPLIES)
    )
    return (await session.exec(query)).all()


async def _right_answers(session: AsyncSession, question: Message) -> list[str]:
    """What colleagues noted to be right where an answer was wrong."""
    query = (
        select(MarkedWrong.note)
        .join(Turn, col(Turn.wrote_id) == MarkedWrong.message_id)
        .where(Turn.answers_id == question.id, MarkedWrong.note != "")
    )
    return list((await session.exec(query)).all())


async def _names(session: AsyncSession, conversations: set[UUID]) -> tuple[str | None, ...]:
    """What the customers of these conversations, and the colleagues in them, are called."""
    customers = select(Visitor.name).join(Conversation, col(Conversation.visitor_id) == Visitor.id)
    colleagues = select(Staff.name).join(Message, col(Message.staff_id) == Staff.id)
    theirs = await session.exec(customers.where(col(Conversation.id).in_(conversations)))
    ours = await session.exec(colleagues.where(col(Message.conversation_id).in_(conversations)).distinct())
    return (*theirs.all(), *ours.all())
