"""A conversation at the desk, in two or three browsers at once."""

import re

import pytest
from playwright.async_api import Browser, expect

from tests.browser.people import SOON, agent, customer
from tests.servers.app import App
from tests.servers.claude.remote import RemoteServer

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


async def test_colleagues_note_assign_and_hand_back_and_the_customer_reads_none_of_it(
    chromium: Browser, plain_app: App
) -> None:
    async with (
        agent(chromium, plain_app, "Sam") as sam,
        agent(chromium, plain_app, "Uma") as uma,
        customer(chromium, plain_app) as alice,
    ):
        await alice.ask_for_person(name="Alice Notes")
        await sam.open_case("Alice Notes")
        await sam.note("Canary before anybody has claimed it.")
        await sam.claim()
        await sam.page.get_by_role("button", name="Assign").click()
        dialog = sam.page.get_by_role("dialog", name="Assign")
        await dialog.get_by_role("combobox").select_option(label="Uma (Online)")
        await dialog.get_by_role("textbox").fill("Canary for Uma.")
        await dialog.get_by_role("button", name="Assign").click()
        await sam.expect_in_log("Canary for Uma.")

        await uma.show("Mine")
        await uma.open_case("Alice Notes")
        await uma.expect_in_log("Canary before anybody has claimed it.")
        await uma.reply("Hello Alice, Uma here.")
        await alice.expect_in_log("Hello Alice, Uma here.")
        await uma.hand_back("Canary for the assistant.")
        await expect(uma.page.get_by_text("Handed back to the assistant.")).to_be_visible()
        await expect(uma.page.locator(".case-context")).to_contain_text("Canary for the assistant.")
        await alice.expect_in_log("handed the conversation back")
        await alice.page.reload()
        await alice.expect_in_log("handed the conversation back")
        assert "Canary" not in await alice.page.content()


async def test_a_snooze_shows_until_when_and_can_be_undone(chromium: Browser, plain_app: App) -> None:
    async with agent(chromium, plain_app, "Sam") as sam, customer(chromium, plain_app) as bob:
        await bob.ask_for_person(name="Bob Later")
        await sam.open_case("Bob Later")
        await sam.claim()
        await sam.page.get_by_role("button", name="Snooze").click()
        await sam.page.get_by_role("button", name="Tomorrow morning").click()
        await expect(sam.page.locator(".case-snoozed")).to_contain_text("9:00")
        await sam.page.get_by_role("button", name="Undo").click()
        await expect(sam.page.locator(".case-snoozed")).to_have_count(0)

        await sam.page.get_by_role("button", name="Snooze").click()
        day = await sam.page.evaluate(
            "(() => { const at = new Date(Date.now() + 3 * 864e5);"
            " return new Date(at - at.getTimezoneOffset() * 6e4).toISOString().slice(0, 10) })()"
        )
        await sam.page.get_by_label("Until").fill(day + "T15:30")
        await sam.page.get_by_role("dialog").get_by_role("button", name="Snooze").click()
        await expect(sam.page.locator(".case-snoozed")).to_contain_text("3:30")


async def test_two_who_look_see_each_other_until_one_leaves(chromium: Browser, plain_app: App) -> None:
    async with (
        agent(chromium, plain_app, "Sam") as sam,
        agent(chromium, plain_app, "Vito") as vito,
        customer(chromium, plain_app) as alice,
    ):
        await alice.ask_for_person(name="Alice Seen")
        for one in (sam, vito):
            await one.open_case("Alice Seen")
        await expect(sam.page.get_by_text("Vito is looking")).to_be_visible()
        await expect(vito.page.get_by_text("Sam is looking")).to_be_visible()
        await sam.claim()
        await sam.composer.press_sequentially("Hello")
        await expect(vito.page.get_by_text("Sam is writing a reply")).to_be_visible()
        await expect(vito.page.get_by_text("Sam is looking")).to_be_visible(timeout=15_000)
        await sam.page.goto(plain_app.url + "/escalations")
        await expect(vito.page.locator(".case-onlookers li")).to_have_count(0, timeout=25_000)


async def test_whoever_comes_to_the_desk_is_soon_shown_as_there_to_take_work(
    chromium: Browser, plain_app: App
) -> None:
    async with agent(chromium, plain_app, "Sam") as sam, customer(chromium, plain_app) as alice:
        await alice.ask_for_person(name="Alice Given")
        await sam.open_case("Alice Given")
        async with agent(chromium, plain_app, "Wilma"):
            there = sam.page.get_by_role("option", name="Wilma (Online)", include_hidden=True)
            await expect(there).to_have_count(1, timeout=30_000)


async def test_typing_shows_at_once_and_ends_by_itself_and_a_reply_is_seen(
    chromium: Browser, plain_app: App
) -> None:
    async with agent(chromium, plain_app, "Sam") as sam, customer(chromium, plain_app) as alice:
        await alice.ask_for_person(name="Alice Types")
        await sam.open_case("Alice Types")
        await sam.claim()
        await alice.composer.press_sequentially("Hm")
        writes = sam.page.get_by_text("Alice Types is writing")
        await expect(writes).to_be_visible(timeout=SOON)
        await expect(writes).to_be_hidden(timeout=8_000)
        await sam.reply("Take your time.")
        await expect(sam.page.get_by_text("Seen", exact=True)).to_be_visible()


async def test_what_is_being_written_stays_when_the_tab_closes_a_reply_and_a_note_apart(
    chromium: Browser, plain_app: App
) -> None:
    async with agent(chromium, plain_app, "Sam") as sam, customer(chromium, plain_app) as alice:
        await alice.ask_for_person(name="Alice Half")
        await sam.open_case("Alice Half")
        await sam.claim()
        await sam.composer.press_sequentially("Half a reply")
        await sam.page.get_by_role("button", name="Note", exact=True).click()
        await expect(sam.note_field).to_have_value("")
        await sam.note_field.press_sequentially("half a note")
        again = await sam.another_tab()
        await sam.page.close()
        await expect(again.composer).to_have_value("Half a reply")
        await again.page.get_by_role("button", name="Note", exact=True).click()
        await expect(again.note_field).to_have_value("half a note")


async def test_a_draft_streams_into_the_field_and_is_sent_by_the_person_alone(
    chromium: Browser, claude_app: App, claude: RemoteServer
) -> None:
    claude.reset()
    async with agent(chromium, claude_app, "Sam") as sam, customer(chromium, claude_app) as alice:
        claude.says("I am the assistant.")
        await alice.ask("How do I get my money back?")
        await alice.expect_answer("I am the assistant.")
        await alice.ask_for_person(name="Alice Draft")
        await sam.open_case("Alice Draft")
        await sam.claim()
        await sam.composer.fill("Hello Alice,")

        claude.says("You can ask for a refund within 14 days.", pause_after=20)
        await sam.page.get_by_role("button", name="Draft a reply").click()
        await expect(sam.composer).to_have_value(re.compile(r"^Hello Alice,\nYou can ask"))
        await expect(sam.page.get_by_role("button", name="Stop the draft")).to_be_visible()
        claude.release()
        whole = "Hello Alice,\nYou can ask for a refund within 14 days."
        await expect(sam.composer).to_have_value(whole)
        await expect(sam.page.get_by_text("Drafted by the assistant")).to_be_visible()
        await sam.page.wait_for_timeout(500)
        await expect(alice.log).not_to_contain_text("14 days")
        await sam.composer.press("Enter")
        await alice.expect_in_log("within 14 days")
