"""A conversation's times with people so far, as the desk reads them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from supportbot.database import Database
from supportbot.models import Handoff, Staff

MOST = 20


@dataclass(frozen=True, slots=True)
class PastHandoff:
    """One time with people. `closed_as` is empty while it is open, `staff_name` while nobody had it."""

    reason: str
    brief: str
    brief_by: str
    reopened: bool
    requested_at: datetime
    staff_name: str
    closed_as: str
    return_note: str


async def handoffs_of(database: Database, conversation_id: UUID) -> list[PastHandoff]:
    """The newest first."""
    query = (
        select(Handoff, Staff.name)
        .outerjoin(Staff, col(Staff.id) == Handoff.claimed_by)
        .where(Handoff.conversation_id == conversation_id)
        .order_by(col(Handoff.requested_at).desc(), col(Handoff.id).desc())
        .limit(MOST)
    )
    async with database.reading() as session:
        rows = (await session.exec(query)).all()
    return [
        PastHandoff(
            reason=str(one.reason),
            brief=one.brief,
            brief_by=one.brief_by,
            reopened=one.reopened,
            requested_at=one.requested_at,
            staff_name=name or "",
            closed_as=str(one.closed_as or ""),
            return_note=one.return_note,
        )
        for one, name in rows
    ]
