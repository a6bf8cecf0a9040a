"""Searching the help pages: what is found, how it is shown, and what is said when nothing is."""

import re

import pytest

from supportbot.errors import RateLimited
from tests.web.help.conftest import HelpDesk, House, browser_at, publish

pytestmark = pytest.mark.anyio


class Tired:
    """Refuses everybody."""

    async def generic(self, purpose: str, who: str, per_minute: int = 0) -> None:
        raise RateLimited("That was too often. Please wait 7 seconds and try again.", retry_after=7)


async def test_a_search_leads_to_the_passage(help_center, browser):
    page = await browser.get("/help?q=how+long+does+a+refund+take")
    assert page.status_code == 200
    first = re.search(r'<h2><a href="(.*?)">(.*?)</a></h2>\s*<p class="help-heading">(.*?)</p>', page.text)
    assert first.groups() == ("/help/how-to#how-long-it-takes", "How to get a refund", "How long it takes")
    assert 'id="how-long-it-takes"' in (await browser.get(first[1])).text


async def test_an_article_is_found_once_and_names_its_further_passages(help_center, browser):
    page = (await browser.get("/help?q=refund")).text
    assert page.count("<h2>") == 1
    assert re.findall(r'<li><a href="/help/how-to(.*?)">(.*?)</a></li>', page)[:2]


async def test_the_words_are_marked(help_center, browser):
    page = (await browser.get("/help?q=days")).text
    assert "<p>Within 30 <mark>days</mark>.</p>" in page


async def test_the_field_keeps_what_was_typed(help_center, browser):
    page = (await browser.get("/help", params={"q": '  "days" & <more>  '})).text
    assert 'value="&#34;days&#34; &amp; &lt;more&gt;"' in page


async def test_what_is_found_is_no_page_for_search_engines(help_center, browser):
    page = await browser.get("/help?q=days")
    assert page.headers["x-robots-tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in page.text
    assert "canonical" not in page.text


async def test_nothing_found_says_so_and_offers_the_chat(help_center, browser):
    page = await browser.get("/help?q=xylophone+lessons")
    assert page.status_code == 200
    assert "We found nothing for “<bdi>xylophone lessons</bdi>”" in page.text
    assert 'href="/?question=xylophone%20lessons">Ask Ada</a>' in page.text


@pytest.mark.parametrize("nothing", ["", " ", "\x00", "\u202e"])
async def test_a_search_for_nothing_is_the_list(help_center, browser, nothing):
    page = await browser.get("/help", params={"q": nothing})
    assert "How can we help?" in page.text


async def test_a_search_in_one_language_finds_no_other(help_center, browser):
    assert "/help/how-to" in (await browser.get("/help?q=refund")).text
    page = (await browser.get("/help?q=refund&lang=ar")).text
    assert "/help/how-to" not in page
    assert '<a href="/help?q=refund">Search in all languages</a>' in page
    assert '<input type="hidden" name="lang" value="ar">' in page
    assert '<li lang="ar" dir="rtl">' in (await browser.get("/help", params={"q": "نص", "lang": "ar"})).text


async def test_retired_articles_are_not_found(database, help_center, browser, tmp_path):
    (tmp_path / "refunds/how-to.md").unlink()
    await publish(database, tmp_path, {})
    assert "/help/how-to" not in (await browser.get("/help?q=refund")).text


async def test_whoever_searches_too_often_is_told_and_keeps_their_words(desk, help_center):
    tired = HelpDesk(desk.settings, desk.database, desk.retrieval, Tired(), House())
    async with browser_at(tired) as browser:
        page = await browser.get("/help?q=refund")
        assert page.status_code == 429
        assert page.headers["retry-after"] == "7"
        assert "Please wait 7 seconds" in page.text
        assert 'value="refund"' in page.text
        # Reading is not searching.
        assert (await browser.get("/help/how-to")).status_code == 200


async def test_searches_are_counted_by_address(desk, help_center):
    async with browser_at(desk) as browser:
        answers = [(await browser.get("/help?q=x")).status_code for _ in range(61)]
    assert set(answers[:60]) == {200}
    assert answers[60] == 429
