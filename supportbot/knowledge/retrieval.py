"""The passages that answer a question.

The database's full-text index finds the passages that hold the question's rarer words, or what else
articles call them; `ranking` then judges them, so SQLite and PostgreSQL give the same answer.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import ColumnElement, TextClause, func, text
from sqlalchemy import select as select_columns
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.database import Database
from supportbot.knowledge.embedding import Embedder
from supportbot.knowledge.indexing import Indexed
from supportbot.knowledge.questions import Question, understand
from supportbot.knowledge.ranking import Candidate, Ranked, confident, rank
from supportbot.knowledge.synonyms import Phrase, in_other_words, synonyms_of
from supportbot.knowledge.vectors import Closeness, Vectors
from supportbot.knowledge.vocabulary import Vocabulary
from supportbot.models import Article, ArticleState, Passage
from supportbot.settings import POSTGRESQL, SQLITE

ENOUGH_CANDIDATES = 200
"""The question's words are looked up one by one, rarest first, until they stand in this many passages."""

MOST_CANDIDATES = 300
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


@dataclass(frozen=True, slots=True)
class _Edition:
    """Changes whenever a published article does."""

    articles: int
    published: int
    updated: str
    last_passage: int


class Retrieval:
    """Finds passages in the published articles.

    Keeps the collection's vocabulary in memory, a few megabytes for thousands of passages, and reads
    it anew when an article has changed, by whichever process; and the passages' vectors, 5 MB for a thousand.

    Args:
        database: Where the articles are.
        embedder: Finds passages by what they mean too; without it, or while it fails, words alone do.
        synonyms: The house's own, a line each, asked for at the moment of a question.
        trigrams: Words that are spelled alike stand for one another. Off only to measure what that brings.
    """

    def __init__(
        self,
        database: Database,
        embedder: Embedder | None = None,
        *,
        synonyms: Callable[[], str] = lambda: "",
        trigrams: bool = True,
    ) -> None:
        self._database = database
        self._vectors = Vectors(embedder) if embedder else None
        self._synonyms = synonyms
        self._trigrams = trigrams
        self._known: tuple[_Edition, Vocabulary] | None = None
        self._reading_vocabulary = asyncio.Lock()

    async def find(self, question: str, limit: int = 5) -> Found:
        """The passages that answer `question`, each of another section.

        Any text is a question; what looks like search syntax is words. Passages of retired articles
        are never returned. Raises what the driver raises when the database cannot be reached.
        """
        # The model thinks in a thread while the database is asked.
        groups = self._synonyms()
        asked = in_other_words(question, groups)
        pointing = asyncio.create_task(self._vectors.pointed(asked)) if self._vectors else None
        async with self._database.reading() as session:
            edition, vocabulary = await self._vocabulary(session)
            wanted = understand(question, vocabulary, synonyms=synonyms_of(groups), trigrams=self._trigrams)
            candidates = await self._candidates(session, wanted, vocabulary)
            if self._vectors is not None and pointing is not None:
                held = await self._vectors.current(session, edition)
                if (points := await pointing) is not None:
                    close = await asyncio.to_thread(held.closeness, points)
                    candidates = await _with_meaning(session, candidates, close)
            ranked = rank(wanted, list(candidates.values()), vocabulary, limit)
            ids = {candidate.key: passage for passage, candidate in candidates.items()}
            hits = await _hits(session, [(ids[best.candidate.key], best) for best in ranked])
        return Found(hits, confident(ranked))

    async def _vocabulary(self, session: AsyncSession) -> tuple["_Edition", Vocabulary]:
        edition = await _edition(session)
        async with self._reading_vocabulary:
            if self._known is None or self._known[0] != edition:
                published = (
                    select(Passage.terms).join(Article).where(col(Article.state) == ArticleState.PUBLISHED)
                )
                stored = (await session.exec(published)).all()
                self._known = (edition, await asyncio.to_thread(_read_vocabulary, stored))
            return self._known

    async def _candidates(
        self, session: AsyncSession, question: Question, vocabulary: Vocabulary
    ) -> dict[int, Candidate]:
        alternatives = look_up(question.phrases(), vocabulary)
        if not alternatives:
            return {}
        return await _read_candidates(session, self._matching(alternatives))

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


async def _read_candidates(
    session: AsyncSession, which: ColumnElement[bool] | TextClause
) -> dict[int, Candidate]:
    """Published passages, the shortest if there are too many."""
    connection = await session.connection()
    rows = await connection.execute(
        select_columns(
            col(Passage.id), col(Passage.position), col(Passage.anchor), col(Passage.terms), col(Article.slug)
        )
        .join(Article)
        .where(col(Article.state) == ArticleState.PUBLISHED, which)
        .order_by(func.length(col(Passage.terms)), col(Passage.id))
        .limit(MOST_CANDIDATES)
    )
    return {
        row.id: Candidate((row.slug, row.position), (row.slug, row.anchor), Indexed.read(row.terms))
        for row in rows
    }


async def _with_meaning(
    session: AsyncSession, by_words: dict[int, Candidate], close: Closeness
) -> dict[int, Candidate]:
    """The candidates with how close each is, and those that are closest of all."""
    nearest = [passage for passage in close.nearest() if passage not in by_words]
    found = by_words | await _read_candidates(session, col(Passage.id).in_(nearest))
    scores = close.of(found)
    return {
        passage: replace(candidate, closeness=scores.get(passage)) for passage, candidate in found.items()
    }


async def _edition(session: AsyncSession) -> _Edition:
    counted = select(
        func.count(),
        func.count().filter(col(Article.state) == ArticleState.PUBLISHED),
        func.max(col(Article.updated_at)),
    )
    articles, published, updated = (await session.exec(counted)).one()
    last_passage = (await session.exec(select(func.max(col(Passage.id))))).one()
    return _Edition(articles, published, str(updated), last_passage or 0)


def _read_vocabulary(stored: Sequence[str]) -> Vocabulary:
    return Vocabulary(Indexed.read(terms) for terms in stored)


async def _hits(session: AsyncSession, best: Sequence[tuple[int, Ranked]]) -> tuple[Hit, ...]:
    if not best:
        return ()
    wanted = [passage for passage, _ in best]
    rows = await session.exec(select(Passage, Article).join(Article).where(col(Passage.id).in_(wanted)))
    found = {passage.id: (passage, article) for passage, article in rows}
    return tuple(_hit(passage, *found[passage], ranked) for passage, ranked in best if passage in found)


def _hit(passage_id: int, passage: Passage, article: Article, ranked: Ranked) -> Hit:
    return Hit(
        id=passage_id,
        article_id=article.id,
        slug=article.slug,
        title=article.title,
        heading=passage.heading,
        anchor=passage.anchor,
        body=passage.body,
        score=round(ranked.score, 4),
        likely=ranked.likely,
        version=article.version,
    )
