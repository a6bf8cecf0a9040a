"""Long articles, made into HTML once and not while everybody else waits for it."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from uuid import UUID

from supportbot.models import Article
from supportbot.web.help import shown
from supportbot.web.help.shown import ShownSection

LONG = 20_000
"""Characters of an article from which on it takes more than a moment; a megabyte takes many seconds."""
MOST_KEPT = 20_000_000
"""Characters of HTML that are kept, those last that were asked for last."""


@dataclass(frozen=True, slots=True)
class Whole:
    """An article's sections, and what it is about."""

    sections: list[ShownSection]
    description: str

    @property
    def characters(self) -> int:
        """How much memory it takes, roughly."""
        return sum(len(one.html) for one in self.sections)


class WholeArticles:
    """Makes articles into HTML; anybody may ask for a long one as often as they like.

    A version never says anything else, so what was made of it holds for good.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[UUID, int], Whole] = OrderedDict()
        self._characters = 0
        self._making = asyncio.Lock()

    async def of(self, article: Article) -> Whole:
        """The article as its page shows it."""
        if len(article.body) < LONG:
            return _whole(article)
        # One long article at a time: the threads are for others, too.
        async with self._making:
            key = (article.id, article.version)
            if key not in self._kept:
                self._keep(key, await asyncio.to_thread(_whole, article))
            self._kept.move_to_end(key)
            return self._kept[key]

    def _keep(self, key: tuple[UUID, int], whole: Whole) -> None:
        self._kept[key] = whole
        self._characters += whole.characters
        while self._characters > MOST_KEPT and len(self._kept) > 1:
            _, forgotten = self._kept.popitem(last=False)
            self._characters -= forgotten.characters


def _whole(article: Article) -> Whole:
    sections = shown.shown_sections(article)
    return Whole(sections, shown.description(article, sections))
