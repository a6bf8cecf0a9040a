"""What an owner saves is on the next page, also without loading it anew; and no other name shows before."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from playwright.async_api import Browser, expect

from supportbot.conversations.live import MemoryLive
from supportbot.database import Database
from supportbot.house import versions
from supportbot.house.colours import shades
from supportbot.settings import Settings
from tests.browser.people import Customer, customer
from tests.servers.app import App

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

WITHIN = 10.0
"""Seconds in which a change is in effect, also on a server that did not hear of it."""
ACCENT = "getComputedStyle(document.querySelector('.page')).getPropertyValue('--accent').trim()"


@asynccontextmanager
async def owner(app: App) -> AsyncIterator[Database]:
    """Somebody who changes settings elsewhere; in the end they are what they were."""
    database = Database.from_settings(Settings(_env_file=None, database_url=app.environment["DATABASE_URL"]))
    try:
        yield database
    finally:
        for section in ("company", "look"):
            await versions.restore(database, MemoryLive(), section, 0, None)
        await database.close()


async def save(database: Database, section: str, **content: Any) -> None:
    over = (await versions.newest(database, section)).version
    await versions.save(database, MemoryLive(), section, content, None, over=over)


async def go_to_the_start_until(alice: Customer, words: str) -> None:
    """Leave the conversation by the link above, without loading the page, until it says this."""
    until = asyncio.get_running_loop().time() + WITHIN
    while True:
        await alice.page.locator("a.brand").click()
        await alice.page.wait_for_url(re.compile(r"/$"))
        try:
            await expect(alice.page.get_by_role("heading", name=words)).to_be_visible(timeout=1_000)
            return
        except AssertionError:
            if asyncio.get_running_loop().time() > until:
                raise
        await alice.page.go_back()


async def test_what_is_saved_is_on_the_next_page(chromium: Browser, plain_app: App) -> None:
    async with owner(plain_app) as database, customer(chromium, plain_app) as alice:
        await expect(alice.page).to_have_title("Acme support")
        await alice.ask("How do I get a refund?")
        await alice.expect_answer("Refund request")

        await save(database, "company", name="Ca$$h & Sons", assistant_name="Bea")
        await save(database, "look", greeting="Good day", suggestions=["Is it open?"], colour="#c026d3")
        await go_to_the_start_until(alice, "Good day")

        await expect(alice.page).to_have_title("Ca$$h & Sons support")
        await expect(alice.page.locator(".welcome")).to_contain_text("Bea is an AI assistant")
        await expect(alice.page.locator(".suggestions button")).to_have_text(["Is it open?"])
        assert await alice.page.evaluate(ACCENT) == shades("#c026d3").light["--accent"]
        await alice.page.get_by_role("button", name="Is it open?").click()
        await alice.expect_in_log("Is it open?")

        await versions.restore(database, MemoryLive(), "look", 0, None)
        await go_to_the_start_until(alice, "How can we help?")
        assert await alice.page.evaluate(ACCENT) == shades("").light["--accent"]


async def test_a_page_that_is_not_alive_yet_names_no_company(plain_app: App) -> None:
    async with httpx2.AsyncClient(base_url=plain_app.url, follow_redirects=True) as browser:
        for path in ("/", "/c/0", "/sign-in", "/escalations"):
            page = (await browser.get(path)).text
            assert "Acme" not in page
            assert "Ada" not in page
            assert 'href="/look.css"' in page
    built = plain_app.folder / "web" / "build" / "client"
    assert not [file.name for file in built.rglob("*.js") if "Acme" in file.read_text(errors="replace")]


async def test_the_help_pages_know_the_company_and_its_colour(plain_app: App) -> None:
    async with owner(plain_app) as database, httpx2.AsyncClient(base_url=plain_app.url) as browser:
        await save(database, "company", name="Birch")
        await save(database, "look", colour="#c026d3")
        async with asyncio.timeout(WITHIN):
            while "Birch help" not in (await browser.get("/help")).text:
                await asyncio.sleep(0.2)
            while shades("#c026d3").light["--accent"] not in (await browser.get("/look.css")).text:
                await asyncio.sleep(0.2)
