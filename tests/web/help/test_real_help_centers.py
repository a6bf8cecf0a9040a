"""Two real help centres: every passage an answer may name is on its page, once."""

import itertools
import re
from collections import Counter

import pytest
from sqlmodel import select

from supportbot.knowledge.importing import import_folder
from supportbot.models import Article, Passage
from tests.shared_data import shared
from tests.web.help.test_attacks import Page

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("name", ["help_center_healthchecks", "help_center_37signals"])
async def test_every_passage_has_its_anchor_on_its_page_once(database, browser, name):
    if not shared(name).is_dir():
        pytest.skip("needs shared/data")
    await import_folder(database, shared(name))
    async with database.reading() as session:
        rows = (await session.exec(select(Article.slug, Passage.anchor).join(Passage).distinct())).all()
    assert len(rows) > 100
    pages = {slug: (await browser.get(f"/help/{slug}")).text for slug in {slug for slug, _ in rows}}
    read = {slug: Page(text) for slug, text in pages.items()}
    for slug, anchor in rows:
        assert Counter(read[slug].ids)[anchor] == 1, f"{slug}#{anchor}"
    for slug, page in read.items():
        assert page.troubles == []
        assert not [one for one, times in Counter(page.ids).items() if times > 1], slug
        levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", pages[slug])]
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
