"""What an answer rests on, as customers see it: true sources, no invented link, a person where nothing is."""

from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, expect

from tests.browser.people import customer
from tests.servers.anthropic_server import RemoteServer, cited
from tests.servers.app import App, running_app

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


@pytest.fixture(scope="module")
def claude() -> Iterator[RemoteServer]:
    with RemoteServer.started() as server:
        yield server


@pytest.fixture(scope="module")
def grounded_app(tmp_path_factory: pytest.TempPathFactory, claude: RemoteServer) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("grounded")
    with running_app(folder, ANTHROPIC_BASE_URL=claude.url) as app:
        yield app


async def test_an_answer_shows_true_sources_and_no_invented_link(
    chromium: Browser, grounded_app: App, claude: RemoteServer
) -> None:
    async with customer(chromium, grounded_app) as alice:
        # A server that has never cited: what was found is called what it is.
        claude.says("Refunds take five days.")
        await alice.ask("How do I get a refund?")
        await alice.expect_answer("Refunds take five days.")
        await expect(alice.page.locator(".sources-title").last).to_have_text(
            "Articles we found for this question"
        )

        # A second look, a citation, an invented link and a half one; the answer pauses before its end.
        claude.calls_tool("search_articles", {"query": "refund"})
        linked = "See [this offer](https://evil.example/x) and <https://evil.example/y>. It takes five days."
        claude.answers([cited(linked)], pause_after=len(linked))
        await alice.ask("And how long does a refund take?")
        answer = alice.page.locator("[data-role=assistant]").last
        await expect(answer.locator(".doc")).to_contain_text("It takes five days.")
        await expect(answer.locator(".doc")).not_to_contain_text("search_articles")
        await expect(answer.locator(".doc a")).to_have_count(0)
        claude.release()

        await alice.expect_answer("It takes five days.")
        await expect(answer.locator(".sources-title")).to_have_text("From our articles")
        await expect(answer.locator(".sources li")).to_have_count(1)
        await expect(answer.locator(".doc a")).to_have_count(0)
        await expect(answer.locator(".doc")).to_contain_text("See this offer and")

        # Nothing found: it says so, and a person is one click away.
        claude.says("The articles do not say. Shall I pass it on to a person?")
        await alice.ask("Where do I find the zorblax of my frobnicator?")
        await alice.expect_answer("The articles do not say.")
        await expect(alice.page.locator(".ways-on button")).to_have_text(["Talk to a person"])
        await expect(alice.page.locator("[data-role=assistant]").last.locator(".sources")).to_have_count(0)
