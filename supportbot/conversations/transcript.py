"""Say something, and read what was said."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from supportbot.conversations.changes import Change, announce, changing, open_handoff, view
from supportbot.conversations.events import (
    CustomerSaid,
    MessageAdded,
    MessageView,
    Owner,
    staff_topic,
)
from supportbot.conversations.live import LOST, LiveLog, Position
from supportbot.conversations.ownership import owner_of
from supportbot.database import Database
from supportbot.errors import NotFound
from supportbot.ids import new_id
from supportbot.models import (
    Conversation,
    ConversationGuest,
    Handoff,
    Kind,
    Message,
    MessageState,
    Outcome,
    Rating,
    Role,
    Staff,
    Visitor,
)

PAGE = 50
"""Messages a page loads at a time, the newest first."""

OPENING = 20
"""Messages a page opens with: a screen full, so that a long conversation opens as quickly as a short one."""

SUBJECT_CHARACTERS = 80

_FIRST_LANGUAGE = re.compile(r"\s*([A-Za-z]{2,3})(?=$|[-_,;\s])")


@dataclass(frozen=True, slots=True)
class Browser:
    """Where a conversation was started, as the browser tells it."""

    page: str = ""
    user_agent: str = ""
    referrer: str = ""
    languages: str = ""
    """The Accept-Language header: the first language in it is what the customer most likely writes."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """A page of a conversation and the position in the live log to follow from."""

    conversation: Conversation
    handoff: Handoff | None
    owner: Owner
    staff_name: str
    messages: tuple[MessageView, ...]
    has_earlier: bool
    follow_from: Position
    staff_follow_from: Position = LOST
    """The same in the staff's topic, if notes were read too."""


@dataclass(frozen=True, slots=True)
class PastConversation:
    """A line of the customer's list of conversations."""

    id: UUID
    subject: str
    status: str
    updated_at: str


async def known_visitor(database: Database, token_hash: str) -> Visitor | None:
    """The visitor's record, if this is not their first visit."""
    async with database.reading() as session:
        return (await session.exec(select(Visitor).where(Visitor.token_hash == token_hash))).first()


async def visitor_with(database: Database, token_hash: str, *, new: UUID | None = None) -> Visitor:
    """The visitor's record, made now if this is their first visit; two tabs at once get the same.

    `new` is the id to make it with.
    """
    found = await known_visitor(database, token_hash)
    if found is not None:
        return found
    try:
        async with database.transaction() as session:
            visitor = Visitor(id=new or new_id(), token_hash=token_hash)
            session.add(visitor)
    except IntegrityError:
        return await visitor_with(database, token_hash)
    return visitor


async def conversation_with(database: Database, token_hash: str, client_key: str) -> UUID | None:
    """The visitor's conversation that holds the message with this key, if there is one."""
    query = _with_key(client_key).join(Visitor, col(Visitor.id) == Conversation.visitor_id)
    async with database.reading() as session:
        return (await session.exec(query.where(Visitor.token_hash == token_hash))).first()


async def message_with(database: Database, conversation_id: UUID, client_key: str) -> MessageView | None:
    """The message of a conversation with this key, if it is stored."""
    async with database.reading() as session:
        message = (await session.exec(_keyed(conversation_id, client_key))).first()
    return view(message) if message is not None else None


async def start(database: Database, token_hash: str, browser: Browser) -> Conversation:
    """Open a conversation without a message yet."""
    visitor = await visitor_with(database, token_hash)
    async with database.transaction() as session:
        return (await _open(session, visitor.id, browser)).conversation


async def start_with(
    database: Database, live: LiveLog, visitor_id: UUID, browser: Browser, text: str, client_key: str
) -> tuple[UUID, bool]:
    """Open a conversation with its first message; the same key again, even at once, finds it.

    Args:
        database: Where it is kept.
        live: The log that tells the pages.
        visitor_id: Whose conversation it is.
        browser: Where it was started.
        text: Already cleaned.
        client_key: The browser's name for this message.

    Returns:
        The conversation and whether it is new.
    """
    async with database.transaction() as session:
        # What a double click or two tabs send at the same moment queues here.
        await session.get(Visitor, visitor_id, with_for_update=True)
        query = _with_key(client_key).where(Conversation.visitor_id == visitor_id)
        if (known := (await session.exec(query)).first()) is not None:
            return known, False
        change = await _open(session, visitor_id, browser)
        await _customer_message(change, text, client_key)
    await announce(live, change)
    return change.conversation.id, True


