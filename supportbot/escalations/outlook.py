"""What somebody who waits for a person is told: their request, and whether and when anybody is there.

Nothing here promises what the house cannot know: times are those that others have really waited, and
nobody is said to be there who has not been seen at the desk just now.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.conversations.visitors import same_address
from supportbot.database import Database
from supportbot.escalations.acknowledging import Closed, Opens
from supportbot.escalations.waiting import Waited, WaitRange, wait_range, waited_lately
from supportbot.house.hours import is_open, next_opening
from supportbot.house.sections import Hours
from supportbot.ids import now
from supportbot.models import Conversation, Handoff, Staff, Visitor

KNOWN_FOR = 15.0
"""Seconds for which what was read about the desk is told to everybody who waits."""


class HasHours(Protocol):
    """Whatever knows when people answer: the house."""

    @property
    def hours(self) -> Hours:
        """As they are in effect now."""
        ...


AnybodyThere = Callable[[AsyncSession, datetime], Awaitable[bool]]
"""Says whether somebody is at the desk."""


@dataclass(frozen=True, slots=True)
class Request:
    """A conversation's time with people, as its customer may see it."""

    brief: str
    brief_by: str
    requested_at: datetime
    email: str
    """Where the customer is written to, if they have said so; empty for a guest with another address."""
    begun_here: bool
    """Whether it was this browser that began the conversation: only there its address can be changed."""
    picture: UUID | None
    """Of whoever has claimed it."""


async def request_of(database: Database, conversation_id: UUID, token_hash: str) -> Request | None:
    """What was passed on to people, and what is known of who takes care of it; None if nobody was asked.

    Args:
        database: Where it is.
        conversation_id: One that this browser may use.
        token_hash: The browser's.
    """
    owner, me = aliased(Visitor), aliased(Visitor)
    shown: tuple[Any, ...] = (
        *(col(Handoff.brief), col(Handoff.brief_by), col(Handoff.requested_at)),
        *(col(owner.email).label("email"), col(owner.token_hash).label("begun_by")),
        *(col(me.email).label("mine"), col(Staff.picture_id)),
    )
    query = (
        select(*shown)
        .select_from(Handoff)
        .join(Conversation, col(Conversation.id) == Handoff.conversation_id)
        .join(owner, col(owner.id) == Conversation.visitor_id)
        .outerjoin(me, col(me.token_hash) == token_hash)
        .outerjoin(Staff, col(Staff.id) == Handoff.claimed_by)
        .where(col(Handoff.conversation_id) == conversation_id, col(Handoff.closed_at).is_(None))
    )
    async with database.reading() as session:
        connection = await session.connection()
        found = (await connection.execute(query)).first()
    if found is None:
        return None
    begun_here = found.begun_by == token_hash
    # A guest has proven one address, and learns of no other one.
    known = begun_here or same_address(found.email, found.mine)
    return Request(
        brief=found.brief,
        brief_by=found.brief_by,
        requested_at=found.requested_at,
        email=(found.email or "") if known else "",
        begun_here=begun_here,
        picture=found.picture_id,
    )


def opens(house: HasHours) -> Opens:
    """What an acknowledgement asks before it promises anything: whether it is an hour of the house."""

    def closed() -> Closed | None:
        hours, at = house.hours, now()
        if is_open(hours, at):
            return None
        back_at = next_opening(hours, at)
        return Closed(back_at.astimezone(ZoneInfo(hours.time_zone)) if back_at else None)

    return closed


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the house can say at a moment about when a person answers."""

    lately: tuple[Waited, ...]
    present: bool
    """Whether somebody is at the desk."""
    open: bool
    back_at: datetime | None
    """When people are back, while it is not open; None if nobody has said so."""

    def usual(self, place: int) -> WaitRange | None:
        """How long others waited who stood about there; None if too few did to say so."""
        return wait_range(self.lately, place)


class Outlooks:
    """The outlook of this worker, read once for everybody who waits.

    Args:
        database: Where hand-offs and staff are.
        house: Knows the hours.
        anybody_there: Knows who is at the desk.
        clock: Seconds that only ever grow.
    """

    def __init__(
        self,
        database: Database,
        house: HasHours,
        anybody_there: AnybodyThere,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._house = house
        self._anybody_there = anybody_there
        self._clock = clock
        self._known: tuple[tuple[Waited, ...], bool] | None = None
        self._read_at = 0.0
        self._reading = asyncio.Lock()

    async def at(self, moment: datetime) -> Outlook:
        """What can be said now. Hours count from the moment they are changed, the rest from the last look."""
        hours = self._house.hours
        open_now = is_open(hours, moment)
        lately, present = await self._desk(moment)
        return Outlook(
            lately=lately,
            present=present,
            open=open_now,
            back_at=None if open_now else next_opening(hours, moment),
        )

    async def _desk(self, moment: datetime) -> tuple[tuple[Waited, ...], bool]:
        async with self._reading:
            if self._known is None or self._clock() - self._read_at >= KNOWN_FOR:
                lately = await waited_lately(self._database)
                async with self._database.reading() as session:
                    self._known = tuple(lately), await self._anybody_there(session, moment)
                self._read_at = self._clock()
            return self._known
