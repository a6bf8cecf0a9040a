"""Nobody has to look at the desk to notice a customer: title, icon and sound; and nobody needs a mouse."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, expect

from tests.browser.people import Agent, agent, customer
from tests.servers.app import App

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

WITHIN = 3_000
"""Milliseconds in which a hand-off has to be noticed."""
LISTENING = """
    window.sounded = [];
    const make = AudioContext.prototype.createOscillator;
    AudioContext.prototype.createOscillator = function () {
        sounded.push(this.state);
        return make.apply(this);
    };
"""


@asynccontextmanager
async def at_the_desk(chromium: Browser, app: App, name: str) -> AsyncIterator[Agent]:
    """Somebody signed in, in whose browser every sound is noted."""
    async with agent(chromium, app, name) as person:
        await person.page.context.add_init_script(LISTENING)
        await idle(person)
        yield person


async def idle(person: Agent) -> None:
    """Load the page and click somewhere once, which browsers demand before they allow a sound."""
    await person.page.reload()
    await expect(person.page.locator(".desk-bar")).to_have_attribute("data-alert", re.compile(r"\d+"))
    await person.page.locator(".desk-bar").click(position={"x": 640, "y": 4})


async def tab(person: Agent, path: str) -> Agent:
    """Another tab of the same person, on another page of the desk."""
    other = Agent(person.app, await person.page.context.new_page())
    await other.page.goto(person.app.url + path)
    await idle(other)
    return other


async def waiting(person: Agent) -> int:
    return int(await person.page.locator(".desk-bar").get_attribute("data-waiting") or 0)


async def sounds(*people: Agent) -> int:
    return sum([len(await one.page.evaluate("sounded")) for one in people])


async def sounded(count: int, *people: Agent) -> None:
    """Wait until so many sounds were made, and a moment longer: no more of them."""
    async with asyncio.timeout(WITHIN / 1_000):
        while await sounds(*people) < count:
            await asyncio.sleep(0.05)
    await people[0].page.wait_for_timeout(700)
    assert await sounds(*people) == count


async def test_an_idle_tab_shows_and_sounds_a_hand_off_and_a_second_tab_adds_no_second_sound(
    chromium: Browser, plain_app: App
) -> None:
    async with (
        at_the_desk(chromium, plain_app, "Nora") as nora,
        customer(chromium, plain_app) as alice,
    ):
        second = await tab(nora, "/outbox")
        before = await waiting(nora)
        await alice.ask_for_person(name="Alice Alert")

        title = re.compile(rf"^\({before + 1}\) ")
        await expect(nora.page).to_have_title(re.compile(title.pattern + "Escalations"), timeout=WITHIN)
        await expect(second.page).to_have_title(re.compile(title.pattern + "Outbox"), timeout=WITHIN)
        await sounded(1, nora, second)
        assert "running" in await nora.page.evaluate("sounded") + await second.page.evaluate("sounded")
        for one in (nora, second):
            icon = await one.page.locator("link[rel=icon]").get_attribute("href")
            assert icon is not None
            assert icon.startswith("data:image/svg+xml")
            assert "Alice Alert waits for a person" in await one.page.locator("[data-voice]").inner_text()


async def test_what_a_customer_of_mine_writes_sounds_unless_i_am_reading_it(
    chromium: Browser, plain_app: App
) -> None:
    async with (
        at_the_desk(chromium, plain_app, "Otto") as otto,
        customer(chromium, plain_app) as bob,
    ):
        await bob.ask_for_person(name="Bob Beeps")
        await sounded(1, otto)
        await otto.open_case("Bob Beeps")
        await otto.claim()
        await expect(otto.composer).to_be_visible()
        await bob.ask("Are you reading this?")
        await otto.expect_in_log("Are you reading this?")
        await otto.page.keyboard.press("Escape")
        await sounded(1, otto)

        await otto.page.keyboard.press("g")
        await otto.page.keyboard.press("e")
        await otto.page.wait_for_url(re.compile("/escalations/?$"))
        await bob.ask("And this?")
        await sounded(2, otto)
        await expect(otto.page.locator("[data-voice]")).to_have_text("Bob Beeps has written to you")


async def test_whoever_is_away_or_wants_no_sounds_hears_nothing_and_colleagues_see_who_is_away(
    chromium: Browser, plain_app: App
) -> None:
    async with (
        at_the_desk(chromium, plain_app, "Paula") as paula,
        at_the_desk(chromium, plain_app, "Quinn") as quinn,
        customer(chromium, plain_app) as alice,
    ):
        await paula.page.get_by_role("button", name="Online").click()
        await expect(paula.page.get_by_role("button", name="Away")).to_be_visible()
        await quinn.page.get_by_role("button", name="Sounds are on").click()
        await expect(quinn.page.get_by_role("button", name="Sounds are off")).to_be_visible()
        before = await waiting(quinn)
        await alice.ask_for_person(name="Alice Quiet")
        for one in (paula, quinn):
            await expect(one.page).to_have_title(re.compile(rf"^\({before + 1}\) "), timeout=WITHIN)
        await quinn.page.wait_for_timeout(1_000)
        assert await sounds(paula, quinn) == 0

        await quinn.page.reload()
        await expect(quinn.page.get_by_role("button", name="Sounds are off")).to_be_visible()
        await quinn.page.get_by_title("Your menu").click()
        line = quinn.page.get_by_role("listitem").filter(has_text="Paula")
        await expect(line).to_contain_text("Away")


async def test_the_palette_and_the_help_sheet_need_no_mouse(chromium: Browser, plain_app: App) -> None:
    async with at_the_desk(chromium, plain_app, "Rosa") as rosa:
        keyboard = rosa.page.keyboard
        await keyboard.press("?")
        sheet = rosa.page.get_by_role("dialog", name="Keys")
        await expect(sheet.get_by_text("Next conversation")).to_be_visible()
        await expect(sheet.get_by_text("Go to my account")).to_be_visible()
        await keyboard.press("Escape")

        await keyboard.press("Control+k")
        palette = rosa.page.get_by_role("dialog", name="Commands")
        await expect(palette.get_by_role("combobox")).to_be_focused()
        await keyboard.type("be away")
        await expect(palette.get_by_role("option").first).to_have_text("Be away: no alerts")
        await keyboard.press("Enter")
        await expect(palette).to_be_hidden()
        await expect(rosa.page.get_by_role("button", name="Away")).to_be_visible()

        await keyboard.press("Control+k")
        await keyboard.type("sign out")
        await keyboard.press("Enter")
        await rosa.page.wait_for_url(re.compile("/sign-in"))
