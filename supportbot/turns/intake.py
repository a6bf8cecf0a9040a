"""A customer's message on its way in: checked, limited, stored, acknowledged, and sent where it belongs."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeVar
from uuid import UUID

from supportbot.conversations.changes import Change
from supportbot.conversations.events import MessageView, Owner
from supportbot.conversations.live import LiveLog
from supportbot.conversations.ownership import assistant_may_answer
from supportbot.conversations.transcript import (
    Browser,
    Transcript,
    conversation_with,
    customer_says,
    known_visitor,
    message_with,
    read,
    start_with,
    visitor_with,
    who_answers,
)
from supportbot.conversations.wording import clean, clean_line
from supportbot.database import Database, patiently
from supportbot.errors import Refused
from supportbot.escalations import brief
from supportbot.escalations.acknowledging import Opens
from supportbot.escalations.handoff import escalate, reopen_for_customer
from supportbot.escalations.policy import Decision
from supportbot.ids import new_id
from supportbot.models import Message, MessageState, Reason, Role, Trigger
from supportbot.quality import ratings
from supportbot.turns import judging
from supportbot.turns.runner import Runner

FIRST = 1
"""The number of a conversation's first message."""
BRIEFLY = 3.0
"""Seconds within which another try begins when the database refuses."""
T = TypeVar("T")


class LimitsMessages(Protocol):
    """Whatever refuses a visitor who writes too much."""

    async def message(self, visitor: UUID, address: str) -> None:
        """Count one message; raises `RateLimited` with the seconds to wait."""
        ...


