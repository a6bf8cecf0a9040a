"""A question nobody wrote about becomes an article, and the next customer is answered. Without a key."""

import re
import sqlite3
from secrets import token_hex

import pytest
from playwright.async_api import Browser, expect

from supportbot.models import Complaint
from tests.browser.people import agent, customer
from tests.servers.app import App

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

COLLECTED = 40_000
"""Milliseconds until a job that runs every twenty seconds has surely run."""


async def test_an_unanswered_question_becomes_an_article_and_the_next_customer_gets_it(
    chromium: Browser, plain_app: App
) -> None:
    async with agent(chromium, plain_app, "Sam") as sam, customer(chromium, plain_app) as alice:
        await alice.ask("Do you repair bagpipes on weekends?")
        await alice.expect_answer(re.compile("found nothing|could not find|nothing about", re.I))
        await alice.ask_for_person(name="Alice Piper")
        await sam.open_case("Alice Piper")
        await sam.claim()
        await sam.reply(
            "Hello Alice, we repair bagpipes every Saturday in the yard behind the office. "
            "Questions: yard@acme.example"
        )
        await sam.resolve()
        await alice.expect_in_log("marked this conversation as resolved")

        await sam.page.goto(plain_app.url + "/articles/gaps")
        gap = sam.page.locator(".gap").filter(has_text="bagpipes")
        await expect(gap).to_be_visible(timeout=COLLECTED)
        await expect(gap).to_contain_text("Found nothing")
        await gap.locator("summary").click()
        await expect(gap.locator("details a")).to_have_attribute("href", re.compile("^/escalations/"))
        await gap.get_by_role("button", name="Draft an article").click()
        await sam.page.wait_for_url(re.compile("/articles/[0-9a-f-]{36}$"))
        text = sam.page.get_by_label("Text, in Markdown")
        await expect(text).to_be_editable()
        await expect(sam.page.get_by_label("Title", exact=True)).to_have_value(
            "Do you repair bagpipes on weekends?"
        )
        assert "yard behind the office" in await text.input_value()
        assert not re.search("Alice|@acme|Hello", await text.input_value())
        await sam.page.get_by_role("button", name=re.compile("^Publish")).click()
        await expect(sam.page.get_by_text("Published. The next answer knows it.")).to_be_visible()

        async with customer(chromium, plain_app) as bob:
            await bob.ask("do you repair bagpipes at weekends?")
            await bob.expect_answer("the yard behind the office")
        await sam.page.goto(plain_app.url + "/articles/gaps?state=covered")
        await expect(gap).to_contain_text("Answered by:")


async def test_a_conversation_becomes_a_draft_from_its_own_page(chromium: Browser, plain_app: App) -> None:
    async with agent(chromium, plain_app, "Sam") as sam, customer(chromium, plain_app) as alice:
        await alice.ask("Which unicycle fits into the goods lift?")
        await alice.expect_quiet()
        await alice.ask_for_person(name="Alice Unicycle")
        await sam.open_case("Alice Unicycle")
        await sam.claim()
        draft = sam.page.get_by_role("button", name="Draft an article")
        await expect(draft).to_have_count(0)
        await sam.reply("Every unicycle up to two metres.")
        await draft.click()
        await sam.page.wait_for_url(re.compile("/articles/[0-9a-f-]{36}$"))


async def test_a_gap_is_put_away_and_brought_back(chromium: Browser, plain_app: App) -> None:
    async with agent(chromium, plain_app, "Sam") as sam, customer(chromium, plain_app) as alice:
        # Rated down, whatever other tests have published by now that may be near it.
        await alice.ask("How do I change the email address of my harpsichord?")
        await alice.expect_answer("Change your email address")
        await alice.page.get_by_role("button", name="This answer did not help").click()
        await sam.page.goto(plain_app.url + "/articles/gaps")
        gap = sam.page.locator(".gap").filter(has_text="harpsichord")
        await gap.get_by_role("button", name="Dismiss").click(timeout=COLLECTED)
        await expect(gap).to_have_count(0)
        await sam.page.get_by_role("button", name="Undo").click()
        await expect(gap).to_be_visible()
        await gap.get_by_role("button", name="Dismiss").click()
        await sam.page.get_by_role("link", name="Dismissed").click()
        await gap.get_by_role("button", name="Bring back").click()
        await expect(gap).to_have_count(0)


async def test_a_thumb_down_may_say_why_and_the_desk_reads_it_and_says_it_is_wrong(
    chromium: Browser, plain_app: App
) -> None:
    async with agent(chromium, plain_app, "Sam") as sam, customer(chromium, plain_app) as alice:
        words = f"How do I get a refund for {token_hex(4)}?"
        await alice.ask(words)
        await alice.expect_answer("Refund request")
        down = alice.page.get_by_role("button", name="This answer did not help")
        await down.focus()
        await down.press("Enter")
        question = alice.page.get_by_role("group", name="What was wrong?")
        await expect(question.get_by_role("radio")).to_have_count(len(Complaint))
        await expect(down).to_be_focused()
        assert _rating(plain_app, words) == (-1, None, "")

        await alice.page.get_by_role("button", name="Send", exact=True).first.click()
        await expect(alice.page.get_by_role("alert")).to_contain_text("choose what was wrong")
        await alice.page.get_by_role("button", name="Dismiss").click()
        sentence = alice.page.get_by_placeholder("In your own words, if you like")
        await sentence.fill("It never says where.")
        await down.press("Tab")
        await alice.page.keyboard.press("Space")
        await expect(question.get_by_role("radio").first).to_be_checked()
        await alice.page.keyboard.press("ArrowDown")
        await alice.page.keyboard.press("ArrowDown")
        await sentence.press("Enter")
        await expect(alice.page.get_by_text("Thank you. Our team reads this.")).to_be_visible()
        await expect(question).to_have_count(0)
        assert _rating(plain_app, words) == (-1, "incomplete", "It never says where.")

        await sam.page.goto(alice.page.url.replace("/c/", "/escalations/"))
        await sam.expect_in_log("Something is missing")
        await sam.expect_in_log("It never says where.")
        await sam.page.get_by_text("Mark as wrong").first.click()
        await sam.page.get_by_label("What is right?").fill("It is under Billing.")
        await sam.page.get_by_role("button", name="Mark as wrong").click()
        await sam.expect_in_log("Marked as wrong by Sam")
        await sam.expect_in_log("It is under Billing.")
        await expect(alice.log).not_to_contain_text("Billing.")

        await down.click()
        await expect(down).to_have_attribute("aria-pressed", "false")
        await expect(sam.log).not_to_contain_text("It never says where.")
        assert _rating(plain_app, words) == (0, None, "")
        await sam.page.locator(".judged-wrong").get_by_role("button", name="Undo").click()
        await expect(sam.log).not_to_contain_text("Marked as wrong by Sam")


def _rating(app: App, question: str) -> tuple[object, ...]:
    """The thumb on the answer to a question, as it is stored."""
    with sqlite3.connect(app.folder / "supportbot.db") as connection:
        found: tuple[object, ...] = connection.execute(
            "SELECT value, complaint, comment FROM rating JOIN turn ON turn.wrote_id = rating.message_id"
            " JOIN message ON message.id = turn.answers_id WHERE message.content = ?",
            (question,),
        ).fetchone()
    return found
