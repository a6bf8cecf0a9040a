"""Links in mails that lead back to a conversation.

A link proves nothing by itself: mails are forwarded, scanned and left open. In a browser that may use the
conversation anyway it opens it. In any other it says nothing of the conversation, and sends a code to the
address the mail went to; with the code that browser is let in. Looking at a link changes nothing unless
the browser may use the conversation: then the link is used up, and whoever has it in their own browser has
shown that they read the mail.

A link is a random token of 256 bits of which the hash is stored; so is the code's, made with the token, so
that the database alone does not tell it.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.conversations import mail_codes
from supportbot.conversations.guests import let_in, may_use
from supportbot.conversations.visitors import normal_address, same_address
from supportbot.database import Database, add_once
from supportbot.errors import Refused
from supportbot.models import Conversation, MailLink, Visitor
from supportbot.outbox import mail, outlets_of

LASTS = timedelta(days=7)
CODE_LASTS = timedelta(minutes=10)
MOST_CODES = 3
"""Sent for one link, in all."""
MOST_TRIES = 5
"""For one code."""
CODES_PER_MINUTE = 6
"""Asked for from one address of the network."""
CODES_PER_MINUTE_RECIPIENT = 2
TRIES_PER_MINUTE = 12
"""Codes entered from one address of the network."""
CODE_TOPIC = "replies.code"
WRONG = (
    "This code is not right, or no longer valid. A code can be used for ten minutes and tried five times; "
    "the newest one counts."
)
OVER = "This link no longer works. You are welcome to write to us anew."
NO_MAIL = "We cannot send mail at the moment. Please try again later, or write to us anew."

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_NOBODY = UUID(int=0)


class Limits(Protocol):
    """What links need of the rate limits."""

    async def generic(self, purpose: str, who: str, per_minute: int = ...) -> None:
        """Count one use, or raise `RateLimited`."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a link does in a browser.

    With a `conversation_id` the browser may go there. With an `address`, which is masked, it may ask for a
    code, or enter one that was sent (`code_sent`). With neither the link is over, or never was one.
    """

    conversation_id: UUID | None = None
    address: str = ""
    code_sent: bool = False
    codes_left: int = 0


@dataclass(frozen=True, slots=True)
class _Found:
    link: MailLink
    conversation: Conversation
    owner: Visitor

    def can_be_used(self, at: datetime) -> bool:
        """Whether it still opens anything: once, for a while, and while the customer has this address."""
        return (
            self.link.used_at is None
            and at < self.link.expires_at
            and same_address(self.owner.email, self.link.email)
        )

    def has_code(self, at: datetime) -> bool:
        """Whether a code was sent that may still be entered."""
        expires_at = self.link.code_expires_at
        return expires_at is not None and at < expires_at and self.link.code_tries < MOST_TRIES

    def may_send(self) -> bool:
        return self.link.codes_sent < MOST_CODES


async def make(session: AsyncSession, conversation: Conversation, email: str, at: datetime) -> str | None:
    """Make a link in this transaction, for a mail to this address about a conversation the caller has locked.

    Returns:
        The token for the mail; None if there is a link since the customer has last been there.
    """
    token = secrets.token_urlsafe(32)
    is_new = await add_once(
        session,
        MailLink,
        conversation_id=conversation.id,
        seen_seq=conversation.customer_seen_seq,
        email=normal_address(email),
        token_hash=_digest(token),
        expires_at=at + LASTS,
        created_at=at,
    )
    return token if is_new else None


async def open_link(database: Database, raw_token: object, visitor: str, at: datetime) -> Standing:
    """What a link does in this visitor's browser.

    Nothing changes for a stranger, so whatever fetches or runs the page of a link uses nothing up. For
    somebody who may use the conversation the link is used, and it goes there also when it was before.

    Args:
        database: Where links are kept.
        raw_token: What stands in the page's address.
        visitor: The hash of the browser's token.
        at: The time it is.
    """
    digest = _digest(raw_token)
    theirs = select(MailLink).join(Conversation, col(Conversation.id) == MailLink.conversation_id)
    async with database.reading() as session:
        found = await _find(session, digest)
        own = (await session.exec(theirs.where(MailLink.token_hash == digest, may_use(visitor)))).first()
    if found is None:
        return Standing()
    if own is not None:
        if found.can_be_used(at):
            await _use_up(database, digest, visitor, at)
        return Standing(conversation_id=found.conversation.id)
    return _standing(found, at)


async def send_code(
    database: Database, limits: Limits, raw_token: object, address: str, at: datetime
) -> Standing:
    """Send a code to the address a link was mailed to.

    Args:
        database: Where links are kept.
        limits: Count codes, by the caller's address and by the recipient.
        raw_token: What stands in the page's address.
        address: The caller's, in the network.
        at: The time it is.

    Returns:
        What the link does now.

    Raises:
        RateLimited: if that was one too many.
        Refused: if the link is over, or no mail can be sent.
    """
    await limits.generic("return-code", address, CODES_PER_MINUTE)
    digest = _digest(raw_token)
    async with database.reading() as session:
        found = await _find(session, digest)
    if found is None or not found.can_be_used(at):
        raise Refused(OVER)
    recipient = sha256(found.link.email.encode()).hexdigest()
    await limits.generic("return-code-to", recipient, CODES_PER_MINUTE_RECIPIENT)
    async with database.transaction() as session:
        found = await _find(session, digest, lock=True)
        if found is None or not found.can_be_used(at) or not found.may_send():
            raise Refused(OVER)
        link, code = found.link, mail_codes.new_code()
        link.codes_sent += 1
        link.code_hash, link.code_tries = mail_codes.hashed(code, str(raw_token), link.id), 0
        link.code_expires_at = at + CODE_LASTS
        if not await _mail_code(session, link, code):
            raise Refused(NO_MAIL)
        return _standing(found, at)


async def enter_code(
    database: Database,
    limits: Limits,
    raw_token: object,
    visitor: str,
    raw_code: object,
    address: str,
    at: datetime,
) -> UUID:
    """Let a browser into the conversation of a link, for the code that was sent; the link is used up.

    Wrong, expired, tried too often and no such link are answered with the same words after the same work.

    Args:
        database: Where links are kept.
        limits: Count tries, by the caller's address.
        raw_token: What stands in the page's address.
        visitor: The hash of the browser's token.
        raw_code: What was typed.
        address: The caller's, in the network.
        at: The time it is.

    Returns:
        The conversation.

    Raises:
        RateLimited: if that was one try too many.
        Refused: if this code opens nothing.
    """
    await limits.generic("return-try", address, TRIES_PER_MINUTE)
    digest, code = _digest(raw_token), mail_codes.digits(raw_code)
    async with database.transaction() as session:
        found = await _find(session, digest, lock=True)
        if _is_right(found, str(raw_token), code, at) and found is not None:
            guest = await let_in(session, found.conversation, visitor, found.link.email, at)
            found.link.used_at, found.link.used_by = at, guest.id
            return found.conversation.id
        if code:
            await session.exec(
                update(MailLink)
                .where(col(MailLink.token_hash) == digest)
                .values(code_tries=MailLink.code_tries + 1)
            )
    # Outside: raised in the transaction it would take the try back.
    raise Refused(WRONG)


async def _find(session: AsyncSession, digest: str, *, lock: bool = False) -> _Found | None:
    query = select(MailLink).where(MailLink.token_hash == digest)
    link = (await session.exec(query.with_for_update() if lock else query)).first()
    whose = (
        select(Conversation, Visitor)
        .join(Visitor, col(Visitor.id) == Conversation.visitor_id)
        .where(Conversation.id == (link.conversation_id if link else _NOBODY))
    )
    row = (await session.exec(whose)).first()
    return _Found(link, *row) if link is not None and row is not None else None


async def _use_up(database: Database, digest: str, visitor: str, at: datetime) -> None:
    async with database.transaction() as session:
        found = await _find(session, digest, lock=True)
        if found is None or not found.can_be_used(at):
            return
        me = (await session.exec(select(Visitor).where(Visitor.token_hash == visitor))).one()
        found.link.used_at, found.link.used_by = at, me.id
        if me.id == found.owner.id and me.email_verified_at is None:
            # The token went to this address and nowhere else, and has come back.
            me.email_verified_at = at


async def _mail_code(session: AsyncSession, link: MailLink, code: str) -> bool:
    company = outlets_of(session).company
    body = (
        f"Your code is {code}\n\n"
        f"Enter it on the page that asked for it, to open your conversation with {company} support in that "
        "browser. It can be used for ten minutes.\n\n"
        "If you did not ask for it, somebody else has the link from our last mail to you. Without this code "
        "they cannot see anything: do not pass it on.\n"
    )
    return await mail(
        session,
        key=f"{CODE_TOPIC}:{link.id.hex}:{link.codes_sent}",
        topic=CODE_TOPIC,
        to=link.email,
        subject=f"Your code for {company} support",
        body=body,
    )


def _standing(found: _Found, at: datetime) -> Standing:
    """For somebody who has to prove that they read the mail."""
    code_sent = found.has_code(at)
    if not found.can_be_used(at) or not (code_sent or found.may_send()):
        return Standing()
    left = MOST_CODES - found.link.codes_sent
    return Standing(address=mail_codes.masked(found.link.email), code_sent=code_sent, codes_left=left)


def _is_right(found: _Found | None, token: str, code: str, at: datetime) -> bool:
    link_id, stored = (found.link.id, found.link.code_hash) if found else (_NOBODY, "")
    same = mail_codes.matches(code, token, link_id, stored)
    return same and found is not None and found.can_be_used(at) and found.has_code(at)


def _digest(raw_token: object) -> str:
    """The stored form of a link's token; of what cannot be one, the form of none."""
    token = raw_token if isinstance(raw_token, str) and _TOKEN.fullmatch(raw_token) else ""
    return sha256(token.encode()).hexdigest()
