"""Articles are read and written over HTTP by staff alone, and what they show can do nothing."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlmodel import select
from starlette.applications import Starlette

from supportbot.database import Database
from supportbot.house.current import House
from supportbot.house.sections import Limits, Sections
from supportbot.ids import new_id
from supportbot.knowledge.retrieval import Retrieval
from supportbot.models import Article, ArticleState, ArticleVersion
from supportbot.settings import Settings
from supportbot.usage.rate_limits import RateLimits
from supportbot.web.article_texts import LONGEST_FORM, PER_MINUTE, article_text_routes
from supportbot.web.headers import SecurityHeaders
from supportbot.web.help.routes import help_routes
from tests.people import alex, sam, signed_in

pytestmark = pytest.mark.anyio

SITE = "http://support.example.com"
FORM = {
    "title": "Refunds",
    "description": "",
    "language": "en",
    "slug": "",
    "body": "Within 30 days.",
    "over": "0",
}
HOSTILE = (
    "<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\n[a](javascript:alert(1))\n\n"
    "![x](https://evil.example/x.png)\n\n<iframe srcdoc='<script>alert(1)</script>'></iframe>\n\n"
    '[b](https://ok.example "x" onclick="alert(1)")\n\n`<script>`\n\n'
    "<div style='position:fixed'>all</div>\n\n<meta http-equiv=refresh content='0;url=//evil.example'>\n\n"
    "[c](data:text/html,<script>alert(1)</script>)\n\n<a href='vbscript:x'>d</a>\n\n"
    '## <b onclick=x>Head</b> {#x" onload="y}\n'
)


@dataclass
class Desk:
    database: Database
    settings: Settings
    rate_limits: RateLimits
    house: House
    retrieval: Retrieval


@pytest.fixture
async def browser(database: Database, settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    house = House(database, Sections.beginning(settings))
    desk: Any = Desk(database, settings, RateLimits(Limits), house, Retrieval(database))
    routes = [*article_text_routes(lambda: desk), *help_routes(lambda: desk)]
    app = SecurityHeaders(Starlette(routes=routes), script_hashes=[])
    transport = httpx2.ASGITransport(app, client=("192.0.2.7", 5000))
    async with httpx2.AsyncClient(transport=transport, base_url=SITE, headers={"Origin": SITE}) as client:
        yield client


@pytest.fixture
async def agent(database: Database) -> dict[str, str]:
    """The headers of an agent's browser: writing articles is nothing for admins alone."""
    return {"Cookie": await signed_in(database, await alex(database))}


async def versions(database: Database) -> list[tuple[int, str]]:
    async with database.reading() as session:
        rows = await session.exec(select(ArticleVersion))
        return sorted((one.version, one.body) for one in rows)


def address(article: UUID, what: str = "text") -> str:
    return f"/staff/articles/{article}/{what}"


async def test_an_article_is_begun_read_back_and_published(
    browser: httpx2.AsyncClient, agent: dict[str, str]
) -> None:
    article = new_id()

    begun = await browser.post(address(article), data=FORM, headers=agent)
    read = await browser.get(address(article), headers=agent)
    hidden = await browser.get("/help/refunds")
    published = await browser.post(
        address(article), data=FORM | {"over": "1", "publish": "yes"}, headers=agent
    )

    assert begun.json() == {"version": 1, "published": 0, "slug": "refunds"}
    assert begun.headers["cache-control"] == "no-store"
    assert read.json()["body"] == "Within 30 days."
    assert hidden.status_code == 404
    assert published.json() == {"version": 1, "published": 1, "slug": "refunds"}
    assert "Within 30 days." in (await browser.get("/help/refunds")).text


async def test_strangers_and_other_sites_read_and_write_nothing(
    browser: httpx2.AsyncClient, database: Database, agent: dict[str, str]
) -> None:
    article = new_id()
    await browser.post(address(article), data=FORM | {"body": "canary"}, headers=agent)
    paths = [address(article), address(article, "compare?from=1&to=1"), "/staff/articles/preview"]

    for path in paths:
        for method in ("GET", "POST", "PUT", "DELETE"):
            answer = await browser.request(method, path, data=FORM if method == "POST" else None)
            assert answer.status_code in (401, 405)
            assert "canary" not in answer.text
        for origin in ("https://evil.example", "null"):
            answer = await browser.post(path, data=FORM, headers=agent | {"Origin": origin})
            assert answer.status_code == 403
    assert await versions(database) == [(1, "canary")]


async def test_whoever_is_quicker_is_named_and_the_other_may_look(
    browser: httpx2.AsyncClient, database: Database, agent: dict[str, str]
) -> None:
    article, other = new_id(), {"Cookie": await signed_in(database, await sam(database))}
    await browser.post(address(article), data=FORM, headers=agent)
    await browser.post(address(article), data=FORM | {"over": "1", "body": "Within 60 days."}, headers=other)

    mine = FORM | {"over": "1", "body": "Within 90 days."}
    refused = await browser.post(address(article), data=mine, headers=agent)
    looked = await browser.post(address(article, "compare?from=2"), data=mine, headers=agent)
    kept = await browser.post(address(article), data=mine | {"over": "2"}, headers=agent)

    assert refused.status_code == 409
    assert refused.json()["version"] == 2
    assert refused.json()["sentence"].startswith("Sam has saved this article meanwhile")
    assert "Within <del>60</del> days." in looked.text
    assert "Within <ins>90</ins> days." in looked.text
    assert kept.json()["version"] == 3


