"""How the desk keeps order: put off until later, put away as junk, and tagged.

None of it is told to the customer. Each verb locks the conversation, like those of `handoff`.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, func, select

from supportbot.conversations.changes import Change, changing
from supportbot.conversations.events import AnswerAsked
from supportbot.conversations.live import LiveLog
from supportbot.conversations.wording import clean_line
from supportbot.database import Database
from supportbot.errors import Refused
from supportbot.escalations.steps import close, last_handoff, must_be_mine, must_not_be_a_colleagues, wake_up
from supportbot.ids import now
from supportbot.models import ClosedAs, Conversation, ConversationTag, Role, Staff, StaffRead, Status

TAG_CHARACTERS = 40
MOST_TAGS = 20
"""A conversation's; more of them find nothing any more."""
LONGEST_SNOOZE = timedelta(days=366)
AT_A_TIME = 100


async def snooze(
    database: Database, live: LiveLog, conversation_id: UUID, staff: Staff, until: datetime
) -> None:
    """Put one's own conversation off; the customer's next message, or the time, brings it back.

    Only one's own: somebody who waits for a person is never out of everybody's sight.

    Raises:
        Refused: if it is not this person's, or not a time to come within a year.
    """
    if not isinstance(until, datetime) or until.tzinfo is None:
        raise Refused("Please choose a day and a time.")
    if not now() < until <= now() + LONGEST_SNOOZE:
        raise Refused("Please choose a time to come, within a year.")
    async with changing(database, live, conversation_id) as change:
        await must_be_mine(change, staff)
        change.conversation.snoozed_until, change.conversation.snoozed_by = until, staff.id
        change.note_case()


async def wake(database: Database, live: LiveLog, conversation_id: UUID, staff: Staff) -> None:
    """Bring a conversation back that was put off. Waking one that is awake changes nothing."""
    async with changing(database, live, conversation_id) as change:
        if change.conversation.snoozed_until is not None:
            wake_up(change)
            change.note_case()


async def wake_due(database: Database, live: LiveLog, at: datetime) -> int:
    """Bring back those whose time has come: unread once more to whoever put them off, so as to be seen.

    Returns:
        How many.
    """
    due = col(Conversation.snoozed_until) <= at
    query = select(Conversation.id).where(due).order_by(col(Conversation.snoozed_until)).limit(AT_A_TIME)
    async with database.reading() as session:
        sleeping = (await session.exec(query)).all()
    woken = 0
    for conversation_id in sleeping:
        async with changing(database, live, conversation_id) as change:
            until = change.conversation.snoozed_until
            if until is None or until > at:
                continue  # somebody has woken it, or put it off further, since we looked
            await _make_unread(change)
            wake_up(change)
            change.note_case()
            woken += 1
    return woken


async def junk(database: Database, live: LiveLog, conversation_id: UUID, staff: Staff) -> None:
    """Put a conversation away as junk. It ends without a word to the customer.

    Should the customer write again, the assistant answers, and the conversation stays where it is until
    they ask for a person: nobody is told that the team will answer while nobody can see it.

    Raises:
        AlreadyClaimed: if it is a colleague's.
    """
    async with changing(database, live, conversation_id) as change:
        if change.conversation.junk_at is not None:
            return
        await must_not_be_a_colleagues(change, staff)
        at = now()
        change.conversation.junk_at = at
        if change.conversation.status != Status.RESOLVED:
            # The same moment three times: so `not_junk` knows what there was to undo.
            await close(change, ClosedAs.RESOLVED, at)
            change.outcome.resolved_by, change.outcome.resolved_at = Role.STAFF, at
            await change.own(Status.RESOLVED, None)
        change.note_case()


async def not_junk(database: Database, live: LiveLog, conversation_id: UUID, staff: Staff) -> None:
    """Undo `junk`: whoever waited has their place again, and whoever had claimed it their conversation."""
    async with changing(database, live, conversation_id) as change:
        at, change.conversation.junk_at = change.conversation.junk_at, None
        if at is None:
            return
        if change.conversation.status == Status.RESOLVED and change.outcome.resolved_at == at:
            await _open_as_before(change, at)
        change.note_case()


async def tag(database: Database, live: LiveLog, conversation_id: UUID, staff: Staff, tag: str) -> str:
    """Put a tag on a conversation.

    Returns:
        The tag as it is kept.

    Raises:
        Refused: if it is empty or too long, or the conversation has too many.
    """
    name = normal_tag(tag)
    async with changing(database, live, conversation_id) as change:
        if await change.session.get(ConversationTag, (conversation_id, name)) is not None:
            return name
        query = select(func.count()).where(ConversationTag.conversation_id == conversation_id)
        if (await change.session.exec(query)).one() >= MOST_TAGS:
            raise Refused(f"A conversation can have {MOST_TAGS} tags. Please remove one first.")
        change.session.add(ConversationTag(conversation_id=conversation_id, tag=name, staff_id=staff.id))
        change.note_case()
    return name


async def untag(database: Database, live: LiveLog, conversation_id: UUID, staff: Staff, tag: str) -> None:
    """Take a tag off a conversation. One that is not there is off already.

    Raises:
        Refused: if this cannot be a tag.
    """
    name = normal_tag(tag)
    async with changing(database, live, conversation_id) as change:
        known = await change.session.get(ConversationTag, (conversation_id, name))
        if known is not None:
            await change.session.delete(known)
            change.note_case()


async def tags_of(database: Database, conversation_id: UUID) -> list[str]:
    """The tags of a conversation, in the order of the alphabet."""
    query = select(ConversationTag.tag).where(ConversationTag.conversation_id == conversation_id)
    async with database.reading() as session:
        return sorted((await session.exec(query)).all())


def normal_tag(raw: object) -> str:
    """The one spelling of a tag: small letters, single spaces, no # in front.

    Raises:
        Refused: if nothing is left, or it is too long.
    """
    name = clean_line(raw, limit=TAG_CHARACTERS * 4).lower().lstrip("# ")
    if not name:
        raise Refused("Please write a word or two as the tag.")
    if len(name) > TAG_CHARACTERS:
        raise Refused(f"A tag has {TAG_CHARACTERS} characters at most; this one has {len(name)}.")
    return name


async def _open_as_before(change: Change, at: datetime) -> None:
    last = await last_handoff(change)
    staff = None
    if last is not None and last.closed_at == at:
        last.closed_at = last.closed_as = None
        change.handoff = last
        await change.session.flush()
        staff = await change.session.get(Staff, last.claimed_by) if last.claimed_by else None
    change.outcome.resolved_by = change.outcome.resolved_at = None
    await change.own(Status.ESCALATED if change.handoff is not None else Status.ACTIVE, staff)
    if change.handoff is None:
        change.desk_events.append(AnswerAsked(change.conversation.id))


async def _make_unread(change: Change) -> None:
    read = await change.session.get(StaffRead, (change.conversation.snoozed_by, change.conversation.id))
    if read is not None:
        read.seq = min(read.seq, change.conversation.customer_seq - 1)
