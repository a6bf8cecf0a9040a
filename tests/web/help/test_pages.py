"""The list and the articles: what they show, how they are kept, and what they say when nothing is there."""

import re
from datetime import UTC, datetime

import pytest

from supportbot.knowledge.articles import by_slug
from supportbot.knowledge.importing import import_folder
from supportbot.knowledge.retrieval import Found, Retrieval
from supportbot.models import Article
from supportbot.web.help.related import KEPT_FOR, RelatedArticles
from supportbot.web.help.shown import shown_sections
from tests.web.help.conftest import LOGO, publish

pytestmark = pytest.mark.anyio


class Counting(Retrieval):
    """Counts how often it is asked."""

    times = 0

    async def find(self, question: str, limit: int = 5) -> Found:
        self.times += 1
        return await super().find(question, limit)


class Clock:
    """Stands still until told otherwise."""

    time = 0.0

    def __call__(self) -> float:
        return self.time


async def test_the_list_shows_every_article_by_folder(help_center, browser):
    page = await browser.get("/help")
    assert page.status_code == 200
    assert re.findall(r"<h2>(.*?)</h2>", page.text) == ["Refunds", "More"]
    assert re.findall(r'<a href="(/help/.*?)"', page.text) == [
        "/help/cancel",
        "/help/how-to",
        "/help/plans",
        "/help/arabic",
    ]
    assert "Within 30 days." in page.text
    assert "<title>Bolt &amp; Sons help</title>" in page.text


async def test_an_empty_help_center_says_so(browser):
    assert "There are no articles yet." in (await browser.get("/help")).text


async def test_an_article_is_shown_with_its_headings(help_center, browser):
    page = (await browser.get("/help/how-to")).text
    assert '<html lang="en">' in page
    assert re.findall(r'<h(\d) id="(.*?)">(.*?)</h\1>', page) == [
        ("1", "how-to-get-a-refund", "How to get a refund"),
        ("2", "how-long-it-takes", "How long it takes"),
        ("3", "by-card", "By card"),
        ("2", "who-to-ask", "Who to ask"),
    ]
    assert '<a class="button primary" href="/?about=how-to">Ask about this</a>' in page


async def test_every_passage_leads_to_a_place_on_its_page(database, help_center, browser):
    for hit in (await Retrieval(database).find("refund plans card text", limit=20)).hits:
        page = await browser.get(hit.url)
        assert page.status_code == 200
        assert f'id="{hit.anchor}"' in page.text


async def test_own_links_open_in_place_and_others_elsewhere(help_center, browser):
    page = (await browser.get("/help/how-to")).text
    assert '<a href="/help/plans">the plans</a>' in page
    assert '<a href="#how-long-it-takes">below</a>' in page
    assert re.search(r'<a href="https://example.com"[^>]*target="_blank"[^>]*>us</a>', page)


def test_a_link_that_only_looks_like_our_own_opens_elsewhere():
    (section,) = shown_sections(Article(slug="x", title="Title", body="[a](//evil.example/x) [b](/help/y)"))
    assert re.search(r'<a href="//evil.example/x"[^>]*rel="noopener[^>]*>a</a>', section.html)
    assert '<a href="/help/y">b</a>' in section.html


async def test_pages_have_no_scripts_and_no_inline_styles(help_center, browser):
    for path in ("/help", "/help/how-to", "/help/plans", "/help/missing", "/help?q=refund"):
        page = (await browser.get(path)).text
        assert "<script" not in page
        assert not re.search(r"<[^>]*\s(style|on\w+)=", page)
        assert '<link rel="stylesheet" href="/supportbot.css">' in page


async def test_markup_in_titles_and_texts_stays_text(help_center, browser):
    page = (await browser.get("/help/plans")).text
    assert "<h1" in page
    assert "Plans &amp; prices</h1>" in page
    assert "<code>&lt;b&gt;</code>" in page
    assert "alert" not in page


async def test_other_languages_are_declared(help_center, browser):
    page = (await browser.get("/help/arabic")).text
    assert '<html lang="ar">' in page
    assert 'dir="rtl"' in page


