"""The passages that answer a question.

The database's full-text index finds the passages that hold the question's rarer words, or what else
articles call them; `ranking` then judges them, so SQLite and PostgreSQL give the same answer.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy import select as select_columns
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.database import Database
from supportbot.knowledge.collection import Collection, Collections
from supportbot.knowledge.embedding import Embedder
from supportbot.knowledge.questions import Question, understand, without_name
from supportbot.knowledge.ranking import Candidate, Ranked, confident, rank
from supportbot.knowledge.synonyms import Phrase, in_other_words, synonyms_of
from supportbot.knowledge.vectors import NEAREST, Closeness, Vectors
from supportbot.knowledge.vocabulary import Vocabulary
from supportbot.models import Article, ArticleState, Passage
from supportbot.settings import POSTGRESQL, SQLITE

ENOUGH_CANDIDATES = 100
"""The question's words are looked up one by one, rarest first, until they stand in this many passages."""

MOST_CANDIDATES = 120
"""Even the rarest word may stand nearly everywhere; the shortest passages are then the likeliest."""

_PAIRED = 5
"""How many of the more frequent words are looked up in pairs."""

# PostgreSQL evaluates ARRAY(…) on its own and first. As a plain condition it may be checked passage by
# passage instead of looked up in the index, which took three times as long on 500 passages.
_MATCHES = {
    SQLITE: text("passage.id IN (SELECT rowid FROM fts_passage WHERE fts_passage MATCH :query)"),
    POSTGRESQL: text(
        "passage.id = ANY(ARRAY(SELECT id FROM passage"
        " WHERE to_tsvector('simple', terms) @@ to_tsquery('simple', :query)))"
    ),
}


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that may answer. `heading` is empty for an article's introduction."""

    id: int
    article_id: UUID
    slug: str
    title: str
    heading: str
    anchor: str
    body: str
    score: float
    likely: bool = False
    """Whether it may be about the question, and is worth a look, where `Found` is not confident."""
    version: int = 1
    """Of the article, as readers had it when the passage was found."""

    @property
    def page(self) -> str:
        """The help page of its article, relative to our own address."""
        return f"/help/{quote(self.slug)}"

    @property
    def url(self) -> str:
        """Where a customer reads it, relative to our own address."""
        return f"{self.page}#{quote(self.anchor)}" if self.anchor else self.page

    @property
    def label(self) -> str:
        """The article and the headings that lead here: "How to get a refund > How long it takes"."""
        return f"{self.title} > {self.heading}" if self.heading else self.title


@dataclass(frozen=True, slots=True)
class Found:
    """The best passages, best first, and whether they are about the question at all."""

    hits: tuple[Hit, ...]
    confident: bool


class Retrieval:
    """Finds passages in the published articles.

    Keeps the words of the published passages in memory, some 2.5 MB a thousand, and their vectors, 5 MB
    for a thousand, and reads both anew when an article has changed, by whichever process.

    Args:
        database: Where the articles are.
        embedder: Finds passages by what they mean too; without it, or while it fails, words alone do.
        synonyms: The house's own, a line each, asked for at the moment of a question.
        name: The company's, likewise: questions are read without it.
        trigrams: Words that are spelled alike stand for one another. Off only to measure what that brings.
    """

    def __init__(
        self,
        database: Database,
        embedder: Embedder | None = None,
        *,
        synonyms: Callable[[], str] = lambda: "",
        name: Callable[[], str] = lambda: "",
        trigrams: bool = True,
    ) -> None:
        self._database = database
        self._vectors = Vectors(embedder) if embedder else None
        self._synonyms = synonyms
        self._name = name
        self._trigrams = trigrams
        self._collections = Collections()

    async def find(self, question: str, limit: int = 5) -> Found:
        """The passages that answer `question`, each of another section.

        Any text is a question; what looks like search syntax is words. Passages of retired articles
        are never returned. Raises what the driver raises when the database cannot be reached.
        """
        # The model thinks in a thread while the database is asked.
        question = without_name(question, self._name())
        groups = self._synonyms()
        asked = in_other_words(question, groups)
        pointing = asyncio.create_task(self._vectors.pointed(asked)) if self._vectors else None
        async with self._database.reading() as session:
            collection = await self._collections.current(session)
            vocabulary = collection.vocabulary
            wanted = understand(question, vocabulary, synonyms=synonyms_of(groups), trigrams=self._trigrams)
            candidates = await self._candidates(session, wanted, collection)
            if self._vectors is not None and pointing is not None:
                held = await self._vectors.current(session, collection.edition)
                if (points := await pointing) is not None:
                    close = await asyncio.to_thread(held.closeness, points, list(candidates))
                    candidates = _with_meaning(collection, candidates, close)
            ranked = rank(wanted, list(candidates.values()), vocabulary, limit)
            ids = {candidate.key: passage for passage, candidate in candidates.items()}
            hits = await _hits(session, [(ids[best.candidate.key], best) for best in ranked])
        return Found(hits, confident(ranked))

    async def _candidates(
        self, session: AsyncSession, question: Question, collection: Collection
    ) -> dict[int, Candidate]:
        """The passages the database's index finds for the question's words."""
        alternatives = look_up(question.phrases(), collection.vocabulary)
        if not alternatives:
            return {}
        connection = await session.connection()
        found = await connection.execute(
            select_columns(col(Passage.id)).where(self._matching(alternatives)).order_by(col(Passage.id))
        )
        return collection.among((passage for passage in found.scalars() if passage), MOST_CANDIDATES)

    def _matching(self, alternatives: Sequence[Phrase]) -> TextClause:
        write = fts5_query if self._database.kind == SQLITE else tsquery
        return _MATCHES[self._database.kind].bindparams(query=write(alternatives))


