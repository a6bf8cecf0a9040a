"""People at their browsers, in the product's own words: `ask`, `expect_answer`, `take_over`."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_hex

from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from supportbot.database import Database
from supportbot.models import StaffRole
from supportbot.settings import Settings
from supportbot.staff import accounts
from tests.people import signed_in
from tests.servers.app import App

DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
SOON = 1_000
"""Milliseconds: what the product promises for everything that happens live."""


class Person:
    """Somebody with a browser of their own."""

    def __init__(self, app: App, page: Page) -> None:
        self.app = app
        self.page = page
        self.troubles: list[str] = []
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", self._listen)

    @property
    def log(self) -> Locator:
        """The transcript."""
        return self.page.get_by_role("log")

    @property
    def composer(self) -> Locator:
        """Where one writes."""
        return self.page.get_by_role("textbox", name="Message", exact=True)

    async def expect_in_log(self, words: str | re.Pattern[str], timeout: float = 15_000) -> None:
        """Wait until the transcript holds these words."""
        await expect(self.log).to_contain_text(words, timeout=timeout)

    async def another_tab(self) -> "Person":
        """The same person, a second tab on the same address."""
        page = await self.page.context.new_page()
        tab = type(self)(self.app, page)
        await page.goto(self.page.url)
        return tab

    def _listen(self, message: object) -> None:
        text = getattr(message, "text", "")
        if "Content Security Policy" in text or "Minified React error" in text:
            self.troubles.append(text)


class Customer(Person):
    """Somebody who wants an answer."""

    async def open(self, path: str = "/") -> None:
        """Open the customer's page."""
        await self.page.goto(self.app.url + path)
        await expect(self.composer).to_be_visible()

    async def ask(self, words: str) -> None:
        """Write and press Enter; the composer empties once the server has it."""
        await self.composer.fill(words)
        await self.composer.press("Enter")
        await self.expect_in_log(words.split("\n")[0][:60])
        await expect(self.composer).to_have_value("")

    async def expect_answer(self, words: str | re.Pattern[str]) -> None:
        """Wait until the assistant has said this and is done."""
        await self.expect_in_log(words)
        await self.expect_quiet()

    async def expect_quiet(self) -> None:
        """Wait until nothing streams."""
        await expect(self.page.get_by_role("button", name="Stop")).to_have_count(0, timeout=20_000)

    async def ask_for_person(self, name: str = "", email: str = "") -> None:
        """Use the button that is always there."""
        await self.page.get_by_role("button", name="Talk to a person").first.click()
        dialog = self.page.get_by_role("dialog")
        if name:
            await dialog.get_by_label(re.compile("name", re.I)).fill(name)
        if email:
            await dialog.get_by_label(re.compile("e-mail", re.I)).fill(email)
        await dialog.get_by_role("button", name="Ask for a person").click()


class Agent(Person):
    """Somebody who works at the desk."""

    name = ""

    async def sign_in(self, email: str, password: str) -> None:
        """Sign in, land on the list, and be at the desk: from then on nobody is mailed in one's place."""
        await self.page.goto(self.app.url + "/sign-in")
        await self.page.get_by_label(re.compile("e-mail", re.I)).fill(email)
        await self.page.get_by_label(re.compile("password", re.I)).fill(password)
        await self.page.get_by_role("button", name="Sign in").click()
        await self.page.wait_for_url(re.compile("/escalations/?$"))
        await self._is_at_the_desk()

    async def come_to_the_desk(self) -> None:
        """Open the list, signed in as one is."""
        await self.page.goto(self.app.url + "/escalations")
        await self._is_at_the_desk()

    async def _is_at_the_desk(self) -> None:
        await expect(self.page.locator(".desk-bar")).to_have_attribute("data-alert", re.compile(r"\d+"))

    async def sign_out(self) -> None:
        """Leave by one's own menu."""
        await self.page.get_by_title("Your menu").click()
        await self.page.get_by_role("button", name="Sign out").click()

    async def show(self, name: str) -> None:
        """Choose one of the lists."""
        await self.page.get_by_role("navigation", name="Lists").get_by_role("link", name=name).click()
        await expect(self.page.get_by_role("heading", level=1, name=name)).to_be_visible()

    def row(self, words: str) -> Locator:
        """The row of the list with these words."""
        return self.page.get_by_role("link").filter(has_text=words)

    async def open_case(self, words: str) -> None:
        """Open a conversation from the list."""
        await self.row(words).first.click()
        await self.page.wait_for_url(re.compile(r"/escalations/[0-9a-f-]{36}(\?|$)"))

    async def claim(self) -> None:
        """Take a waiting conversation, and have it."""
        await self.page.get_by_role("button", name="Claim", exact=True).click()
        await expect(self.page.locator(".case-standing")).to_contain_text("You have it", timeout=15_000)

    async def take_over(self) -> None:
        """Take a conversation from the assistant."""
        await self.page.get_by_role("button", name="Take over").click()

    async def reply(self, words: str) -> None:
        """Answer the customer."""
        await self.composer.fill(words)
        await self.composer.press("Enter")
        await self.expect_in_log(words)

    @property
    def note_field(self) -> Locator:
        """Where one writes to colleagues."""
        return self.page.get_by_role("textbox", name="Note for colleagues")

    async def note(self, words: str) -> None:
        """Write to colleagues."""
        await self.page.get_by_role("button", name="Note", exact=True).click()
        await self.note_field.fill(words)
        await self.note_field.press("Enter")
        await self.expect_in_log(words)

    async def hand_back(self, note: str = "") -> None:
        """Give the conversation back to the assistant."""
        await self.page.get_by_role("button", name="Hand back").click()
        dialog = self.page.get_by_role("dialog", name="Hand back")
        await dialog.get_by_role("textbox").fill(note)
        await dialog.get_by_role("button", name="Hand back").click()

    async def resolve(self) -> None:
        """Close the conversation."""
        await self.page.get_by_role("button", name="Resolve").click()


@asynccontextmanager
async def customer(chromium: Browser, app: App) -> AsyncIterator[Customer]:
    """A customer in a browser nobody has used before."""
    context = await chromium.new_context(viewport=DESKTOP)
    person = Customer(app, await context.new_page())
    try:
        await person.open()
        yield person
        assert person.troubles == []
    finally:
        await context.close()


@asynccontextmanager
async def agent(chromium: Browser, app: App, name: str) -> AsyncIterator[Agent]:
    """A member of staff with an account of their own, who has signed in before and comes to the desk."""
    context = await chromium.new_context(viewport=DESKTOP)
    cookie, _, token = (await _hired(app, name)).partition("=")
    await context.add_cookies([{"name": cookie, "value": token, "url": app.url}])
    person = Agent(app, await context.new_page())
    person.name = name
    try:
        await person.come_to_the_desk()
        yield person
        assert person.troubles == []
    finally:
        await context.close()


async def _hired(app: App, name: str) -> str:
    """The cookie of somebody new."""
    settings = Settings(_env_file=None, database_url=app.environment["DATABASE_URL"])
    database = Database.from_settings(settings)
    email = f"{name.lower()}-{token_hex(4)}@acme.example"
    try:
        staff, _ = await accounts.add(database, email, name=name, role=StaffRole.AGENT)
        return await signed_in(database, staff)
    finally:
        await database.close()


def password_in(printed: str) -> str:
    """The one-time password among what the command printed."""
    found = re.search(r"[Pp]assword[^:\n]*:\s*(\S+)", printed)
    assert found, printed
    return found[1]
