"""How long customers wait for a person: their place in the queue, and what that has meant lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import quantiles
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from supportbot.database import Database
from supportbot.escalations.lists import WAITS
from supportbot.ids import now
from supportbot.models import Conversation, Handoff, Trigger

LOOKED_AT = 50
"""The newest claims; older ones tell of another day."""
LOOKED_BACK = timedelta(days=14)
FEWEST = 5
"""Claims below which a range would be a guess."""

_SPOKEN = (1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 1_440)
"""Minutes as a person would say them; beyond the last one, whole days."""
_DAY = 1_440


@dataclass(frozen=True, slots=True)
class WaitRange:
    """Most customers have waited between `low` and `high` minutes."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Waited:
    """Somebody who waited for a person, and until when."""

    requested_at: datetime
    claimed_at: datetime

    @property
    def minutes(self) -> float:
        """How long."""
        return max((self.claimed_at - self.requested_at).total_seconds() / 60, 0.0)


async def place_in_queue(database: Database, conversation_id: UUID) -> int:
    """How many wait up to and including this conversation: 1 is next; 0 if it does not wait.

    Those the desk has put off until later are passed over, as they are in its list.
    """
    async with database.reading() as session:
        connection = await session.connection()
        mine = await connection.scalar(
            select(col(Handoff.requested_at)).where(col(Handoff.conversation_id) == conversation_id, *WAITS)
        )
        if mine is None:
            return 0
        ahead = (
            select(func.count())
            .select_from(Handoff)
            .join(Conversation, col(Conversation.id) == Handoff.conversation_id)
            .where(*WAITS, col(Handoff.requested_at) < mine, col(Conversation.snoozed_until).is_(None))
        )
        return (await connection.scalar(ahead) or 0) + 1


async def waits(database: Database, *, place: int = 0) -> WaitRange | None:
    """How long customers have waited lately, from real claims; None if there are too few to tell.

    Args:
        database: Where hand-offs are kept.
        place: Whose wait it is about: with it, only customers who stood about there are looked at.
    """
    return wait_range(await waited_lately(database), place)


async def waited_lately(database: Database) -> list[Waited]:
    """The last customers that somebody claimed, the newest claim first."""
    query = (
        select(col(Handoff.requested_at), col(Handoff.claimed_at))
        # Whose conversation staff take over or open again has not waited for anybody.
        .where(
            col(Handoff.claimed_at) >= now() - LOOKED_BACK,
            col(Handoff.trigger) != Trigger.STAFF,
        )
        .order_by(col(Handoff.claimed_at).desc())
        .limit(LOOKED_AT)
    )
    async with database.reading() as session:
        connection = await session.connection()
        return [Waited(asked, claimed) for asked, claimed in await connection.execute(query) if claimed]


def wait_range(lately: Sequence[Waited], place: int = 0) -> WaitRange | None:
    """From a quarter to four fifths of these waits, in numbers a person would say.

    With a `place` in the queue only those count who stood between half and twice as far back when they
    asked: to multiply a wait by a place would claim that a desk works at one speed, day and night. Where
    too few stood, nothing is said.
    """
    minutes = [one.minutes for one in lately if not place or place / 2 <= _place(one, lately) <= place * 2]
    if len(minutes) < FEWEST:
        return None
    twentieths = quantiles(minutes, n=20, method="inclusive")
    return WaitRange(_spoken_below(twentieths[4]), _spoken_above(twentieths[15]))


def _place(one: Waited, others: Sequence[Waited]) -> int:
    ahead = (other for other in others if other.requested_at < one.requested_at < other.claimed_at)
    return sum(1 for _ in ahead) + 1


def _spoken_below(minutes: float) -> int:
    if minutes >= _DAY:
        return int(minutes // _DAY) * _DAY
    return max((spoken for spoken in _SPOKEN if spoken <= minutes), default=_SPOKEN[0])


def _spoken_above(minutes: float) -> int:
    fitting = (spoken for spoken in _SPOKEN if spoken >= minutes)
    return next(fitting, int(-(-minutes // _DAY)) * _DAY)
