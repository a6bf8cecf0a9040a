"""The loop as people live it: ask, watch the answer stream, refresh, ask for a person, be helped."""

import asyncio
import re
import time

import pytest
from playwright.async_api import Browser, expect

from tests.browser.people import SOON, agent, customer
from tests.servers.anthropic_server import RemoteServer
from tests.servers.app import App

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


class TestWithoutAKey:
    async def test_an_answer_is_quoted_from_the_articles_with_its_source(
        self, chromium: Browser, plain_app: App
    ) -> None:
        async with customer(chromium, plain_app) as alice:
            await alice.ask("How do I get a refund?")
            await alice.expect_answer("Refund request")
            source = alice.log.get_by_role("link", name=re.compile("How to get a refund"))
            await expect(source.first).to_have_attribute("href", re.compile("^/help/how-to-get-a-refund"))

            article = await alice.page.context.new_page()
            await article.goto(alice.app.url + (await source.first.get_attribute("href") or ""))
            await expect(article.get_by_role("heading", level=1)).to_have_text("How to get a refund")

    async def test_a_question_nobody_wrote_about_is_answered_honestly(
        self, chromium: Browser, plain_app: App
    ) -> None:
        async with customer(chromium, plain_app) as alice:
            await alice.ask("Who won the chess championship of 1972?")
            await alice.expect_answer(re.compile("found nothing|could not find|nothing about", re.I))
            await expect(alice.page.get_by_role("button", name="Talk to a person").first).to_be_visible()

    async def test_wanting_the_money_back_goes_to_people_while_asking_how_is_answered(
        self, chromium: Browser, plain_app: App
    ) -> None:
        async with customer(chromium, plain_app) as alice:
            await alice.ask("I want my money back")
            await alice.expect_in_log("Our team has your conversation", timeout=SOON * 3)

    async def test_suggested_questions_are_asked_by_one_click(
        self, chromium: Browser, plain_app: App
    ) -> None:
        async with customer(chromium, plain_app) as alice:
            await alice.page.get_by_role("button", name="How do I get a refund?").click()
            await alice.expect_answer("Refund request")

    async def test_past_conversations_are_listed_and_open(self, chromium: Browser, plain_app: App) -> None:
        async with customer(chromium, plain_app) as alice:
            await alice.ask("How do I invite my team?")
            await alice.expect_quiet()
            await alice.open("/")
            await expect(alice.page.get_by_text("How do I invite my team?").first).to_be_visible()

    async def test_a_strangers_conversation_is_not_found(self, chromium: Browser, plain_app: App) -> None:
        async with customer(chromium, plain_app) as alice, customer(chromium, plain_app) as charlie:
            await alice.ask("This is private to Alice")
            await charlie.page.goto(alice.page.url)
            await expect(charlie.page.get_by_text("could not find").first).to_be_visible()
            await expect(charlie.page.get_by_text("private to Alice")).to_have_count(0)