async def test_two_versions_stand_in_a_frame_of_ours_and_nothing_runs(
    browser: httpx2.AsyncClient, agent: dict[str, str]
) -> None:
    article = new_id()
    await browser.post(address(article), data=FORM | {"body": "`<script>`"}, headers=agent)
    await browser.post(address(article), data=FORM | {"over": "1", "title": "<b>Money</b>"}, headers=agent)

    page = await browser.get(address(article, "compare?from=1&to=2"), headers=agent)

    assert "&lt;b&gt;Money&lt;/b&gt;" in page.text
    assert "&lt;script&gt;" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
    assert page.headers["x-frame-options"] == "SAMEORIGIN"
    nothing = await browser.get(address(article, "compare?from=1&to=9"), headers=agent)
    assert nothing.status_code == 404


async def test_hostile_words_do_nothing_in_preview_and_help(
    browser: httpx2.AsyncClient, database: Database, agent: dict[str, str]
) -> None:
    typed = FORM | {
        "title": "<script>alert(2)</script>",
        "body": HOSTILE,
        "description": '"><script>',
        "publish": "yes",
    }
    article = new_id()
    saved = await browser.post(address(article), data=typed, headers=agent)
    pages = [
        await browser.post("/staff/articles/preview", data=typed, headers=agent),
        await browser.get(f"/help/{saved.json()['slug']}"),
        await browser.get("/help"),
    ]

    for page in pages:
        assert page.status_code == 200
        tags = re.findall(r"<\s*(?!/)([a-z0-9]+)([^>]*)>", page.text)
        assert {name for name, _ in tags}.isdisjoint({"script", "img", "iframe", "style", "object", "b"})
        assert "position:fixed" not in page.text
        assert not [rest for _, rest in tags if re.search(r"\son\w+\s*=|javascript:|vbscript:|data:", rest)]
        assert "evil.example" not in page.text
    async with database.reading() as session:
        assert (await session.exec(select(Article))).one().state == ArticleState.PUBLISHED


async def test_a_preview_is_looked_at_before_there_is_a_title(
    browser: httpx2.AsyncClient, database: Database, agent: dict[str, str]
) -> None:
    typed = {"title": "", "body": '## Dogs\n\nThey are *welcome* [here](/help/dogs "x").', "language": "ar"}
    page = await browser.post("/staff/articles/preview", data=typed, headers=agent)

    assert "<em>welcome</em>" in page.text
    assert 'dir="rtl"' in page.text
    assert '<h2 id="dogs">Dogs</h2>' in page.text
    assert '<a title="/help/dogs">here</a>' in page.text
    assert await versions(database) == []


@pytest.mark.parametrize(
    ("form", "status", "says"),
    [
        (FORM | {"title": " "}, 400, "needs a title"),
        (FORM | {"body": "ä" * 100_001}, 400, "201 KB"),
        (FORM | {"body": "x" * LONGEST_FORM}, 413, "too long"),
        (FORM | {"body": "", "publish": "yes"}, 400, "no text yet"),
        (FORM | {"over": "7"}, 404, "no such article"),
        (FORM | {"language": "<b>"}, 400, "language"),
        ({"x": "y"}, 400, "needs a title"),
        ({str(number): "x" for number in range(40)}, 400, "needs a title"),
    ],
)
async def test_what_cannot_be_saved_is_refused_in_words(
    browser: httpx2.AsyncClient,
    database: Database,
    agent: dict[str, str],
    form: dict[str, str],
    status: int,
    says: str,
) -> None:
    answer = await browser.post(address(new_id()), data=form, headers=agent)

    assert answer.status_code == status
    assert says in answer.json()["sentence"]
    assert await versions(database) == []


async def test_what_is_no_id_no_form_and_no_number_is_refused(
    browser: httpx2.AsyncClient, agent: dict[str, str]
) -> None:
    article = new_id()
    await browser.post(address(article), data=FORM, headers=agent)

    for identity in ("x", "..%2f..", "1%00", str(new_id())):
        assert (await browser.get(f"/staff/articles/{identity}/text", headers=agent)).status_code == 404
    for number in ("x", "-1", "9" * 50, "²", ""):
        answer = await browser.get(address(article, f"compare?from={number}&to=1"), headers=agent)
        assert answer.status_code == 404
    as_json = await browser.post(address(article), json=FORM, headers=agent)
    assert as_json.status_code == 415


async def test_nobody_saves_without_pause(browser: httpx2.AsyncClient, agent: dict[str, str]) -> None:
    for _ in range(PER_MINUTE):
        await browser.post("/staff/articles/preview", data=FORM, headers=agent)
    answer = await browser.post("/staff/articles/preview", data=FORM, headers=agent)

    assert answer.status_code == 429
    assert answer.json()["sentence"]
