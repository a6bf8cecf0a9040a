"""What the verbs of the desk are made of. Each step works on a conversation its caller has locked."""

from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from supportbot.conversations.changes import Change, view
from supportbot.conversations.events import Escalated, MessageAdded
from supportbot.errors import Refused
from supportbot.escalations import brief as briefs
from supportbot.escalations.telling import tell_of_request
from supportbot.ids import now
from supportbot.models import ClosedAs, Handoff, Message, Reason, Staff, Status, Trigger


class AlreadyClaimed(Refused):
    """A colleague was quicker; the sentence says who."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is already taking care of this conversation.")


async def queue_up(
    change: Change, *, reason: Reason, trigger: Trigger, brief: str = "", reopened: bool = False
) -> None:
    """Let the conversation wait for a person, and tell whoever is to be told."""
    handoff = await _begin(change, reason, trigger, brief, reopened=reopened)
    # Whoever is told that the team has the conversation must be where the team looks.
    change.conversation.junk_at = None
    await tell_of_request(change.session, handoff)
    change.events.append(Escalated(change.conversation.id, str(reason)))
    await change.own(Status.ESCALATED, None)


async def begin_by_staff(
    change: Change, reason: Reason = Reason.TAKEN_OVER, *, reopened: bool = False
) -> Handoff:
    """A hand-off that staff begin themselves; it is to be given to one of them at once."""
    return await _begin(change, reason, Trigger.STAFF, reopened=reopened)


async def give_to(change: Change, handoff: Handoff, staff: Staff, sentence: str) -> None:
    """Make somebody the one who answers. How long the customer waited for the first of them stays known."""
    handoff.claimed_by, handoff.claimed_at = staff.id, handoff.claimed_at or now()
    change.conversation.junk_at = None
    wake_up(change)
    await change.session.flush()
    await say_event(change, sentence)
    await change.own(Status.ESCALATED, staff)


async def close(change: Change, closed_as: ClosedAs, at: datetime | None = None) -> None:
    """End the open hand-off, if there is one."""
    wake_up(change)
    if change.handoff is not None:
        change.handoff.closed_at, change.handoff.closed_as = at or now(), closed_as
        await change.session.flush()
        change.handoff = None


def wake_up(change: Change) -> None:
    """What somebody had put off is to be seen to again."""
    change.conversation.snoozed_until = change.conversation.snoozed_by = None


async def must_be_mine(change: Change, staff: Staff) -> Handoff:
    """The hand-off this person has claimed.

    Raises:
        AlreadyClaimed: if a colleague has it.
        Refused: if nobody has claimed it, or nobody who still works here.
    """
    if change.handoff is not None and change.handoff.claimed_by == staff.id:
        return change.handoff
    if (colleague := await holder(change)) is not None:
        raise AlreadyClaimed(colleague.name)
    raise Refused("Please claim this conversation first.")


async def must_not_be_a_colleagues(change: Change, staff: Staff) -> None:
    """Whoever else has claimed the conversation is asked first.

    Raises:
        AlreadyClaimed: if a colleague has it.
    """
    colleague = await holder(change)
    if colleague is not None and colleague.id != staff.id:
        raise AlreadyClaimed(colleague.name)


async def holder(change: Change) -> Staff | None:
    """Who has claimed the conversation; nobody, if their account has been disabled since."""
    claimed_by = change.handoff.claimed_by if change.handoff is not None else None
    staff = await change.session.get(Staff, claimed_by) if claimed_by is not None else None
    return staff if staff is not None and staff.disabled_at is None else None


async def say_event(change: Change, sentence: str) -> Message:
    """Tell the customer and the desk what happened, in a line of the history."""
    line = await change.note_event(sentence)
    change.events.append(MessageAdded(view(line)))
    return line


async def last_handoff(change: Change) -> Handoff | None:
    """The newest hand-off of the conversation, ended or not."""
    query = (
        select(Handoff)
        .where(Handoff.conversation_id == change.conversation.id)
        .order_by(col(Handoff.requested_at).desc())
        .limit(1)
    )
    return (await change.session.exec(query)).first()


async def colleague_with(change: Change, staff_id: object) -> Staff:
    """A member of staff who may be given work.

    Raises:
        Refused: if there is none with this id, or the account is disabled.
    """
    staff = await change.session.get(Staff, staff_id) if isinstance(staff_id, UUID) else None
    if staff is None or staff.disabled_at is not None:
        raise Refused("This colleague does not work here any more. Please choose somebody else.")
    return staff


async def _begin(
    change: Change, reason: Reason, trigger: Trigger, brief: str = "", *, reopened: bool = False
) -> Handoff:
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
    change.outcome.handoffs += 1
    if change.outcome.handoff_reason is None:
        change.outcome.handoff_reason = reason
    return handoff
