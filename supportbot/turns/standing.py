"""How a conversation stands with the assistant: what the policy judges by, read from what was recorded."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.escalations.counts import SinceBoundary, not_settled, since_boundary
from supportbot.knowledge.questions import asks_something
from supportbot.models import Message, MessageState, ModelCall, Turn

LOOK_BACK = 10
"""Turns that are looked at, the newest."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The counts since people last had it, and how many turns in a row have let the customer down."""

    since: SinceBoundary
    let_down: int


@dataclass(frozen=True, slots=True)
class Ended:
    """How a turn ended. `asked`: the model was called in vain; `answered`: an article stands in its place."""

    state: MessageState
    stop_reason: str | None
    error_code: str | None
    text: str
    asked: bool
    answered: bool
    asks_something: bool

    @property
    def lets_down(self) -> bool | None:
        """Whether it let the customer down; None if it says nothing either way.

        While the model is known to be away it is not asked, and what the articles answer then is an answer.
        """
        if self.state == MessageState.FAILED:
            return True
        if self.state != MessageState.COMPLETE:
            return None
        if self.stop_reason == "refusal" and not self.text.strip():
            return True
        if self.error_code is None:
            return False
        if self.asked:
            return True
        return True if not self.answered and self.asks_something else None


async def standing(session: AsyncSession, conversation_id: UUID) -> Standing:
    """Read how it stands, without the turn that is running."""
    return Standing(
        await since_boundary(session, conversation_id), in_a_row(await _ended(session, conversation_id))
    )


def in_a_row(newest_first: Iterable[Ended]) -> int:
    """How many turns let the customer down since the last one that did not. Pure."""
    count = 0
    for turn in newest_first:
        if turn.lets_down is False:
            break
        count += turn.lets_down is True
    return count


async def _ended(session: AsyncSession, conversation_id: UUID) -> list[Ended]:
    question = aliased(Message)
    query = (
        select(Turn, Message, question)
        .join(Message, col(Message.id) == Turn.wrote_id)
        .join(question, col(question.id) == Turn.answers_id)
        .where(Turn.conversation_id == conversation_id, col(Turn.ended_at).is_not(None))
        .where(*not_settled(conversation_id))
        .order_by(col(Turn.started_at).desc())
        .limit(LOOK_BACK)
    )
    turns = (await session.exec(query)).all()
    calls = select(ModelCall.turn_id).where(
        ModelCall.conversation_id == conversation_id,
        col(ModelCall.turn_id).in_([turn.id for turn, _, _ in turns]),
        col(ModelCall.error).is_not(None),
    )
    in_vain = set((await session.exec(calls)).all())
    return [
        Ended(
            state=MessageState(wrote.state),
            stop_reason=turn.stop_reason,
            error_code=turn.error_code,
            text=wrote.content,
            asked=turn.id in in_vain,
            answered=bool(wrote.sources),
            asks_something=asks_something(asked.content),
        )
        for turn, wrote, asked in turns
    ]
