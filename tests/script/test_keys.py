"""Keys and the palette: everything at the desk without a mouse."""

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.script.still_page import StillPage, composer, desk

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

ACTIONS = """
<button data-key="c" data-command="Claim" onclick="pressed.push('claim')">Claim</button>
<button data-key="e" data-command="Resolve, at last" onclick="pressed.push('resolve')">Resolve</button>
<button data-key="h" data-command="Hand back" disabled onclick="pressed.push('back')">Hand back</button>
<button data-key="x" data-command="Junk" style="display: none" onclick="pressed.push('junk')">Junk</button>
<button data-command="Give to Alex…" data-opens="keys">Give away</button>
"""
ROWS = "".join(f'<li><a href="#{name}" data-row>{name}</a></li>' for name in ("Alice", "Bob", "Charlie"))


async def pressed(page: StillPage) -> list[str]:
    return await page.page.evaluate("pressed")


async def press(page: StillPage, *keys: str) -> None:
    for key in keys:
        await page.page.keyboard.press(key)


def offers(page: StillPage) -> Locator:
    return page.page.get_by_role("option")


async def test_a_key_presses_what_carries_it(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open(desk=desk(ACTIONS))
        await press(page, "c")
        assert await pressed(page) == ["claim"]
        await press(page, "h", "x", "q")
        assert await pressed(page) == ["claim"]


async def test_keys_are_letters_while_one_writes_and_escape_leaves_the_field(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open(desk=desk(ACTIONS))
        await page.field.focus()
        await press(page, "c", "?")
        await expect(page.field).to_have_value("c?")
        assert await pressed(page) == []
        await press(page, "Escape", "c")
        assert await pressed(page) == ["claim"]


@pytest.mark.parametrize("keys", ["Control+c", "Alt+c", "Meta+c", "Shift+C"])
async def test_with_another_key_held_it_is_the_browsers(chromium: Browser, keys: str) -> None:
    async with StillPage(chromium) as page:
        await page.open(desk=desk(ACTIONS))
        await press(page, keys)
        assert await pressed(page) == []


async def test_a_key_held_down_presses_once(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open(desk=desk(ACTIONS))
        for _ in range(3):
            await page.page.keyboard.down("c")
        assert await pressed(page) == ["claim"]


async def test_two_keys_in_a_row_are_another_than_each_alone(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.page.clock.install()
        await page.open(desk=desk(ACTIONS))
        await press(page, "g", "e")
        assert page.page.url.endswith("#escalations")
        assert await pressed(page) == []
        await press(page, "g", "c")  # means nothing, so it does nothing
        assert await pressed(page) == []
        await press(page, "g")
        await page.page.clock.run_for(1_100)
        await press(page, "e")
        assert await pressed(page) == ["resolve"]


async def test_while_a_dialog_is_open_keys_rest(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open(desk=desk(ACTIONS))
        await press(page, "?")
        await expect(page.page.get_by_role("dialog", name="Keys")).to_be_visible()
        await press(page, "c")
        assert await pressed(page) == []
        await press(page, "Escape", "c")
        assert await pressed(page) == ["claim"]


async def test_j_and_k_walk_the_list_and_enter_opens(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open(desk=desk(f"<ul>{ROWS}</ul>"))
        for key, name in [("j", "Alice"), ("j", "Bob"), ("ArrowDown", "Charlie"), ("j", "Charlie")]:
            await press(page, key)
            await expect(page.page.get_by_role("link", name=name)).to_be_focused()
        await press(page, "k", "ArrowUp", "k")
        await expect(page.page.get_by_role("link", name="Alice")).to_be_focused()
        await press(page, "Enter")
        assert page.page.url.endswith("#Alice")


async def test_arrows_scroll_the_page_until_the_list_has_the_focus(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open(desk=desk(f"<ul>{ROWS}</ul>"))
        await press(page, "ArrowDown")
        await expect(page.page.get_by_role("link", name="Alice")).not_to_be_focused()


async def test_slash_goes_to_the_pages_search_and_else_to_the_palette(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open(desk=desk('<input aria-label="Search" data-key="/" data-command="Search">'))
        await press(page, "/")
        search = page.page.get_by_role("textbox", name="Search")
        await expect(search).to_be_focused()
        await expect(search).to_have_value("")
        await page.open(desk=desk())
        await press(page, "/")
        await expect(page.page.get_by_role("combobox")).to_be_focused()


async def test_the_palette_offers_what_can_be_done_here_first_and_hides_what_cannot(
    chromium: Browser,
) -> None:
    async with StillPage(chromium) as page:
        await page.open(desk=desk(ACTIONS))
        await press(page, "Control+k")
        assert await offers(page).all_inner_texts() == [
            "Claim",
            "Resolve, at last",
            "Give to Alex…",
            "Go to escalations",
            "Keys",
            "Show notifications",
            "Sign out",
        ]
        await expect(offers(page).first).to_have_attribute("aria-selected", "true")
        await expect(offers(page).first).to_have_attribute("data-hint", "c")
        await press(page, "Control+k")
        await expect(page.page.get_by_role("dialog")).to_have_count(0)


async def test_typing_narrows_the_palette_by_the_beginnings_of_words(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open(desk=desk(ACTIONS))
        await press(page, "Meta+k")
        await page.page.keyboard.type("LA re")
        assert await offers(page).all_inner_texts() == ["Resolve, at last", "Search for “LA re”"]
        await press(page, "Enter")
        assert await pressed(page) == ["resolve"]
        await expect(page.page.get_by_role("dialog")).to_have_count(0)


async def test_arrows_choose_round_and_round_and_the_field_says_which(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open(desk=desk(ACTIONS))
        await press(page, "Control+k", "ArrowUp")
        await expect(offers(page).last).to_have_attribute("aria-selected", "true")
        await press(page, "ArrowDown", "ArrowDown")
        second = offers(page).nth(1)
        await expect(second).to_have_attribute("aria-selected", "true")
        field = page.page.get_by_role("combobox")
        assert await field.get_attribute("aria-activedescendant") == await second.get_attribute("id")
        await press(page, "Enter")
        assert await pressed(page) == ["resolve"]


async def test_the_palette_opens_dialogs_and_reaches_into_closed_menus(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open(desk=desk(ACTIONS))
        await press(page, "Control+k")
        await page.page.keyboard.type("give")
        await press(page, "Enter")
        await expect(page.page.get_by_role("dialog", name="Keys")).to_be_visible()
        await press(page, "Escape", "Control+k")
        await page.page.keyboard.type("sign o")
        await offers(page).first.click()
        assert await pressed(page) == ["out"]


async def test_the_palette_begins_empty_each_time_and_gives_the_focus_back(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open(desk=desk(ACTIONS))
        await page.field.focus()
        await press(page, "Control+k")
        await page.page.keyboard.type("nothing of the kind")
        await press(page, "Escape")
        await expect(page.field).to_be_focused()
        await press(page, "Control+k")
        await expect(page.page.get_by_role("combobox")).to_have_value("")
        assert await offers(page).count() == 7


async def test_words_that_are_no_command_can_be_searched_for(chromium: Browser) -> None:
    async with StillPage(chromium) as page:
        await page.open(desk=desk(ACTIONS))
        await press(page, "Control+k")
        await page.page.keyboard.type("refund & Müller")
        assert await offers(page).all_inner_texts() == ["Search for “refund & Müller”"]
        await press(page, "Enter")
        await page.page.wait_for_url("**/escalations?search=refund%20%26%20M%C3%BCller")


@pytest.mark.parametrize("keys", ["Enter", "Control+Enter", "Meta+Enter"])
async def test_a_reply_is_sent_by_enter_with_or_without_control(chromium: Browser, keys: str) -> None:
    async with StillPage(chromium) as page:
        await page.open(desk=desk(), field=composer(draft="desk:one"))
        await page.field.fill("Hello")
        await page.field.press(keys)
        assert [form["message"] for form in await page.sent()] == ["Hello"]