class TestWithClaude:
    async def test_the_first_characters_show_while_the_server_pauses(
        self, chromium: Browser, claude_app: App, claude: RemoteServer
    ) -> None:
        claude.reset()
        claude.says("Twenty characters ok, and here is the rest of it.", pause_after=20)
        async with customer(chromium, claude_app) as alice:
            await alice.ask("What do you say?")
            await alice.expect_in_log("Twenty characters ok")
            await expect(alice.log).not_to_contain_text("the rest of it")
            claude.release()
            await alice.expect_answer("and here is the rest of it.")

    async def test_a_refresh_in_the_middle_loses_nothing_and_the_answer_goes_on(
        self, chromium: Browser, claude_app: App, claude: RemoteServer
    ) -> None:
        claude.reset()
        claude.says("The first half is here. The second half follows.", pause_after=23)
        async with customer(chromium, claude_app) as alice:
            await alice.ask("Tell me in two halves")
            await alice.expect_in_log("The first half is here.")
            await alice.page.reload()
            await alice.expect_in_log("The first half is here.")
            second = await alice.another_tab()
            await second.expect_in_log("The first half is here.")
            claude.release()
            await alice.expect_answer("The second half follows.")
            await second.expect_in_log("The second half follows.")
            await alice.page.reload()
            await alice.expect_in_log("The second half follows.")

            assert (await alice.log.inner_text()).count("The first half is here.") == 1

    async def test_closing_the_tab_does_not_stop_the_answer(
        self, chromium: Browser, claude_app: App, claude: RemoteServer
    ) -> None:
        claude.reset()
        claude.says("Begun while you watched. Finished while you were away.", pause_after=24)
        async with customer(chromium, claude_app) as alice:
            await alice.ask("I will leave now")
            await alice.expect_in_log("Begun while you watched.")
            address = alice.page.url
            await alice.page.goto("about:blank")
            claude.release()
            await alice.page.wait_for_timeout(500)
            await alice.page.goto(address)
            await alice.expect_in_log("Finished while you were away.")

    async def test_the_control_word_escalates_and_is_never_shown(
        self, chromium: Browser, claude_app: App, claude: RemoteServer
    ) -> None:
        claude.reset()
        claude.says("[ESCALATE] A colleague knows more about this.", split_every=3, pace=0.02)
        async with agent(chromium, claude_app, "Prefixa") as sam, customer(chromium, claude_app) as alice:
            await alice.ask("Something difficult")
            await alice.expect_in_log("A colleague knows more about this.")
            await alice.expect_in_log("Our team has your conversation")
            await expect(sam.row("A colleague knows more about this.")).to_be_visible(timeout=SOON)
            assert "ESCALATE" not in await alice.log.inner_text()

    async def test_the_escalate_tool_escalates_and_never_shows_as_text(
        self, chromium: Browser, claude_app: App, claude: RemoteServer
    ) -> None:
        claude.reset()
        claude.calls_tool("escalate", {"reason": "legal_threat", "brief": "The customer names a lawyer."})
        async with agent(chromium, claude_app, "Toolie") as sam, customer(chromium, claude_app) as alice:
            await alice.ask("My lawyer will hear of this")
            await alice.expect_in_log("Our team has your conversation")
            await expect(sam.row("My lawyer will hear of this")).to_be_visible(timeout=SOON)
            text = await alice.log.inner_text()
            assert "legal_threat" not in text
            assert "names a lawyer" not in text

    async def test_stop_keeps_what_was_there(
        self, chromium: Browser, claude_app: App, claude: RemoteServer
    ) -> None:
        claude.reset()
        claude.says("Words before the stop. Words nobody sees.", pause_after=22)
        async with customer(chromium, claude_app) as alice:
            await alice.ask("Talk for long")
            await alice.expect_in_log("Words before the stop.")
            await alice.page.get_by_role("button", name="Stop").click()
            await alice.expect_quiet()
            await alice.expect_in_log("Words before the stop.")
            claude.release()
            await alice.page.reload()
            await alice.expect_in_log("Words before the stop.")
            await expect(alice.log).not_to_contain_text("Words nobody sees")

    async def test_a_broken_answer_is_kept_and_try_again_answers(
        self, chromium: Browser, claude_app: App, claude: RemoteServer
    ) -> None:
        claude.reset()
        claude.breaks_after(16, how="reset", text="Half an answer, then silence.")
        claude.says("The whole answer this time.")
        async with customer(chromium, claude_app) as alice:
            await alice.ask("Answer me twice")
            await alice.expect_in_log("Half an answer,")
            await alice.page.get_by_role("button", name="Try again").click()
            await alice.expect_answer("The whole answer this time.")

    async def test_a_busy_model_falls_back_to_the_articles_and_says_so(
        self, chromium: Browser, claude_app: App, claude: RemoteServer
    ) -> None:
        claude.reset()
        claude.fails(529, times=5)
        async with customer(chromium, claude_app) as alice:
            await alice.ask("How do I get a refund?")
            await alice.expect_answer("Refund request")
            await alice.expect_in_log("busy")


