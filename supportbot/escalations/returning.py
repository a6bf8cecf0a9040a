"""The end of the people's time with a conversation: handed back, resolved, and opened again.

See `handoff` for how a verb works. Each end is a line in the history, after which the assistant's memory
begins anew (`boundary`).
"""

from datetime import timedelta
from uuid import UUID

from supportbot.conversations.changes import Change, changing
from supportbot.conversations.events import Owner
from supportbot.conversations.live import LiveLog
from supportbot.database import Database
from supportbot.errors import Refused
from supportbot.escalations.acknowledging import Opens, welcome_back
from supportbot.escalations.boundary import RETURN_NOTE_CHARACTERS, begin_after, begin_anew
from supportbot.escalations.notes import noted
from supportbot.escalations.steps import (
    begin_by_staff,
    close,
    give_to,
    last_handoff,
    must_be_mine,
    must_not_be_a_colleagues,
    queue_up,
    say_event,
)
from supportbot.ids import now
from supportbot.models import ClosedAs, Reason, Role, Staff, Status, Trigger


async def hand_back(
    database: Database, live: LiveLog, conversation_id: UUID, staff: Staff, note: str = ""
) -> None:
    """Give the conversation back to the assistant, which answers from the customer's next message on.

    Args:
        database: Where conversations are kept.
        live: The log that tells the pages.
        conversation_id: This person's conversation.
        staff: Who hands it back.
        note: What the assistant is to know. It reads it with every question, and is to keep it to itself.

    Raises:
        Refused: if it is not this person's, or the note is too long.
    """
    words = noted(note, limit=RETURN_NOTE_CHARACTERS)
    async with changing(database, live, conversation_id) as change:
        handoff = await must_be_mine(change, staff)
        handoff.return_note = words
        await close(change, ClosedAs.HANDED_BACK)
        line = await say_event(change, f"{staff.name} handed the conversation back to the assistant.")
        await begin_after(change, line)
        await change.own(Status.ACTIVE, None)


async def resolve(database: Database, live: LiveLog, conversation_id: UUID, staff: Staff) -> None:
    """Close the conversation as done. The customer's next message opens it again.

    Raises:
        Refused: if it is not this person's.
    """
    async with changing(database, live, conversation_id) as change:
        await must_be_mine(change, staff)
        await close(change, ClosedAs.RESOLVED)
        await say_event(
            change, f"{staff.name} marked this conversation as resolved. Write here to reopen it."
        )
        change.outcome.resolved_by = Role.STAFF
        change.outcome.resolved_at = now()
        await change.own(Status.RESOLVED, None)


async def reopen(database: Database, live: LiveLog, conversation_id: UUID, staff: Staff) -> None:
    """Open a resolved conversation again, or take one out of the junk, and take care of it oneself.

    Raises:
        AlreadyClaimed: if a colleague was quicker.
        Refused: if it is open.
    """
    async with changing(database, live, conversation_id) as change:
        if change.handoff is not None and change.handoff.claimed_by == staff.id:
            return
        await must_not_be_a_colleagues(change, staff)
        if change.owner == Owner.NOBODY:
            last = await last_handoff(change)
            change.outcome.reopened_at = now()
            handoff = await begin_by_staff(change, last.reason if last else Reason.TAKEN_OVER, reopened=True)
            await give_to(change, handoff, staff, f"{staff.name} has reopened this conversation.")
        elif change.conversation.junk_at is not None:
            await give_to(
                change, await begin_by_staff(change), staff, f"{staff.name} has joined the conversation."
            )
        else:
            raise Refused("This conversation is open already. Take it over instead.")


async def reopen_for_customer(change: Change, within: timedelta, opens: Opens | None = None) -> None:
    """A customer writes to a resolved conversation: back to people if they resolved it lately, else on.

    What somebody had put away as junk stays out of the desk's way: the assistant answers, because we may
    have been wrong about the customer, and whoever asks for a person is out of the junk again.

    To be called in the transaction that stores the customer's message, after it is stored.
    """
    if change.owner != Owner.NOBODY:
        return
    change.outcome.reopened_at = now()
    await begin_anew(change, before=change.conversation.customer_seq)
    resolved_by, resolved_at = change.outcome.resolved_by, change.outcome.resolved_at
    recently = resolved_at is not None and now() - resolved_at <= within
    if resolved_by == Role.STAFF and recently and change.conversation.junk_at is None:
        last = await last_handoff(change)
        await queue_up(
            change, reason=last.reason if last else Reason.POLICY, trigger=Trigger.POLICY, reopened=True
        )
        await say_event(change, welcome_back(opens))
    else:
        await change.own(Status.ACTIVE, None)
