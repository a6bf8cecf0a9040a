"""What is new at the desk: in the title, the icon, a sound, a notification; on one tab of several."""

import asyncio

import pytest
from playwright.async_api import Browser, Page, expect

from tests.script.still_page import ADDRESS, StillPage, desk, message

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

ALERT = {"alert_text": "Alice waits for a person", "alert_url": "/escalations/alice"}
NOTIFICATIONS = """
    window.Notification = class {
        static permission = "granted";
        constructor(words) { notified.push(words); shown = this; }
        close() {}
    };
"""


async def opened(page: StillPage, path: str = "/escalations", before: str = "") -> None:
    """A page of the desk that has looked once and been clicked, as the browser demands."""
    await page.open(path, desk=desk(), before=before)
    await page.desk(alert=1)
    await page.page.locator("h1, body").first.click(position={"x": 300, "y": 5})


async def quiet(page: Page) -> None:
    """Longer than any tab waits before it rings."""
    await page.wait_for_timeout(900)


async def test_the_title_and_the_icon_count_who_waits(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open(desk=desk())
        await page.desk(waiting=3)
        await expect(page.page).to_have_title("(3) Acme support")
        assert (await page.icon()).startswith("data:image/svg+xml")
        assert "3%3C%2Ftext" in await page.icon()
        await page.desk(waiting=0)
        await expect(page.page).to_have_title("Acme support")
        assert await page.icon() == ADDRESS + "/favicon.svg"


async def test_a_page_with_another_title_counts_as_well(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open(desk=desk())
        await page.desk(waiting=12)
        await page.page.evaluate("document.title = 'Outbox'")
        await expect(page.page).to_have_title("(12) Outbox")
        assert "9%2B%3C%2Ftext" in await page.icon()


async def test_at_the_desk_the_title_counts_who_waits_and_not_what_is_said(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open(desk=desk())
        await page.log(message("q", "user", "Hello"))
        await page.hide(True)
        await page.log(message("a", "assistant", "One."))
        await page.desk(waiting=2)
        await expect(page.page).to_have_title("(2) Acme support")


async def test_what_is_new_sounds_and_is_said(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await opened(page)
        await page.desk(alert=2, **ALERT)
        await page.page.wait_for_function("sounded.length === 1")
        assert await page.sounds() == ["running"]
        assert await page.voice() == "Alice waits for a person"
        await page.desk(alert=3)
        await page.page.wait_for_function("sounded.length === 2")


async def test_what_was_there_before_the_page_is_no_news(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open(desk=desk())
        await page.desk(alert=7, waiting=3, **ALERT)
        await quiet(page.page)
        assert await page.sounds() == []
        assert await page.voice() == ""


async def test_what_came_while_the_connection_was_lost_is_news_when_it_is_back(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await opened(page)
        await page.desk(alert="", waiting=0)  # the state begins anew
        await page.desk(alert=1)
        await quiet(page.page)
        assert await page.sounds() == []
        await page.desk(alert="")
        await page.desk(alert=2, **ALERT)
        await page.page.wait_for_function("sounded.length === 1")


@pytest.mark.parametrize("marks", [{"sounds": "no"}, {"quiet": "yes"}])
async def test_sounds_off_and_away_are_silent(chromium: Browser, marks: dict[str, str]) -> None:
    async with StillPage(chromium) as page:
        await opened(page)
        await page.desk(**marks)
        await page.desk(alert=2, **ALERT)
        await quiet(page.page)
        assert await page.sounds() == []
        assert (await page.voice() == "") == ("quiet" in marks)


async def test_whoever_looks_at_the_conversation_hears_nothing_of_it(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await opened(page, "/escalations/alice")
        await page.desk(alert=2, **ALERT)
        await quiet(page.page)
        assert await page.sounds() == []
        await page.hide(True)
        await page.desk(alert=3)
        await page.page.wait_for_function("sounded.length === 1")


async def test_of_several_tabs_one_sounds(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await opened(page)
        pages = [page]
        for path in ("/outbox", "/settings"):
            other = StillPage(chromium)
            other.context, other.page = page.context, await page.context.new_page()
            await opened(other, path)
            pages.append(other)
        for round_ in range(2, 5):
            await asyncio.gather(*(one.desk(alert=round_, **ALERT) for one in pages))
            await quiet(page.page)
            assert sum([len(await one.sounds()) for one in pages]) == round_ - 1


async def test_the_tab_that_shows_the_conversation_keeps_the_others_quiet(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await opened(page)
        other = StillPage(chromium)
        other.context, other.page = page.context, await page.context.new_page()
        await opened(other, "/escalations/alice")
        await page.hide(True)
        await asyncio.gather(*(one.desk(alert=2, **ALERT) for one in (page, other)))
        await page.page.wait_for_timeout(1_500)
        assert await page.sounds() + await other.sounds() == []


async def test_an_unseen_tab_notifies_and_a_click_opens_the_conversation(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await opened(page, before=NOTIFICATIONS + "var shown;")
        await page.desk(alert=2, **ALERT)
        await page.page.wait_for_function("sounded.length === 1")
        assert await page.page.evaluate("notified") == []
        await page.hide(True)
        await page.desk(alert=3)
        await page.page.wait_for_function("notified.length === 1")
        assert await page.page.evaluate("notified") == ["Alice waits for a person"]
        await page.page.evaluate("shown.onclick()")
        await page.page.wait_for_url("**/escalations/alice")


async def test_notifications_are_asked_for_by_a_button_and_never_at_load(chromium: Browser) -> None:
    asks = """
        var asked = 0;
        window.Notification = class {
            static permission = "default";
            static async requestPermission() { asked += 1; Notification.permission = "granted"; }
        };
    """
    async with StillPage(chromium) as page:
        await opened(page, before=asks)
        html = page.page.locator("html")
        await expect(html).to_have_attribute("data-notifications", "default")
        assert await page.page.evaluate("asked") == 0
        await page.page.get_by_role("button", name="Show notifications").click()
        await expect(html).to_have_attribute("data-notifications", "granted")
        assert await page.page.evaluate("asked") == 1


async def test_a_phone_that_refuses_to_build_a_notification_still_sounds(chromium: Browser) -> None:
    refuses = "Notification = class { static permission = 'granted'; constructor() { throw TypeError() } };"
    async with StillPage(chromium) as page:
        await opened(page, before=refuses)
        await page.hide(True)
        await page.desk(alert=2, **ALERT)
        await page.page.wait_for_function("sounded.length === 1")


async def test_on_a_customers_page_nothing_of_it_happens(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open(
            "/c/one", before="var made = 0; AudioContext = class { constructor() { made += 1 } };"
        )
        await page.page.get_by_role("button", name="Newest").click()
        await page.page.keyboard.press("Control+k")
        await page.page.keyboard.press("?")
        assert await page.page.evaluate("made") == 0
        assert await page.icon() == ADDRESS + "/favicon.svg"
        await expect(page.page.get_by_role("dialog")).to_have_count(0)


SEEN = "<button hidden data-seen-signal onclick='pressed.push(1)'>seen</button>"


async def test_at_the_desk_it_is_the_customers_words_that_have_been_shown(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.page.clock.install()
        await page.open("/escalations/one", desk=SEEN.replace("signal", "signal='user'", 1))
        await page.log(message("s", "staff", "Hello Alice", "Sam"))
        await page.page.clock.run_for(100)
        assert await page.page.evaluate("pressed.length") == 0
        await page.log(message("q", "user", "Hello"))
        await page.page.clock.run_for(100)
        assert await page.page.evaluate("pressed.length") == 1


async def test_a_customers_page_says_what_it_has_shown_when_somebody_looks(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.page.clock.install()
        await page.open("/c/one", desk=SEEN)
        await page.log(message("q", "user", "Hello") + message("a", "assistant", "Hello."))
        await page.page.clock.run_for(100)
        assert await page.page.evaluate("pressed.length") == 0
        await page.log(message("s", "staff", "Hello Alice", "Sam"))
        await page.page.clock.run_for(100)
        assert await page.page.evaluate("pressed.length") == 1
        await page.log(message("t", "staff", "How are", "Sam") + message("u", "staff", "you?", "Sam"))
        await page.page.clock.run_for(2_500)
        assert await page.page.evaluate("pressed.length") == 1
        await page.page.clock.run_for(600)
        assert await page.page.evaluate("pressed.length") == 2
        await page.page.clock.run_for(9_000)
        assert await page.page.evaluate("pressed.length") == 2


async def test_what_a_hidden_tab_received_counts_as_seen_when_it_is_looked_at(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.page.clock.install()
        await page.open("/c/one", desk=SEEN)
        await page.hide(True)
        await page.log(message("s", "staff", "Hello Alice", "Sam"))
        await page.page.clock.run_for(5_000)
        assert await page.page.evaluate("pressed.length") == 0
        await page.hide(False)
        await page.page.clock.run_for(100)
        assert await page.page.evaluate("pressed.length") == 1


async def test_what_is_below_the_view_has_not_been_seen(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open("/c/one", desk=SEEN)
        await page.log("".join(message(f"m{n}", "user", "line") for n in range(9)))
        await page.page.evaluate("document.querySelector('[data-log]').scrollTop = 100")
        await expect(page.page.locator("html")).to_have_attribute("data-away", "")
        await page.log(message("s", "staff", "Hello Alice", "Sam"))
        await page.page.wait_for_timeout(200)
        assert await page.page.evaluate("pressed.length") == 0
        await page.page.get_by_role("button", name="Newest").click()
        await page.page.wait_for_function("pressed.length === 1")