class TestPeople:
    async def test_a_person_takes_over_answers_hands_back_and_resolves(
        self, chromium: Browser, claude_app: App, claude: RemoteServer
    ) -> None:
        claude.reset()
        async with (
            agent(chromium, claude_app, "Samuel") as sam,
            customer(chromium, claude_app) as alice,
        ):
            claude.says("I am the assistant.")
            await alice.ask("Who are you, number one?")
            await alice.expect_answer("I am the assistant.")
            await alice.ask_for_person(name="Alice Miller", email="alice@example.com")
            asked = time.monotonic()
            await expect(sam.row("Alice Miller")).to_be_visible(timeout=SOON)
            assert time.monotonic() - asked < 2
            await alice.expect_in_log("Our team has your conversation")

            await sam.open_case("Alice Miller")
            await sam.expect_in_log("Who are you, number one?")
            await sam.claim()
            await alice.expect_in_log("Samuel has joined", timeout=SOON * 2)
            await sam.reply("Hello Alice, Samuel here.")
            await alice.expect_in_log("Hello Alice, Samuel here.", timeout=SOON)

            await alice.ask("Thank you, Samuel. Two words.")
            await sam.expect_in_log("Two words.", timeout=SOON)
            await alice.page.wait_for_timeout(700)
            answers = [one for one in claude.requests if one.streams]
            assert len(answers) == 1, "the assistant is silent while a person is there"

            # Not for the paragraph that the model words while the conversation is handed back.
            claude.says("The assistant is back.", when="And now?")
            await sam.hand_back()
            await alice.expect_in_log("handed the conversation back", timeout=SOON * 2)
            await alice.ask("And now?")
            await alice.expect_answer("The assistant is back.")

            await sam.take_over()
            await alice.expect_in_log("Samuel has joined")
            await sam.resolve()
            await alice.expect_in_log("marked this conversation as resolved", timeout=SOON * 2)

    async def test_taking_over_in_the_middle_of_an_answer_stops_it(
        self, chromium: Browser, claude_app: App, claude: RemoteServer
    ) -> None:
        claude.reset()
        claude.says("A sentence that was shown. A sentence that never is.", pause_after=26)
        async with (
            agent(chromium, claude_app, "Alexis") as alex,
            customer(chromium, claude_app) as bob,
        ):
            await bob.ask("A question for the middle")
            await bob.expect_in_log("A sentence that was shown.")
            await alex.show("All open")
            await alex.open_case("A question for the middle")
            await alex.expect_in_log("A sentence that was shown.")
            await alex.take_over()
            await bob.expect_in_log("Alexis has joined", timeout=SOON * 2)
            await bob.expect_quiet()
            claude.release()
            await bob.page.wait_for_timeout(300)
            await bob.expect_in_log("A sentence that was shown.")
            await expect(bob.log).not_to_contain_text("never is")

    async def test_of_two_who_claim_one_wins_and_the_other_is_told_who(
        self, chromium: Browser, plain_app: App
    ) -> None:
        async with (
            agent(chromium, plain_app, "Sam") as sam,
            agent(chromium, plain_app, "Alex") as alex,
            customer(chromium, plain_app) as bob,
        ):
            await bob.ask_for_person(name="Bob Both")
            for person in (sam, alex):
                await person.open_case("Bob Both")
            buttons = [person.page.get_by_role("button", name="Claim", exact=True) for person in (sam, alex)]
            for button in buttons:
                await expect(button).to_be_visible()
            # Dispatched rather than clicked: a click would first wait, and find the button gone.
            await asyncio.gather(*(button.dispatch_event("click") for button in buttons))
            for button in buttons:
                await expect(button).to_have_count(0)

            won = [person for person in (sam, alex) if await person.composer.count()]
            assert len(won) == 1
            loser = alex if won == [sam] else sam
            await expect(loser.page.get_by_role("main")).to_contain_text(won[0].name)

    async def test_signing_out_ends_what_an_open_page_shows(self, chromium: Browser, plain_app: App) -> None:
        async with agent(chromium, plain_app, "Leaver") as sam, customer(chromium, plain_app) as bob:
            second = await sam.another_tab()
            await sam.sign_out()
            await sam.page.wait_for_url(re.compile("/sign-in"))
            await bob.ask_for_person(name="After Signout")
            await second.page.wait_for_url(re.compile("/sign-in"), timeout=20_000)
            await expect(second.page.get_by_text("After Signout")).to_have_count(0)


class TestTheComposer:
    async def test_shift_enter_breaks_the_line_and_enter_sends(
        self, chromium: Browser, plain_app: App
    ) -> None:
        async with customer(chromium, plain_app) as alice:
            await alice.composer.fill("First line")
            await alice.composer.press("Shift+Enter")
            await alice.composer.press_sequentially("second line")
            await expect(alice.composer).to_have_value("First line\nsecond line")
            await alice.composer.press("Enter")
            await alice.expect_in_log("second line")

    async def test_the_draft_survives_a_refresh(self, chromium: Browser, plain_app: App) -> None:
        async with customer(chromium, plain_app) as alice:
            await alice.composer.press_sequentially("Half a thou")
            await alice.page.reload()
            await expect(alice.composer).to_have_value("Half a thou")

    async def test_too_long_a_message_is_refused_with_the_count_and_the_draft_stays(
        self, chromium: Browser, plain_app: App
    ) -> None:
        async with customer(chromium, plain_app) as alice:
            await alice.composer.fill("x" * 2001)
            await alice.composer.press("Enter")
            await expect(alice.page.get_by_text(re.compile("2,001"))).not_to_have_count(0)
            await expect(alice.composer).to_have_value("x" * 2001)

    async def test_an_empty_message_is_not_sent(self, chromium: Browser, plain_app: App) -> None:
        async with customer(chromium, plain_app) as alice:
            await alice.composer.fill("   \n ")
            await alice.composer.press("Enter")
            await alice.page.wait_for_timeout(300)
            assert "/c/" not in alice.page.url

    async def test_the_21st_message_within_a_minute_is_refused_with_the_seconds_and_the_draft_kept(
        self, chromium: Browser, plain_app: App
    ) -> None:
        async with customer(chromium, plain_app) as alice:
            await alice.ask_for_person()
            await alice.expect_in_log("Our team has your conversation")
            for number in range(1, 21):
                await alice.ask(f"Message number {number}.")
            await alice.composer.fill("One too many")
            await alice.composer.press("Enter")
            await expect(alice.page.get_by_text(re.compile(r"wait \d+ second"))).not_to_have_count(0)
            await expect(alice.composer).to_have_value("One too many")

    async def test_a_thumb_is_kept(self, chromium: Browser, plain_app: App) -> None:
        async with customer(chromium, plain_app) as alice:
            await alice.ask("Which plans are there?")
            await alice.expect_quiet()
            up = alice.log.get_by_role("button", name="This answer helped").first
            await up.click()
            await expect(up).to_have_attribute("aria-pressed", "true")
            await alice.page.reload()
            await expect(up).to_have_attribute("aria-pressed", "true")
