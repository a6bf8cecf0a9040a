"""One walk through the whole loop on PostgreSQL."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.people import SOON, agent, customer
from tests.servers.app import App

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

ARTICLE = """---
title: Zeppelin mode
---
# Zeppelin mode

## How to start it

Choose **Tools > Zeppelin** and hold the lever for three seconds.
"""


async def test_the_loop_on_postgresql(chromium: Browser, postgres_app: App, tmp_path: Path) -> None:
    (tmp_path / "guides" / "modes").mkdir(parents=True)
    (tmp_path / "guides" / "modes" / "zeppelin.md").write_text(ARTICLE)
    postgres_app.command("articles", "import", str(tmp_path / "guides"), "--keep-sample")

    async with agent(chromium, postgres_app, "Sam") as sam, customer(chromium, postgres_app) as alice:
        await alice.ask("How do I start zeppelin mode?")
        await alice.expect_answer("hold the lever")
        await alice.ask("How do I get a refund?")
        await alice.expect_answer("Refund request")
        await alice.ask_for_person(name="Alice on Postgres")
        await expect(sam.row("Alice on Postgres")).to_be_visible(timeout=SOON * 2)
        await sam.open_case("Alice on Postgres")
        await sam.claim()
        await sam.reply("Good morning from PostgreSQL.")
        await alice.expect_in_log("Good morning from PostgreSQL.", timeout=SOON)
        await alice.page.reload()
        await alice.expect_in_log("Good morning from PostgreSQL.")
