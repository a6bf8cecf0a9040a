"""Alice's conversation, and what people do with it, in few words."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from supportbot.conversations.events import MessageAdded, Owner, staff_topic
from supportbot.conversations.live import Position
from supportbot.conversations.transcript import Transcript, read
from supportbot.escalations import handoff
from supportbot.ids import now
from supportbot.models import Conversation, Handoff, Message, Outcome, Reason, Role, Staff, Trigger
from tests.people import says
from tests.scripted import SmallDesk

Verb = Callable[..., Awaitable[Any]]


class Case:
    """Alice's conversation and the verbs on it, in few words."""

    def __init__(self, desk: SmallDesk, conversation_id: UUID, sam: Staff, alex: Staff) -> None:
        self.desk, self.id, self.sam, self.alex = desk, conversation_id, sam, alex

    async def do(self, verb: Verb, *args: Any, **options: Any) -> Any:
        return await verb(self.desk.database, self.desk.live, self.id, *args, **options)

    async def escalate(self, reason: Reason = Reason.ASKED_FOR_PERSON, **options: Any) -> bool:
        return bool(await self.do(handoff.escalate, reason=reason, trigger=Trigger.CUSTOMER, **options))

    async def reply(self, staff: Staff, text: str = "Hello.", key: str = "key") -> Any:
        return await self.do(handoff.reply, staff, text, key)

    async def says(self, text: str = "Hello?") -> None:
        await says(self.desk.database, self.id, text, live=self.desk.live)

    async def transcript(self) -> Transcript:
        return await read(self.desk.database, self.desk.live, self.id)

    async def owner(self) -> Owner:
        return (await self.transcript()).owner

    async def row(self) -> Conversation:
        return await self.desk.only(Conversation)

    async def handoffs(self) -> list[Handoff]:
        return await self.desk.rows(Handoff)

    async def outcome(self) -> Outcome:
        return await self.desk.only(Outcome, conversation_id=self.id)

    async def stored(self) -> list[Message]:
        """Everything that is kept, notes too."""
        return await self.desk.messages(self.id)

    async def shown(self) -> list[str]:
        """What the customer's page shows."""
        return [one.content for one in (await self.transcript()).messages]

    async def leaves(self, staff: Staff) -> None:
        """Somebody's account is disabled."""
        async with self.desk.database.transaction() as session:
            (await session.get_one(Staff, staff.id)).disabled_at = now()

    async def last_event(self) -> str:
        return next(
            one.content for one in reversed((await self.transcript()).messages) if one.role == Role.SYSTEM
        )

    async def news(self, topic: UUID | None = None) -> list[Any]:
        """Everything the log has told so far, on the conversation's topic or another."""
        topic = topic or self.id
        end = await self.desk.live.position(topic)
        batch = await anext(self.desk.live.follow(topic, Position(end.epoch, 0), heartbeat=0))
        return [entry.event for entry in batch]

    async def whispered(self) -> list[str]:
        """What only staff have heard, the notes' words and the other events' names."""
        news = await self.news(staff_topic(self.id))
        return [one.message.content if isinstance(one, MessageAdded) else type(one).__name__ for one in news]
