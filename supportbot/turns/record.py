"""The record of a turn: begun, and ended exactly once; what keeps it alive in between is in `leases`.

Every write re-reads who owns the conversation and whether this is still its running turn. Whoever is
late writes nothing: that is what keeps the assistant silent while people are there.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.conversations.changes import Change, changing, view
from supportbot.conversations.context import starts_after
from supportbot.conversations.events import MessageView
from supportbot.conversations.live import LiveLog
from supportbot.conversations.ownership import assistant_may_answer
from supportbot.database import Database
from supportbot.ids import now
from supportbot.models import (
    Article,
    ClosedAs,
    Evidence,
    Handoff,
    Kind,
    Message,
    MessageState,
    ModelCall,
    Role,
    Turn,
)
from supportbot.quality.alerts import tell_owners
from supportbot.turns.grounds import Ground
from supportbot.turns.leases import LEASE, RUNNER_DIED, fail_if_expired
from supportbot.turns.summaries import remembered

BUSY = "Our assistant is busy at the moment. This is what our articles say; you can also talk to a person."
LEFT_TO_PEOPLE = "Our assistant could not answer this."
STOPPED = "You stopped this answer."
STOPPED_FOR_PEOPLE = "This answer was stopped because the conversation went to a person."


@dataclass(slots=True)
class Begun:
    """A turn that is running: what it answers, what it may know, and of which `Conversation.version`.

    The assistant may not call for people who are called already (`waits`), nor because of words that the
    customer said before they no longer needed any.
    """

    turn_id: UUID
    conversation_id: UUID
    message: MessageView
    history: tuple[MessageView, ...]
    summary: str
    may_escalate: bool
    waits: bool
    version: int


@dataclass(slots=True)
class Tally:
    """What a turn has to show for itself when it ends."""

    text: str = ""
    assistant: str = ""
    model: str = ""
    stop_reason: str | None = None
    error_code: str | None = None
    notice: str = ""
    first_token_ms: int | None = None
    latency_ms: int = 0
    confident: bool | None = None
    grounds: list[Ground] = field(default_factory=list)
    sources: list[dict[str, Any]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    calls: list[ModelCall] = field(default_factory=list)
    refused: tuple[str, str] | None = None
    """The code and the model's name, if it refused us for good: only owners can mend that."""

    @property
    def cost(self) -> Decimal:
        """Dollars spent on all its calls."""
        return sum((call.cost for call in self.calls), Decimal(0))


async def begin(
    database: Database,
    live: LiveLog,
    conversation_id: UUID,
    *,
    runner: str,
    assistant: str,
    model: str,
    again: bool = False,
) -> Begun | None:
    """Become the conversation's running turn.

    Args:
        database: Where turns are kept.
        live: The log whose position the new message starts from.
        conversation_id: Whose turn it is.
        runner: Who will renew the lease.
        assistant: Who is going to answer, for the record.
        model: With which model.
        again: Answer the last customer message once more (it failed, and the customer asked again).

    Returns:
        The turn, or None if the assistant may not answer, another turn runs, or nothing is unanswered.
    """
    position = await live.position(conversation_id)
    async with changing(database, live, conversation_id) as change:
        if not assistant_may_answer(change.owner) or await _somebody_runs(change):
            return None
        asked = await _unanswered(change.session, conversation_id, again)
        if asked is None:
            return None
        message = await change.add(
            Message(
                conversation_id=conversation_id,
                seq=0,
                role=Role.ASSISTANT,
                state=MessageState.STREAMING,
                log_epoch=position.epoch,
                log_seq=position.seq,
            )
        )
        turn = Turn(
            conversation_id=conversation_id,
            answers_id=asked.id,
            wrote_id=message.id,
            assistant=assistant,
            model=model,
            runner=runner,
            lease_until=now() + LEASE,
        )
        change.session.add(turn)
        waits, version = change.handoff is not None, change.conversation.version
        may_escalate = not waits and not await _was_settled(change, asked)
        known = await remembered(change.session, conversation_id)
    return Begun(
        turn_id=turn.id,
        conversation_id=conversation_id,
        message=view(message),
        # What the customer says from now on is for the next turn.
        history=tuple(one for one in known.messages if one.seq < message.seq),
        summary=known.summary,
        may_escalate=may_escalate,
        waits=waits,
        version=version,
    )


async def anything_unanswered(database: Database, conversation_id: UUID) -> bool:
    """Whether the customer has said something that nobody has answered or is answering."""
    async with database.reading() as session:
        return await _unanswered(session, conversation_id, again=False) is not None