async def test_a_page_somebody_has_already_is_not_sent_again(help_center, browser):
    first = await browser.get("/help/how-to")
    tag = first.headers["etag"]
    assert tag.startswith('W/"')
    assert first.headers["cache-control"] == "no-cache"
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = await browser.get("/help/how-to", headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (await browser.get("/help/how-to", headers={"If-None-Match": '"other"'})).status_code == 200


async def test_a_changed_article_is_sent_again(database, help_center, browser, tmp_path):
    tag = (await browser.get("/help/cancel")).headers["etag"]
    (tmp_path / "refunds/cancel.md").write_text("# Cancel your plan\n\nOther text")
    await import_folder(database, tmp_path)
    page = await browser.get("/help/cancel", headers={"If-None-Match": tag})
    assert page.status_code == 200
    assert "Other text" in page.text


async def test_an_unknown_article_is_a_page_in_words(help_center, browser):
    for slug in ("missing", "<script>", "%00", "a/b", "%2e%2e/how-to", "x" * 5_000, "%ff"):
        page = await browser.get(f"/help/{slug}")
        assert page.status_code == 404
        assert "We could not find this article" in page.text
        assert 'name="robots" content="noindex"' in page.text
        assert "etag" not in page.headers


async def test_a_database_that_is_away_is_a_page_in_words(browser, database, monkeypatch):
    def away():
        raise OSError("gone")

    monkeypatch.setattr(database, "reading", away)
    page = await browser.get("/help")
    assert page.status_code == 503
    assert "cannot be reached" in page.text
    assert page.headers["retry-after"] == "60"


async def test_pages_answer_head_and_refuse_posts(help_center, browser):
    assert (await browser.head("/help")).status_code == 200
    assert (await browser.post("/help")).status_code == 405


async def test_the_owners_logo_is_above_every_page(help_center, browser):
    for path in ("/help", "/help/plans", "/help/nowhere"):
        assert f'<img class="logo" src="/pictures/{LOGO}" alt="">' in (await browser.get(path)).text


async def test_an_article_says_where_it_is_and_what_is_beside_it(help_center, browser):
    page = (await browser.get("/help/how-to")).text
    path = page[page.index('class="help-path"') : page.index("</nav>")]
    assert re.findall(r'<a href="(.*?)">(.*?)</a>', path) == [
        ("/help", "All articles"),
        ("/help#group-refunds", "Refunds"),
    ]
    assert 'id="group-refunds"' in (await browser.get("/help")).text
    assert re.findall(r'<a class="(before|after)" href="(.*?)"', page) == [("before", "/help/cancel")]
    assert 'class="help-path"' in (await browser.get("/help/plans")).text


async def test_a_long_article_begins_with_a_list_of_its_headings(help_center, browser):
    page = (await browser.get("/help/how-to")).text
    lists = re.findall(r'<li class="level-(\d)"><a href="#(.*?)">(.*?)</a></li>', page)
    assert lists[:3] == [
        ("2", "how-long-it-takes", "How long it takes"),
        ("3", "by-card", "By card"),
        ("2", "who-to-ask", "Who to ask"),
    ]
    assert "On this page" not in (await browser.get("/help/cancel")).text


async def test_articles_about_the_same_are_named(database, browser, tmp_path):
    await publish(
        database,
        tmp_path,
        {
            "a.md": "# Refund a plan\n\nText about a refund.",
            "b.md": "# Refund a gift\n\nWhoever gave it gets the money.",
            "c.md": "---\nlang: de\ntitle: Refund auf Deutsch\n---\n\nText.",
            "d.md": "# Colours\n\nSomething else.",
        },
    )
    page = (await browser.get("/help/a")).text
    related = page[page.index("Related articles") :]
    assert re.findall(r'<a href="(/help/.*?)"', related) == ["/help/b"]


async def test_what_is_about_the_same_is_looked_up_once(database, tmp_path):
    await publish(database, tmp_path, {"a.md": "# Refund a plan\n\nX.", "b.md": "# Refund a gift\n\nY."})
    article, searching, clock = await by_slug(database, "a"), Counting(database), Clock()
    related = RelatedArticles(clock)
    for _ in range(3):
        assert [one.url for one in await related.of(article, searching, database, set())] == ["/help/b"]
    assert await related.of(article, searching, database, {"/help/b"}) == []
    assert searching.times == 1
    # What has gone meanwhile is not named, and after a while one looks again.
    (tmp_path / "b.md").unlink()
    await import_folder(database, tmp_path)
    assert await related.of(article, searching, database, set()) == []
    clock.time += KEPT_FOR
    await related.of(article, searching, database, set())
    assert searching.times == 2


async def test_the_next_article_is_in_the_same_language(database, browser, tmp_path):
    german = "---\nlang: de\ntitle: B auf Deutsch\n---\n\nText"
    await publish(database, tmp_path, {"x/a.md": "# A\n\n1", "x/b.md": german, "x/c.md": "# C\n\n2"})
    page = (await browser.get("/help/a")).text
    assert re.findall(r'<a class="(before|after)" href="(.*?)"', page) == [("after", "/help/c")]
    page = (await browser.get("/help/b")).text
    assert "help-neighbours" not in page
    assert '<a href="/help#group-x">X</a>' in page


async def test_a_page_says_when_it_was_changed(database, help_center, browser):
    page = await browser.get("/help/how-to")
    assert re.search(
        r"Last changed on <time datetime=\"\d{4}-\d\d-\d\d\">\d+ [A-Z]\w+ \d{4}</time>", page.text
    )
    changed = datetime.strptime(page.headers["last-modified"], "%a, %d %b %Y %H:%M:%S GMT").replace(
        tzinfo=UTC
    )
    assert abs((datetime.now(UTC) - changed).total_seconds()) < 3_600
    assert (await browser.get("/help")).headers["last-modified"] >= page.headers["last-modified"]


async def test_what_others_show_of_a_link_is_on_the_page(help_center, browser):
    page = (await browser.get("/help/how-to")).text
    assert '<meta name="description" content="Within 30 days.">' in page
    assert '<meta property="og:title" content="How to get a refund – Bolt &amp; Sons help">' in page
    assert '<meta property="og:type" content="article">' in page
    # Without a description of its own: how it begins.
    assert '<meta name="description" content="Text">' in (await browser.get("/help/cancel")).text


async def test_each_entry_is_in_its_own_language(help_center, browser):
    page = (await browser.get("/help")).text
    assert re.findall(r'<li lang="(\w+)" dir="(\w+)">', page)[-1] == ("ar", "rtl")
    assert page.count('<li lang="en" dir="ltr">') == 3


async def test_a_list_of_several_languages_can_be_limited_to_one(help_center, browser):
    page = (await browser.get("/help?lang=ar")).text
    assert re.findall(r'<a href="(/help/.*?)"', page) == ["/help/arabic"]
    assert '<a href="/help?lang=ar" lang="ar" hreflang="ar" aria-current="true">العربية</a>' in page
    assert '<input type="hidden" name="lang" value="ar">' in page
    for unknown in ("xx", "<b>", "x" * 100):
        assert (await browser.get("/help", params={"lang": unknown})).text == (
            await browser.get("/help")
        ).text


async def test_one_language_needs_no_choice(database, browser, tmp_path):
    await publish(database, tmp_path, {"a.md": "# A\n\nText"})
    assert "All languages" not in (await browser.get("/help")).text


def test_no_level_of_headings_is_left_out():
    body = "Start\n\n#### Deep\n\nText\n\n## Two\n\n##### Five\n\n#### Four\n\n# One\n\n## Two again\n"
    shown = shown_sections(Article(slug="x", title="Title", body=body))
    assert [(one.heading, one.level) for one in shown] == [
        ("Title", 1),
        ("Deep", 2),
        ("Two", 2),
        ("Five", 3),
        ("Four", 3),
        ("One", 2),
        ("Two again", 3),
    ]


def test_what_is_wider_than_the_page_scrolls_by_itself():
    body = "| | B |\n|---|---|\n| 1 | 2 |\n\n```\ncode\n```\n\n> # Quoted\n"
    (section,) = shown_sections(Article(slug="x", title="Title", body=body))
    assert '<div class="table-box" tabindex="0"><table>' in section.html
    assert "</table></div>" in section.html
    assert '<pre tabindex="0">' in section.html
    # An empty heading of a table, and a heading in a quote, would be read out as what they are not.
    assert "<td></td>" in section.html
    assert '<p class="inner-heading">Quoted</p>' in section.html


async def test_pages_are_sent_compressed(help_center, browser):
    page = await browser.get("/help/how-to", headers={"Accept-Encoding": "gzip"})
    plain = await browser.get("/help/how-to", headers={"Accept-Encoding": "identity"})
    assert page.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert page.text == plain.text
    assert page.headers["etag"] == plain.headers["etag"]
    assert "Accept-Encoding" in page.headers["vary"]


async def test_a_slash_too_many_does_no_harm(help_center, browser):
    answer = await browser.get("/help/")
    assert (answer.status_code, answer.headers["location"]) == (308, "/help")
