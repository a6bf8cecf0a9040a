"""Following the end, the polite voice, the title, dialogs, copying."""

import pytest
from playwright.async_api import Browser, expect

from tests.script.still_page import StillPage, composer, message

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

AT_END = (
    "(() => { const log = document.querySelector('[data-log]');"
    " return log.scrollHeight - log.scrollTop - log.clientHeight < 5; })()"
)
MANY = "".join(message(f"m{number}", "user", f"line {number}") for number in range(20))


async def scroll_to(page: StillPage, top: int) -> None:
    await page.page.evaluate("(top) => { document.querySelector('[data-log]').scrollTop = top; }", top)
    await page.page.wait_for_timeout(100)


async def scroll_top(page: StillPage) -> int:
    return int(await page.page.evaluate("document.querySelector('[data-log]').scrollTop"))


async def test_the_view_follows_a_reader_at_the_end(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open()
        await page.log(MANY)
        assert await page.page.evaluate(AT_END)
        await page.run("An answer")
        assert await page.page.evaluate(AT_END)


async def test_the_view_stays_where_somebody_reads_and_offers_the_way_back(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open()
        await page.log(MANY)
        await scroll_to(page, 300)
        assert await page.page.evaluate("document.documentElement.hasAttribute('data-away')")
        await page.run("An answer")
        assert await scroll_top(page) == 300
        await page.page.get_by_role("button", name="Newest").click()
        assert await page.page.evaluate(AT_END)
        assert not await page.page.evaluate("document.documentElement.hasAttribute('data-away')")


async def test_sending_goes_back_to_the_end(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open()
        await page.log(MANY)
        await scroll_to(page, 300)
        await page.say("Hello")
        await page.log(message("mine", "user", "Hello"))
        assert await page.page.evaluate(AT_END)


async def test_older_messages_come_in_above_what_one_reads(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open()
        await page.log(MANY)
        await scroll_to(page, 0)
        await page.log("".join(message(f"old{n}", "staff", "old", "Sam") for n in range(3)), "afterbegin")
        assert await scroll_top(page) == 300
        assert await page.voice() == ""


async def test_the_start_is_shown_from_its_top(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open()
        await page.log("<div style='height: 900px'>Welcome</div>")
        assert await scroll_top(page) == 0


async def test_finished_sentences_of_the_running_answer_are_said_once(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open("/c/one")
        await page.log(message("q", "user", "Why?"))
        await page.run("You can. It takes")
        assert await page.voice() == "You can."
        await page.run("You can. It takes five minutes. Then")
        assert await page.voice() == "It takes five minutes."
        await page.run("")
        await page.log(message("a", "assistant", "You can. It takes five minutes. Then you are done"))
        assert await page.voice() == "Then you are done"


async def test_what_was_there_when_the_page_opened_is_not_read_out(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open("/c/one")
        await page.log(message("a", "assistant", "An old answer.") + message("s", "staff", "Old.", "Sam"))
        assert await page.voice() == ""


async def test_a_persons_reply_is_said_with_the_name(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open("/c/one")
        await page.log(message("q", "user", "Hello"))
        await page.log(message("e", "event", "Sam has joined."))
        assert await page.voice() == "Sam has joined."
        await page.log(message("s", "staff", "Hello<br>Alice", "Sam"))
        assert await page.voice() == "Sam: Hello Alice"
        await page.log(message("u", "user", "My own words"))
        assert await page.voice() == "Sam: Hello Alice"


async def test_the_title_counts_what_arrives_while_the_tab_is_hidden(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open("/c/one")
        await page.log(message("q", "user", "Hello"))
        await page.hide(True)
        await page.log(message("a", "assistant", "One."))
        await page.log(message("s", "staff", "Two.", "Sam"))
        await page.log(message("e", "event", "Sam has left."))
        await expect(page.page).to_have_title("(2) Acme support")
        await page.hide(False)
        await expect(page.page).to_have_title("Acme support")


async def test_a_dialog_opens_closes_and_gives_the_focus_back(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open()
        opener, dialog = page.page.get_by_role("button", name="Talk"), page.page.get_by_role("dialog")
        await opener.click()
        await expect(dialog).to_be_visible()
        await dialog.get_by_role("button", name="Not now").click()
        await expect(dialog).to_be_hidden()
        await expect(opener).to_be_focused()
        await opener.click()
        await page.page.keyboard.press("Escape")
        await expect(dialog).to_be_hidden()


async def test_sending_from_a_dialog_closes_it(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open()
        await page.page.get_by_role("button", name="Talk").click()
        dialog = page.page.get_by_role("dialog")
        await dialog.get_by_label("Name").fill("Alice")
        await dialog.get_by_role("button", name="Ask").click()
        await expect(dialog).to_be_hidden()
        form = (await page.sent())[0]
        assert form["name"] == "Alice"
        assert form["page"].startswith("http")


async def test_an_answer_is_copied_as_one_sees_it(chromium: Browser) -> None:
    async with StillPage(chromium, permissions=["clipboard-read", "clipboard-write"]) as page:
        await page.open("/c/one")
        await page.page.evaluate(
            "Object.defineProperty(navigator, 'clipboard', {value: {writeText: async (t) => { copied = t }}})"
        )
        await page.log(message("a", "assistant", "Open <b>Settings</b>.<br>Done."))
        button = page.page.get_by_role("button", name="Copy")
        await button.click()
        assert await page.page.evaluate("copied") == "Open Settings.\nDone."
        await expect(button).to_have_attribute("data-done", "")
        assert await page.voice() == "Copied"
        await expect(button).not_to_have_attribute("data-done", "", timeout=4000)


async def test_without_a_clipboard_the_answer_is_copied_the_old_way(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open("/c/one")  # http, so there is no navigator.clipboard
        await page.log(message("a", "assistant", "Open Settings."))
        await page.page.get_by_role("button", name="Copy").click()
        assert await page.page.evaluate("getSelection().toString()") == "Open Settings."


async def test_arriving_on_another_page_puts_the_focus_into_the_field(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open()
        await expect(page.field).not_to_be_focused()
        await page.navigate("/c/one", composer(draft="one"))
        await expect(page.field).to_be_focused()


async def test_on_a_phone_only_sending_brings_the_keyboard(chromium: Browser) -> None:
    async with StillPage(chromium, has_touch=True, is_mobile=True) as page:
        await page.open()
        await page.navigate("/c/one", composer(draft="one"))
        await expect(page.field).not_to_be_focused()
