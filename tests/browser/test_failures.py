"""What customers see when something fails: a sentence, what they had, and a way on."""

import asyncio
import os
import re
import signal
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, expect

from supportbot.turns import leases, record
from tests.browser.people import Customer, customer
from tests.servers.anthropic_server import RemoteServer
from tests.servers.app import App, running_app

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

STALL_SECONDS = 2
LONG_WAIT_MS = 15_000

HAS_A_PLACE = re.compile(r"you are (next|number \d+)", re.I)
"""Said of the queue, whoever else this file has left waiting there."""


@pytest.fixture(scope="module")
def claude() -> Iterator[RemoteServer]:
    """A model of its own: what it breaks must not rest for others."""
    with RemoteServer.started() as server:
        yield server


@pytest.fixture(scope="module")
def faulty_app(tmp_path_factory: pytest.TempPathFactory, claude: RemoteServer) -> Iterator[App]:
    with running_app(
        tmp_path_factory.mktemp("faulty"),
        ANTHROPIC_BASE_URL=claude.url,
        STALL_TIMEOUT=str(STALL_SECONDS),
        FIRST_TOKEN_TIMEOUT="12",
    ) as app:
        yield app


@pytest.fixture
async def alice(chromium: Browser, faulty_app: App, claude: RemoteServer) -> AsyncIterator[Customer]:
    claude.reset()
    async with customer(chromium, faulty_app) as alice:
        yield alice


async def expect_ways_on(alice: Customer, *names: str) -> None:
    """The buttons under the last word, in order."""
    await expect(alice.page.locator(".ways-on button")).to_have_text(list(names))


async def test_while_the_model_is_away_the_articles_answer_marked_as_such(
    alice: Customer, claude: RemoteServer
) -> None:
    claude.fails(529, times=3)
    claude.says("Here I am again.")

    await alice.ask("How do I get a refund?")
    await alice.expect_answer("From our article")

    answer = alice.page.locator("[data-role=assistant]").last
    await expect(answer.locator(".remark.quoted")).to_have_text(record.BUSY)
    await expect(answer.locator(".sources li")).not_to_have_count(0)
    await expect_ways_on(alice, "Talk to a person")

    # And a new message is answered by the model again.
    await alice.ask("And then?")
    await alice.expect_answer("Here I am again.")
    await expect_ways_on(alice)


async def test_the_button_beside_a_quoted_answer_leads_to_a_person(
    alice: Customer, claude: RemoteServer
) -> None:
    claude.fails(500, times=3)
    await alice.ask("How do I get a refund?")
    await alice.expect_answer("From our article")

    await alice.page.locator(".ways-on").get_by_role("button", name="Talk to a person").click()
    await alice.page.get_by_role("dialog").get_by_role("button", name="Ask for a person").click()

    await alice.expect_in_log(HAS_A_PLACE)


async def test_what_neither_the_model_nor_the_articles_answer_is_with_people_at_once(
    chromium: Browser, faulty_app: App, alice: Customer, claude: RemoteServer
) -> None:
    claude.fails(529, times=3)

    await alice.ask("Where do I find the zorblax of my frobnicator?")

    await alice.expect_in_log(record.LEFT_TO_PEOPLE)
    await alice.expect_in_log("Our team has your conversation")
    await alice.expect_in_log(HAS_A_PLACE)
    await expect_ways_on(alice)
    # Three faults in a row would let the model rest in the next test.
    await answered(chromium, faulty_app, claude)


async def answered(chromium: Browser, app: App, claude: RemoteServer) -> None:
    """Somebody gets an answer: whatever has failed before is forgotten."""
    async with customer(chromium, app) as bob:
        claude.says("Here I am.")
        await bob.ask("Is anybody there?")
        await bob.expect_answer("Here I am.")


@pytest.mark.parametrize("how", ["reset", "clean_end", "error_event", "bad_json", "stall"])
async def test_a_broken_answer_is_kept_marked_and_tried_again(
    alice: Customer, claude: RemoteServer, how: str
) -> None:
    claude.breaks_after(25, how, text="Refunds take five days. That was the rest.")
    claude.says("Refunds take five days, always.")
    await alice.ask("How long do refunds take?")
    await expect_ways_on(alice, "Try again", "Talk to a person")
    await alice.expect_in_log("Refunds take five days.")
    await alice.expect_in_log(leases.UNFINISHED)

    await alice.page.get_by_role("button", name="Try again").dblclick()
    await alice.expect_answer("Refunds take five days, always.")

    await expect_ways_on(alice)
    assert (await alice.log.inner_text()).count("always.") == 1
    await alice.page.reload()
    await alice.expect_in_log("Refunds take five days, always.")
    assert (await alice.log.inner_text()).count("How long do refunds take?") == 1


async def test_a_new_message_after_a_broken_answer_is_answered(alice: Customer, claude: RemoteServer) -> None:
    claude.breaks_after(25, "reset", text="Refunds take five days. That was the rest.")
    claude.says("They do.")
    await alice.ask("How long do refunds take?")
    await expect_ways_on(alice, "Try again", "Talk to a person")

    await alice.ask("Do they take five days?")

    await alice.expect_answer("They do.")


async def test_a_long_wait_for_the_first_word_is_explained(alice: Customer, claude: RemoteServer) -> None:
    claude.stays_silent(60)
    await alice.ask("How do I get a refund?")
    thinking = alice.page.locator(".thinking")
    await expect(thinking.locator(".soon")).to_be_visible()
    await expect(thinking.locator(".late")).to_be_hidden()

    await expect(thinking.locator(".late")).to_be_visible(timeout=LONG_WAIT_MS)
    await expect(thinking.locator(".soon")).to_be_hidden()

    # No longer than promised: then the articles.
    await alice.expect_answer("From our article")


