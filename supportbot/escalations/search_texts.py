"""The texts behind what the index has found: to show them, and to look for words it finds too often."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from supportbot.escalations.plain_line import plain_line
from supportbot.escalations.search_index import Hit
from supportbot.escalations.search_words import MOST_SEARCHED, Snippet, Word, holds, snippet
from supportbot.models import Conversation, ConversationTag, Kind, Message, MessageState, Role, Visitor

MOST_CHECKED = 100
"""Conversations that are read to look for a word..."""
MOST_MESSAGES_EACH = 200
"""...of each the newest messages, and..."""
MOST_MESSAGES = 2_000
"""...so many in all."""
CHARACTERS_CHECKED = 4_000


@dataclass(frozen=True, slots=True)
class Text:
    """A text a search looks into. `whose` is a role, `note`, `tag`, `subject` or `customer`."""

    whose: str
    text: str

    def holds(self, words: Sequence[Word]) -> bool:
        """Whether all of these words stand in it."""
        return holds(self.text, words, inside=self.whose == "customer")

    def snippet(self, words: Sequence[Word]) -> Snippet:
        """What to show of it."""
        text = plain_line(self.text) if self.whose == Role.ASSISTANT else self.text
        return snippet(text, words, inside=self.whose == "customer")


async def texts_found(connection: AsyncConnection, hits: dict[UUID, Hit]) -> dict[UUID, Text]:
    """What each of these conversations was found by, but for a subject."""
    messages = [hit.message_id for hit in hits.values() if hit.message_id]
    customers = await _customers(connection, [one for one, hit in hits.items() if hit.customer])
    tags = {one: Text("tag", hit.tag) for one, hit in hits.items() if hit.tag}
    query = select(
        *(col(Message.conversation_id), col(Message.role), col(Message.kind)),
        func.substr(col(Message.content), 1, MOST_SEARCHED),
    ).where(col(Message.id).in_(messages))
    said = await connection.execute(query) if messages else ()
    return tags | customers | {one: Text(_whose(role, kind), text) for one, role, kind, text in said}


async def texts_of(connection: AsyncConnection, conversations: Sequence[UUID]) -> dict[UUID, list[Text]]:
    """Everything in these conversations that is searched, of endless ones the newest messages."""
    these = list(conversations)[:MOST_CHECKED]
    texts: dict[UUID, list[Text]] = {
        one: [text] for one, text in (await _customers(connection, these)).items()
    }
    subjects = select(col(Conversation.id), col(Conversation.subject)).where(col(Conversation.id).in_(these))
    for one, subject in await connection.execute(subjects):
        texts.setdefault(one, []).append(Text("subject", subject))
    tags = select(col(ConversationTag.conversation_id), col(ConversationTag.tag)).where(
        col(ConversationTag.conversation_id).in_(these)
    )
    for one, tag in await connection.execute(tags):
        texts.setdefault(one, []).append(Text("tag", tag))
    said = (
        select(
            *(col(Message.conversation_id), col(Message.role), col(Message.kind)),
            func.substr(col(Message.content), 1, CHARACTERS_CHECKED),
        )
        .join(Conversation, col(Conversation.id) == Message.conversation_id)
        .where(
            col(Conversation.id).in_(these),
            col(Message.seq) > Conversation.last_seq - MOST_MESSAGES_EACH,
            col(Message.kind) != Kind.EVENT,
            col(Message.state).not_in([MessageState.STREAMING, MessageState.SUPERSEDED]),
        )
        .limit(MOST_MESSAGES)
    )
    for one, role, kind, text in await connection.execute(said):
        texts.setdefault(one, []).append(Text(_whose(role, kind), text))
    return texts


async def _customers(connection: AsyncConnection, conversations: Sequence[UUID]) -> dict[UUID, Text]:
    if not conversations:
        return {}
    query = (
        select(col(Conversation.id), col(Visitor.name), col(Visitor.email), col(Visitor.external_id))
        .join(Visitor, col(Visitor.id) == Conversation.visitor_id)
        .where(col(Conversation.id).in_(conversations))
    )
    found = await connection.execute(query)
    return {one: Text("customer", " · ".join(fact for fact in facts if fact)) for one, *facts in found}


def _whose(role: str, kind: str) -> str:
    return str(kind if kind == Kind.NOTE else role)
