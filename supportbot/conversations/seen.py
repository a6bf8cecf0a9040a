"""Who has seen a conversation up to where: the customer's pages, and everybody at the desk for themselves."""

from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from supportbot.conversations.events import Seen
from supportbot.conversations.live import LiveLog
from supportbot.database import Database, add_once
from supportbot.models import Conversation, Staff, StaffRead


async def mark_seen(database: Database, live: LiveLog, conversation_id: UUID, seq: object) -> bool:
    """A page of the customer's has shown everything up to this message. It never goes back.

    Returns:
        Whether that was news. A number that no message has is none.
    """
    number = _number(seq)
    async with database.reading() as session:
        conversation = await session.get(Conversation, conversation_id)
    # Mostly it is known, and a look takes no lock.
    if conversation is None or not conversation.customer_seen_seq < number <= conversation.last_seq:
        return False
    async with database.transaction() as session:
        grown = await session.exec(
            update(Conversation)
            .where(col(Conversation.id) == conversation_id, col(Conversation.customer_seen_seq) < number)
            .values(customer_seen_seq=number)
        )
    if grown.rowcount != 1:
        return False
    await live.append(conversation_id, Seen(number))
    return True


async def mark_read(database: Database, staff: Staff, conversation_id: UUID, seq: object) -> bool:
    """Somebody at the desk has read everything up to this message. It never goes back.

    Returns:
        Whether that was news. A number that no message has is none.
    """
    number = _number(seq)
    async with database.reading() as session:
        conversation = await session.get(Conversation, conversation_id)
        known = await session.get(StaffRead, (staff.id, conversation_id))
    if conversation is None or not (known.seq if known else 0) < number <= conversation.last_seq:
        return False
    async with database.transaction() as session:
        if known is None and await add_once(
            session, StaffRead, staff_id=staff.id, conversation_id=conversation_id, seq=number
        ):
            return True
        grown = await session.exec(
            update(StaffRead)
            .where(
                col(StaffRead.staff_id) == staff.id,
                col(StaffRead.conversation_id) == conversation_id,
                col(StaffRead.seq) < number,
            )
            .values(seq=number)
        )
    return bool(grown.rowcount == 1)


def _number(raw: object) -> int:
    """A message's number, as far as it can be one."""
    return raw if isinstance(raw, int) and not isinstance(raw, bool) else 0
