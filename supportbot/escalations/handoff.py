"""The verbs that move a conversation between the assistant and people.

Each is one transaction that locks the conversation, checks who owns it, writes facts (a `Handoff` row,
a line in the history) and announces them. None of them knows the runner: it hears `OwnerChanged`. Those
that end the people's time with a conversation, or begin it again, are written in `returning`.
"""

from uuid import UUID

from sqlmodel import select

from supportbot.conversations.changes import Change, changing
from supportbot.conversations.events import AnswerAsked, MessageView, Owner
from supportbot.conversations.live import LiveLog
from supportbot.conversations.transcript import say_as_staff
from supportbot.database import Database
from supportbot.errors import Refused
from supportbot.escalations.acknowledging import Opens, acknowledgement
from supportbot.escalations.boundary import begin_anew
from supportbot.escalations.notes import keep_note, note_once, noted
from supportbot.escalations.returning import hand_back, reopen, reopen_for_customer, resolve
from supportbot.escalations.steps import (
    AlreadyClaimed,
    begin_by_staff,
    close,
    colleague_with,
    give_to,
    must_be_mine,
    must_not_be_a_colleagues,
    queue_up,
    say_event,
)
from supportbot.ids import now
from supportbot.models import ClosedAs, Message, Reason, Staff, Status, Trigger

__all__ = [
    "KEEPS_PLACE",
    "NO_LONGER_WAITS",
    "AlreadyClaimed",
    "assign",
    "claim",
    "escalate",
    "hand_back",
    "keep_place",
    "no_longer_needed",
    "reopen",
    "reopen_for_customer",
    "reply",
    "resolve",
    "take_over",
]

KEEPS_PLACE = "You keep your place. Ask our assistant in the meantime."
NO_LONGER_WAITS = "You no longer wait for a person. Our assistant answers again."


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

    Escalating one that waits or is with people already changes nothing. One that was put away as junk is
    junk no longer: whoever is told that the team has the conversation must be in its queue.

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
            await begin_anew(change, before=change.conversation.last_seq + 1)
        await queue_up(change, reason=reason, trigger=trigger, brief=brief, reopened=reopened)
        await say_event(change, acknowledgement(reason, opens))
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
        await must_not_be_a_colleagues(change, staff)
        await give_to(change, handoff, staff, _joined(staff))


async def take_over(database: Database, live: LiveLog, conversation_id: UUID, staff: Staff) -> None:
    """Take a conversation from the assistant, also in the middle of an answer, or from the queue.

    Raises:
        AlreadyClaimed: if a colleague has it.
        Refused: if it is resolved.
    """
    async with changing(database, live, conversation_id) as change:
        _must_be_open(change)
        if change.handoff is not None and change.handoff.claimed_by == staff.id:
            return
        await must_not_be_a_colleagues(change, staff)
        await give_to(change, change.handoff or await begin_by_staff(change), staff, _joined(staff))


async def assign(
    database: Database, live: LiveLog, conversation_id: UUID, staff: Staff, to: UUID, note: str = ""
) -> None:
    """Ask a colleague to take care of a conversation: one's own, one that waits, or the assistant's.

    Args:
        database: Where conversations are kept.
        live: The log that tells the pages.
        conversation_id: The conversation.
        staff: Who gives it away.
        to: The colleague's id.
        note: For the colleague. It is kept as a note, which the customer never sees.

    Raises:
        AlreadyClaimed: if somebody else has it.
        Refused: if it is resolved, the colleague cannot take it, or the note is too long.
    """
    words = noted(note)
    async with changing(database, live, conversation_id) as change:
        _must_be_open(change)
        colleague = await colleague_with(change, to)
        if change.handoff is not None and change.handoff.claimed_by == colleague.id:
            await note_once(change, words, staff)
            return
        await must_not_be_a_colleagues(change, staff)
        if words:
            await keep_note(change, words, staff)
        to_oneself = colleague.id == staff.id
        sentence = f"{staff.name} asked {colleague.name} to take care of this conversation."
        await give_to(
            change,
            change.handoff or await begin_by_staff(change),
            colleague,
            _joined(staff) if to_oneself else sentence,
        )


async def reply(
    database: Database, live: LiveLog, conversation_id: UUID, staff: Staff, text: str, client_key: str
) -> MessageView:
    """Say something to the customer as this member of staff, who must have claimed the conversation.

    Raises:
        AlreadyClaimed: if a colleague has it.
        Refused: if nobody has claimed it.
    """
    async with changing(database, live, conversation_id) as change:
        await must_be_mine(change, staff)
        return await say_as_staff(change, text, staff, f"staff:{client_key}"[:64])


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
        await say_event(change, KEEPS_PLACE)
        await change.own(Status.ESCALATED, None)


async def no_longer_needed(database: Database, live: LiveLog, conversation_id: UUID) -> None:
    """The customer gives the place in the queue up; the assistant answers again, and what was said meanwhile.

    Raises:
        Refused: if they no longer wait, for instance because somebody has just claimed it.
    """
    async with changing(database, live, conversation_id) as change:
        if change.owner not in (Owner.WAITING, Owner.MEANWHILE):
            raise Refused("You are not waiting for a person at the moment.")
        left_a_question = await _left_a_question(change)
        await close(change, ClosedAs.CANCELLED)
        await say_event(change, NO_LONGER_WAITS)
        await change.own(Status.ACTIVE, None)
        if left_a_question:
            change.desk_events.append(AnswerAsked(conversation_id))


async def _left_a_question(change: Change) -> bool:
    """Whether the customer's last words ask for more than the person they no longer need.

    They were said while waiting, or the assistant called for people instead of answering them. What a
    customer's own words sent to people is settled with that.
    """
    handoff = change.handoff
    if handoff is None or handoff.trigger == Trigger.MODEL:
        return True
    said_at = await change.session.exec(
        select(Message.created_at).where(
            Message.conversation_id == change.conversation.id,
            Message.seq == change.conversation.customer_seq,
        )
    )
    last = said_at.first()
    return last is not None and last > handoff.requested_at


def _must_be_open(change: Change) -> None:
    if change.owner == Owner.NOBODY:
        raise Refused("This conversation is resolved. Reopen it first, or wait until the customer writes.")


def _joined(staff: Staff) -> str:
    return f"{staff.name} has joined the conversation."
