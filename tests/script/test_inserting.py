"""Words put into the field: a canned reply at once, a draft as it is written. Nobody's own words are lost."""

import pytest
from playwright.async_api import Browser, expect

from tests.script.still_page import StillPage, composer, desk

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


async def opened(page: StillPage, typed: str = "", draft: str = "desk:one") -> None:
    await page.open("/escalations/one", desk=desk(), field=composer(draft=draft, typing="yes"))
    if typed:
        await page.field.press_sequentially(typed)
        await page.page.evaluate("signals = 0")


async def at(page: StillPage, caret: int) -> None:
    """Put the caret somewhere."""
    await page.field.evaluate("(field, caret) => field.setSelectionRange(caret, caret)", caret)


async def value(page: StillPage) -> str:
    return await page.field.input_value()


async def test_a_canned_reply_fills_the_empty_field_and_is_kept(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await opened(page)
        await page.insert(1, "Thank you for waiting.\nOne moment.")
        await expect(page.field).to_have_value("Thank you for waiting.\nOne moment.")
        await expect(page.field).to_be_focused()
        assert await page.kept("draft.desk:one") == "Thank you for waiting.\nOne moment."
        await page.field.press("!")
        await expect(page.field).to_have_value("Thank you for waiting.\nOne moment.!")
        assert await page.sent() == []


async def test_it_goes_to_the_caret_on_a_line_of_its_own(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await opened(page, "Hello Alice, bye.")
        await at(page, 12)
        await page.insert(1, "Sorry.")
        assert await value(page) == "Hello Alice,\nSorry. bye."
        await page.field.press("?")
        assert await value(page) == "Hello Alice,\nSorry.? bye."


async def test_nobody_is_told_that_somebody_types(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await opened(page)
        await page.insert(1, "Thank you")
        await page.insert(1, "Thank you for waiting")
        assert await page.page.evaluate("signals") == 0


async def test_a_draft_grows_while_it_is_written(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await opened(page)
        await page.insert(1, "", "replace")
        for words in ("You can", "You can change", "You can change it."):
            await page.insert(1, words, "replace")
            assert await value(page) == words
        await page.insert(1, "", "replace")
        assert await value(page) == "You can change it."


async def test_what_is_typed_behind_and_before_a_growing_draft_stays(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await opened(page, "Hello")
        await page.insert(1, "You can", "replace")
        await page.field.press_sequentially(" Bye")
        await at(page, 0)
        await page.field.press_sequentially("Oh, ")
        await page.insert(1, "You can change it.", "replace")
        assert await value(page) == "Oh, Hello\nYou can change it. Bye"
        await page.field.press_sequentially("well. ")
        assert await value(page) == "Oh, well. Hello\nYou can change it. Bye"


async def test_typing_before_the_first_words_come_puts_them_behind(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await opened(page)
        await page.insert(1, "", "replace")
        await page.field.press_sequentially("Hello,")
        await page.insert(1, "You can", "replace")
        assert await value(page) == "Hello,\nYou can"


async def test_a_draft_that_was_touched_is_the_persons_own(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await opened(page)
        await page.insert(1, "You can chnage", "replace")
        await at(page, 11)
        await page.field.press("Backspace")
        mended = await value(page)
        await page.insert(1, "You can chnage it.", "replace")
        assert await value(page) == mended
        await page.field.fill("You can chnage")  # even if it looks as before
        await page.insert(1, "You can chnage it. Really.", "replace")
        assert await value(page) == "You can chnage"


async def test_a_draft_that_was_sent_or_deleted_comes_back_no_more(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await opened(page)
        await page.insert(1, "You can", "replace")
        await page.field.press("Enter")
        await page.accept((await page.sent())[0]["client_key"])
        await expect(page.field).to_have_value("")
        await page.insert(1, "You can change it.", "replace")
        assert await value(page) == ""
        await page.insert(2, "Another", "replace")
        assert await value(page) == "Another"


async def test_a_draft_asked_for_again_takes_the_place_of_the_first_one(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await opened(page, "Hello Alice,")
        await page.insert(1, "The first draft.", "replace")
        await page.insert(2, "", "replace")
        assert await value(page) == "Hello Alice,\nThe first draft."
        await page.insert(2, "The second", "replace")
        assert await value(page) == "Hello Alice,\nThe second"


async def test_two_canned_replies_stand_one_under_the_other(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await opened(page)
        await page.insert(1, "Thank you.")
        await page.insert(2, "One moment.")
        assert await value(page) == "Thank you.\nOne moment."


async def test_the_field_says_whether_what_was_put_in_is_untouched(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await opened(page)
        form = page.page.locator("[data-composer]")
        await page.insert(1, "A draft.")
        await expect(form).to_have_attribute("data-inserted", "")
        await page.field.press("End")
        await page.field.press_sequentially(" More.")
        await expect(form).to_have_attribute("data-inserted", "")
        await page.field.fill("Mine.")
        await expect(form).not_to_have_attribute("data-inserted", "")


async def test_a_reply_never_lands_in_a_note_and_waits_for_its_own_field(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await opened(page)
        await page.insert(1, "Dear", "replace", "desk:one")
        await page.mark("data-draft", "desk:one:note")
        await page.field.fill("She is angry")
        await page.insert(1, "Dear Alice", "replace", "desk:one")
        assert await value(page) == "She is angry"
        await page.mark("data-draft", "desk:one")
        assert await value(page) == "Dear Alice"


async def test_notes_and_replies_have_drafts_of_their_own(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await opened(page, "a reply")
        await page.mark("data-draft", "desk:one:note")
        await expect(page.field).to_have_value("")
        await page.field.press_sequentially("a note")
        await page.page.reload()
        await expect(page.field).to_have_value("a reply")
        await page.mark("data-draft", "desk:one:note")
        await expect(page.field).to_have_value("a note")


async def test_another_conversation_gets_nothing_of_it(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await opened(page)
        await page.insert(3, "For one", "replace", "desk:one")
        await page.navigate("/escalations/two", composer(draft="desk:two"))
        await page.insert(3, "For one, more", "replace", "desk:one")
        assert await value(page) == ""
        await page.insert(4, "For two", "replace", "desk:two")
        assert await value(page) == "For two"


async def test_after_a_reconnect_numbers_may_begin_again(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await opened(page)
        await page.insert(1, "One.")
        await page.field.fill("")
        await page.insert(0, "")
        await page.insert(1, "Again.")
        assert await value(page) == "Again."
