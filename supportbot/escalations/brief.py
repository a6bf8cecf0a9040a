"""What whoever claims a conversation reads first: written at once, corrected by the customer, made better.

The first brief is an extract, written in the transaction that queues the conversation, so that none is ever
missing. What the model writes later replaces it, unless the customer has had a word in it by then. Notes of
colleagues are never in it: the customer reads it too.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.conversations.changes import Change, changing, open_handoff
from supportbot.conversations.events import BriefChanged, MessageView, Owner
from supportbot.conversations.live import LiveLog
from supportbot.conversations.transcript import since
from supportbot.conversations.wording import clean
from supportbot.database import Database
from supportbot.errors import Refused
from supportbot.escalations.extracting import BRIEF_CHARACTERS, Parts, Who, completed, extract, read_parts
from supportbot.escalations.facts import without_secrets
from supportbot.escalations.sentences import shortened
from supportbot.models import ClosedAs, Conversation, Handoff, Reason, Role, Visitor

EXTRACT, ASSISTANT, MODEL, CUSTOMER = "", "assistant", "model", "customer"
"""Who wrote a brief, as `Handoff.brief_by` has it."""

READ = 200
"""Messages that are looked at, the newest."""
MOST_REWRITTEN = 3
"""For so many messages of a waiting customer a brief is written anew; later ones stand in the history."""
TOO_LATE = "A colleague is already taking care of this. Please tell them here instead."
NOT_WAITING = "You are not waiting for a person at the moment."
EMPTY = "Please write what our team should know, or leave it as it was."


@dataclass(frozen=True, slots=True)
class Material:
    """What a brief is made of."""

    messages: tuple[MessageView, ...]
    who: Who
    before: str
    """What people did with the conversation the last time, if there was one."""

    def extracted(self, reason: Reason) -> Parts:
        """The brief that needs no model."""
        return extract(self.messages, self.who, reason=reason, before=self.before)


@dataclass(frozen=True, slots=True)
class Improvable:
    """A brief as it stands that might be written better, and what of."""

    handoff_id: UUID
    brief: str
    reason: Reason
    material: Material


async def begin(change: Change, reason: Reason, written: str = "") -> tuple[str, str]:
    """The brief of a hand-off that is about to be made, in the transaction that makes it.

    Args:
        change: The conversation.
        reason: Why it goes to people.
        written: What the assistant wrote when it called for them; the rest is taken from the conversation.

    Returns:
        The brief, never empty, and who wrote it.
    """
    found = await gather(change.session, change.conversation)
    extracted = found.extracted(reason)
    if not written.strip():
        return str(extracted), EXTRACT
    return str(completed(read_parts(without_secrets(written)), extracted)), ASSISTANT


async def refresh(database: Database, live: LiveLog, conversation_id: UUID) -> bool:
    """The customer has written more while waiting: an extract takes it in.

    Returns:
        Whether the brief is worth writing anew: not what the customer has corrected or the assistant wrote,
        and not for ever.
    """
    async with changing(database, live, conversation_id) as change:
        handoff = change.handoff
        if change.owner != Owner.WAITING or handoff is None:
            return False
        found = await gather(change.session, change.conversation)
        if handoff.brief_by == EXTRACT:
            _write(change, handoff, str(found.extracted(Reason(handoff.reason))), EXTRACT)
            return True
        since = [
            one for one in found.messages if one.role == Role.USER and one.created_at > handoff.requested_at
        ]
        return handoff.brief_by == MODEL and len(since) <= MOST_REWRITTEN


async def improvable(database: Database, conversation_id: UUID) -> Improvable | None:
    """The open hand-off whose brief the model may write, and what it is to be made of.

    Returns:
        None if there is no such hand-off, or the customer has not written anything yet.
    """
    async with database.reading() as session:
        conversation = await session.get(Conversation, conversation_id)
        handoff = await open_handoff(session, conversation_id)
        if conversation is None or handoff is None or handoff.brief_by not in (EXTRACT, MODEL):
            return None
        found = await gather(session, conversation)
    if not any(one.role == Role.USER for one in found.messages):
        return None
    return Improvable(handoff.id, handoff.brief, Reason(handoff.reason), found)


async def improve(
    database: Database, live: LiveLog, conversation_id: UUID, before: Improvable, written: str
) -> bool:
    """Put what the model wrote in the place of a brief, if that still stands and its hand-off is open.

    Returns:
        Whether it was: not once the customer has corrected it or written more, nor when somebody was quicker.
    """
    async with changing(database, live, conversation_id) as change:
        handoff = change.handoff
        if handoff is None or handoff.id != before.handoff_id or handoff.brief != before.brief:
            return False
        if handoff.brief_by not in (EXTRACT, MODEL):
            return False
        extracted = before.material.extracted(before.reason)
        _write(change, handoff, str(completed(read_parts(without_secrets(written)), extracted)), MODEL)
        return True


async def correct(database: Database, live: LiveLog, conversation_id: UUID, text: object) -> None:
    """The customer says themselves what the team should know; nothing replaces that afterwards.

    Raises:
        Refused: if they do not wait, or the text cannot be taken.
    """
    if isinstance(text, str) and not text.strip():
        raise Refused(EMPTY)
    cleaned = clean(text, limit=BRIEF_CHARACTERS)
    async with changing(database, live, conversation_id) as change:
        if change.owner == Owner.STAFF:
            raise Refused(TOO_LATE)
        if change.owner not in (Owner.WAITING, Owner.MEANWHILE) or change.handoff is None:
            raise Refused(NOT_WAITING)
        if change.handoff.brief != cleaned:
            _write(change, change.handoff, cleaned, CUSTOMER)


async def gather(session: AsyncSession, conversation: Conversation) -> Material:
    """What was said since people last had the conversation, and by whom."""
    last = await _last_ended(session, conversation.id)
    messages = await since(session, conversation.id, 0, limit=READ)
    if last is not None and last.closed_at is not None:
        ended = last.closed_at
        messages = [one for one in messages if one.created_at > ended]
    visitor = await session.get(Visitor, conversation.visitor_id)
    who = Who(visitor.name or "", visitor.email or "") if visitor else Who()
    return Material(tuple(messages), who, _what_became(last))


async def _last_ended(session: AsyncSession, conversation_id: UUID) -> Handoff | None:
    """The last time people had it. A place in the queue that was given up is no such time."""
    query = select(Handoff).where(
        Handoff.conversation_id == conversation_id,
        col(Handoff.closed_at).is_not(None),
        col(Handoff.closed_as) != ClosedAs.CANCELLED,
    )
    return (await session.exec(query.order_by(col(Handoff.closed_at).desc()).limit(1))).first()


def _what_became(last: Handoff | None) -> str:
    if last is None:
        return ""
    how = "resolved it" if last.closed_as == ClosedAs.RESOLVED else "handed it back to the assistant"
    about = read_parts(last.brief).wanted.strip("“”").rstrip(".")
    return f"the team {how} before" + (f" (then: {shortened(about, 60)})" if about else "")


def _write(change: Change, handoff: Handoff, brief: str, by: str) -> None:
    if (handoff.brief, handoff.brief_by) == (brief, by):
        return
    handoff.brief, handoff.brief_by = brief, by
    changed = BriefChanged(brief, by, change.conversation.id)
    change.events.append(changed)
    change.desk_events.append(changed)