async def customer_says(
    database: Database,
    live: LiveLog,
    conversation_id: UUID,
    text: str,
    client_key: str,
    *,
    reopen: Callable[[Change], Awaitable[None]],
) -> tuple[MessageView, bool]:
    """Store a customer's message and tell the pages.

    Args:
        database: Where it is kept.
        live: The log that tells the pages.
        conversation_id: The customer's own conversation.
        text: Already cleaned.
        client_key: The browser's name for this message; saying it twice is saying it once.
        reopen: Called in the same transaction when the conversation was resolved.

    Returns:
        The message and whether it is new.
    """
    async with changing(database, live, conversation_id) as change:
        known = await change.session.exec(_keyed(conversation_id, client_key))
        if (message := known.first()) is not None:
            return view(message), False
        message = await _customer_message(change, text, client_key)
        if change.owner == Owner.NOBODY:
            await reopen(change)
    return view(message), True


def first_language(header: str) -> str | None:
    """The first language of an Accept-Language header, without its region; None if there is none."""
    found = _FIRST_LANGUAGE.match(header)
    return found[1].lower() if found else None


async def _open(session: AsyncSession, visitor_id: UUID, browser: Browser) -> Change:
    conversation = Conversation(
        visitor_id=visitor_id,
        page=browser.page[:2000],
        user_agent=browser.user_agent[:500],
        referrer=browser.referrer[:2000],
        language=first_language(browser.languages),
    )
    session.add(conversation)
    await session.flush()
    outcome = Outcome(conversation_id=conversation.id)
    session.add(outcome)
    return Change(session, conversation, None, outcome)


async def _customer_message(change: Change, text: str, client_key: str) -> Message:
    message = await change.add(
        Message(
            conversation_id=change.conversation.id,
            seq=0,
            role=Role.USER,
            content=text,
            client_key=client_key,
        )
    )
    change.conversation.customer_seq = message.seq
    change.outcome.customer_messages += 1
    if change.conversation.snoozed_until is not None:
        change.conversation.snoozed_until = change.conversation.snoozed_by = None
        change.note_case()
    if not change.conversation.subject:
        change.conversation.subject = " ".join(text.split())[:SUBJECT_CHARACTERS]
    said = CustomerSaid(view(message), change.conversation.id)
    change.events.append(said)
    change.desk_events.append(said)
    return message


def _keyed(conversation_id: UUID, client_key: str) -> SelectOfScalar[Message]:
    return select(Message).where(Message.conversation_id == conversation_id, Message.client_key == client_key)


def _with_key(client_key: str) -> SelectOfScalar[UUID]:
    """The conversations that hold a message with this key."""
    return (
        select(Message.conversation_id)
        .join(Conversation, col(Conversation.id) == Message.conversation_id)
        .where(Message.client_key == client_key)
    )


async def say_as_staff(change: Change, text: str, staff: Staff, client_key: str) -> MessageView:
    """Add a staff member's reply to a conversation the caller has locked and checked the claim of."""
    known = await change.session.exec(_keyed(change.conversation.id, client_key))
    if (message := known.first()) is not None:
        return view(message, staff_name=staff.name, staff_picture=staff.picture_id)
    message = await change.add(
        Message(
            conversation_id=change.conversation.id,
            seq=0,
            role=Role.STAFF,
            content=text,
            staff_id=staff.id,
            client_key=client_key,
        )
    )
    change.outcome.staff_messages += 1
    said = MessageAdded(view(message, staff_name=staff.name, staff_picture=staff.picture_id))
    change.events.append(said)
    change.desk_events.append(said)
    return said.message


async def read(
    database: Database,
    live: LiveLog,
    conversation_id: UUID,
    *,
    before: int | None = None,
    limit: int = PAGE,
    notes: bool = False,
) -> Transcript:
    """The newest messages (or those before `before`), and where to follow from.

    The position is taken before the rows are read, so nothing falls between the two; what comes twice
    is recognised by its id. With `notes`, also what staff noted: for staff only.

    Raises:
        NotFound: if there is no such conversation.
    """
    position = await live.position(conversation_id)
    staff_position = await live.position(staff_topic(conversation_id)) if notes else LOST
    async with database.reading() as session:
        conversation = await session.get(Conversation, conversation_id)
        if conversation is None:
            raise NotFound
        handoff = await open_handoff(session, conversation_id)
        rows = await _messages(session, conversation_id, before, limit + 1, notes)
        views = await _views(session, rows[:limit])
        staff_name = await _name(session, conversation.assigned_staff_id)
    return Transcript(
        conversation=conversation,
        handoff=handoff,
        owner=owner_of(conversation, handoff),
        staff_name=staff_name,
        messages=tuple(reversed(views)),
        has_earlier=len(rows) > limit,
        follow_from=_earliest(position, views),
        staff_follow_from=staff_position,
    )


