"""Replies of people that a customer who has left has not seen: one mail says that there is one.

Until an address is confirmed, by coming back through a link sent to it, anybody may have typed it: it gets
one mail for a conversation, of fixed words. Never is there anything in a mail of what was said.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, TextClause, exists, func, or_, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.channels import address
from supportbot.conversations import return_links
from supportbot.conversations.visitors import normal_address
from supportbot.conversations.wording import clean_line
from supportbot.database import Database
from supportbot.models import STAFF_SAID, Channel, Conversation, MailLink, Message, Staff, Visitor
from supportbot.outbox import mail, outlets_of

TOPIC = "replies.mail"
LOOK_BACK = timedelta(days=1)
"""How long a reply is looked at after it is due: what was due while nobody could send is not sent later."""
A_DAY = timedelta(days=1)
MOST_A_DAY = 20
MOST_A_DAY_UNCONFIRMED = 3
"""Mails to one address, over all conversations."""
AT_A_TIME = 200
NAME_IN_MAIL = 60


@dataclass(frozen=True, slots=True)
class _Due:
    """Whom to tell of a reply, and whose it is."""

    email: str
    confirmed: bool
    colleague: str


async def mail_unseen_replies(database: Database, after: timedelta, at: datetime) -> int:
    """Tell customers who have left an address of replies that none of their pages has shown.

    Of several replies the first is told of; another mail can follow once the customer has been back.

    Args:
        database: Where conversations are kept.
        after: How long a customer has time to see a reply.
        at: The time it is.

    Returns:
        How many mails were written.
    """
    query = select(Message.conversation_id).where(*_unseen(after, at)).distinct().limit(AT_A_TIME)
    async with database.reading() as session:
        if Channel.MAIL not in outlets_of(session).channels:
            return 0
        due = (await session.exec(query)).all()
    return sum([await _tell(database, one, after, at) for one in due])


async def _tell(database: Database, conversation_id: UUID, after: timedelta, at: datetime) -> bool:
    """The link and the mail it is in, in one transaction."""
    async with database.transaction() as session:
        conversation = await session.get(Conversation, conversation_id, with_for_update=True)
        # Again, under the lock: another worker may have told, or the customer may be back.
        due = await _look(session, conversation_id, after, at)
        if conversation is None or due is None or not await _has_room(session, due, at):
            return False
        token = await return_links.make(session, conversation, due.email, at)
        if token is None:
            return False
        subject, body = _letter(session, due, token)
        key = f"{TOPIC}:{conversation_id.hex}:{conversation.customer_seen_seq}"
        return await mail(session, key=key, topic=TOPIC, to=due.email, subject=subject, body=body)


async def _look(session: AsyncSession, conversation_id: UUID, after: timedelta, at: datetime) -> _Due | None:
    """The newest reply the customer has not seen, if it is to be told of."""
    query = select(Visitor.email, _confirmed(), Message.staff_id).where(
        *_unseen(after, at), Conversation.id == conversation_id
    )
    found = (await session.exec(query.order_by(col(Message.seq).desc()).limit(1))).first()
    if found is None or address(found[0] or "") is None:
        return None
    email, confirmed, staff_id = found
    staff = await session.get(Staff, staff_id) if staff_id else None
    name = clean_line(staff.name, limit=NAME_IN_MAIL) if staff else ""
    return _Due(email or "", bool(confirmed), name)


def _unseen(after: timedelta, at: datetime) -> list[ColumnElement[bool] | TextClause]:
    """A `Message`, with its `Conversation` and the `Visitor`, is a reply to tell of.

    Along the newest messages of people, for which there is an index.
    """
    about_it = col(MailLink.conversation_id) == Conversation.id
    since_last_there = col(MailLink.seen_seq) == Conversation.customer_seen_seq
    to_the_same = col(MailLink.email) == func.lower(Visitor.email)
    return [
        text(STAFF_SAID),
        col(Message.created_at) > at - after - LOOK_BACK,
        col(Message.created_at) <= at - after,
        col(Conversation.id) == Message.conversation_id,
        col(Message.seq) > Conversation.customer_seen_seq,
        col(Conversation.junk_at).is_(None),
        col(Visitor.id) == Conversation.visitor_id,
        col(Visitor.email).is_not(None),
        ~exists().where(about_it, since_last_there),
        or_(_confirmed(), ~exists().where(about_it, to_the_same)),
    ]


def _confirmed() -> ColumnElement[bool]:
    """Whether somebody who reads the mail of this address has come back through one of our links."""
    return or_(
        col(Visitor.email_verified_at).is_not(None),
        exists().where(
            col(MailLink.conversation_id) == Conversation.id,
            col(MailLink.email) == func.lower(col(Visitor.email)),
            col(MailLink.used_at).is_not(None),
        ),
    )


async def _has_room(session: AsyncSession, due: _Due, at: datetime) -> bool:
    """Whether this address has not had too many mails of ours lately."""
    lately = select(func.count()).where(
        col(MailLink.email) == normal_address(due.email), col(MailLink.created_at) > at - A_DAY
    )
    most = MOST_A_DAY if due.confirmed else MOST_A_DAY_UNCONFIRMED
    return (await session.exec(lately)).one() < most


def _letter(session: AsyncSession, due: _Due, token: str) -> tuple[str, str]:
    """The subject and the body. Nothing of the conversation, and of names only a colleague's."""
    house = outlets_of(session)
    company = clean_line(house.company, limit=NAME_IN_MAIL)
    who = due.colleague if due.confirmed and due.colleague else "Somebody"
    first = f"{who} has answered in your conversation with {company} support."
    last = "We write again only after you have been back."
    if not due.confirmed:
        first = f"This address was left in a conversation with {company} support, and somebody has answered."
        last = (
            "If it was not you, you need not do anything: the link shows nothing without a code that we "
            "send to this address, and you get no other mail about this conversation."
        )
    return f"{who} from {company} support has answered you", (
        f"{first} Read it here:\n\n"
        f"{house.link(f'/r/{token}')}\n\n"
        "The link works once, within seven days. In the browser you wrote from it opens the conversation "
        "straight away; in any other we send you a code first. Please answer there, and not to this mail.\n\n"
        f"{last}\n"
    )