async def test_a_quick_second_message_is_read_before_anything_is_answered(
    alice: Customer, claude: RemoteServer
) -> None:
    claude.says("This is for the first only, and nobody reads it to its end.", pause_after=4)
    claude.says("This is for both.", pause_after=0)
    await alice.ask("How long do refunds take?")
    await alice.composer.fill("To a debit card")
    await alice.composer.press("Enter")

    await expect(alice.page.locator(".thinking")).to_have_text("Reading your new message…")

    claude.release()
    await alice.expect_answer("This is for both.")
    assert "first only" not in await alice.log.inner_text()


# The server


async def test_a_frozen_server_is_noticed_and_the_message_kept(
    alice: Customer, claude: RemoteServer, faulty_app: App
) -> None:
    claude.says("Five days.")
    await alice.ask("How long do refunds take?")
    await alice.expect_answer("Five days.")
    sending = alice.page.locator(".sending")
    claude.says("The same.")
    async with frozen(faulty_app):
        await alice.composer.fill("To a debit card")
        await alice.composer.press("Enter")
        await expect(sending.locator(".soon")).to_be_visible(timeout=3_000)

        await expect(sending.locator(".late")).to_be_visible(timeout=LONG_WAIT_MS)
        await expect(alice.composer).to_have_value("To a debit card")

    await alice.expect_answer("The same.")
    await expect(alice.composer).to_have_value("")
    await expect(sending).to_be_hidden()
    assert (await alice.log.inner_text()).count("To a debit card") == 1


@asynccontextmanager
async def frozen(app: App) -> AsyncIterator[None]:
    """The server gets no time for a while, as on a host that swaps."""
    assert app.process is not None
    os.killpg(app.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(app.process.pid, signal.SIGCONT)


@asynccontextmanager
async def locked(app: App) -> AsyncIterator[None]:
    """Somebody else holds the database's write lock, as a careless backup does."""
    somebody = sqlite3.connect(app.folder / "supportbot.db", isolation_level=None, timeout=20)
    somebody.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        somebody.rollback()
        somebody.close()


async def test_while_the_database_is_locked_the_draft_stays_and_nothing_is_claimed(
    alice: Customer, claude: RemoteServer, faulty_app: App
) -> None:
    claude.says("Five days.")
    async with locked(faulty_app):
        await alice.composer.fill("How long do refunds take?")
        await alice.composer.press("Enter")
        await expect(alice.page.get_by_role("alert")).to_contain_text(
            "What you wrote is kept", timeout=LONG_WAIT_MS
        )
        await expect(alice.composer).to_have_value("How long do refunds take?")
        await expect(alice.page.locator(".sending")).to_be_hidden()
        assert alice.page.url.rstrip("/") == faulty_app.url

    await alice.composer.press("Enter")
    await alice.expect_answer("Five days.")


async def test_signing_in_while_the_database_is_locked_ends_in_a_sentence(
    alice: Customer, faulty_app: App
) -> None:
    async with locked(faulty_app):
        await alice.page.goto(faulty_app.url + "/sign-in")
        await alice.page.get_by_label(re.compile("e-mail", re.I)).fill("sam@acme.example")
        await alice.page.get_by_label(re.compile("password", re.I)).fill("whatever it was")
        await alice.page.get_by_role("button", name="Sign in").click()

        await expect(alice.page.get_by_role("alert")).to_be_visible(timeout=20_000)


async def test_a_first_message_whose_acknowledgement_was_lost_is_found_again(
    alice: Customer, claude: RemoteServer, faulty_app: App
) -> None:
    """The connection broke between storing it and saying so; the browser is still at the start."""
    claude.says("Five days.")
    await alice.ask("How long do refunds take?")
    await alice.expect_answer("Five days.")
    conversation = alice.page.url
    key = await _key_of_the_first_message(faulty_app, conversation)
    await alice.page.evaluate(
        "([key, text]) => { for (const [name, value] of Object.entries({"
        " 'key.new': key, 'sent.new': text, 'draft.new': text}))"
        " localStorage.setItem('supportbot.' + name, value) }",
        [key, "How long do refunds take?"],
    )

    await alice.page.goto(faulty_app.url + "/")

    await alice.page.wait_for_url(conversation)
    await alice.expect_in_log("Five days.")
    await expect(alice.composer).to_have_value("")
    # Once: the start is the start again.
    await alice.page.goto(faulty_app.url + "/")
    await expect(alice.page.get_by_role("heading", name="How can we help?")).to_be_visible()
    await expect(alice.composer).to_have_value("")


async def test_refreshing_right_after_enter_loses_nothing(
    alice: Customer, claude: RemoteServer, faulty_app: App
) -> None:
    claude.says("Five days.", times=2)
    await alice.composer.fill("How long do refunds take?")
    await alice.composer.press("Enter")
    await alice.page.reload()
    await expect(alice.composer).to_be_visible()
    await asyncio.sleep(1)
    if alice.page.url.rstrip("/") == faulty_app.url:
        # It never left the browser: it is where it was, and Enter sends it.
        await expect(alice.composer).to_have_value("How long do refunds take?")
        await alice.composer.press("Enter")

    await alice.expect_answer("Five days.")
    assert (await alice.log.inner_text()).count("How long do refunds take?") == 1
    await expect(alice.composer).to_have_value("")


async def _key_of_the_first_message(app: App, url: str) -> str:
    identity = url.rstrip("/").rpartition("/")[2].replace("-", "")
    with sqlite3.connect(app.folder / "supportbot.db", timeout=20) as database:
        rows = database.execute(
            "SELECT client_key FROM message WHERE conversation_id = ? AND role = 'user'", [identity]
        ).fetchall()
    return str(rows[0][0]).removeprefix("visitor:")
