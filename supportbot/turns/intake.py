"""A customer's message on its way in: checked, limited, stored, acknowledged, and sent where it belongs."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
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
    read,
    start_with,
    visitor_with,
)
from supportbot.conversations.transcript import owner as owner_now
from supportbot.conversations.wording import clean, clean_line
from supportbot.database import Database
from supportbot.errors import Refused
from supportbot.escalations import policy
from supportbot.escalations.handoff import escalate, reopen_for_customer
from supportbot.ids import new_id
from supportbot.models import MessageState, Reason, Role, Trigger
from supportbot.turns.runner import Runner


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
    reopen_to_staff: timedelta

    async def say(
        self, conversation_id: UUID, visitor_id: UUID, address: str, raw_text: object, raw_key: object
    ) -> MessageView:
        """Take a message in and see that it is answered, by the assistant or by people.

        Raises:
            Refused: if the text cannot be taken, with the reason.
            RateLimited: with the seconds to wait. Nothing is stored in either case.
        """
        text = clean(raw_text)
        await self.limits.message(visitor_id, address)
        key = clean_line(raw_key, limit=40) or str(new_id())
        return await self._store(conversation_id, text, key)

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
        known = await conversation_with(self.database, token_hash, key)
        if known is not None:
            return known
        visitor = await known_visitor(self.database, token_hash)
        # Tokens are free to invent: somebody refused must not leave a row behind.
        visitor_id = visitor.id if visitor else new_id()
        await self.limits.message(visitor_id, address)
        visitor = visitor or await visitor_with(self.database, token_hash, new=visitor_id)
        conversation_id, is_new = await start_with(self.database, self.live, visitor.id, browser, text, key)
        if is_new:
            await self._route(conversation_id, text)
        return conversation_id

    def resume(self, shown: Transcript) -> None:
        """A page opens on a message nobody is answering (the server died in between): answer it now."""
        last = shown.messages[-1] if shown.messages else None
        unanswered = last is not None and last.role == Role.USER and assistant_may_answer(shown.owner)
        # Waking a running turn would tell it that the customer wrote more.
        if unanswered and not self.runner.is_running(shown.conversation.id):
            self.runner.wake(shown.conversation.id)

    async def ask_for_person(self, conversation_id: UUID) -> None:
        """The customer wants a person: queue the conversation, also one without a message yet."""
        brief = await self._brief(conversation_id)
        await self._escalate(conversation_id, Reason.ASKED_FOR_PERSON, Trigger.CUSTOMER, brief)

    async def try_again(self, conversation_id: UUID, visitor_id: UUID, address: str) -> None:
        """Answer the last message once more, if its answer failed or was stopped.

        Pressed twice, or in two tabs, it is tried once and nobody is refused.

        Raises:
            Refused: if there is nothing to try again.
            RateLimited: it counts like a message.
        """
        if self.runner.is_running(conversation_id):
            return
        shown = await read(self.database, self.live, conversation_id, limit=1)
        last = shown.messages
        unfinished = last and (
            last[0].role == Role.USER or last[0].state in (MessageState.FAILED, MessageState.STOPPED)
        )
        if self.runner.is_running(conversation_id):
            return
        if not unfinished or not assistant_may_answer(shown.owner):
            raise Refused("There is nothing to try again.")
        await self.limits.message(visitor_id, address)
        if not self.runner.is_running(conversation_id):
            self.runner.wake(conversation_id, again=True)

    async def _store(self, conversation_id: UUID, text: str, key: str) -> MessageView:
        message, is_new = await customer_says(
            self.database, self.live, conversation_id, text, _visitor_key(key), reopen=self._reopen
        )
        if is_new:
            await self._route(conversation_id, text)
        return message

    async def _route(self, conversation_id: UUID, text: str) -> None:
        owner = await owner_now(self.database, conversation_id)
        if owner not in (Owner.ASSISTANT, Owner.MEANWHILE):
            return
        reason = policy.read(text) if owner == Owner.ASSISTANT else None
        if reason is None:
            self.runner.wake(conversation_id)
            return
        trigger = Trigger.CUSTOMER if reason == Reason.ASKED_FOR_PERSON else Trigger.POLICY
        await self._escalate(conversation_id, reason, trigger, text)

    async def _escalate(self, conversation_id: UUID, reason: Reason, trigger: Trigger, brief: str) -> None:
        queued = await escalate(
            self.database, self.live, conversation_id, reason=reason, trigger=trigger, brief=brief
        )
        if queued:
            self.runner.stop(conversation_id, "owner")

    async def _brief(self, conversation_id: UUID) -> str:
        """What the customer last asked: the shortest honest brief without a model."""
        messages = (await read(self.database, self.live, conversation_id)).messages
        return next((one.content for one in reversed(messages) if one.role == Role.USER), "")

    async def _reopen(self, change: Change) -> None:
        await reopen_for_customer(change, self.reopen_to_staff)


def _visitor_key(key: str) -> str:
    # Staff's keys live in the same column: neither side can guess its way into the other's.
    return f"visitor:{key}"
