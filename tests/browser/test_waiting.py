"""Waiting for a person: what one is told, what one can put right, and how one leaves."""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Locator, expect

from supportbot.conversations.live import MemoryLive
from supportbot.database import Database
from supportbot.house import versions
from supportbot.ids import now
from tests.browser.people import Customer, agent, customer
from tests.servers.app import App

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

LIVE = 30_000
"""Milliseconds within which a page that waits has heard of changed hours by itself."""


def card(person: Customer) -> Locator:
    """What a customer who waits has before them."""
    return person.page.locator(".card.waiting")


async def test_the_desk_reads_the_brief_as_the_customer_has_corrected_it(
    chromium: Browser, plain_app: App
) -> None:
    async with customer(chromium, plain_app) as alice, agent(chromium, plain_app, "Correcta") as sam:
        await alice.ask_for_person(name="Alice Corrects")
        await alice.page.wait_for_url(re.compile("/c/"))
        await expect(card(alice)).to_contain_text("You have not said yet what it is about.")

        await card(alice).get_by_text("Say what it is about").click()
        field = card(alice).get_by_role("textbox", name="What our team should know")
        await field.fill("It is about invoice 2026-1041.")
        await card(alice).get_by_role("button", name="Pass it on").click()

        await expect(card(alice).get_by_text("Our team reads your words now.")).to_be_visible()
        await expect(card(alice).locator(".brief")).to_have_text("It is about invoice 2026-1041.")
        await expect(field).to_be_hidden()
        await sam.open_case("Alice Corrects")
        about = sam.page.get_by_role("complementary", name="About this conversation")
        await expect(about).to_contain_text("It is about invoice 2026-1041.")

        await sam.claim()
        await alice.expect_in_log("Correcta is here")
        await sam.reply("I see it, one moment.")
        await alice.expect_in_log("I see it, one moment.")
        await until_seen(plain_app, "I see it, one moment.")


async def test_outside_hours_one_is_told_when_people_are_back_and_leaves_an_address(
    chromium: Browser, plain_app: App
) -> None:
    async with customer(chromium, plain_app) as bob:
        await bob.ask_for_person(name="Bob Night")
        await bob.page.wait_for_url(re.compile("/c/"))
        async with outside_hours(plain_app):
            back = card(bob).get_by_role("heading", level=2)
            await expect(back).to_have_text(re.compile(r"Our team is back on \w+day at \d"), timeout=LIVE)
            await expect(back.locator("time")).to_have_attribute("datetime", re.compile(r"T0[78]:00:00"))

            await card(bob).get_by_label("Your e-mail address").fill("bob@example.com")
            await card(bob).get_by_role("button", name="Save").click()
            await expect(card(bob).get_by_text("bob@example.com")).to_be_visible()

            await card(bob).get_by_text("Use another address").click()
            await card(bob).get_by_label("Your e-mail address").fill("bob@example.org")
            await card(bob).get_by_role("button", name="Save").click()
            await expect(card(bob).get_by_text("bob@example.org")).to_be_visible()
            await bob.page.reload()
            await expect(card(bob).get_by_text("bob@example.org")).to_be_visible()


async def test_one_keeps_the_place_while_the_assistant_answers_and_may_give_it_up(
    chromium: Browser, plain_app: App
) -> None:
    async with customer(chromium, plain_app) as alice:
        await alice.ask_for_person()
        await card(alice).get_by_role("button", name="Keep my place").click()
        await expect(card(alice)).to_contain_text("our AI assistant, answers you")
        await alice.ask("How do I get a refund?")
        await alice.expect_answer("Refund request")
        await expect(card(alice)).to_contain_text(re.compile("You are|you are"))

        await card(alice).get_by_role("button", name="I no longer need a person").click()
        await expect(card(alice)).to_have_count(0)
        await alice.expect_in_log("You no longer wait for a person")


@asynccontextmanager
async def outside_hours(app: App) -> AsyncIterator[None]:
    """The house opens in three days, at nine in Berlin; afterwards it is as before."""
    weekday = (now().weekday() + 3) % 7
    week = [{"weekday": weekday, "opens": "09:00", "closes": "17:00"}]
    content = {"always_open": False, "time_zone": "Europe/Berlin", "week": week}
    database = Database(app.environment["DATABASE_URL"].replace("sqlite://", "sqlite+aiosqlite://"))
    try:
        before = (await versions.newest(database, "hours")).version
        await versions.save(database, MemoryLive(), "hours", content, None, over=before)
        yield
        await versions.restore(database, MemoryLive(), "hours", before, None)
    finally:
        await database.close()


async def until_seen(app: App, words: str) -> None:
    """Wait until it is noted that a page of the customer, which somebody looks at, has shown this."""
    query = (
        "SELECT 1 FROM conversation JOIN message ON message.conversation_id = conversation.id"
        " WHERE message.content = ? AND conversation.customer_seen_seq >= message.seq"
    )
    async with asyncio.timeout(15):
        while True:
            with sqlite3.connect(app.folder / "supportbot.db") as connection:
                if connection.execute(query, (words,)).fetchall():
                    return
            await asyncio.sleep(0.1)