async def commit(
    database: Database, live: LiveLog, begun: Begun, tally: Tally, state: MessageState
) -> MessageView | None:
    """End the turn: message, turn, model calls, evidence and outcome in one transaction.

    If people own the conversation by now, an answer that would have been complete is kept as `stopped`.
    Doing it twice is doing it once.

    Returns:
        The message as it was recorded, or None if somebody else had already ended this turn.
    """
    async with changing(database, live, begun.conversation_id) as change:
        # The turn before its message, in this order everywhere: so two writers cannot wait for each other.
        turn = await change.session.get(Turn, begun.turn_id, with_for_update=True)
        message = await change.session.get(Message, begun.message.id)
        if turn is not None and message is not None and _is_recorded(turn):
            # An earlier try was committed, and only the database's word of it was lost.
            return view(message)
        change.session.add_all(tally.calls)
        change.outcome.cost = Decimal(change.outcome.cost) + tally.cost
        if turn is None or message is None or turn.ended_at is not None:
            return None
        if state == MessageState.COMPLETE and not assistant_may_answer(change.owner):
            state, tally.notice = MessageState.STOPPED, STOPPED_FOR_PEOPLE
        _write_message(message, tally, state)
        _write_turn(turn, tally)
        await _write_evidence(change.session, turn, tally)
        if tally.refused is not None:
            await tell_owners(change.session, *tally.refused, now())
        if state == MessageState.COMPLETE:
            change.outcome.assistant_messages += 1
        if state == MessageState.FAILED:
            change.outcome.failed_answers += 1
        change.conversation.updated_at = now()
    return view(message)


def _is_recorded(turn: Turn) -> bool:
    """Whether its own runner has ended it."""
    return turn.ended_at is not None and turn.error_code != RUNNER_DIED


async def _somebody_runs(change: Change) -> bool:
    query = select(Turn).where(Turn.conversation_id == change.conversation.id, col(Turn.ended_at).is_(None))
    running = (await change.session.exec(query)).first()
    return running is not None and not await fail_if_expired(change, running)


async def _unanswered(session: AsyncSession, conversation_id: UUID, again: bool) -> Message | None:
    """The newest customer message nobody has answered or is answering, since the context began."""
    newest = (
        await session.exec(
            select(Message)
            .where(
                Message.conversation_id == conversation_id,
                Message.role == Role.USER,
                Message.seq > starts_after(conversation_id),
            )
            .order_by(col(Message.seq).desc())
            .limit(1)
        )
    ).first()
    if newest is None:
        return None
    by_assistant = select(Turn.id).join(Message, col(Message.id) == Turn.wrote_id)
    by_assistant = by_assistant.where(Turn.answers_id == newest.id)
    if again:
        # Another worker may have tried again, and succeeded, in the meantime.
        whole = by_assistant.where(Message.state == MessageState.COMPLETE)
        return newest if (await session.exec(whole.limit(1))).first() is None else None
    by_assistant = by_assistant.where(Message.state != MessageState.SUPERSEDED)
    by_people = select(Message.id).where(
        Message.conversation_id == conversation_id,
        Message.role == Role.STAFF,
        Message.kind == Kind.TEXT,
        Message.seq > newest.seq,
    )
    for answers in (by_assistant, by_people):
        if (await session.exec(answers.limit(1))).first() is not None:
            return None
    return newest


async def _was_settled(change: Change, asked: Message) -> bool:
    """Whether the customer has said since then that they no longer need a person."""
    if not change.outcome.handoffs:
        return False
    given_up = select(Handoff.id).where(
        Handoff.conversation_id == change.conversation.id,
        Handoff.closed_as == ClosedAs.CANCELLED,
        col(Handoff.closed_at) > asked.created_at,
    )
    return (await change.session.exec(given_up.limit(1))).first() is not None


def _write_message(message: Message, tally: Tally, state: MessageState) -> None:
    message.content = tally.text
    message.state = state
    message.notice = tally.notice
    message.sources = tally.sources
    message.links = tally.links
    nothing = tally.confident is False and not tally.sources
    message.found_nothing = nothing and state == MessageState.COMPLETE


async def _write_evidence(session: AsyncSession, turn: Turn, tally: Tally) -> None:
    """What was found for the turn, and what of it the answer cites."""
    if not tally.grounds:
        return
    # That an article has been deleted in the meantime must not cost the customer the answer.
    wanted = {ground.hit.article_id for ground in tally.grounds}
    there = set((await session.exec(select(Article.id).where(col(Article.id).in_(wanted)))).all())
    session.add_all(
        Evidence(
            turn_id=turn.id,
            place=place,
            message_id=turn.wrote_id,
            article_id=ground.hit.article_id,
            version=ground.hit.version,
            heading=ground.hit.heading,
            anchor=ground.hit.anchor,
            score=ground.hit.score,
            cited=ground.cited,
        )
        for place, ground in enumerate(tally.grounds)
        if ground.hit.article_id in there
    )


def _write_turn(turn: Turn, tally: Tally) -> None:
    turn.assistant, turn.model = tally.assistant, tally.model
    turn.first_token_ms, turn.latency_ms = tally.first_token_ms, tally.latency_ms
    turn.stop_reason, turn.error_code = tally.stop_reason, tally.error_code
    turn.confident = tally.confident
    turn.input_tokens = sum(
        call.input_tokens + call.cache_read_tokens + call.cache_write_tokens for call in tally.calls
    )
    turn.output_tokens = sum(call.output_tokens for call in tally.calls)
    turn.cost = tally.cost
    turn.ended_at = now()