@dataclass(frozen=True, slots=True)
class Intake:
    """What a customer can do in a conversation of theirs. The caller has checked that it is theirs."""

    database: Database
    live: LiveLog
    limits: LimitsMessages
    runner: Runner
    reopen_to_staff: Callable[[], timedelta]
    opens: Opens | None = None
    """Knows whether anybody is at the desk."""

    async def say(
        self, conversation_id: UUID, visitor_id: UUID, address: str, raw_text: object, raw_key: object
    ) -> MessageView:
        """Take a message in and see that it is answered, by the assistant or by people.

        Raises:
            Refused: if the text cannot be taken, with the reason.
            RateLimited: with the seconds to wait. Nothing is stored in either case.
        """
        text = clean(raw_text)
        key = _visitor_key(clean_line(raw_key, limit=40) or str(new_id()))
        # What is stored already is acknowledged once more, also to somebody who may not write for now.
        known = await self._briefly(lambda: message_with(self.database, conversation_id, key))
        if known is not None:
            await self._see_to(conversation_id, known, is_new=False)
            return known
        await self.limits.message(visitor_id, address)
        message, is_new = await self._briefly(lambda: self._store(conversation_id, text, key))
        await self._see_to(conversation_id, message, is_new=is_new)
        return message

    async def begin(
        self, token_hash: str, address: str, raw_text: object, raw_key: object, browser: Browser
    ) -> UUID:
        """The first message of a new conversation; the same key again finds the one it has opened.

        Raises:
            Refused: if the text cannot be taken, with the reason.
            RateLimited: with the seconds to wait. Nothing is stored in either case.
        """
        text = clean(raw_text)
        key = _visitor_key(clean_line(raw_key, limit=40) or str(new_id()))
        known = await self._briefly(lambda: conversation_with(self.database, token_hash, key))
        if known is not None:
            await self._see_to_first(known, key)
            return known
        visitor = await self._briefly(lambda: known_visitor(self.database, token_hash))
        # Tokens are free to invent: somebody refused must not leave a row behind.
        visitor_id = visitor.id if visitor else new_id()
        await self.limits.message(visitor_id, address)
        started, is_new = await self._briefly(lambda: self._start(token_hash, visitor_id, browser, text, key))
        if is_new:
            await self._briefly(lambda: self._route(started, text, FIRST))
        else:
            await self._see_to_first(started, key)
        return started

    async def taken(self, token_hash: str, raw_key: object) -> UUID | None:
        """The conversation that took a first message, if one did: for a browser that never heard of it."""
        key = clean_line(raw_key, limit=40)
        return await conversation_with(self.database, token_hash, _visitor_key(key)) if key else None

    def resume(self, shown: Transcript) -> None:
        """A page opens on a message nobody is answering (the server died in between): answer it now."""
        last = shown.messages[-1] if shown.messages else None
        unanswered = last is not None and last.role == Role.USER and assistant_may_answer(shown.owner)
        # Waking a running turn would tell it that the customer wrote more.
        if unanswered and not self.runner.is_running(shown.conversation.id):
            self.runner.wake(shown.conversation.id)

    async def ask_for_person(self, conversation_id: UUID) -> None:
        """The customer wants a person: queue the conversation, also one without a message yet."""
        await self._escalate(conversation_id, Decision(Reason.ASKED_FOR_PERSON, Trigger.CUSTOMER))

    async def rate(self, answer: Message, value: object) -> None:
        """Take a thumb on an answer; one too many that points down sends the conversation to people.

        Raises:
            Refused: if `value` is no thumb.
        """
        await ratings.rate(self.database, self.live, answer, value)
        if value == ratings.DOWN:
            await self._briefly(lambda: self._judge(answer.conversation_id))

    async def stop(self, conversation_id: UUID) -> None:
        """End the running answer, on whichever worker it runs; what has been shown stays.

        Raises:
            Refused: if the worker that runs it cannot be told.
        """
        if not self.runner.is_running(conversation_id):
            # Nothing to stop is nothing to tell all workers about.
            shown = await read(self.database, self.live, conversation_id, limit=5)
            if not any(one.state == MessageState.STREAMING for one in shown.messages):
                return
        if not await self.runner.stop_anywhere(conversation_id):
            raise Refused("This answer cannot be stopped at the moment; it will end by itself.")

    async def try_again(self, conversation_id: UUID, visitor_id: UUID, address: str) -> None:
        """Answer the last message once more, if its answer failed or was stopped.

        Pressed twice, or in two tabs, it is tried once and nobody is refused.

        Raises:
            Refused: if there is nothing to try again.
            RateLimited: it counts like a message.
        """
        if self.runner.is_answering(conversation_id):
            return
        shown = await read(self.database, self.live, conversation_id, limit=1)
        last = shown.messages
        if last and last[0].state == MessageState.STREAMING:
            return  # another worker was quicker
        unfinished = last and (
            last[0].role == Role.USER or last[0].state in (MessageState.FAILED, MessageState.STOPPED)
        )
        if self.runner.is_answering(conversation_id):
            return
        if not unfinished or not assistant_may_answer(shown.owner):
            raise Refused("There is nothing to try again.")
        await self.limits.message(visitor_id, address)
        if not self.runner.is_answering(conversation_id):
            self.runner.wake(conversation_id, again=True)

    async def _start(
        self, token_hash: str, visitor_id: UUID, browser: Browser, text: str, key: str
    ) -> tuple[UUID, bool]:
        visitor = await visitor_with(self.database, token_hash, new=visitor_id)
        return await start_with(self.database, self.live, visitor.id, browser, text, key)

    async def _store(self, conversation_id: UUID, text: str, key: str) -> tuple[MessageView, bool]:
        return await customer_says(self.database, self.live, conversation_id, text, key, reopen=self._reopen)

    async def _see_to_first(self, conversation_id: UUID, key: str) -> None:
        """A first message that came before."""
        message = await self._briefly(lambda: message_with(self.database, conversation_id, key))
        if message is not None:
            await self._see_to(conversation_id, message, is_new=False)

    async def _see_to(self, conversation_id: UUID, message: MessageView, *, is_new: bool) -> None:
        """Send a stored message where it belongs; one that came before, only if that was never done."""
        if is_new or await self._briefly(lambda: self._was_left(conversation_id, message)):
            await self._briefly(lambda: self._route(conversation_id, message.content, message.seq))

    async def _was_left(self, conversation_id: UUID, message: MessageView) -> bool:
        shown = await read(self.database, self.live, conversation_id, limit=1)
        return shown.messages[-1].id == message.id and not self.runner.is_running(conversation_id)

    async def _route(self, conversation_id: UUID, text: str, seq: int) -> None:
        owner = await who_answers(self.database, conversation_id)
        if owner == Owner.WAITING and await brief.refresh(self.database, self.live, conversation_id):
            self.runner.write_brief(conversation_id)
        if owner not in (Owner.ASSISTANT, Owner.MEANWHILE):
            return
        asks = owner == Owner.ASSISTANT
        decision = await judging.of_words(self.database, conversation_id, text) if asks else None
        if decision is None:
            self.runner.wake(conversation_id, seq=seq)
        else:
            await self._escalate(conversation_id, decision)

    async def _judge(self, conversation_id: UUID) -> None:
        queued = await judging.escalate_by_record(self.database, self.live, conversation_id, self.opens)
        self._after(conversation_id, queued)

    async def _escalate(self, conversation_id: UUID, decision: Decision) -> None:
        queued = await escalate(
            self.database,
            self.live,
            conversation_id,
            reason=decision.reason,
            trigger=decision.trigger,
            opens=self.opens,
        )
        self._after(conversation_id, queued)

    def _after(self, conversation_id: UUID, queued: bool) -> None:
        """It went to people by what was just done: nobody else answers now, and a brief will be read."""
        if queued:
            self.runner.stop(conversation_id, "owner")
            self.runner.write_brief(conversation_id)

    async def _briefly(self, work: Callable[[], Awaitable[T]]) -> T:
        """Somebody is waiting: a database that is away is asked again, but not for long."""
        return await patiently(work, within=BRIEFLY)

    async def _reopen(self, change: Change) -> None:
        await reopen_for_customer(change, self.reopen_to_staff(), self.opens)


def _visitor_key(key: str) -> str:
    # Staff's keys live in the same column: neither side can guess its way into the other's.
    return f"visitor:{key}"
