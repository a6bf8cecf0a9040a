"""Who may use a conversation besides the browser it was started in."""

from datetime import datetime

from sqlalchemy import ColumnElement, exists, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.conversations.visitors import same_address
from supportbot.database import add_once
from supportbot.models import Conversation, ConversationGuest, Visitor


def may_use(token_hash: str) -> ColumnElement[bool]:
    """Whether the `Conversation` of a query is this visitor's, or one they have been let into."""
    visitor = select(Visitor.id).where(Visitor.token_hash == token_hash).scalar_subquery()
    is_guest = exists().where(
        col(ConversationGuest.conversation_id) == Conversation.id,
        col(ConversationGuest.visitor_id) == visitor,
    )
    return or_(col(Conversation.visitor_id) == visitor, is_guest)


async def let_in(
    session: AsyncSession, conversation: Conversation, token_hash: str, email: str, at: datetime
) -> Visitor:
    """Let a browser use a conversation, because it has proven that it reads the mail of this address.

    It is this browser's own visitor whose address is proven, and not the conversation's: whoever started
    the conversation may have typed somebody else's address, and must not pass for them because that
    person was curious.
    """
    await add_once(session, Visitor, token_hash=token_hash)
    visitor = (await session.exec(select(Visitor).where(Visitor.token_hash == token_hash))).one()
    if visitor.id != conversation.visitor_id:
        await add_once(
            session, ConversationGuest, conversation_id=conversation.id, visitor_id=visitor.id, created_at=at
        )
    if visitor.email is None or same_address(visitor.email, email):
        visitor.email, visitor.email_verified_at = visitor.email or email, visitor.email_verified_at or at
    return visitor
