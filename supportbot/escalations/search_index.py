"""Ask the database's index which conversations hold a word, the newest first, in bounded time.

`fts_said` has an entry for each message, subject and tag, `fts_customer` one for each customer; triggers keep
them (alembic/versions/0006_lists_and_search.py).

SQLite's full-text tables go through the entries of a word backwards and stop when there are enough, but to
find what begins like a word they would gather all of it first. So the words that do are looked up, a few.

PostgreSQL's index tells everything that matches, in no order: of a word in every message, all messages. So
each word stands in it once for every block of 10,000 entries, as `7.refund`, and the newest block is asked
first, then the one before, until there are enough.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, column, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from supportbot.escalations.search_words import Word
from supportbot.models import Conversation
from supportbot.settings import SQLITE

MOST_HITS = 400
"""Entries of a word that are looked at, the newest ones..."""
HITS_A_ROW = 8
"""...or so many for each conversation that is wanted: often several are of the same one."""
MOST_CUSTOMERS = 100
"""Customers whose name or address holds a word, those who gave it last; or one for each conversation."""
MOST_ENDINGS = 50
"""On SQLite: words that begin with what was typed, in alphabetical order."""

_ENDINGS = """
    WITH RECURSIVE beginning(term) AS (
        SELECT (SELECT term FROM {table}_terms WHERE term >= :word LIMIT 1)
        UNION ALL
        SELECT (SELECT term FROM {table}_terms WHERE term >= beginning.term || char(1) LIMIT 1)
        FROM beginning WHERE substr(beginning.term, 1, length(:word)) = :word
    )
    SELECT term FROM beginning WHERE substr(term, 1, length(:word)) = :word LIMIT :most
"""
_NEWEST = {
    SQLITE: """
        SELECT hit.id, {columns} FROM (
            SELECT rowid AS id FROM {table}_words WHERE {table}_words MATCH :query
            ORDER BY rowid DESC LIMIT :most
        ) AS hit JOIN {table} ON {table}.id = hit.id
    """,
    # Each block is sorted by what is no column, or the planner might read the table backwards instead.
    "postgresql": """
        SELECT id, {columns} FROM generate_series((SELECT max(id) / 10000 FROM {table}), 0, -1) AS block
        CROSS JOIN LATERAL (
            SELECT * FROM {table} WHERE words @@ replace(CAST(:query AS text), '#', block || '.')::tsquery
            ORDER BY id + 0 DESC LIMIT :most
        ) AS hit LIMIT :most
    """,
}
_TYPES = {"conversation_id": Uuid(), "message_id": Uuid(), "visitor_id": Uuid()}


@dataclass(frozen=True, slots=True)
class Hit:
    """Why a conversation was found: by a message, a tag, its customer, or else its subject."""

    message_id: UUID | None = None
    tag: str = ""
    customer: bool = False


@dataclass(slots=True)
class Hits:
    """Conversations with what was found in them, the newest first.

    `everything` says that there are no others, `named` that some customer is called so.
    """

    conversations: dict[UUID, Hit] = field(default_factory=dict)
    everything: bool = True
    named: bool = False

    def add(self, conversation_id: UUID, hit: Hit) -> None:
        """Keep the first hit of a conversation, or a message that holds what its subject repeats."""
        known = self.conversations.get(conversation_id)
        if known is None or (known == Hit() and hit.message_id):
            self.conversations[conversation_id] = hit


async def newest(connection: AsyncConnection, words: Sequence[Word], *, wanted: int = 0) -> Hits:
    """The newest conversations with an entry that holds all of these words; `wanted` says of how many."""
    hits = Hits()
    most, most_customers = max(MOST_HITS, HITS_A_ROW * wanted), max(MOST_CUSTOMERS, wanted)
    said = await _entries(connection, "fts_said", "conversation_id, message_id, tag", words, most)
    for _, conversation_id, message_id, tag in said:
        hits.add(conversation_id, Hit(message_id, tag or ""))
    customers = await _entries(connection, "fts_customer", "visitor_id", words, most_customers)
    people = [visitor_id for _, visitor_id in customers]
    theirs = list(await connection.scalars(_conversations_of(people, most))) if people else []
    for conversation_id in theirs:
        hits.add(conversation_id, Hit(customer=True))
    hits.named = bool(people)
    hits.everything = len(said) < most and len(people) < most_customers and len(theirs) < most
    return hits


async def _entries(
    connection: AsyncConnection, table: str, columns: str, words: Sequence[Word], most: int
) -> Sequence[Any]:
    """The newest entries of a table that hold all of these words, the newest first."""
    query = await _query(connection, table, words)
    statement = text(_NEWEST[connection.dialect.name].format(table=table, columns=columns))
    typed = statement.columns(*(column(name, _TYPES.get(name)) for name in ["id", *columns.split(", ")]))
    found = (await connection.execute(typed, {"query": query, "most": most})).all()
    return sorted(found, key=lambda entry: -entry.id)


def _conversations_of(people: Sequence[UUID], most: int) -> Any:
    return (
        select(col(Conversation.id))
        .where(col(Conversation.visitor_id).in_(people), col(Conversation.last_seq) > 0)
        .order_by(col(Conversation.updated_at).desc())
        .limit(most)
    )


async def _query(connection: AsyncConnection, table: str, words: Sequence[Word]) -> str:
    """All of these words in the full-text syntax of the database, every term in quotes."""
    if connection.dialect.name != SQLITE:
        return " & ".join(_tsquery(word) for word in words)
    return " AND ".join([await _fts5_query(connection, table, word) for word in words])


def _tsquery(word: Word) -> str:
    # No term holds a quote, a backslash or the sign that stands for the block.
    terms = [f"'#{term}'" for term in word.terms()]
    return f"({' <-> '.join(terms)}{':*' if word.open_ended else ''})"


async def _fts5_query(connection: AsyncConnection, table: str, word: Word) -> str:
    *terms, last = word.terms()
    ends = [last]
    if word.open_ended:
        endings = text(_ENDINGS.format(table=table))
        ends += list(await connection.scalars(endings, {"word": last, "most": MOST_ENDINGS}))
    phrases = (" ".join((*terms, end)) for end in dict.fromkeys(ends))
    return "(" + " OR ".join(f'"{phrase}"' for phrase in phrases) + ")"
