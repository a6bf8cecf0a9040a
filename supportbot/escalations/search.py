"""Find conversations by what was said in them and by whom."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlmodel import col

from supportbot.database import Database
from supportbot.escalations.rows import Row, rows_of
from supportbot.models import Conversation, Message, MessageState, Visitor

MOST_FOUND = 50


@dataclass(frozen=True, slots=True)
class Found:
    """The conversations that hold every word, each with a `snippet`; `more` says that there are others."""

    rows: tuple[Row, ...]
    more: bool


async def search(database: Database, staff_id: UUID, words: str, *, limit: int = MOST_FOUND) -> Found:
    """The conversations in which all of these words stand, the newest first."""
    wanted = [word for word in words.split() if word][:8]
    if not wanted:
        return Found((), more=False)
    async with database.reading() as session:
        connection = await session.connection()
        query = select(col(Conversation.id)).join(Visitor, col(Visitor.id) == Conversation.visitor_id)
        for word in wanted:
            said = select(col(Message.conversation_id)).where(
                func.lower(col(Message.content)).contains(word.lower(), autoescape=True),
                col(Message.state).not_in([MessageState.SUPERSEDED, MessageState.STREAMING]),
            )
            query = query.where(
                or_(
                    col(Conversation.id).in_(said),
                    *(
                        func.lower(field).contains(word.lower(), autoescape=True)
                        for field in (col(Conversation.subject), col(Visitor.name), col(Visitor.email))
                    ),
                )
            )
        found = list(
            await connection.scalars(query.order_by(col(Conversation.updated_at).desc()).limit(limit + 1))
        )
        rows = await rows_of(connection, staff_id, found[:limit])
    return Found(tuple(replace(row, snippet=row.last_words) for row in rows), more=len(found) > limit)
