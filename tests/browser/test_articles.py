"""Staff write articles and customers get them in the next answer; nothing anybody typed is lost."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_hex

import pytest
from playwright.async_api import Browser, Page, expect

from supportbot.database import Database
from supportbot.ids import new_id
from supportbot.models import Staff, StaffRole
from supportbot.settings import Settings
from tests.browser.people import DESKTOP, customer
from tests.people import signed_in
from tests.servers.app import App

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

QUESTION = "Where are zeppelin tickets sold?"


@asynccontextmanager
async def author(chromium: Browser, app: App) -> AsyncIterator[Page]:
    """An agent with a browser of their own, who writes."""
    database = Database.from_settings(Settings(_env_file=None, database_url=app.environment["DATABASE_URL"]))
    staff = Staff(email=f"{token_hex(6)}@acme.example", name="Robin", role=StaffRole.AGENT, password_hash="!")
    async with database.transaction() as session:
        session.add(staff)
    name, _, value = (await signed_in(database, staff)).partition("=")
    context = await chromium.new_context(viewport=DESKTOP)
    await context.add_cookies([{"name": name, "value": value, "url": app.url}])
    page, troubles = await context.new_page(), list[str]()
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda said: troubles.append(said.text) if "Security Policy" in said.text else None)
    try:
        yield page
        assert troubles == []
    finally:
        await context.close()
        await database.close()


async def opened(page: Page, address: str) -> None:
    """Open an article and wait until it can be written in."""
    await page.goto(address)
    await expect(page.get_by_label("Text, in Markdown")).to_be_editable()


async def write(page: Page, text: str, title: str = "") -> None:
    if title:
        await page.get_by_label("Title", exact=True).fill(title)
    await page.get_by_label("Text, in Markdown").fill(text)


async def publish(page: Page) -> None:
    await page.get_by_role("button", name=re.compile("^Publish")).click()
    await expect(page.get_by_text("Published. The next answer knows it.")).to_be_visible()


async def test_what_is_published_answers_the_next_question_until_it_is_retired(
    chromium: Browser, plain_app: App
) -> None:
    async with author(chromium, plain_app) as page, customer(chromium, plain_app) as alice:
        await page.goto(plain_app.url + "/articles")
        await page.get_by_role("link", name="New article").click()
        await expect(page.get_by_label("Text, in Markdown")).to_be_editable()
        await write(
            page, "Zeppelin tickets are sold at the **mast**.\n\n## Dogs\n\nThey fly free.", "Zeppelins"
        )
        preview = page.frame_locator("[title='The article as customers see it']")
        await expect(preview.get_by_role("heading", name="Dogs")).to_be_visible()
        await expect(preview.locator("strong")).to_have_text("mast")
        await expect(page.get_by_text("Not saved yet; kept in this browser")).to_be_visible()
        await page.keyboard.press("Control+s")
        await expect(page.get_by_text("Saved", exact=True)).to_be_visible()
        await page.wait_for_url(re.compile(r"/articles/[0-9a-f-]{36}$"))
        await publish(page)

        await alice.ask(QUESTION)
        await alice.expect_answer("sold at the mast")

        await write(page, "Zeppelin tickets are sold on board.")
        await page.keyboard.press("Control+s")
        await expect(
            page.get_by_text("Readers still see version 1; version 2 is not published.")
        ).to_be_visible()
        await publish(page)
        await alice.open()
        await alice.ask(QUESTION)
        await alice.expect_answer("sold on board")

        await page.get_by_role("button", name="Retire").click()
        dialog = page.get_by_role("dialog", name="Retire this article?")
        await dialog.get_by_role("button", name="Retire").click()
        await expect(page.get_by_text("Retired: nobody finds it")).to_be_visible()
        await alice.open()
        await alice.ask(QUESTION)
        await alice.expect_quiet()
        await expect(alice.log).not_to_contain_text("sold on board")
        gone = await page.request.get(plain_app.url + "/help/zeppelins")
        assert gone.status == 404


async def test_two_tabs_write_and_nothing_is_lost(chromium: Browser, plain_app: App) -> None:
    async with author(chromium, plain_app) as page:
        await opened(page, plain_app.url + "/articles/new")
        await write(page, "The first text.", "Balloons")
        await page.keyboard.press("Control+s")
        await expect(page.get_by_text("Saved", exact=True)).to_be_visible()
        other = await page.context.new_page()
        await opened(other, page.url)
        await expect(other.get_by_label("Text, in Markdown")).to_have_value("The first text.")

        await write(other, "Their text.")
        await other.keyboard.press("Control+s")
        await expect(other.get_by_text("Saved", exact=True)).to_be_visible()
        await write(page, "My text.")
        await page.keyboard.press("Control+s")
        await expect(page.get_by_role("alert").first).to_contain_text(
            "Robin has saved this article meanwhile"
        )
        theirs = page.frame_locator("[title='What yours says otherwise than theirs']")
        await expect(theirs.locator("del")).to_have_text("Their")
        await expect(page.get_by_label("Text, in Markdown")).to_have_value("My text.")
        await page.get_by_role("button", name="Save mine over it").click()
        await expect(page.get_by_text("Saved", exact=True)).to_be_visible()

        await write(other, "Not saved by anybody.")
        await expect(other.get_by_text("Not saved yet; kept in this browser")).to_be_visible()
        await other.get_by_role("link", name="All articles").click()
        await other.get_by_role("link", name="Balloons").click()
        await expect(other.get_by_label("Text, in Markdown")).to_have_value("Not saved by anybody.")
        await other.get_by_role("button", name="Drop it and show what is saved").click()
        await expect(other.get_by_label("Text, in Markdown")).to_have_value("My text.")

        await page.get_by_text("Versions", exact=True).click()
        await page.get_by_role("button", name="Compare version 2").click()
        changes = page.frame_locator("[title='What the newest version says otherwise than version 2']")
        await expect(changes.locator("ins")).to_have_text("My")
        await write(page, "Half a sentence")
        await page.get_by_role("button", name="Restore version 2").click()
        await expect(page.get_by_text("Save what you have written before")).to_be_visible()
        await page.keyboard.press("Control+s")
        await expect(page.get_by_text("Saved", exact=True)).to_be_visible()
        await page.get_by_role("button", name="Restore version 2").click()
        await expect(page.get_by_label("Text, in Markdown")).to_have_value("Their text.")


async def test_what_cannot_be_sent_is_kept_and_sent_later(chromium: Browser, plain_app: App) -> None:
    async with author(chromium, plain_app) as page:
        await opened(page, plain_app.url + "/articles/new")
        await page.context.route("**/staff/articles/*/text", lambda route: route.abort())
        await write(page, "Kites fly.", "Kites")
        await page.keyboard.press("Control+s")
        await expect(page.get_by_text("The server could not be reached.")).to_be_visible()
        await page.close()

        page = await page.context.new_page()
        await opened(page, plain_app.url + "/articles/new")
        await expect(page.get_by_label("Title", exact=True)).to_have_value("Kites")
        await expect(page.get_by_text("What you had not saved is back.")).to_be_visible()
        await page.context.unroute("**/staff/articles/*/text")
        await page.context.clear_cookies()
        await page.keyboard.press("Control+s")
        await expect(page.get_by_text("Please sign in again.")).to_be_visible()
        await expect(page.get_by_label("Text, in Markdown")).to_have_value("Kites fly.")


async def test_a_page_that_begins_anew_has_the_words_of_before(chromium: Browser, plain_app: App) -> None:
    async with author(chromium, plain_app) as page:
        await opened(page, plain_app.url + "/articles/new")
        await write(page, "Half a thought", "Half")
        # What a page is told that comes back after the server has started again.
        begin = "(id) => { document.querySelector('[data-article]').dataset.article = id; }"
        await page.evaluate(begin, str(new_id()))
        await expect(page.get_by_text("What you had not saved is back.")).to_be_visible()
        await expect(page.get_by_label("Text, in Markdown")).to_have_value("Half a thought")


async def test_the_list_finds_and_the_keyboard_leads_there(chromium: Browser, plain_app: App) -> None:
    async with author(chromium, plain_app) as page:
        await page.goto(plain_app.url + "/account")
        await expect(page.locator(".desk-bar")).to_have_attribute("data-alert", re.compile(r"\d+"))
        await page.keyboard.press("g")
        await page.keyboard.press("k")
        await page.wait_for_url(re.compile("/articles$"))
        await expect(page.locator(".shelf-title").first).to_be_visible()
        await page.keyboard.press("/")
        await expect(page.get_by_role("searchbox")).to_be_focused()
        await page.keyboard.type("refund")
        await page.keyboard.press("Enter")
        await expect(page.locator(".shelf-title").first).to_contain_text(re.compile("refund", re.I))
        await page.get_by_label("Any state").select_option("retired")
        await expect(page.get_by_text("No article fits.")).to_be_visible()
        await page.get_by_role("link", name="Show all").click()
        await expect(page.get_by_text("Two-step sign-in")).to_be_visible()

        await page.goto(plain_app.url + "/articles/0192f0c1-2345-7abc-8def-0123456789ab")
        await expect(page.get_by_role("heading", name="There is no such article.")).to_be_visible()
