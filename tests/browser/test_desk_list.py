"""The lists of the desk, as somebody uses them all day."""

import asyncio
import re
import sqlite3

import pytest
from playwright.async_api import Browser, expect

from tests.browser.people import SOON, agent, customer
from tests.servers.app import App

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


async def test_a_customer_is_found_by_name_and_claimed_from_the_list(
    chromium: Browser, plain_app: App
) -> None:
    async with agent(chromium, plain_app, "Lena") as lena, customer(chromium, plain_app) as bob:
        await bob.ask_for_person(name="Wolfgang Quittenbaum")
        await expect(lena.row("Wolfgang Quittenbaum")).to_be_visible(timeout=SOON * 3)

        await lena.page.keyboard.press("/")
        await lena.page.keyboard.type("quitten")
        await lena.page.keyboard.press("Enter")
        await lena.page.wait_for_url(re.compile(r"search=quitten"))
        await expect(lena.page.get_by_role("heading", level=1)).to_have_text("Found: quitten")
        await expect(lena.row("Wolfgang Quittenbaum")).to_have_count(1)
        await lena.page.get_by_role("button", name="Claim the conversation with Wolfgang").focus()
        await lena.page.keyboard.press("Enter")

        await lena.page.wait_for_url(re.compile(r"/escalations/[0-9a-f-]{36}\?search=quitten"))
        await bob.expect_in_log("Lena has joined")


async def test_news_in_ones_own_conversation_are_marked_until_they_are_read(
    chromium: Browser, plain_app: App
) -> None:
    async with agent(chromium, plain_app, "Mira") as mira, customer(chromium, plain_app) as bob:
        await bob.ask_for_person(name="Nadia Newsworthy")
        await mira.open_case("Nadia Newsworthy")
        await mira.claim()
        await bob.expect_in_log("Mira has joined")
        await mira.page.goto(plain_app.url + "/escalations?list=mine")
        row = mira.row("Nadia Newsworthy")
        await expect(row).to_be_visible()

        await bob.ask("One more thing")

        await expect(row).to_contain_text("Unread.", timeout=SOON * 3)
        await row.click()
        await mira.expect_in_log("One more thing")
        await until_read(plain_app, "One more thing")
        await mira.page.goto(plain_app.url + "/escalations?list=mine")
        await expect(row).to_be_visible()
        await expect(row).not_to_contain_text("Unread.", timeout=SOON * 5)


async def test_a_list_is_narrowed_by_reason_and_the_address_says_so(
    chromium: Browser, plain_app: App
) -> None:
    async with agent(chromium, plain_app, "Nora") as nora, customer(chromium, plain_app) as bob:
        await bob.ask_for_person(name="Otto Reasonable")
        await expect(nora.row("Otto Reasonable")).to_be_visible(timeout=SOON * 3)

        await nora.page.get_by_label("Any reason").select_option("legal_threat")
        await nora.page.wait_for_url(re.compile("reason=legal_threat"))
        await expect(nora.row("Otto Reasonable")).to_have_count(0)

        await nora.page.get_by_role("link", name="Show all").click()
        await expect(nora.row("Otto Reasonable")).to_be_visible()


async def until_read(app: App, words: str) -> None:
    """Wait until it is noted that somebody at the desk has read this."""
    query = (
        "SELECT 1 FROM staff_read JOIN message ON message.conversation_id = staff_read.conversation_id"
        " WHERE message.content = ? AND staff_read.seq >= message.seq"
    )
    async with asyncio.timeout(15):
        while True:
            with sqlite3.connect(app.folder / "supportbot.db") as connection:
                if connection.execute(query, (words,)).fetchall():
                    return
            await asyncio.sleep(0.1)
