"""Find conversations by what was said in them and by whom."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from supportbot.database import Database
from supportbot.escalations.rows import Row, rows_of
from supportbot.escalations.search_index import MOST_CHECKED, Hit, Hits, holding, newest
from supportbot.escalations.search_words import MOST_SEARCHED, Snippet, Word, snippet, words_of
from supportbot.models import Conversation, Kind, Message, Visitor

MOST_FOUND = 50

_ID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """The conversations that hold every word, each with a `snippet`; `more` says that there are others."""

    rows: tuple[Row, ...]
    more: bool


async def search(database: Database, staff_id: UUID, words: str, *, limit: int = MOST_FOUND) -> Found:
    """The conversations in which all of these words stand, the newest activity first.

    They are looked for in subjects, messages, notes, tags, and in the customer's name, address and account.
    Case, accents and order do not matter; the last word may be unfinished; of an address any part will do,
    and of Chinese, Japanese and Korean any two characters. A conversation's id, or an address that holds
    one, finds it. Words that stand together come before words spread over a conversation. Whatever looks
    like syntax separates words and means nothing.

    The work is bounded: of a word that stands nearly everywhere, only the newest conversations are found.

    Args:
        database: Where conversations are kept.
        staff_id: Who looks.
        words: Whatever was typed.
        limit: Most rows.
    """
    async with database.reading() as session:
        connection = await session.connection()
        wanted = words_of(words)
        if (pasted := _ID.search(words[:500])) is not None:
            rows = await rows_of(connection, staff_id, [UUID(pasted[0])])
            if rows:
                return Found(tuple(replace(row, snippet=row.last_words) for row in rows), more=False)
        if not wanted:
            return Found((), more=False)
        together = await newest(connection, wanted)
        hits = Hits(dict(together.conversations), everything=together.everything)
        if len(wanted) > 1 and len(hits.conversations) <= limit:
            spread = await _spread(connection, wanted)
            hits.everything = hits.everything and spread.everything
            for conversation_id, hit in spread.conversations.items():
                hits.conversations.setdefault(conversation_id, hit)
        ids = await _newest_activity(connection, hits, limit + 1)
        rows = await rows_of(connection, staff_id, ids[:limit])
        snippets = await _snippets(connection, {row.id: hits.conversations[row.id] for row in rows}, wanted)
    shown = tuple(_with_snippet(row, hits.conversations[row.id], snippets, wanted) for row in rows)
    return Found(shown, more=len(ids) > limit or not hits.everything)


async def _spread(connection: AsyncConnection, words: Sequence[Word]) -> Hits:
    """The conversations that hold each word somewhere: here the customer's name, there what they want."""
    of_each = [await newest(connection, [word]) for word in words]
    known = [hits for hits in of_each if hits.everything]
    rarest = min(known or of_each, key=lambda hits: len(hits.conversations))
    left = [one for one in rarest.conversations if all(one in hits.conversations for hits in known)]
    everything = bool(known) and len(left) <= MOST_CHECKED
    if not everything:
        left = left[:MOST_CHECKED]
    for word, hits in zip(words, of_each, strict=True):
        if not hits.everything and left:
            others = [one for one in left if one not in hits.conversations]
            have_it = await holding(connection, word, others) if others else set()
            left = [one for one in left if one in hits.conversations or one in have_it]
    return Hits({one: _telling(one, rarest, of_each) for one in left}, everything=everything)


def _telling(conversation_id: UUID, rarest: Hits, of_each: Sequence[Hits]) -> Hit:
    """What to show of it: rather a message than the customer's name, which the row shows anyway."""
    hits = [rarest, *of_each]
    theirs = [one.conversations[conversation_id] for one in hits if conversation_id in one.conversations]
    return next((hit for hit in theirs if hit.message_id), theirs[0])


async def _newest_activity(connection: AsyncConnection, hits: Hits, limit: int) -> list[UUID]:
    # Entries are in order already, so that the first of each kind hold the newest conversations.
    said = [one for one, hit in hits.conversations.items() if not hit.customer][:limit]
    customers = [one for one, hit in hits.conversations.items() if hit.customer][:limit]
    query = (
        select(col(Conversation.id))
        .where(col(Conversation.id).in_(said + customers))
        .order_by(col(Conversation.updated_at).desc(), col(Conversation.id).desc())
        .limit(limit)
    )
    return list(await connection.scalars(query))


async def _snippets(
    connection: AsyncConnection, hits: dict[UUID, Hit], words: Sequence[Word]
) -> dict[UUID, tuple[str, Snippet]]:
    """What to show of each conversation, and whose words these are."""
    messages = [hit.message_id for hit in hits.values() if hit.message_id]
    content = func.substr(col(Message.content), 1, MOST_SEARCHED)
    said = select(col(Message.conversation_id), col(Message.role), col(Message.kind), content)
    found: dict[UUID, tuple[str, Snippet]] = {}
    if messages:
        for one, role, kind, words_said in await connection.execute(
            said.where(col(Message.id).in_(messages))
        ):
            found[one] = (str(kind if kind == Kind.NOTE else role), snippet(words_said, words))
    customers = [one for one, hit in hits.items() if hit.customer]
    people = (
        select(col(Conversation.id), col(Visitor.name), col(Visitor.email), col(Visitor.external_id))
        .join(Visitor, col(Visitor.id) == Conversation.visitor_id)
        .where(col(Conversation.id).in_(customers))
    )
    if customers:
        for one, *facts in await connection.execute(people):
            found[one] = ("customer", snippet(" · ".join(fact for fact in facts if fact), words))
    return found


def _with_snippet(
    row: Row, hit: Hit, snippets: dict[UUID, tuple[str, Snippet]], words: Sequence[Word]
) -> Row:
    named = ("tag", snippet(hit.tag, words)) if hit.tag else ("subject", snippet(row.subject, words))
    said_by, shown = snippets.get(row.id, named)
    return replace(row, snippet=shown.text, snippet_marks=shown.marks, snippet_from=said_by)
