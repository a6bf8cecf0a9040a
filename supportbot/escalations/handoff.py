"""The verbs that move a conversation between the assistant and people.

Each is one transaction that locks the conversation, checks who owns it, writes facts (a `Handoff` row,
a line in the history) and announces them. None of them knows the runner: it hears `OwnerChanged`.
"""

from datetime import timedelta
from uuid import UUID

from sqlmodel import col, select

from supportbot.conversations.changes import Change, changing, view
from supportbot.conversations.events import Escalated, MessageAdded, MessageView, Owner
from supportbot.conversations.live import LiveLog
from supportbot.conversations.transcript import say_as_staff
from supportbot.database import Database
from supportbot.errors import Refused
from supportbot.escalations import brief as briefs
from supportbot.escalations.acknowledging import Opens, acknowledgement, welcome_back
from supportbot.escalations.telling import tell_of_request
from supportbot.ids import now
from supportbot.models import ClosedAs, Handoff, Reason, Role, Staff, Status, Trigger

KEEPS_PLACE = "You keep your place. Ask our assistant in the meantime."
NO_LONGER_WAITS = "You no longer wait for a person. Our assistant answers again."


class AlreadyClaimed(Refused):
    """A colleague was quicker; the sentence says who."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is already taking care of this conversation.")


async def escalate(
    database: Database,
    live: LiveLog,
    conversation_id: UUID,
    *,
    reason: Reason,
    trigger: Trigger,
    brief: str = "",
    version: int | None = None,
    opens: Opens | None = None,
) -> bool:
    """Put a conversation into the queue and acknowledge it to the customer, in the server's own words.

    Escalating one that waits or is with people already changes nothing.

    Args:
        database: Where conversations are kept.
        live: The log that tells the pages.
        conversation_id: Whose customer is to talk to a person.
        reason: Why.
        trigger: Who or what decided it.
        brief: What the assistant wrote for the person who claims it; without it, the conversation's extract.
        version: The conversation's, if what was decided only holds while it has not changed hands.
        opens: Knows whether anybody is at the desk; what is promised depends on it.

    Returns:
        Whether it was queued by this call.
    """
    async with changing(database, live, conversation_id) as change:
        if change.owner in (Owner.WAITING, Owner.MEANWHILE, Owner.STAFF):
            return False
        if version not in (None, change.conversation.version):
            return False
        reopened = change.owner == Owner.NOBODY
        if reopened:
            change.outcome.reopened_at = now()
        await _queue(change, reason=reason, trigger=trigger, brief=brief, reopened=reopened)
        await _say_event(change, acknowledgement(reason, opens))
        return True


async def claim(database: Database, live: LiveLog, conversation_id: UUID, staff: Staff) -> None:
    """Take a waiting conversation. Claiming one's own again changes nothing.

    Raises:
        AlreadyClaimed: if a colleague has it.
        Refused: if nobody waits there any more.
    """
    async with changing(database, live, conversation_id) as change:
        handoff = change.handoff
        if handoff is None or change.conversation.status != Status.ESCALATED:
            raise Refused("This conversation no longer waits for a person.")
        if handoff.claimed_by == staff.id:
            return
        if handoff.claimed_by is not None:
            raise AlreadyClaimed(await _name(change, handoff.claimed_by))
        await _give_to(change, handoff, staff)


async def take_over(database: Database, live: LiveLog, conversation_id: UUID, staff: Staff) -> None:
    """Take a conversation from the assistant, also in the middle of an answer, or from the queue.

    Raises:
        AlreadyClaimed: if a colleague has it.
        Refused: if it is resolved.
    """
    async with changing(database, live, conversation_id) as change:
        if change.owner == Owner.NOBODY:
            raise Refused("This conversation is resolved. It opens again when the customer writes.")
        if change.owner == Owner.STAFF and change.handoff is not None:
            if change.handoff.claimed_by == staff.id:
                return
            raise AlreadyClaimed(await _name(change, change.handoff.claimed_by))
        handoff = change.handoff
        if handoff is None:
            text, by = await briefs.begin(change, Reason.TAKEN_OVER)
            handoff = Handoff(
                conversation_id=conversation_id,
                reason=Reason.TAKEN_OVER,
                trigger=Trigger.STAFF,
                brief=text,
                brief_by=by,
            )
            change.session.add(handoff)
            change.handoff = handoff
            _count(change, Reason.TAKEN_OVER)
        await _give_to(change, handoff, staff)


async def reply(
    database: Database, live: LiveLog, conversation_id: UUID, staff: Staff, text: str, client_key: str
) -> MessageView:
    """Say something to the customer as this member of staff, who must have claimed the conversation.

    Raises:
        AlreadyClaimed: if a colleague has it.
        Refused: if nobody has claimed it.
    """
    async with changing(database, live, conversation_id) as change:
        await _must_be_mine(change, staff)
        return await say_as_staff(change, text, staff, f"staff:{client_key}"[:64])


async def hand_back(database: Database, live: LiveLog, conversation_id: UUID, staff: Staff) -> None:
    """Give the conversation back to the assistant, which answers from the customer's next message on.

    Raises:
        Refused: if it is not this person's.
    """
    async with changing(database, live, conversation_id) as change:
        await _must_be_mine(change, staff)
        await _close(change, ClosedAs.HANDED_BACK)
        await _say_event(change, f"{staff.name} handed the conversation back to the assistant.")
        await change.own(Status.ACTIVE, None)


async def resolve(database: Database, live: LiveLog, conversation_id: UUID, staff: Staff) -> None:
    """Close the conversation as done. The customer's next message opens it again.

    Raises:
        Refused: if it is not this person's.
    """
    async with changing(database, live, conversation_id) as change:
        await _must_be_mine(change, staff)
        await _close(change, ClosedAs.RESOLVED)
        await _say_event(
            change, f"{staff.name} marked this conversation as resolved. Write here to reopen it."
        )
        change.outcome.resolved_by = Role.STAFF
        change.outcome.resolved_at = now()
        await change.own(Status.RESOLVED, None)


async def reopen_for_customer(change: Change, within: timedelta, opens: Opens | None = None) -> None:
    """A customer writes to a resolved conversation: back to people if they resolved it lately, else on.

    To be called in the transaction that stores the customer's message.
    """
    if change.owner != Owner.NOBODY:
        return
    change.outcome.reopened_at = now()
    resolved_by, resolved_at = change.outcome.resolved_by, change.outcome.resolved_at
    recently = resolved_at is not None and now() - resolved_at <= within
    if resolved_by == Role.STAFF and recently:
        last = await _last_handoff(change)
        await _queue(
            change, reason=last.reason if last else Reason.POLICY, trigger=Trigger.POLICY, reopened=True
        )
        await _say_event(change, welcome_back(opens))
    else:
        await change.own(Status.ACTIVE, None)


async def keep_place(database: Database, live: LiveLog, conversation_id: UUID) -> None:
    """The customer asks the assistant while waiting; the place in the queue is kept.

    Raises:
        Refused: if they no longer wait.
    """
    async with changing(database, live, conversation_id) as change:
        if change.owner == Owner.MEANWHILE:
            return
        if change.owner != Owner.WAITING or change.handoff is None:
            raise Refused("You are not waiting for a person at the moment.")
        change.handoff.assistant_meanwhile_at = now()
        await _say_event(change, KEEPS_PLACE)
        await change.own(Status.ESCALATED, None)


async def no_longer_needed(database: Database, live: LiveLog, conversation_id: UUID) -> None:
    """The customer gives the place in the queue up; the assistant answers again.

    Raises:
        Refused: if they no longer wait, for instance because somebody has just claimed it.
    """
    async with changing(database, live, conversation_id) as change:
        if change.owner not in (Owner.WAITING, Owner.MEANWHILE):
            raise Refused("You are not waiting for a person at the moment.")
        await _close(change, ClosedAs.CANCELLED)
        await _say_event(change, NO_LONGER_WAITS)
        await change.own(Status.ACTIVE, None)


async def _queue(
    change: Change, *, reason: Reason, trigger: Trigger, brief: str = "", reopened: bool = False
) -> None:
    text, by = await briefs.begin(change, reason, brief)
    handoff = Handoff(
        conversation_id=change.conversation.id,
        reason=reason,
        trigger=trigger,
        brief=text,
        brief_by=by,
        reopened=reopened,
    )
    change.session.add(handoff)
    await change.session.flush()
    change.handoff = handoff
    _count(change, reason)
    await tell_of_request(change.session, handoff)
    change.events.append(Escalated(change.conversation.id, str(reason)))
    await change.own(Status.ESCALATED, None)


async def _give_to(change: Change, handoff: Handoff, staff: Staff) -> None:
    handoff.claimed_by, handoff.claimed_at = staff.id, now()
    await change.session.flush()
    await _say_event(change, f"{staff.name} has joined the conversation.")
    await change.own(Status.ESCALATED, staff)


async def _close(change: Change, closed_as: ClosedAs) -> None:
    if change.handoff is not None:
        change.handoff.closed_at, change.handoff.closed_as = now(), closed_as
        await change.session.flush()
        change.handoff = None


async def _must_be_mine(change: Change, staff: Staff) -> None:
    handoff = change.handoff
    if handoff is None or handoff.claimed_by is None:
        raise Refused("Please claim this conversation first.")
    if handoff.claimed_by != staff.id:
        raise AlreadyClaimed(await _name(change, handoff.claimed_by))


async def _say_event(change: Change, sentence: str) -> None:
    change.events.append(MessageAdded(view(await change.note_event(sentence))))


async def _name(change: Change, staff_id: UUID | None) -> str:
    staff = await change.session.get(Staff, staff_id) if staff_id else None
    return staff.name if staff else "A colleague"


async def _last_handoff(change: Change) -> Handoff | None:
    query = (
        select(Handoff)
        .where(Handoff.conversation_id == change.conversation.id)
        .order_by(col(Handoff.requested_at).desc())
        .limit(1)
    )
    return (await change.session.exec(query)).first()


def _count(change: Change, reason: Reason) -> None:
    change.outcome.handoffs += 1
    if change.outcome.handoff_reason is None:
        change.outcome.handoff_reason = reason
