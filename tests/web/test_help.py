import re
from uuid import UUID

import httpx
import pytest
from starlette.applications import Starlette

from supportbot.house.sections import Company, Look, Sections
from supportbot.knowledge.importing import import_folder
from supportbot.knowledge.retrieval import Retrieval
from supportbot.models import Article
from supportbot.web.help import help_routes, shown_sections

pytestmark = pytest.mark.anyio

LOGO = UUID("0192f0c1-2345-7abc-8def-0123456789ab")
HOUSE = Sections(company=Company(name="Bolt & Sons"), look=Look(logo=LOGO))

FILES = {
    "refunds/how-to.md": (
        "---\ntitle: How to get a refund\ndescription: Within 30 days.\n---\n"
        "# How to get a refund\n\nWithin 30 days.\n\n"
        "## How long it takes\n\nSee [the plans](../plans.md) and [below](#how-long-it-takes) "
        "and [us](https://example.com).\n\n### By card\n\n| A | B |\n|---|--:|\n| 1 | 2 |\n"
    ),
    "refunds/cancel.md": "# Cancel your plan\n\nText",
    "plans.md": "# Plans <b>&amp;</b> prices\n\n<script>alert(1)</script>\n\nText with `<b>`.",
    "arabic.md": "---\ntitle: استرداد\nlang: ar\n---\n\nنص",
}


@pytest.fixture
async def help_center(database, tmp_path):
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    await import_folder(database, tmp_path)


@pytest.fixture
async def browser(database):
    app = Starlette(routes=help_routes(lambda: database, lambda: HOUSE))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://help") as client:
        yield client


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
    ]
    assert '<a href="/">Ask about this</a>' in page


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


@pytest.mark.parametrize("path", ["/help", "/help/how-to", "/help/plans", "/help/missing"])
async def test_pages_have_no_scripts_and_no_inline_styles(help_center, browser, path):
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
    assert first.headers["cache-control"] == "no-cache"
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
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


@pytest.mark.parametrize("slug", ["missing", "<script>", "%00", "../how-to", "x" * 5_000, "%ff"])
async def test_an_unknown_article_is_a_page_in_words(help_center, browser, slug):
    page = await browser.get(f"/help/{slug}")
    assert page.status_code == 404
    if slug != "../how-to":
        assert "We could not find this article" in page.text
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
