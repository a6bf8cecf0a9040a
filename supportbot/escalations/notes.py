"""Notes: what colleagues write to each other in a conversation. Customers never receive them.

A note has a number among the messages, so that everybody at the desk sees it in its place; it is announced
to the desk alone. It is no answer, and counts nowhere.
"""

from uuid import UUID

from sqlmodel import col, select

from supportbot.conversations.changes import Change, changing, view
from supportbot.conversations.events import MessageAdded, MessageView
from supportbot.conversations.live import LiveLog
from supportbot.conversations.wording import clean
from supportbot.database import Database
from supportbot.models import Kind, Message, Role, Staff

NOTE_CHARACTERS = 10_000
"""As many as a reply to a customer may have."""


async def note(
    database: Database, live: LiveLog, conversation_id: UUID, staff: Staff, text: str, client_key: str
) -> MessageView:
    """Keep a note in a conversation, whoever owns it; the same key again keeps it once.

    Raises:
        Refused: if the text cannot be taken, with the reason.
    """
    words = clean(text, limit=NOTE_CHARACTERS)
    key = f"note:{client_key}"[:64]
    async with changing(database, live, conversation_id) as change:
        known = await change.session.exec(
            select(Message).where(Message.conversation_id == conversation_id, Message.client_key == key)
        )
        if (message := known.first()) is not None:
            return view(message, staff_name=staff.name)
        return await keep_note(change, words, staff, client_key=key)


async def keep_note(
    change: Change, words: str, staff: Staff, *, client_key: str | None = None
) -> MessageView:
    """Add a note, already cleaned, to a conversation the caller has locked."""
    message = await change.add(
        Message(
            conversation_id=change.conversation.id,
            seq=0,
            role=Role.STAFF,
            kind=Kind.NOTE,
            content=words,
            staff_id=staff.id,
            client_key=client_key,
        )
    )
    added = MessageAdded(view(message, staff_name=staff.name))
    change.staff_events.append(added)
    change.note_case()
    return added.message


async def note_once(change: Change, words: str, staff: Staff) -> None:
    """Add a note unless it is what this person noted last: a button was pressed twice."""
    last = await change.session.exec(
        select(Message.content)
        .where(
            Message.conversation_id == change.conversation.id,
            Message.kind == Kind.NOTE,
            Message.staff_id == staff.id,
        )
        .order_by(col(Message.seq).desc())
        .limit(1)
    )
    if words and last.first() != words:
        await keep_note(change, words, staff)


def noted(raw: object, *, limit: int = NOTE_CHARACTERS) -> str:
    """The words of a note that goes along with something else, as they are kept; empty if there are none.

    Raises:
        Refused: if it cannot be taken, with the reason.
    """
    return clean(raw, limit=limit) if not isinstance(raw, str) or raw.strip() else ""
