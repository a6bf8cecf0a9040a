"""What an open page of the customer has shown: the desk sees it, and what it never showed is mailed."""

from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from supportbot.conversations.events import Seen
from supportbot.conversations.live import LiveLog
from supportbot.database import Database
from supportbot.models import Conversation


async def mark_seen(database: Database, live: LiveLog, conversation_id: UUID, seq: int) -> None:
    """Note that a page of the customer has shown everything up to this message, and announce it if new.

    Not through `changing`: nothing that is said or decided depends on it, so it waits for nobody's lock
    longer than it takes to write one number.
    """
    async with database.transaction() as session:
        noted = await session.exec(
            update(Conversation)
            .where(
                col(Conversation.id) == conversation_id,
                col(Conversation.customer_seen_seq) < seq,
                col(Conversation.last_seq) >= seq,
            )
            .values(customer_seen_seq=seq)
        )
    if noted.rowcount == 1:
        await live.append(conversation_id, Seen(seq))
