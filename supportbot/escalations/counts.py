"""How the assistant has done since the conversation was last given to it: what the policy judges by."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, case, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.conversations.context import starts_after
from supportbot.models import Handoff, Kind, Message, MessageState, Rating, Role


@dataclass(frozen=True, slots=True)
class SinceBoundary:
    """The assistant's record since people last had the conversation, or since its beginning."""

    assistant_answers: int = 0
    failed_answers: int = 0
    thumbs_down: int = 0


async def since_boundary(session: AsyncSession, conversation_id: UUID) -> SinceBoundary:
    """Count the answers after the context's boundary, and after the last hand-off that has ended.

    What sent the conversation to people once is settled by their handing it back, or by the customer's
    no longer waiting for them: it is no reason to send it there again.
    """
    said = (
        select(
            func.count(case((col(Message.state) == MessageState.COMPLETE, 1))),
            func.count(case((col(Message.state) == MessageState.FAILED, 1))),
            func.count(case((col(Rating.value) < 0, 1))),
        )
        .select_from(Message)
        .outerjoin(Rating, col(Rating.message_id) == Message.id)
        .where(Message.role == Role.ASSISTANT, Message.kind == Kind.TEXT, *not_settled(conversation_id))
    )
    return SinceBoundary(*(await session.exec(said)).one())


def not_settled(conversation_id: UUID) -> list[ColumnElement[bool]]:
    """In SQL, which messages of a conversation may still be held against the assistant."""
    settled = (
        select(func.max(col(Handoff.closed_at)))
        .where(Handoff.conversation_id == conversation_id)
        .scalar_subquery()
    )
    return [
        col(Message.conversation_id) == conversation_id,
        col(Message.seq) > starts_after(conversation_id),
        func.coalesce(col(Message.created_at) > settled, True),
    ]
