"""The help pages in a browser: for everybody, light, without JavaScript, and with the way into the chat."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Response, expect

from tests.browser.axe import barriers
from tests.browser.people import DESKTOP, PHONE, customer
from tests.servers.app import App

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

ARTICLE = "/help/how-to-get-a-refund"
PAGES = ("/help", ARTICLE, "/help?q=refund", "/help?q=xylophone", "/help/nowhere")
MOST_BYTES = 60_000


@asynccontextmanager
async def reader(chromium: Browser, **how: Any) -> AsyncIterator[Page]:
    """Somebody who reads."""
    context = await chromium.new_context(**({"viewport": DESKTOP} | how))
    try:
        yield await context.new_page()
    finally:
        await context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_keeps_anybody_out(chromium: Browser, plain_app: App, scheme: str) -> None:
    for size in (DESKTOP, PHONE):
        async with reader(chromium, viewport=size, color_scheme=scheme) as page:
            for path in PAGES:
                await page.goto(plain_app.url + path)
                assert await barriers(page) == [], path
                # Nothing is wider than the page.
                assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


async def test_a_page_weighs_little(chromium: Browser, plain_app: App) -> None:
    for path in PAGES:
        async with reader(chromium) as page:
            responses = await load(page, plain_app.url + path)
            names = {one.url.rpartition("/")[2] for one in responses}
            assert {"supportbot.css", "help.css", "look.css"} <= names
            sizes = [await response.request.sizes() for response in responses]
            weight = sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)
            assert 1_000 < weight < MOST_BYTES, path


async def test_everything_works_without_javascript(chromium: Browser, plain_app: App) -> None:
    async with reader(chromium, java_script_enabled=False) as page:
        await page.goto(plain_app.url + "/help")
        field = page.get_by_role("searchbox", name="Search the help")
        await field.fill("how long does a refund take")
        await field.press("Enter")
        await expect(page.get_by_role("searchbox")).to_have_value("how long does a refund take")
        await page.get_by_role("link", name="How to get a refund").click()
        assert page.url == plain_app.url + ARTICLE + "#how-long-does-a-refund-take"
        heading = page.get_by_role("heading", name="How long does a refund take?")
        await expect(heading).to_be_in_viewport()
        await expect(page.get_by_role("link", name="Ask about this").first).to_have_attribute(
            "href", "/?about=how-to-get-a-refund"
        )
        await page.get_by_role("link", name="Refunds", exact=True).click()
        await expect(page.get_by_role("heading", level=2, name="Refunds")).to_be_in_viewport()
        await page.goto(plain_app.url + "/help/nowhere")
        await expect(page.get_by_role("heading", name="We could not find this article")).to_be_visible()


async def test_the_first_key_leads_past_what_is_on_every_page(chromium: Browser, plain_app: App) -> None:
    async with reader(chromium) as page:
        await page.goto(plain_app.url + ARTICLE)
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Skip to the text")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("main")).to_be_focused()


async def test_a_question_about_an_article_is_answered_from_it(chromium: Browser, plain_app: App) -> None:
    async with customer(chromium, plain_app) as alice:
        await alice.page.get_by_role("link", name="All help articles").click()
        await alice.page.get_by_role("link", name="How to get a refund").click()
        await alice.page.get_by_role("main").get_by_role("link", name="Ask about this").click()
        await alice.expect_in_log("Your question will be about: How to get a refund")
        await expect(alice.composer).to_have_attribute("placeholder", "Ask about this article")
        await alice.log.get_by_role("link", name="Ask about something else").click()
        await expect(alice.composer).to_have_attribute("placeholder", "Write a message")
        await alice.page.go_back()
        await alice.expect_in_log("Your question will be about: How to get a refund")
        await alice.ask("How long does it take?")
        await alice.expect_quiet()
        source = alice.log.get_by_role("link", name="How to get a refund").first
        address = await source.get_attribute("href")
        assert address is not None
        assert address.startswith(ARTICLE)

        await alice.page.goto(plain_app.url + address)
        await expect(alice.page.locator(":target")).to_be_in_viewport()


async def test_what_somebody_has_searched_is_one_click_from_being_asked(
    chromium: Browser, plain_app: App
) -> None:
    async with customer(chromium, plain_app) as alice:
        await alice.page.goto(plain_app.url + "/help?q=xylophone+lessons")
        await alice.page.get_by_role("main").get_by_role("link", name="Ask Ada").click()
        await alice.page.get_by_role("button", name="xylophone lessons").click()
        await alice.expect_in_log("xylophone lessons")
        await alice.page.wait_for_url("**/c/*")


async def load(page: Page, url: str) -> list[Response]:
    """Everything that comes when a page is opened."""
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))
    await page.goto(url, wait_until="networkidle")
    return responses
