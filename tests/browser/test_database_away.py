"""The database goes away and comes back: pages say so, keep what was written, and load by themselves."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import create_engine, text

from supportbot.settings import Settings
from tests.browser.people import customer
from tests.conftest import create_postgres_database
from tests.servers.app import App, running_app

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

NAME = "supportbot_away"
WITHIN_MS = 20_000


@pytest.fixture(scope="module")
def postgres_app(tmp_path_factory: pytest.TempPathFactory, postgres_server: str) -> Iterator[App]:
    """An app with a database nobody else uses."""
    url = create_postgres_database(postgres_server, NAME)
    with running_app(tmp_path_factory.mktemp("away"), DATABASE_URL=url) as app:
        yield app


@contextmanager
def away(server: str) -> Iterator[None]:
    """The database ends every connection and takes no new one."""
    engine = create_engine(Settings(database_url=server + "postgres").sync_database_url)
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as admin:
            admin.execute(text(f"ALTER DATABASE {NAME} WITH ALLOW_CONNECTIONS false"))
            admin.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"),
                {"name": NAME},
            )
            yield
            admin.execute(text(f"ALTER DATABASE {NAME} WITH ALLOW_CONNECTIONS true"))
    finally:
        engine.dispose()


def readiness(app: App) -> int:
    try:
        with urllib.request.urlopen(app.url + "/ready", timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


async def test_a_page_outlives_its_database(
    chromium: Browser, postgres_app: App, postgres_server: str
) -> None:
    async with customer(chromium, postgres_app) as alice:
        await alice.ask("How do I get a refund?")
        await alice.expect_answer("Refund request")

        with away(postgres_server):
            assert readiness(postgres_app) == 503
            await alice.composer.fill("And for a part of it?")
            await alice.composer.press("Enter")
            await expect(alice.page.get_by_role("alert")).to_contain_text(
                "What you wrote is kept", timeout=WITHIN_MS
            )
            await expect(alice.composer).to_have_value("And for a part of it?")
            await alice.expect_in_log("Refund request")

            # Also a page that is opened just now.
            await alice.page.reload()
            await expect(alice.page.get_by_text("We are trying again.")).to_be_visible(timeout=WITHIN_MS)
            await expect(alice.composer).to_have_value("And for a part of it?")

        await alice.expect_in_log("Refund request", timeout=WITHIN_MS)
        await expect(alice.page.get_by_text("We are trying again.")).to_be_hidden()
        await alice.composer.press("Enter")
        await alice.expect_answer("And for a part of it?")
        await expect(alice.composer).to_have_value("")
        assert readiness(postgres_app) == 200
