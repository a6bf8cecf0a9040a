"""The whole desk by keyboard alone: nobody who works here all day needs a mouse."""

import re
from secrets import token_hex

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from supportbot.conversations.live import MemoryLive
from supportbot.database import Database
from supportbot.house import versions
from supportbot.house.current import House
from supportbot.house.sections import Sections
from supportbot.ids import new_id
from tests.browser.people import DESKTOP, Agent, customer, password_in
from tests.servers.app import App

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

KEPT = "Hello {customer}, this is {agent} of {company}. Your order {order} is on its way."


async def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the focus is there, as somebody without a mouse does."""
    await expect(wanted).to_be_visible()
    for _ in range(60):
        if await wanted.evaluate("(element) => element === document.activeElement"):
            return
        await page.keyboard.press("Tab")
    raise AssertionError("the keyboard does not reach it")


async def seated(chromium: Browser, app: App, name: str) -> Agent:
    """Somebody at the desk who has signed in by keyboard."""
    email = f"{name.lower()}-{token_hex(4)}@acme.example"
    password = password_in(app.command("staff", "add", email, "--name", name))
    person = Agent(app, await (await chromium.new_context(viewport=DESKTOP)).new_page())
    person.name = name
    page, keyboard = person.page, person.page.keyboard
    await page.goto(app.url + "/sign-in")
    await tab_to(page, page.get_by_label(re.compile("e-mail", re.I)))
    await keyboard.type(email)
    await keyboard.press("Tab")
    await keyboard.type(password)
    await keyboard.press("Enter")
    await page.wait_for_url(re.compile("/escalations/?$"))
    return person


async def opened(person: Agent, customers_name: str) -> None:
    """A conversation, from the list."""
    await tab_to(person.page, person.row(customers_name).first)
    await person.page.keyboard.press("Enter")
    await person.page.wait_for_url(re.compile(r"/escalations/[0-9a-f-]{36}"))
    await expect(person.page.get_by_role("heading", level=1)).to_have_text(customers_name)


async def press(person: Agent, letter: str) -> None:
    """A key of the desk: out of whatever field one is in, then the key."""
    if await person.page.evaluate("document.activeElement.matches('input, textarea, select')"):
        await person.page.keyboard.press("Escape")
    await person.page.keyboard.press(letter)


async def assign(person: Agent, colleague: str, note: str) -> None:
    """Give the open conversation to a colleague."""
    keyboard = person.page.keyboard
    await press(person, "a")
    dialog = person.page.get_by_role("dialog", name="Assign")
    await expect(dialog.get_by_role("combobox")).to_be_focused()
    await keyboard.type(colleague)
    await keyboard.press("Tab")
    await keyboard.type(note)
    await tab_to(person.page, dialog.get_by_role("button", name="Assign"))
    await keyboard.press("Enter")
    await expect(dialog).to_be_hidden()


async def keep_a_reply(app: App) -> None:
    """Somebody has written a reply for use into the settings, beside those that are there."""
    database = Database(f"sqlite+aiosqlite:///{app.folder}/supportbot.db")
    house = House(database, Sections())
    await house.refresh()
    others = house.replies.model_dump(mode="json")["replies"]
    content = {"replies": [*others, {"id": str(new_id()), "title": f"Parcel {token_hex(2)}", "body": KEPT}]}
    await versions.save(database, MemoryLive(), "replies", content, None, over=house.version("replies"))
    await database.close()


async def test_the_whole_desk_without_a_mouse(chromium: Browser, plain_app: App) -> None:
    await keep_a_reply(plain_app)
    async with customer(chromium, plain_app) as alice:
        await alice.ask_for_person(name="Alice Keys")
        sam, vera = await seated(chromium, plain_app, "Kira"), await seated(chromium, plain_app, "Vera")
        page, keyboard = sam.page, sam.page.keyboard

        await opened(sam, "Alice Keys")
        await press(sam, "c")
        await expect(sam.composer).to_be_visible()

        await press(sam, "r")
        await keyboard.type("Hello Alice, Kira here.")
        await keyboard.press("Enter")
        await alice.expect_in_log("Hello Alice, Kira here.")

        await press(sam, "n")
        await keyboard.type("She has called twice.")  # the first letter already goes into the note
        await keyboard.press("Control+Enter")
        await expect(page.locator(".message.note")).to_contain_text("She has called twice.")

        await press(sam, "i")
        saved = page.get_by_role("dialog", name="Saved replies")
        await expect(saved.get_by_role("searchbox")).to_be_focused(timeout=20_000)
        await keyboard.type("parcel")
        await keyboard.press("Enter")
        filled = "Hello Alice Keys, this is Kira of Acme. Your order {order} is on its way."
        await expect(sam.composer).to_have_value(filled)
        await expect(sam.composer).to_be_focused()
        await keyboard.press("Enter")
        await alice.expect_in_log("this is Kira of Acme")

        await press(sam, "t")
        await keyboard.type("Orders")
        await keyboard.press("Enter")
        await expect(page.locator(".case-tag")).to_have_text("orders")

        await assign(sam, "Vera", "Could you look at this?")
        await expect(page.locator(".case-standing")).to_contain_text("Vera has it")
        await tab_to(vera.page, vera.page.get_by_role("link", name="Mine"))
        await vera.page.keyboard.press("Enter")
        await expect(vera.page.get_by_role("heading", level=1, name="Mine")).to_be_visible(timeout=15_000)
        await opened(vera, "Alice Keys")
        await vera.expect_in_log("Could you look at this?")
        await assign(vera, "Kira", "It is done.")
        await expect(page.locator(".case-standing")).to_contain_text("You have it")

        resolved, undo = page.get_by_text("Resolved.", exact=True), page.get_by_role("button", name="Undo")
        await press(sam, "e")
        await expect(resolved).to_be_visible()
        await press(sam, "z")
        await expect(page.locator(".case-standing")).to_contain_text("You have it")
        await expect(undo).to_have_count(0)
        await page.wait_for_timeout(600)  # the same key again at once would be a double press
        await press(sam, "e")
        await expect(resolved).to_be_visible()
        await alice.expect_in_log("marked this conversation as resolved")
        await expect(alice.log).not_to_contain_text("called twice")
        for one in (sam, vera):
            assert one.troubles == []
            await one.page.context.close()


def test_no_mouse_was_used_above() -> None:
    with open(__file__) as source:
        written = source.read()

    assert [call for call in ("click", "tap", "hover", "mouse") if f".{call}(" in written] == []
