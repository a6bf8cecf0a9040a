"""Change a conversation: lock it, write, commit, and only then tell the pages.

Everything that writes to a conversation goes through `changing`, so two writers queue on its row and
no page ever hears of something that is not stored.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.conversations.events import (
    DESK,
    CaseChanged,
    MessageView,
    Owner,
    OwnerChanged,
    staff_topic,
)
from supportbot.conversations.live import LiveLog, Position
from supportbot.conversations.ownership import owner_of
from supportbot.database import Database
from supportbot.errors import NotFound
from supportbot.ids import now
from supportbot.models import Conversation, Handoff, Kind, Message, MessageState, Outcome, Role, Staff, Status


class Change:
    """One locked conversation and what is to be said about it after the commit."""

    def __init__(
        self, session: AsyncSession, conversation: Conversation, handoff: Handoff | None, outcome: Outcome
    ) -> None:
        self.session = session
        self.conversation = conversation
        self.handoff = handoff
        self.outcome = outcome
        self.events: list[Any] = []
        self.desk_events: list[Any] = []
        self.staff_events: list[Any] = []
        """For the pages of staff that show this conversation; no page of a customer hears of them."""

    @property
    def owner(self) -> Owner:
        """Who owns the conversation at this point of the transaction."""
        return owner_of(self.conversation, self.handoff)

    async def add(self, message: Message) -> Message:
        """Number a message and store it in this transaction."""
        self.conversation.last_seq += 1
        if message.kind != Kind.NOTE:
            self.conversation.updated_at = now()
        message.conversation_id = self.conversation.id
        message.seq = self.conversation.last_seq
        self.session.add(message)
        await self.session.flush()
        return message

    async def note_event(self, sentence: str) -> Message:
        """Add a line of the server's own to the history, for the customer and the desk to read."""
        return await self.add(
            Message(
                conversation_id=self.conversation.id,
                seq=0,
                role=Role.SYSTEM,
                kind=Kind.EVENT,
                content=sentence,
            )
        )

    async def own(self, status: Status, staff: Staff | None) -> None:
        """Give the conversation to somebody else and announce it."""
        self.conversation.status = status
        self.conversation.assigned_staff_id = staff.id if staff else None
        self.conversation.version += 1
        self.conversation.updated_at = now()
        changed = OwnerChanged(
            self.conversation.id,
            self.owner,
            staff.id if staff else None,
            staff.name if staff else "",
            self.conversation.version,
        )
        self.events.append(changed)
        self.desk_events.append(changed)

    def note_case(self) -> None:
        """Announce to the desk alone that something its lists and pages show has changed."""
        changed = CaseChanged(self.conversation.id)
        self.staff_events.append(changed)
        self.desk_events.append(changed)


@asynccontextmanager
async def changing(database: Database, live: LiveLog, conversation_id: UUID) -> AsyncIterator[Change]:
    """Lock a conversation for the length of the block; publish what it collected after the commit.

    Raises:
        NotFound: if there is no such conversation.
    """
    async with database.transaction() as session:
        conversation = await session.get(Conversation, conversation_id, with_for_update=True)
        if conversation is None:
            raise NotFound
        outcome = await session.get(Outcome, conversation_id)
        if outcome is None:
            outcome = Outcome(conversation_id=conversation_id)
            session.add(outcome)
        change = Change(session, conversation, await open_handoff(session, conversation_id), outcome)
        yield change
        outcome.updated_at = now()
    await announce(live, change)


async def announce(live: LiveLog, change: Change) -> None:
    """Tell the pages and the desk what is now committed."""
    for event in change.events:
        await live.append(change.conversation.id, event)
    for event in change.staff_events:
        await live.append(staff_topic(change.conversation.id), event)
    for event in change.desk_events:
        await live.append(DESK, event)


async def open_handoff(session: AsyncSession, conversation_id: UUID) -> Handoff | None:
    """The handoff that has not ended, if there is one."""
    query = select(Handoff).where(
        Handoff.conversation_id == conversation_id, col(Handoff.closed_at).is_(None)
    )
    return (await session.exec(query)).first()


def view(
    message: Message, *, staff_name: str = "", staff_picture: UUID | None = None, rating: int = 0
) -> MessageView:
    """The message as pages see it."""
    return MessageView(
        id=message.id,
        seq=message.seq,
        role=Role(message.role),
        kind=Kind(message.kind),
        state=MessageState(message.state),
        content=message.content,
        created_at=message.created_at,
        staff_name=staff_name,
        staff_picture=staff_picture,
        notice=message.notice,
        sources=tuple(message.sources),
        rating=rating,
        position=Position(message.log_epoch, message.log_seq),
        links=tuple(message.links),
        found_nothing=message.found_nothing,
    )