def look_up(phrases: Sequence[Phrase], vocabulary: Vocabulary) -> list[Phrase]:
    """Which words to look up: every passage that holds all words of one of them is a candidate.

    Rare words stand alone. Those that would bring in too many passages must stand in one together.
    """
    frequency = {phrase: min(vocabulary.passages_with(term) for term in phrase) for phrase in phrases}
    by_rarity = sorted((phrase for phrase in phrases if frequency[phrase]), key=lambda p: (frequency[p], p))
    alone: list[Phrase] = []
    total = 0
    for phrase in by_rarity:
        if alone and total + frequency[phrase] > ENOUGH_CANDIDATES:
            break
        alone.append(phrase)
        total += frequency[phrase]
    frequent = by_rarity[len(alone) :][:_PAIRED]
    return alone + [first + second for first, second in combinations(frequent, 2)]


def fts5_query(alternatives: Sequence[Phrase]) -> str:
    """The alternatives in SQLite's full-text syntax, every word in quotes and so without meaning."""
    return " OR ".join(
        "(" + " AND ".join('"' + term.replace('"', '""') + '"' for term in phrase) + ")"
        for phrase in alternatives
    )


def tsquery(alternatives: Sequence[Phrase]) -> str:
    """The alternatives in PostgreSQL's full-text syntax, every word in quotes and so without meaning."""
    return " | ".join(
        "(" + " & ".join("'" + term.replace("\\", "\\\\").replace("'", "''") + "'" for term in phrase) + ")"
        for phrase in alternatives
    )


def _with_meaning(
    collection: Collection, by_words: dict[int, Candidate], close: Closeness
) -> dict[int, Candidate]:
    """The candidates with how close each is, and those that are closest of all."""
    found = by_words | collection.among(close.nearest(), NEAREST)
    scores = close.of(found)
    return {
        passage: Candidate(one.key, one.section, one.words, scores.get(passage))
        for passage, one in found.items()
    }


async def _hits(session: AsyncSession, best: Sequence[tuple[int, Ranked]]) -> tuple[Hit, ...]:
    if not best:
        return ()
    wanted = [passage for passage, _ in best]
    connection = await session.connection()
    rows: Iterable[Any] = await connection.execute(
        # Not the whole article: its text is long, and nobody asks for it here.
        select_columns(
            col(Passage.id),
            col(Passage.heading),
            col(Passage.anchor),
            col(Passage.body),
            col(Article.id).label("article_id"),
            col(Article.slug),
            col(Article.title),
            col(Article.version),
        )
        .join(Article)
        .where(col(Passage.id).in_(wanted), col(Article.state) == ArticleState.PUBLISHED)
    )
    found = {row.id: row for row in rows}
    return tuple(_hit(found[passage], ranked) for passage, ranked in best if passage in found)


def _hit(row: Any, ranked: Ranked) -> Hit:
    return Hit(
        id=row.id,
        article_id=row.article_id,
        slug=row.slug,
        title=row.title,
        heading=row.heading,
        anchor=row.anchor,
        body=row.body,
        score=round(ranked.score, 4),
        likely=ranked.likely,
        version=row.version,
    )
