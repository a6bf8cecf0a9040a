"""A long article keeps nobody waiting but its reader, and that one once."""

import asyncio

import pytest

from supportbot.models import Article
from supportbot.web.help import kept
from supportbot.web.help.kept import LONG, WholeArticles

pytestmark = pytest.mark.anyio


def long_article(line: str = "One **word** after the other.") -> Article:
    body = f"{line}\n\n" * (LONG // 10)
    return Article(collection="docs", path="a.md", slug="a", title="Everything", body=body, content_hash="")


async def test_others_go_on_while_a_long_article_is_made_into_html():
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    whole, going_on = WholeArticles(), asyncio.create_task(others())
    before = turns
    made = await whole.of(long_article())
    going_on.cancel()

    assert turns > before + 1
    assert "<strong>word</strong>" in made.sections[0].html


async def test_a_long_article_is_made_once_until_it_says_something_else():
    whole, article = WholeArticles(), long_article()
    once = await asyncio.gather(whole.of(article), whole.of(article))
    assert once[0] is once[1]

    article.version, article.body = 2, long_article("Other words.").body

    assert "Other words." in (await whole.of(article)).sections[0].html


async def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(kept, "MOST_KEPT", 1)
    whole, first, second = WholeArticles(), long_article(), long_article()
    made = await whole.of(first)
    await whole.of(second)

    assert await whole.of(first) is not made