async def since(
    session: AsyncSession, conversation_id: UUID, seq: int, *, limit: int, notes: bool = False
) -> list[MessageView]:
    """The newest `limit` messages that have ended, numbered above `seq`, in order; notes only for staff."""
    query = _shown(conversation_id, notes).where(Message.seq > seq, Message.state != MessageState.STREAMING)
    rows = (await session.exec(query.order_by(col(Message.seq).desc()).limit(limit))).all()
    return list(reversed(await _views(session, rows)))


async def who_answers(database: Database, conversation_id: UUID) -> Owner:
    """Who answers in the conversation now.

    Raises:
        NotFound: if there is no such conversation.
    """
    async with database.reading() as session:
        conversation = await session.get(Conversation, conversation_id)
        if conversation is None:
            raise NotFound
        return owner_of(conversation, await open_handoff(session, conversation_id))


async def past(database: Database, token_hash: str, *, limit: int = 20) -> list[PastConversation]:
    """The conversations a visitor may use, newest first: their own and those they were let into."""
    own = (
        select(Conversation)
        .join(Visitor, col(Visitor.id) == Conversation.visitor_id)
        .where(Visitor.token_hash == token_hash, Conversation.last_seq > 0)
        .order_by(col(Conversation.updated_at).desc())
        .limit(limit)
    )
    # Two statements, each along an index of its own: as one, everything would have to be sorted.
    let_into = (
        select(Conversation)
        .join(ConversationGuest, col(ConversationGuest.conversation_id) == Conversation.id)
        .join(Visitor, col(Visitor.id) == ConversationGuest.visitor_id)
        .where(Visitor.token_hash == token_hash)
    )
    async with database.reading() as session:
        rows = [*(await session.exec(own)).all(), *(await session.exec(let_into)).all()]
    rows.sort(key=lambda row: row.updated_at, reverse=True)
    return [
        PastConversation(row.id, row.subject, str(row.status), row.updated_at.isoformat())
        for row in rows[:limit]
    ]


async def _messages(
    session: AsyncSession, conversation_id: UUID, before: int | None, limit: int, notes: bool
) -> Sequence[Message]:
    query = _shown(conversation_id, notes).order_by(col(Message.seq).desc()).limit(limit)
    if before is not None:
        query = query.where(Message.seq < before)
    return (await session.exec(query)).all()


def _shown(conversation_id: UUID, notes: bool) -> SelectOfScalar[Message]:
    """What a page may show: no text that was taken back, and a customer's no notes."""
    query = select(Message).where(
        Message.conversation_id == conversation_id, Message.state != MessageState.SUPERSEDED
    )
    return query if notes else query.where(Message.kind != Kind.NOTE)


async def _views(session: AsyncSession, rows: Sequence[Message]) -> list[MessageView]:
    ids = [row.id for row in rows]
    ratings = {
        rating.message_id: rating.value
        for rating in (await session.exec(select(Rating).where(col(Rating.message_id).in_(ids)))).all()
    }
    people = {row.staff_id for row in rows if row.staff_id}
    # Most conversations never meet a person, and a statement costs the same when it finds nobody.
    known = await _people(session, people) if people else {}
    said_by = [known.get(row.staff_id) if row.staff_id else None for row in rows]
    return [
        view(
            row,
            staff_name=person.name if person else "",
            staff_picture=person.picture_id if person else None,
            rating=ratings.get(row.id, 0),
        )
        for row, person in zip(rows, said_by, strict=True)
    ]


async def _people(session: AsyncSession, people: set[UUID]) -> dict[UUID, Staff]:
    found = await session.exec(select(Staff).where(col(Staff.id).in_(people)))
    return {person.id: person for person in found.all()}


async def _name(session: AsyncSession, staff_id: UUID | None) -> str:
    staff = await session.get(Staff, staff_id) if staff_id else None
    return staff.name if staff else ""


def _earliest(position: Position, views: Sequence[MessageView]) -> Position:
    """Where to follow from: the running answer's own position, if the log still speaks of it."""
    seqs = [
        message.position.seq
        for message in views
        if message.state == MessageState.STREAMING and message.position.epoch == position.epoch
    ]
    return Position(position.epoch, min([position.seq, *seqs]))
