"""What the assistant may remember of a conversation: where it begins, and what stands for the rest."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ScalarSelect, func
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.conversations.events import MessageView
from supportbot.models import Conversation, Kind, Message, Role, Summary

SPEAKERS = {Role.USER: "Customer", Role.ASSISTANT: "Assistant", Role.STAFF: "Colleague"}
SENTENCE_CHARACTERS = {Role.USER: 300, Role.STAFF: 300, Role.ASSISTANT: 120}
"""How much of each message an extract keeps, by who said it."""
EXTRACT_CHARACTERS = 4_000


def starts_after(conversation_id: UUID) -> ScalarSelect[int]:
    """In SQL, the number of the message after which the context begins; 0 if it begins with the first."""
    line = aliased(Message)
    number = (
        select(line.seq)
        .join(Conversation, col(Conversation.context_starts_after) == line.id)
        .where(Conversation.id == conversation_id)
        .scalar_subquery()
    )
    return select(func.coalesce(number, 0)).scalar_subquery()


async def newest_summary(session: AsyncSession, conversation_id: UUID) -> Summary | None:
    """The summary that counts, if there is one."""
    query = select(Summary).where(Summary.conversation_id == conversation_id)
    return (await session.exec(query.order_by(col(Summary.through_seq).desc()).limit(1))).first()


def extract(summary: str, messages: Sequence[MessageView]) -> str:
    """The notes so far and the beginning of every message; the assistant's words give way first.

    The result has at most `EXTRACT_CHARACTERS`; what does not fit is left out from the oldest on.
    """
    for heard in (tuple(SPEAKERS), (Role.USER, Role.STAFF)):
        lines = [line for message in messages if message.role in heard and (line := _line(message))]
        text = "\n".join([*summary.splitlines(), *lines])
        if len(text) <= EXTRACT_CHARACTERS:
            return text
    return text[-EXTRACT_CHARACTERS:].partition("\n")[2] or text[-EXTRACT_CHARACTERS:]


def speaker(message: MessageView) -> str:
    """Who says a message, in notes about it."""
    if message.role == Role.STAFF and message.staff_name:
        return f"Colleague {message.staff_name}"
    return SPEAKERS.get(message.role, "What happened")


def _line(message: MessageView) -> str:
    if message.kind == Kind.EVENT:
        return ""
    words = " ".join(message.content.split())
    limit = SENTENCE_CHARACTERS.get(message.role, 0)
    shortened = words if len(words) <= limit else words[:limit].rpartition(" ")[0] or words[:limit]
    return f"{speaker(message)}: {shortened}{'…' * (shortened != words)}" if words else ""
