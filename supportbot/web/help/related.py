"""What else is about the same as an article."""

import time
from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from supportbot.database import Database
from supportbot.knowledge import articles
from supportbot.knowledge.retrieval import Found
from supportbot.models import Article
from supportbot.web.help.shown import Linked, linked

RELATED = 3
LOOKED_THROUGH = 24
"""Passages: most of them are the article's own."""
KEPT_FOR = 600.0
"""Seconds a list holds, so that reading costs no search. What was published since is named after that."""
MOST_KEPT = 2_000


class Finds(Protocol):
    """Whatever finds passages."""

    async def find(self, question: str, limit: int = 5) -> Found:
        """The passages that fit best, and whether they are about the question at all."""


class RelatedArticles:
    """Finds the articles that a title leads to, and remembers them for a while.

    Only their slugs are kept: what has been retired or renamed meanwhile is seen at once.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[tuple[UUID, int], tuple[float, tuple[str, ...]]] = {}

    async def of(
        self, article: Article, retrieval: Finds, database: Database, known: set[str]
    ) -> list[Linked]:
        """Articles in the same language, best first.

        Args:
            article: The one that is shown.
            retrieval: Searches.
            database: Knows which are published.
            known: Addresses that are linked to anyway.
        """
        slugs = await self._slugs(article, retrieval)
        listed = await articles.listed(database, slugs)
        same = (listed[slug] for slug in slugs if slug in listed)
        found = [linked(one) for one in same if one.language == article.language]
        return [one for one in found if one.url not in known][:RELATED]

    async def _slugs(self, article: Article, retrieval: Finds) -> tuple[str, ...]:
        key = (article.id, article.version)
        until, slugs = self._kept.get(key, (0.0, ()))
        if until <= self._clock():
            hits = (await retrieval.find(article.title, LOOKED_THROUGH)).hits
            slugs = tuple(dict.fromkeys(hit.slug for hit in hits if hit.slug != article.slug))
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[key] = (self._clock() + KEPT_FOR, slugs)
        return slugs
