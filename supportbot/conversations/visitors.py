"""What a visitor tells us about themselves, if they want to."""

import re
from uuid import UUID

from sqlmodel import col, select

from supportbot.conversations.wording import clean_line
from supportbot.database import Database
from supportbot.errors import NotFound, Refused
from supportbot.models import Conversation, Visitor

_EMAIL = re.compile(r"[^@\s<>,;:\"]{1,64}@[^@\s<>,;:\"]{1,180}\.[^@\s<>,;:\".]{2,63}")


async def introduce(database: Database, visitor_id: UUID, name: object, email: object) -> None:
    """Keep the name and address a visitor gives; an empty one leaves what is known.

    The address is only claimed: nothing may be sent to it as proof of who writes.

    Raises:
        Refused: if the address cannot be one.
    """
    new_name, new_email = clean_line(name, limit=120), clean_line(email, limit=254)
    if new_email and not _EMAIL.fullmatch(new_email):
        raise Refused("This does not look like an e-mail address. Please check it, or leave it empty.")
    if not new_name and not new_email:
        return
    async with database.transaction() as session:
        visitor = await session.get(Visitor, visitor_id)
        if visitor is None:
            raise NotFound
        visitor.name = new_name or visitor.name
        if new_email and new_email != visitor.email:
            visitor.email, visitor.email_verified_at = new_email, None


def normal_address(email: str) -> str:
    """One spelling for all spellings of an address that reach the same mailbox nearly everywhere."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in email.strip())


def same_address(one: str | None, other: str | None) -> bool:
    """Whether two addresses are known and the same, however they are written."""
    return bool(one and other) and normal_address(one or "") == normal_address(other or "")


async def visitor_of(database: Database, conversation_id: UUID) -> Visitor:
    """Who a conversation is with.

    Raises:
        NotFound: if there is no such conversation.
    """
    query = (
        select(Visitor)
        .join(Conversation, col(Conversation.visitor_id) == Visitor.id)
        .where(Conversation.id == conversation_id)
    )
    async with database.reading() as session:
        visitor = (await session.exec(query)).first()
    if visitor is None:
        raise NotFound
    return visitor
