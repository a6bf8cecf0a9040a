"""Find conversations by what was said in them and by whom."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from supportbot.database import Database
from supportbot.escalations.rows import Row, rows_of
from supportbot.escalations.search_index import Hit, Hits, newest
from supportbot.escalations.search_texts import MOST_CHECKED, Text, texts_found, texts_of
from supportbot.escalations.search_words import Word, words_of
from supportbot.models import Conversation

MOST_FOUND = 50
MOST_LOOKED_UP = 4
"""Words that are looked up one by one when they do not all stand in one message."""

_Part = tuple[list[Word], Hits]
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
    one, finds it. Whatever looks like syntax separates words and means nothing.

    The work is bounded: of a word that stands nearly everywhere, only the newest conversations are found.
    Words may be spread over a conversation, but not where `limit` of them hold all in one message.

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
        together = await newest(connection, wanted, wanted=limit)
        hits = Hits(dict(together.conversations), everything=together.everything)
        if len(wanted) > 1 and len(hits.conversations) <= limit:
            spread = await _spread(connection, wanted)
            hits.everything = hits.everything and spread.everything
            for conversation_id, hit in spread.conversations.items():
                hits.conversations.setdefault(conversation_id, hit)
        ids = await _newest_activity(connection, hits, limit + 1)
        rows = await rows_of(connection, staff_id, ids[:limit])
        texts = await texts_found(connection, {row.id: hits.conversations[row.id] for row in rows})
    shown = (_with_snippet(row, texts.get(row.id, Text("subject", row.subject)), wanted) for row in rows)
    return Found(tuple(shown), more=len(ids) > limit or not hits.everything)


async def _spread(connection: AsyncConnection, words: Sequence[Word]) -> Hits:
    """The conversations that hold each word somewhere: here the customer's name, there what they want.

    The rarest part says which conversations to look at; what the index finds too often to list, or was not
    asked for, is looked for in their texts.
    """
    parts = await _parts(connection, words)
    if not all(hits.conversations for _, hits in parts):
        return Hits()
    known = [hits for _, hits in parts if hits.everything]
    rarest = min(known or [hits for _, hits in parts], key=lambda hits: len(hits.conversations))
    left = [one for one in rarest.conversations if all(one in hits.conversations for hits in known)]
    everything = bool(known) and len(left) <= MOST_CHECKED
    left = left if everything else left[:MOST_CHECKED]
    asked = {word for part, _ in parts for word in part}
    unasked = [([word], Hits()) for word in words if word not in asked]
    if unasked or len(known) < len(parts):
        texts = await texts_of(connection, left)
        left = [one for one in left if _holds_all(one, [*parts, *unasked], texts.get(one, ()))]
    found = [hits for _, hits in parts]
    return Hits({one: _telling(one, rarest, found) for one in left}, everything=everything)


async def _parts(connection: AsyncConnection, words: Sequence[Word]) -> list[_Part]:
    """The longest words, which tend to be the rarest, with what holds them; names as one part."""
    longest = sorted(words, key=lambda word: -len("".join(word.runs)))[:MOST_LOOKED_UP]
    parts: list[_Part] = [([word], await newest(connection, [word])) for word in longest]
    names = [word for (word,), hits in parts if hits.named]
    if 1 < len(names) < len(words):
        # First and last name are one person's: each alone may be that of too many.
        named = await newest(connection, names)
        if named.conversations:
            return [(names, named), *((part, hits) for part, hits in parts if not hits.named)]
    return parts


def _holds_all(conversation_id: UUID, parts: Sequence[_Part], texts: Sequence[Text]) -> bool:
    return all(
        conversation_id in hits.conversations or any(text.holds(part) for text in texts)
        for part, hits in parts
    )


def _telling(conversation_id: UUID, rarest: Hits, of_each: Sequence[Hits]) -> Hit:
    """What to show of it: rather a message than the customer's name, which the row shows anyway."""
    hits = [rarest, *of_each]
    theirs = [one.conversations[conversation_id] for one in hits if conversation_id in one.conversations]
    return next((hit for hit in theirs if hit.message_id), theirs[0])


async def _newest_activity(connection: AsyncConnection, hits: Hits, limit: int) -> list[UUID]:
    # Entries are in order already, so that the first of each kind hold the newest conversations.
    said = [one for one, hit in hits.conversations.items() if not hit.customer][:limit]
    customers = [one for one, hit in hits.conversations.items() if hit.customer][:limit]
    if not hits.conversations:
        return []
    query = select(col(Conversation.updated_at), col(Conversation.id)).where(
        col(Conversation.id).in_(said + customers)
    )
    newest_first = sorted((await connection.execute(query)).all(), reverse=True)
    return [conversation_id for _, conversation_id in newest_first[:limit]]


def _with_snippet(row: Row, found: Text, words: Sequence[Word]) -> Row:
    shown = found.snippet(words)
    return replace(row, snippet=shown.text, snippet_marks=shown.marks, snippet_from=found.whose)
