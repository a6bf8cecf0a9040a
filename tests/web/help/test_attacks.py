"""The help pages under attack: markup, absurd searches, other methods, and what is not for everybody."""

import json
import re
from html.parser import HTMLParser

import pytest
from sqlalchemy import update
from sqlmodel import col

from supportbot.models import Article, ArticleState
from tests.people import sam, signed_in
from tests.shared_data import shared
from tests.web.help.conftest import publish

pytestmark = pytest.mark.anyio

PAYLOADS = [
    '"><script>alert(1)</script>',
    "<svg onload=alert(1)>",
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "</title><script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "<a href='data:text/html,x'>x</a>",
    "\u202egpj.exe",
    "javascript:alert(1)",
]
if shared("injection").is_dir():
    PAYLOADS += json.loads((shared("injection") / "markup_payloads.json").read_text())["payloads"]

TAGS = {
    *("html", "head", "meta", "title", "link", "body", "a", "header", "main", "nav", "ol", "ul", "li", "p"),
    *("form", "label", "input", "button", "svg", "path", "img", "span", "bdi", "div", "section", "article"),
    *(
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "time",
        "details",
        "summary",
        "mark",
        "code",
        "pre",
        "em",
        "strong",
    ),
    *("blockquote", "table", "thead", "tbody", "tr", "th", "td", "br", "hr", "s"),
}
"""Every element a help page may have."""


class Page(HTMLParser):
    """Reads a page as a browser would, and notes what should not be on it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.troubles: list[str] = []
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.troubles.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or name in ("style", "srcdoc", "formaction"):
                self.troubles.append(f"{tag} {name}")
            scheme = re.match(r"\s*([a-z][a-z0-9+.-]*):", value or "", re.I)
            if (
                name in ("href", "src", "action")
                and scheme
                and scheme[1].lower() not in ("http", "https", "mailto")
            ):
                self.troubles.append(f"{tag} {name}={value}")
            if name == "id" and value:
                self.ids.append(value)


async def test_markup_in_a_search_stays_text(help_center, browser):
    for number, payload in enumerate(PAYLOADS):
        words = f"refund {payload}" if number % 2 else payload
        page = await browser.get("/help", params={"q": words, "lang": payload})
        assert page.status_code == 200
        assert Page(page.text).troubles == []


async def test_markup_in_articles_stays_text(database, browser, tmp_path):
    for number, payload in enumerate(PAYLOADS):
        title = json.dumps(f"Title {payload}".replace("\n", " "))
        (tmp_path / "x").mkdir(exist_ok=True)
        (tmp_path / "x" / f"{number}.md").write_text(
            f"---\ntitle: {title}\ndescription: {title}\n---\n\nText {payload}\n\n## Heading {payload}\n\n"
            f"refund {payload} refund\n\n| {payload} |\n|---|\n| {payload} |\n\n    {payload}\n"
        )
    await publish(database, tmp_path, {})
    listed = (await browser.get("/help")).text
    assert Page(listed).troubles == []
    assert Page((await browser.get("/help?q=refund")).text).troubles == []
    links = set(re.findall(r'<a href="(/help/[^"]*)"', listed))
    assert len(links) == len(PAYLOADS)
    for link in links:
        page = Page((await browser.get(link)).text)
        assert page.troubles == []
        assert len(page.ids) == len(set(page.ids))


async def test_no_anchor_of_an_article_is_one_of_ours(database, browser, tmp_path):
    headings = ("# Content", "## page:text", "## page text", "## Search {#page:search}", "## Contents")
    body = "".join(f"{heading}\n\nText.\n\n" for heading in headings)
    await publish(database, tmp_path, {"a.md": body})
    page = Page((await browser.get("/help/a")).text)
    assert len(page.ids) == len(set(page.ids)) > 6


async def test_absurd_searches_are_answered(help_center, browser):
    for query in (
        "q=" + "long+" * 12_000,
        "q=" + "x" * 60_000,
        "q=" + "%ff%fe",
        "q=%00%01%02refund",
        "q=%ed%a0%80",
        "q=a&q=b",
        "q[]=a",
        "q=%22OR%22+NEAR(a+b)+*+%25_",
        "q=" + "%CC%81" * 5_000 + "a",
        "lang=" + "x" * 10_000,
        "&" * 5_000,
    ):
        page = await browser.get(f"/help?{query}")
        assert page.status_code == 200, query[:20]
        assert len(page.text) < 20_000
        assert Page(page.text).troubles == []


async def test_what_was_typed_is_cut(help_center, browser):
    page = await browser.get("/help", params={"q": "word " * 1_000})
    assert len(re.search(r'name="q" value="(.*?)"', page.text)[1]) <= 200


async def test_pages_are_only_read(help_center, browser):
    for path in ("/help", "/help/how-to", "/sitemap.xml", "/robots.txt"):
        for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
            assert (await browser.request(method, path)).status_code == 405


async def test_head_says_what_get_would(help_center, browser):
    for path in ("/help", "/help?q=refund", "/help/how-to", "/sitemap.xml", "/robots.txt"):
        head, get = await browser.head(path), await browser.get(path)
        assert (head.status_code, head.headers.get("etag")) == (200, get.headers.get("etag"))


@pytest.mark.parametrize("state", [ArticleState.DRAFT, ArticleState.RETIRED])
async def test_what_is_not_published_is_nowhere(database, help_center, browser, state):
    async with database.transaction() as session:
        await session.exec(update(Article).where(col(Article.slug) == "how-to").values(state=state))
    # Staff see it on their own pages; a help page asks nobody who they are.
    cookie = await signed_in(database, await sam(database))
    assert (await browser.get("/help/how-to", headers={"Cookie": cookie})).status_code == 404
    for path in ("/help", "/help?q=refund", "/help/cancel", "/sitemap.xml"):
        assert "how-to" not in (await browser.get(path)).text.lower()


async def test_a_forged_host_reaches_no_markup(help_center, browser):
    for host in ('evil.example"><script>alert(1)</script>', "evil.example/x?", "a b"):
        for path in ("/help", "/help/how-to", "/sitemap.xml", "/robots.txt"):
            page = await browser.get(path, headers={"Host": host})
            assert "evil.example" not in page.text
            assert "<script" not in page.text
