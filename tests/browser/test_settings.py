"""Owners change the product on its own pages: what they save is in effect, and nothing typed is lost."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_hex

import pytest
from playwright.async_api import Browser, Page, expect

from supportbot.conversations.live import MemoryLive
from supportbot.database import Database
from supportbot.house import versions
from supportbot.models import Staff, StaffRole
from supportbot.settings import Settings
from tests.browser.people import DESKTOP, customer
from tests.people import signed_in
from tests.servers.app import App

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

WITHIN = 10_000
"""Milliseconds in which a saved setting is in effect everywhere."""


@asynccontextmanager
async def colleague(
    chromium: Browser, app: App, role: StaffRole = StaffRole.ADMIN
) -> AsyncIterator[tuple[Page, Database]]:
    """Somebody at the desk with a browser of their own; in the end the settings are what they were."""
    database = Database.from_settings(Settings(_env_file=None, database_url=app.environment["DATABASE_URL"]))
    staff = Staff(email=f"{token_hex(6)}@acme.example", name="Robin", role=role, password_hash="!")
    async with database.transaction() as session:
        session.add(staff)
    name, _, value = (await signed_in(database, staff)).partition("=")
    context = await chromium.new_context(viewport=DESKTOP)
    await context.add_cookies([{"name": name, "value": value, "url": app.url}])
    try:
        yield await context.new_page(), database
    finally:
        await context.close()
        for section in ("company", "hours", "look"):
            await versions.restore(database, MemoryLive(), section, 0, None)
        await database.close()


async def saved(page: Page) -> None:
    """Press the button and wait until it is in effect."""
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_text("Saved. It is in effect now.")).to_be_visible()


async def test_a_saved_greeting_is_on_the_next_page_and_an_earlier_version_takes_it_back(
    chromium: Browser, plain_app: App
) -> None:
    async with colleague(chromium, plain_app) as (page, _), customer(chromium, plain_app) as alice:
        await page.goto(plain_app.url + "/settings/look")
        await page.get_by_label("Greeting").fill("Good day to you")
        await expect(page.get_by_role("img", name="The page in dark")).to_contain_text("Good day to you")
        await expect(page.get_by_text("Not saved yet")).to_be_visible()
        await saved(page)

        await alice.open()
        await expect(alice.page.get_by_role("heading", name="Good day to you")).to_be_visible(timeout=WITHIN)

        await page.get_by_role("link", name="Earlier versions").click()
        await page.get_by_role("button", name="Compare with now").last.click()
        await expect(page.locator(".change")).to_contain_text("Good day to you")
        await page.get_by_role("button", name="Restore").last.click()
        await expect(page.get_by_text("restored from the start")).to_be_visible()
        await alice.open()
        await expect(alice.page.get_by_role("heading", name="How can we help?")).to_be_visible(timeout=WITHIN)


async def test_what_was_typed_outlives_a_refusal_and_somebody_quicker(
    chromium: Browser, plain_app: App
) -> None:
    async with colleague(chromium, plain_app) as (page, database):
        await page.goto(plain_app.url + "/settings")
        facts = page.get_by_label("Facts")
        await facts.fill("We are in Leipzig.")
        await page.get_by_label("Company", exact=True).fill("")
        await page.get_by_role("button", name="Save", exact=True).click()
        await expect(page.get_by_role("alert")).to_have_text("The company's name must not be empty.")
        await expect(facts).to_have_value("We are in Leipzig.")

        over = (await versions.newest(database, "company")).version
        await versions.save(database, MemoryLive(), "company", {"instructions": "Be brief."}, None, over=over)
        await page.get_by_label("Company", exact=True).fill("Acme & Daughters")
        await page.get_by_role("button", name="Save", exact=True).click()
        await expect(page.get_by_role("alert")).to_contain_text("has saved these settings meanwhile")
        await expect(page.get_by_role("alert")).to_contain_text("Be brief.")
        await expect(facts).to_have_value("We are in Leipzig.")
        await page.get_by_role("button", name="Save over it").click()
        await expect(page.get_by_text("Saved. It is in effect now.")).to_be_visible()

        assert (await versions.newest(database, "company")).section.name == "Acme & Daughters"


async def test_a_question_is_answered_with_what_is_typed(chromium: Browser, plain_app: App) -> None:
    async with colleague(chromium, plain_app) as (page, _):
        await page.goto(plain_app.url + "/settings")
        await page.get_by_label("Assistant", exact=True).fill("Bea")
        await page.get_by_label("A customer’s question").fill("How do I get a refund?")
        await page.get_by_role("button", name="Ask").click()

        await expect(page.locator(".try-answer")).to_contain_text("Bea AI")
        await expect(page.locator(".try-answer")).to_contain_text("refund")
        await expect(page.locator(".try-answer")).to_contain_text("No model is set up")


async def test_the_week_says_at_once_whether_it_is_open(chromium: Browser, plain_app: App) -> None:
    async with colleague(chromium, plain_app) as (page, database):
        await page.goto(plain_app.url + "/settings/hours")
        await expect(page.get_by_text("Right now: open")).to_be_visible()
        await page.get_by_label("At certain hours").check()
        await expect(page.get_by_label("Monday, from")).to_be_visible()
        for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"):
            await page.get_by_role("button", name=f"Remove this period of {day}").click()
        await expect(page.get_by_text("Right now: it shows again")).to_be_visible()
        await page.get_by_role("button", name="Save", exact=True).click()
        await expect(page.get_by_role("alert")).to_contain_text("Name at least one opening time")

        await page.get_by_role("button", name="Add a period on Sunday").click()
        await page.get_by_label("Sunday, to").fill("08:00")
        await page.get_by_role("button", name="Save", exact=True).click()
        await expect(page.get_by_role("alert")).to_contain_text("must be after the opening time on Sunday")
        await page.get_by_label("Sunday, to").fill("12:00")
        await saved(page)

        section = (await versions.newest(database, "hours")).section
        assert [(one.weekday, f"{one.opens:%H}", f"{one.closes:%H}") for one in section.week] == [
            (6, "09", "12")
        ]


async def test_an_invited_colleague_accepts_and_is_at_the_desk(chromium: Browser, plain_app: App) -> None:
    async with colleague(chromium, plain_app) as (page, _):
        await page.goto(plain_app.url + "/settings/people")
        email = f"{token_hex(6)}@acme.example"
        await page.get_by_label("E-mail address").fill(email)
        await page.get_by_label("Name").fill("Noor")
        await page.get_by_role("button", name="Invite", exact=True).click()
        link = await page.get_by_label("The link").input_value()
        await expect(page.locator(".member", has_text=email)).to_contain_text("Invited")

        newcomer = await (await chromium.new_context(viewport=DESKTOP)).new_page()
        path = "/welcome/" + link.rpartition("/")[2]
        await newcomer.goto(plain_app.url + path)
        await expect(newcomer.get_by_text(f"You sign in as {email}.")).to_be_visible()
        await newcomer.get_by_label("Your name").fill("Noor Haddad")
        await newcomer.get_by_label("Password", exact=True).fill("a short sentence")
        await newcomer.get_by_label("Password, again").fill("another sentence")
        await newcomer.get_by_role("button", name="Accept and sign in").click()
        await expect(newcomer.get_by_role("alert")).to_contain_text("not the same in both fields")
        await expect(newcomer.get_by_label("Your name")).to_have_value("Noor Haddad")
        await newcomer.get_by_label("Password", exact=True).fill("a short sentence")
        await newcomer.get_by_label("Password, again").fill("a short sentence")
        await newcomer.get_by_role("button", name="Accept and sign in").click()
        await expect(newcomer.locator(".desk-me")).to_have_text("Noor Haddad")

        # An agent: no settings in the bar, and none behind the address.
        await expect(newcomer.get_by_role("link", name="Settings")).to_have_count(0)
        await newcomer.goto(plain_app.url + "/settings")
        await expect(newcomer.get_by_text("Only admins can see the settings.")).to_be_visible()
        await newcomer.goto(plain_app.url + path)
        await expect(newcomer.get_by_role("heading", name="This link cannot be used")).to_be_visible()
        await newcomer.context.close()


async def test_a_picture_of_oneself_is_shown_at_once(chromium: Browser, plain_app: App) -> None:
    async with colleague(chromium, plain_app, StaffRole.AGENT) as (page, _):
        await page.goto(plain_app.url + "/account")
        await page.locator("#picture-file").set_input_files(
            {"name": "me.svg", "mimeType": "image/svg+xml", "buffer": b"<svg/>"}
        )
        await expect(page.locator("#picture-problem")).to_have_text(
            "Please choose a PNG, JPEG or WebP picture."
        )
        drawn = await page.locator(".desk-bar").screenshot()
        await page.locator("#picture-file").set_input_files(
            {"name": "me.png", "mimeType": "image/png", "buffer": drawn}
        )
        shown = page.locator("main img.avatar")
        await expect(shown).to_be_visible()
        # Decoded is loaded: it fails for what is no picture, and waits for one that is on its way.
        assert await shown.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
