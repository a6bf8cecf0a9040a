"""The server dies in the middle of an answer: nothing that was shown is lost, and there is a way on."""

import asyncio
from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, expect

from tests.browser.people import customer
from tests.servers.anthropic_server import RemoteServer
from tests.servers.app import App, running_app

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.soak]

LEASE_AND_SWEEP_MS = 40_000
ROUNDS = 3


@pytest.fixture(scope="module")
def mortal_app(tmp_path_factory: pytest.TempPathFactory, claude: RemoteServer) -> Iterator[App]:
    """An app of its own, to be killed."""
    with running_app(tmp_path_factory.mktemp("mortal"), ANTHROPIC_BASE_URL=claude.url) as app:
        yield app


async def test_a_killed_server_keeps_what_was_shown_and_offers_to_try_again(
    chromium: Browser, mortal_app: App, claude: RemoteServer
) -> None:
    async with customer(chromium, mortal_app) as alice:
        for number in range(ROUNDS):
            claude.reset()
            claude.says(f"Part {number} was shown before the end. Never seen.", pause_after=34)
            await alice.ask(f"Question {number} before the end")
            await alice.expect_in_log(f"Part {number} was shown before the end.")
            # The text so far is written once a second.
            await asyncio.sleep(1.3)
            await asyncio.to_thread(mortal_app.kill)
            claude.reset()
            await asyncio.to_thread(mortal_app.start)

            again = alice.page.get_by_role("button", name="Try again")
            await expect(again).to_be_visible(timeout=LEASE_AND_SWEEP_MS)
            await alice.expect_in_log(f"Part {number} was shown before the end.")
            claude.says(f"Whole answer {number}.")
            await again.click()
            await alice.expect_answer(f"Whole answer {number}.")

        text = await alice.log.inner_text()
        for number in range(ROUNDS):
            assert text.count(f"Question {number} before the end") == 1
            assert text.count(f"Whole answer {number}.") == 1
        alice.troubles.clear()
