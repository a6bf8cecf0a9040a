"""No page of the product keeps anybody out: looked for by axe-core, in light and dark, wide and narrow."""

import re
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.axe import barriers
from tests.browser.people import DESKTOP, PHONE, Agent, customer, password_in
from tests.servers.app import App

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

SETTINGS = ("", "/hours", "/replies", "/look", "/search", "/limits", "/sending", "/people", "/versions")
DESK = (
    *("/escalations", "/escalations?list=all", "/articles", "/articles/new", "/articles/import"),
    *("/articles/gaps", "/outbox", "/account", *(f"/settings{name}" for name in SETTINGS)),
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_of_the_customers_keeps_anybody_out(
    chromium: Browser, plain_app: App, scheme: Literal["light", "dark"]
) -> None:
    async with customer(chromium, plain_app) as alice:
        page = alice.page
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await _is_open_to_all(page, "the start")
        await alice.ask("How do I get a refund?")
        await alice.expect_answer("Refund request")
        await _is_open_to_all(page, "an answer")
        await page.get_by_role("button", name="This answer did not help").click()
        await expect(page.get_by_role("group", name="What was wrong?")).to_be_visible()
        await _is_open_to_all(page, "what was wrong")
        await page.get_by_role("button", name="Talk to a person").first.click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        await _is_open_to_all(page, "the dialog")
        await page.keyboard.press("Escape")
        await alice.ask_for_person(name="Alice Open")
        await expect(page.get_by_text(re.compile("in line|person", re.I)).first).to_be_visible()
        await _is_open_to_all(page, "waiting")
        await page.goto(plain_app.url + "/c/01a21967-300b-74b5-af9d-cd13601697c9")
        await expect(page.get_by_text("could not find").first).to_be_visible()
        await _is_open_to_all(page, "nobody's conversation")
        await page.goto(plain_app.url + "/sign-in")
        await _is_open_to_all(page, "the sign-in")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_of_the_desk_keeps_anybody_out(
    chromium: Browser, plain_app: App, scheme: Literal["light", "dark"]
) -> None:
    email = f"{scheme}@acme.example"
    printed = plain_app.command("staff", "add", email, "--name", "Ada", "--role", "admin")
    context = await chromium.new_context(viewport=DESKTOP, color_scheme=scheme, reduced_motion="reduce")
    try:
        ada = Agent(plain_app, await context.new_page())
        async with customer(chromium, plain_app) as alice:
            await alice.ask("How do I get a refund?")
            await alice.expect_answer("Refund request")
            await alice.ask_for_person(name=f"Alice {scheme}")
            await ada.sign_in(email, password_in(printed))
            await ada.open_case(f"Alice {scheme}")
            await ada.claim()
            await ada.reply("I am looking into it.")
            await ada.note("She has asked before.")
            await _is_open_to_all(ada.page, "a case")
        for path in DESK:
            await ada.page.goto(plain_app.url + path)
            await expect(ada.page.get_by_role("heading", level=1)).to_be_visible()
            await _is_open_to_all(ada.page, path)
        await ada.page.goto(plain_app.url + "/articles?search=refund")
        await ada.page.get_by_role("link", name="How to get a refund").first.click()
        await expect(ada.page.get_by_label("Text, in Markdown")).to_be_editable()
        await _is_open_to_all(ada.page, "an article")
        assert ada.troubles == []
    finally:
        await context.close()


async def _is_open_to_all(page: Page, where: str) -> None:
    for size in (PHONE, DESKTOP):
        await page.set_viewport_size(size)
        assert await barriers(page) == [], where
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), where
