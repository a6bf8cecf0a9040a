"""An id from outside becomes a record its caller may use, or `NotFound`. This is the only such door.

A visitor is known by the random token their browser keeps; staff by the cookie of their socket. What
does not exist and what belongs to somebody else are answered alike, after the same work.
"""

import re
from hashlib import sha256

from sqlmodel import col, select

from supportbot.conversations.guests import may_use
from supportbot.database import Database
from supportbot.errors import NotFound, NotSignedIn, Refused
from supportbot.ids import parse_id
from supportbot.models import (
    Conversation,
    Gap,
    ImportRun,
    Kind,
    Message,
    MessageState,
    Outbox,
    Role,
    Staff,
    StaffRole,
)
from supportbot.staff.sign_in import staff_from_cookie

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43,86}")


def token_hash(token: object) -> str:
    """The stored form of a visitor's token.

    Raises:
        NotFound: if it does not look like one of ours (256 random bits in URL-safe base64).
    """
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise NotFound
    return sha256(token.encode()).hexdigest()


async def conversation_of_visitor(database: Database, token: object, conversation_id: object) -> Conversation:
    """A conversation the visitor has started, or has been let into with a code to its address.

    Raises:
        NotFound: if it is not theirs, or does not exist, or the id is not one.
    """
    visitor, identity = token_hash(token), parse_id(conversation_id)
    query = select(Conversation).where(Conversation.id == identity, may_use(visitor))
    async with database.reading() as session:
        conversation = (await session.exec(query)).first()
    if conversation is None:
        raise NotFound
    return conversation


async def answer_of_visitor(
    database: Database, token: object, conversation_id: object, message_id: object
) -> Message:
    """An assistant's or a staff member's message in a conversation the visitor may use.

    Raises:
        NotFound: if the conversation is not theirs or the message is not in it.
    """
    conversation = await conversation_of_visitor(database, token, conversation_id)
    query = select(Message).where(
        Message.id == parse_id(message_id),
        Message.conversation_id == conversation.id,
        Message.kind == Kind.TEXT,
        col(Message.role).in_([Role.ASSISTANT, Role.STAFF]),
    )
    async with database.reading() as session:
        message = (await session.exec(query)).first()
    if message is None:
        raise NotFound
    return message


async def staff_member(database: Database, cookie: object, *, secure: bool) -> Staff:
    """The signed-in person behind a socket's cookie header, checked against the database every time.

    Args:
        database: Where the sessions are.
        cookie: The header, whatever it holds.
        secure: Whether the page is on https, which decides the cookie's name.

    Raises:
        NotSignedIn: if nobody is, any more or yet.
    """
    signed_in = await staff_from_cookie(database, cookie if isinstance(cookie, str) else None, secure=secure)
    if signed_in is None:
        raise NotSignedIn
    async with database.reading() as session:
        staff = await session.get(Staff, signed_in.id)
    if staff is None:
        raise NotSignedIn
    return staff


async def is_staff(database: Database, cookie: object, *, secure: bool) -> bool:
    """Whether somebody is signed in behind this cookie header, at this moment."""
    header = cookie if isinstance(cookie, str) else None
    return await staff_from_cookie(database, header, secure=secure) is not None


async def conversation_for_staff(database: Database, staff: Staff, conversation_id: object) -> Conversation:
    """Any conversation: every member of staff may read all of them.

    Raises:
        NotFound: if there is none with this id.
    """
    identity = parse_id(conversation_id)
    async with database.reading() as session:
        conversation = await session.get(Conversation, identity) if identity else None
    if conversation is None or staff is None:
        raise NotFound
    return conversation


async def answer_for_staff(
    database: Database, staff: Staff, conversation_id: object, message_id: object
) -> Message:
    """An answer of the assistant that has ended, in any conversation.

    Raises:
        NotFound: if the conversation does not exist or the message is no answer in it.
    """
    conversation = await conversation_for_staff(database, staff, conversation_id)
    query = select(Message).where(
        Message.id == parse_id(message_id),
        Message.conversation_id == conversation.id,
        Message.role == Role.ASSISTANT,
        col(Message.state).not_in([MessageState.STREAMING, MessageState.SUPERSEDED]),
    )
    async with database.reading() as session:
        message = (await session.exec(query)).first()
    if message is None:
        raise NotFound("This answer is not there any more.")
    return message


async def gap_for_staff(database: Database, staff: Staff, gap_id: object) -> Gap:
    """A gap: every member of staff works on all of them.

    Raises:
        NotFound: if there is none with this id; its questions may all have been answered.
    """
    identity = parse_id(gap_id)
    async with database.reading() as session:
        gap = await session.get(Gap, identity) if identity else None
    if gap is None or staff is None:
        raise NotFound("We could not find this gap. It may be gone by now.")
    return gap


async def import_for_admin(database: Database, staff: Staff, run_id: object) -> ImportRun:
    """An import that somebody has begun on the page; every admin may decide about it.

    Raises:
        NotFound: if there is none with this id, or if this person is no admin.
    """
    identity = parse_id(run_id)
    async with database.reading() as session:
        run = await session.get(ImportRun, identity) if identity else None
    if run is None or staff.role != StaffRole.ADMIN:
        raise NotFound("There is no such import.")
    return run


async def admin(database: Database, cookie: object, *, secure: bool) -> Staff:
    """The signed-in admin behind a socket's cookie header; see `staff_member`.

    Raises:
        NotSignedIn: if nobody is signed in.
        Refused: if somebody is who is no admin.
    """
    staff = await staff_member(database, cookie, secure=secure)
    if staff.role != StaffRole.ADMIN:
        raise Refused("Only admins can see and change this.")
    return staff


async def outgoing_for_admin(database: Database, staff: Staff, message_id: object) -> Outbox:
    """A message in the outbox that has not been sent.

    Raises:
        NotFound: if there is none with this id, if it is sent, or if this person is no admin.
    """
    identity = parse_id(message_id)
    async with database.reading() as session:
        message = await session.get(Outbox, identity) if identity else None
    if message is None or message.sent_at is not None or staff.role != StaffRole.ADMIN:
        raise NotFound("This message is no longer here: it may have been sent by now.")
    return message
