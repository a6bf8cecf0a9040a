"""The field: drafts, keys, the counter, sending, and who this browser is."""

import re

import pytest
from playwright.async_api import Browser, expect

from tests.script.still_page import ADDRESS, SCRIPT, StillPage, composer

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
TOKEN = re.compile(r"[A-Za-z0-9_-]{43,86}")


def test_the_script_stays_small() -> None:
    assert len(SCRIPT.read_bytes()) <= 25 * 1024


async def test_a_browser_gets_a_token_before_anything_else_runs_and_keeps_it(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open()
        token = await page.kept("visitor")
        assert token
        assert TOKEN.fullmatch(token)
        await page.open("/again")
        assert await page.kept("visitor") == token


async def test_a_token_that_cannot_be_ours_is_replaced(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open(before="localStorage.setItem('supportbot.visitor', 'short')")
        assert TOKEN.fullmatch(await page.kept("visitor") or "")


async def test_without_storage_the_page_works_and_forgets(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        # A sandboxed page has no origin: touching its storage throws, as in some private windows.
        await page.open(headers={"Content-Security-Policy": "sandbox allow-scripts allow-forms"})
        await page.say("Hello")
        assert TOKEN.fullmatch(await page.kept("visitor") or "")
        first = (await page.sent())[0]
        await page.accept(first["client_key"])
        await expect(page.field).to_have_value("")


async def test_where_storage_is_full_the_page_works_and_reflex_hears_no_error(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open(before="Storage.prototype.setItem = () => { throw new DOMException('full') };")
        await page.page.evaluate("localStorage.setItem('theme', 'dark')")
        await page.say("Hello")
        await page.accept((await page.sent())[0]["client_key"])
        await expect(page.field).to_have_value("")


async def test_enter_sends_and_shift_enter_breaks_the_line(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open()
        await page.field.press_sequentially("one")
        await page.field.press("Shift+Enter")
        await page.field.press_sequentially("two")
        assert await page.sent() == []
        await page.field.press("Enter")
        assert (await page.sent())[0]["message"].split() == ["one", "two"]


@pytest.mark.parametrize("event", ["{isComposing: true}", "{keyCode: 229}"])
async def test_enter_that_chooses_a_character_sends_nothing(chromium: Browser, event: str) -> None:
    async with StillPage(chromium) as page:
        await page.open()
        await page.field.fill("にほん")
        await page.field.evaluate(
            "(field, more) => field.dispatchEvent(new KeyboardEvent('keydown',"
            " {key: 'Enter', bubbles: true, cancelable: true, ...more}))",
            {"isComposing": True} if "isComposing" in event else {"keyCode": 229},
        )
        assert await page.sent() == []


async def test_a_form_tells_where_it_comes_from(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open("/?from=pricing")
        await page.say("Hello")
        form = (await page.sent())[0]
        assert form["page"] == ADDRESS + "/?from=pricing"
        assert form["referrer"] == ""
        assert re.fullmatch(r"[\w-]{22}", form["client_key"])


async def test_the_same_words_unanswered_are_the_same_message(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open()
        await page.say("Hello")
        await page.field.press("Enter")
        await page.say("Hello there")
        first, again, other = [form["client_key"] for form in await page.sent()]
        assert first == again != other


async def test_the_key_survives_a_refresh(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open()
        await page.say("Hello")
        before = (await page.sent())[0]["client_key"]
        await page.open()
        await page.field.press("Enter")
        assert (await page.sent())[0]["client_key"] == before


async def test_after_an_acknowledgement_the_same_words_are_a_new_message(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open()
        await page.say("Yes")
        await page.accept((await page.sent())[0]["client_key"])
        await expect(page.field).to_have_value("")
        await page.say("Yes")
        first, second = [form["client_key"] for form in await page.sent()]
        assert first != second


async def test_the_text_stays_until_the_server_has_it(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open()
        await page.say("Hello")
        await expect(page.field).to_have_value("Hello")
        await page.accept("another tab's key")
        await expect(page.field).to_have_value("Hello")
        await page.accept((await page.sent())[0]["client_key"])
        await expect(page.field).to_have_value("")
        assert await page.kept("draft.new") is None


async def test_what_was_typed_since_stays(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open()
        await page.say("Hello")
        await page.field.press_sequentially(" and one more thing")
        await page.accept((await page.sent())[0]["client_key"])
        await expect(page.field).to_have_value("and one more thing")


async def test_a_draft_survives_a_refresh(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open()
        await page.field.press_sequentially("Half a sent")
        await page.open()
        await expect(page.field).to_have_value("Half a sent")


async def test_each_conversation_has_its_own_draft(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open("/c/one", field=composer(draft="one"))
        await page.field.fill("for one")
        await page.navigate("/c/two", composer(draft="two"))
        await expect(page.field).to_have_value("")
        await page.field.fill("for two")
        await page.mark("data-draft", "one")  # React may also keep the element
        await expect(page.field).to_have_value("for one")


async def test_a_first_message_leaves_the_field_when_its_conversation_opens(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open()
        await page.say("Hello")
        key = (await page.sent())[0]["client_key"]
        await page.navigate("/c/one", composer(draft="one", accepted=key))
        await expect(page.field).to_have_value("")
        await expect(page.field).to_be_focused()
        assert await page.kept("draft.new") is None


async def test_a_suggestion_is_said_at_once_and_leaves_the_draft_alone(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open()
        await page.field.fill("half")
        await page.page.get_by_role("button", name="How do I get a refund?").click()
        form = (await page.sent())[0]
        assert form["message"] == "How do I get a refund?"
        assert form["client_key"]
        await page.accept(form["client_key"])
        await expect(page.field).to_have_value("half")


async def test_a_form_sent_before_reflex_has_started_waits_for_it(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open(reflex="undefined")
        await page.say("Hello")
        assert await page.sent() == []
        await page.page.evaluate("window.__reflex = {}")
        await page.page.wait_for_function("sent.length === 1")
        assert page.page.url == ADDRESS + "/"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a" * 1799, ""),
        ("a" * 1800, "200 left"),
        ("😀" * 2000, "0 left"),
        ("e\u0301" * 1900, "100 left"),
        ("a" * 2001, "1 too many"),
        ("a" * 4000, "2,000 too many"),
    ],
)
async def test_the_counter_appears_in_the_last_tenth(chromium: Browser, text: str, count: str) -> None:
    async with StillPage(chromium) as page:
        await page.open()
        await page.field.fill(text)
        await expect(page.page.locator(".count")).to_have_text(count)
        await expect(page.field).to_have_value(text)
        too_long = await page.field.get_attribute("aria-invalid")
        assert too_long == ("true" if "many" in count else "false" if count else None)


async def test_nothing_is_written_into_the_page_before_reflex_has_taken_it_over(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open()
        await page.field.fill("a" * 1900)
        await page.open(reflex="undefined")
        await expect(page.field).to_have_value("a" * 1900)
        await page.field.press("End")
        await page.field.press_sequentially("b")
        await expect(page.page.locator(".count")).to_be_empty()
        await page.page.evaluate("window.__reflex = {}")
        await page.field.press_sequentially("c")
        await expect(page.page.locator(".count")).to_have_text("98 left")


async def test_a_field_that_has_not_arrived_yet_is_waited_for(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open()
        await page.field.fill("Hello")
        await page.navigate("/", "<form data-composer data-draft='new'></form>")
        await page.navigate("/", composer())
        await expect(page.field).to_have_value("Hello")


async def test_writing_is_told_at_most_every_three_seconds_and_only_to_people(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.page.clock.install()
        await page.open(field=composer(typing="no"))
        await page.field.press_sequentially("alone")
        assert await page.page.evaluate("signals") == 0
        await page.mark("data-typing", "yes")
        await page.field.press_sequentially("to you")
        assert await page.page.evaluate("signals") == 1
        await page.page.clock.run_for(3100)
        await page.field.press_sequentially("more")
        assert await page.page.evaluate("signals") == 2


async def test_the_focus_is_in_the_field_after_sending(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open()
        await page.field.fill("Hello")
        await page.page.get_by_role("button", name="Send").click()
        await expect(page.field).to_be_focused()


async def test_a_field_that_react_replaced_works_like_the_first(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open()
        await page.field.fill("Hello")
        await page.navigate("/", composer())
        await expect(page.field).to_have_value("Hello")
        await page.field.press("Enter")
        assert len(await page.sent()) == 1


async def test_two_tabs_that_send_at_once_both_empty_their_field(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open("/c/one", field=composer(draft="one"))
        await page.say("from here")
        # The other tab of this conversation keeps its own message and draft in the same place.
        await page.page.evaluate(
            "localStorage.setItem('supportbot.sent.one', 'from there');"
            " localStorage.setItem('supportbot.key.one', 'theirs');"
            " localStorage.setItem('supportbot.draft.one', 'from there')"
        )
        await page.accept((await page.sent())[0]["client_key"])
        await expect(page.field).to_have_value("")


async def test_it_says_sending_until_it_is_stored_or_refused(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open()
        form = page.page.locator("[data-composer]")
        await page.say("Hello")
        await expect(form).to_have_attribute("data-sending", "")
        await page.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p role=alert>No</p>')")
        await expect(form).not_to_have_attribute("data-sending", "")

        # An old refusal says nothing about a new message.
        await page.say("Hello again")
        await page.log("<p>something else happens</p>")
        await expect(form).to_have_attribute("data-sending", "")
        await page.page.evaluate("document.querySelector('[role=alert]').remove()")
        await page.say("And again")
        await expect(form).to_have_attribute("data-sending", "")
        await page.accept((await page.sent())[-1]["client_key"])
        await expect(form).not_to_have_attribute("data-sending", "")


async def test_the_key_of_an_unanswered_message_is_kept_where_the_page_finds_it(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open()
        await page.say("Hello")
        key = (await page.sent())[0]["client_key"]
        assert await page.kept("key.new") == key
        await page.open("/again")
        await page.say("Hello")
        assert (await page.sent())[0]["client_key"] == key
        await page.accept(key)
        await expect(page.field).to_have_value("")
        assert not await page.kept("key.new")


async def test_when_the_button_that_had_the_focus_is_gone_one_writes_on(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open()
        await page.log("<button>Stop</button>")
        await page.page.get_by_role("button", name="Stop").focus()
        await page.page.evaluate("document.activeElement.remove()")
        await expect(page.field).to_be_focused()


async def test_opening_a_page_leaves_the_focus_where_it_is(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open()
        await page.log("<p>Hello</p>")
        await expect(page.field).not_to_be_focused()
