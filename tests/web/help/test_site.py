"""What robots find: addresses that are ours, a map of what is published, and nothing of staff."""

import re
import xml.etree.ElementTree as ElementTree

import pytest
from starlette.requests import Request

from supportbot.knowledge.importing import import_folder
from supportbot.settings import Settings
from supportbot.ui import routes
from supportbot.web.help.site import NOT_FOR_ROBOTS, site_of
from tests.web.help.conftest import HelpDesk, browser_at

pytestmark = pytest.mark.anyio

PUBLIC = ("HOME",)
"""Pages of the app that search engines may list."""


@pytest.fixture
def public_desk(desk: HelpDesk) -> HelpDesk:
    """One whose owner has said where it is."""
    settings = Settings(
        _env_file=None, database_url=desk.settings.database_url, public_url="https://support.acme.example/"
    )
    return HelpDesk(settings, desk.database, desk.retrieval, desk.rate_limits)


async def test_the_map_names_every_published_article(public_desk, help_center, tmp_path):
    (tmp_path / "plans.md").unlink()
    await import_folder(public_desk.database, tmp_path)
    async with browser_at(public_desk) as browser:
        answer = await browser.get("/sitemap.xml")
    assert answer.headers["content-type"].startswith("application/xml")
    root = ElementTree.fromstring(answer.text)
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    assert [loc.text for loc in root.findall("s:url/s:loc", space)] == [
        "https://support.acme.example/help",
        "https://support.acme.example/help/arabic",
        "https://support.acme.example/help/cancel",
        "https://support.acme.example/help/how-to",
    ]
    assert all(
        re.fullmatch(r"[\d-]{10}T[\d:]{8}\+00:00", one.text) for one in root.findall("s:url/s:lastmod", space)
    )


async def test_an_empty_map_can_be_read(browser):
    assert len(ElementTree.fromstring((await browser.get("/sitemap.xml")).text)) == 1


async def test_a_page_has_one_address(public_desk, help_center):
    async with browser_at(public_desk, "http://10.0.0.7:3000") as browser:
        for path in ("/help", "/help/how-to", "/help?lang=ar"):
            page = (await browser.get(path)).text
            assert f'<link rel="canonical" href="https://support.acme.example{path}">' in page
        assert "canonical" not in (await browser.get("/help/missing")).text


async def test_without_an_address_in_the_settings_it_is_the_one_that_was_asked(browser, help_center):
    assert 'href="http://help.example/help"' in (await browser.get("/help")).text
    assert "Sitemap: http://help.example/sitemap.xml" in (await browser.get("/robots.txt")).text


async def test_robots_leave_alone_whatever_is_not_public(browser):
    text = (await browser.get("/robots.txt")).text
    assert text.startswith("User-agent: *\n")
    disallowed = re.findall(r"^Disallow: (.*)$", text, re.M)
    pages = {name: path for name, path in vars(routes).items() if name.isupper() and isinstance(path, str)}
    for name, path in pages.items():
        address = path.partition("[")[0]
        assert any(address.startswith(start) for start in disallowed) == (name not in PUBLIC), name
    for open_page in ("/help", "/help/refunds", "/", "/supportbot.css", "/assets/x.js"):
        assert not any(open_page.startswith(start) for start in NOT_FOR_ROBOTS)
    assert any("/help?q=refund".startswith(start) for start in NOT_FOR_ROBOTS)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "a b",
        "a/b",
        'a"><script>',
        "a\nb",
        "user@evil.example",
        "evil.example#",
        "x" * 300,
        "[::1",
        "ä.example",
    ],
)
def test_a_host_that_can_be_none_is_not_repeated(host):
    assert site_of(asked_at(host), Settings(_env_file=None)) == ""


@pytest.mark.parametrize("host", ["help.example", "localhost:3000", "[::1]:3000", "10.0.0.1"])
def test_a_host_that_can_be_one_is(host):
    assert site_of(asked_at(host), Settings(_env_file=None)) == f"http://{host}"


def test_a_host_means_nothing_once_the_owner_has_said_where_it_is():
    settings = Settings(_env_file=None, public_url="https://support.acme.example")
    assert site_of(asked_at("evil.example"), settings) == "https://support.acme.example"


def asked_at(host: str) -> Request:
    headers = [(b"host", host.encode("latin-1", "replace"))]
    return Request({"type": "http", "scheme": "http", "path": "/help", "headers": headers})
