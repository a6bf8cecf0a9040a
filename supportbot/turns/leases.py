"""What keeps a running turn alive: its answer so far, saved every second, and a lease that can pass.

Every write re-reads who owns the conversation and whether the turn still runs. Whoever is late writes
nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlmodel import col, select

from supportbot.conversations.changes import Change, changing, view
from supportbot.conversations.events import TurnFailed
from supportbot.conversations.live import LiveLog, Position
from supportbot.conversations.ownership import assistant_may_answer, owner_of
from supportbot.database import Database
from supportbot.ids import now
from supportbot.models import Conversation, Handoff, Message, MessageState, Turn

LEASE = timedelta(seconds=15)
"""How long a turn is believed to run without a sign of life from its runner."""
RUNNER_DIED = "runner_died"

UNFINISHED = "This answer broke off. What had arrived is kept above."
NO_ANSWER = "Our assistant could not answer. Please try again, or talk to a person."


@dataclass(frozen=True, slots=True)
class Partial:
    """A running answer so far, and the place in the log it reaches to."""

    message_id: UUID
    text: str
    position: Position


_SAVE_TEXT = (
    update(Message.__table__)  # type: ignore[attr-defined]
    .where(
        col(Message.id) == bindparam("this"),
        col(Message.state) == MessageState.STREAMING,
    )
    .values(content=bindparam("text"), log_epoch=bindparam("to_epoch"), log_seq=bindparam("to_seq"))
)
"""One statement for many rows, sent at once."""


async def save_partials(database: Database, partials: Sequence[Partial]) -> set[UUID]:
    """Store running answers so far with their places in the log, and renew the leases of their turns.

    Returns:
        The messages whose turns are to go on. Missing are those that somebody has ended, and those whose
        conversation people own.
    """
    messages = [partial.message_id for partial in partials]
    async with database.transaction() as session:
        # The turn before its message, in this order everywhere: so two writers cannot wait for each other.
        renewed = await session.exec(
            update(Turn)
            .where(col(Turn.wrote_id).in_(messages), col(Turn.ended_at).is_(None))
            .values(lease_until=now() + LEASE)
            .returning(col(Turn.wrote_id))
            .execution_options(synchronize_session=False)
        )
        running = set(renewed.scalars())
        ours = [partial for partial in partials if partial.message_id in running]
        if not ours:
            return set()
        connection = await session.connection()
        await connection.execute(
            _SAVE_TEXT,
            [
                {"this": one.message_id, "text": one.text}
                | {"to_epoch": one.position.epoch, "to_seq": one.position.seq}
                for one in ours
            ],
        )
        owners = await session.exec(
            select(Message.id, Conversation, Handoff)
            .join(Conversation, col(Conversation.id) == Message.conversation_id)
            .outerjoin(
                Handoff, (col(Handoff.conversation_id) == Conversation.id) & col(Handoff.closed_at).is_(None)
            )
            .where(col(Message.id).in_(running), Message.state == MessageState.STREAMING)
        )
        return {
            message_id
            for message_id, conversation, handoff in owners
            if assistant_may_answer(owner_of(conversation, handoff))
        }


async def save_partial(database: Database, message_id: UUID, text: str, position: Position) -> bool:
    """The same for a single answer: whether its turn is to go on."""
    return message_id in await save_partials(database, [Partial(message_id, text, position)])


async def renew_leases(database: Database, runner: str, conversations: Iterable[UUID]) -> None:
    """A sign of life for the turns this runner works on, also those still waiting for their first word.

    Only for those: a turn of ours whose end could not be recorded must not be kept alive.
    """
    async with database.transaction() as session:
        await session.exec(
            update(Turn)
            .where(
                col(Turn.runner) == runner,
                col(Turn.conversation_id).in_(conversations),
                col(Turn.ended_at).is_(None),
            )
            .values(lease_until=now() + LEASE)
        )


async def fail_expired(database: Database, live: LiveLog) -> list[UUID]:
    """Fail the turns whose runner died: their lease has passed and nobody ended them.

    Returns:
        The conversations of those this call failed; each is failed by exactly one caller.
    """
    query = select(Turn).where(col(Turn.ended_at).is_(None), col(Turn.lease_until) < now())
    async with database.reading() as session:
        expired = (await session.exec(query)).all()
    failed: list[UUID] = []
    for turn in expired:
        async with changing(database, live, turn.conversation_id) as change:
            if await fail_if_expired(change, turn):
                failed.append(turn.conversation_id)
    return failed


async def fail_if_expired(change: Change, turn: Turn) -> bool:
    """Fail a turn whose lease has passed; whether this call did."""
    ended = await change.session.exec(
        update(Turn)
        .where(col(Turn.id) == turn.id, col(Turn.ended_at).is_(None), col(Turn.lease_until) < now())
        .values(ended_at=now(), error_code=RUNNER_DIED)
    )
    if ended.rowcount != 1:
        return False
    message = await change.session.get(Message, turn.wrote_id)
    if message is not None and message.state == MessageState.STREAMING:
        message.state = MessageState.FAILED
        message.notice = UNFINISHED if message.content.strip() else NO_ANSWER
        change.outcome.failed_answers += 1
        change.events.append(TurnFailed(view(message)))
    return True
