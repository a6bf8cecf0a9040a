"""What owners must know because only they can mend it: the model refuses us."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.database import Database
from supportbot.models import Turn
from supportbot.outbox import mail_staff, outlets_of

TOPIC = "model.refused"
NEWEST = 200
"""How many turns back the desk looks for one that the model answered or refused."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why the model refuses us: in a few words, and what to change."""

    wrong: str
    remedy: str


CAUSES: dict[str, Cause] = {
    "key_refused": Cause(
        "the key is wrong or was revoked",
        "Put a valid key into ANTHROPIC_API_KEY and restart the server.",
    ),
    "no_credit": Cause(
        "the account has no credit",
        "Add credit to the account that ANTHROPIC_API_KEY belongs to.",
    ),
    "not_allowed": Cause(
        "the key may not use this model",
        "Give the key's workspace access to the model in ANTHROPIC_MODEL, or choose another model, "
        "and restart the server.",
    ),
    "model_unknown": Cause(
        "there is no model of this name",
        "Correct ANTHROPIC_MODEL (and ANTHROPIC_BASE_URL, if you set it) and restart the server.",
    ),
    "refused_request": Cause(
        "it does not accept what we send",
        "Look at the server's log and at the account behind ANTHROPIC_API_KEY: it may be out of credit, or "
        "the model in ANTHROPIC_MODEL may not be able to do what we ask of it.",
    ),
}
"""By the `error_code` of the turn that was refused."""
OTHERWISE = Cause(
    "the configuration is wrong",
    "Look at ANTHROPIC_API_KEY, ANTHROPIC_MODEL and ANTHROPIC_BASE_URL; the server's log says more.",
)


def cause(code: str) -> Cause:
    """What a refusal means, in words."""
    return CAUSES.get(code, OTHERWISE)


async def tell_owners(session: AsyncSession, code: str, model: str, at: datetime) -> int:
    """Write to every admin that the model refuses us, at most once a day for each cause.

    To be called in the transaction that records the refused turn.

    Returns:
        How many mails are new.
    """
    house, why = outlets_of(session), cause(code)
    body = (
        f"At {at:%H:%M} UTC the model {model} refused to answer: {why.wrong}.\n\n"
        "Until this is mended, customers get what your articles say, marked as such, and the way to a "
        "person. Nothing they write is lost.\n\n"
        f"What to do: {why.remedy}\n\n"
        f"Your desk shows whether it lasts: {house.link('/escalations')}\n\n"
        "You get this mail at most once a day for each cause.\n"
    )
    return await mail_staff(
        session,
        key=f"{TOPIC}:{code}:{at:%Y-%m-%d}",
        topic=TOPIC,
        subject=f"{house.company} support: the assistant cannot answer, {why.wrong}",
        body=body,
        admins_only=True,
    )


async def refusal(database: Database) -> str:
    """The code the model refuses us with at the moment, or "".

    Derived from the newest turns: the first that the model either answered or refused decides. So it is
    over with the first answer, and nobody has to acknowledge anything.
    """
    newest = (
        select(Turn.id, Turn.error_code, Turn.stop_reason, Turn.model)
        .where(col(Turn.ended_at).is_not(None))
        .order_by(col(Turn.id).desc())
        .limit(NEWEST)
        .subquery()
    )
    answered = newest.c.error_code.is_(None) & newest.c.stop_reason.is_not(None) & (newest.c.model != "")
    query = (
        select(newest.c.error_code)
        .where(or_(answered, newest.c.error_code.in_(CAUSES)))
        .order_by(newest.c.id.desc())
        .limit(1)
    )
    async with database.reading() as session:
        return (await session.exec(query)).first() or ""
