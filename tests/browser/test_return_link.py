"""A customer leaves an address and goes; the answer reaches them by mail, and its link brings them back."""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from email.message import EmailMessage

import pytest
from playwright.async_api import Browser, expect

from tests.browser.people import DESKTOP, Agent, Person, agent, customer
from tests.servers.app import App, running_app
from tests.servers.smtp import MailServer, mail_server

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

PATIENCE = 20
"""Seconds: jobs look every few seconds, not at once."""


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def mailing_app(tmp_path_factory: pytest.TempPathFactory, mail: MailServer) -> Iterator[App]:
    """An app that may send mail."""
    with running_app(
        tmp_path_factory.mktemp("mailing"),
        SMTP_URL=mail.url,
        MAIL_FROM="Acme <support@acme.example>",
        PUBLIC_URL="https://support.acme.example",
    ) as app:
        yield app


async def test_the_answer_reaches_somebody_who_has_left_and_nobody_else(
    chromium: Browser, mailing_app: App, mail: MailServer
) -> None:
    async with agent(chromium, mailing_app, "Sam") as sam, customer(chromium, mailing_app) as alice:
        await alice.ask_for_person(name="Alice Canary", email="alice.canary@example.com")
        await alice.page.wait_for_url(re.compile("/c/"))
        address = alice.page.url
        await alice.page.goto("about:blank")
        await sam.open_case("Alice Canary")
        await sam.claim()
        await reply_long_ago(sam, "The first canary answer.")

        told = await arrived(mail, 1)
        assert told["To"] == "alice.canary@example.com"
        assert "canary answer" not in told.get_content()
        assert "Alice" not in told.get_content()
        link = link_in(told)

        # A scanner fetches it, a stranger runs it: neither uses it up.
        scanned = await sam.page.request.get(mailing_app.url + link)
        assert scanned.headers["cache-control"] == "no-store"
        assert scanned.headers["referrer-policy"] == "no-referrer"
        async with stranger(chromium, mailing_app, link) as charlie:
            await expect(charlie.page.get_by_text("a•••@e•••.com")).to_be_visible()
            await expect(charlie.page.get_by_label("Code from the mail")).to_have_count(0)
            await charlie.page.goto(address)
            await expect(charlie.page.get_by_text("could not find this conversation")).to_be_visible()
            assert "canary" not in (await charlie.page.content()).lower()

        await alice.page.goto(mailing_app.url + link)
        await alice.page.wait_for_url(address)
        await alice.expect_in_log("The first canary answer.")
        async with stranger(chromium, mailing_app, link) as charlie:
            await expect(charlie.page.get_by_text("This link no longer works")).to_be_visible()

        # What is said while she looks is no news for her mailbox.
        await sam.reply("Seen as it came.")
        await alice.expect_in_log("Seen as it came.")
        await everything_is_seen(mailing_app)
        long_ago(mailing_app, "Seen as it came.")

        # Gone again: the next answer is told of anew, now with the colleague's name.
        await alice.page.goto("about:blank")
        await reply_long_ago(sam, "The second canary answer.")
        told = await arrived(mail, 2)
        assert told["Subject"] == "Sam from Acme support has answered you"
        link = link_in(told)

        async with stranger(chromium, mailing_app, link) as phone:
            await phone.page.get_by_role("button", name="Send me a code").click()
            field = phone.page.get_by_label("Code from the mail")
            await expect(field).to_be_focused()
            await field.fill("1")
            await field.press("Enter")
            await expect(phone.page.get_by_role("alert")).to_contain_text("This code is not right")
            await expect(field).to_have_value("1")
            assert "canary" not in (await phone.page.content()).lower()

            code = re.findall(r"code is (\d{6})", (await arrived(mail, 3)).get_content())[0]
            await field.fill(f"{code[:3]} {code[3:]}")
            await field.press("Enter")
            await phone.page.wait_for_url(address)
            await phone.expect_in_log("The first canary answer.")
            await phone.expect_in_log("The second canary answer.")
            await phone.page.get_by_role("textbox", name="Message", exact=True).fill("I am back, elsewhere.")
            await phone.page.keyboard.press("Enter")
            await sam.expect_in_log("I am back, elsewhere.")

    assert len(mail.mails) == 3
    log = mailing_app.log
    assert "Traceback" not in log
    assert link not in log


async def reply_long_ago(sam: Agent, words: str) -> None:
    """Answer, and let four minutes pass."""
    await sam.reply(words)
    long_ago(sam.app, words)


def long_ago(app: App, words: str) -> None:
    """Let a reply be four minutes old, and the mails to those who have left be due."""
    with sqlite3.connect(app.folder / "supportbot.db") as database:
        database.execute(
            "UPDATE message SET created_at = datetime(created_at, '-4 minutes') WHERE content = ?", [words]
        )
        database.execute("UPDATE job SET next_run_at = '2020-01-01 00:00:00' WHERE name = 'replies.mail'")


async def everything_is_seen(app: App) -> None:
    """Wait until no conversation holds a reply that its customer has not seen."""
    unseen = (
        "SELECT 1 FROM message JOIN conversation ON conversation.id = message.conversation_id"
        " WHERE role = 'staff' AND seq > customer_seen_seq"
    )
    async with asyncio.timeout(PATIENCE):
        while True:
            with sqlite3.connect(app.folder / "supportbot.db") as database:
                if not database.execute(unseen).fetchall():
                    return
            await asyncio.sleep(0.1)


async def arrived(mail: MailServer, number: int) -> EmailMessage:
    async with asyncio.timeout(PATIENCE):
        while len(mail.mails) < number:
            await asyncio.sleep(0.1)
    return mail.mails[number - 1]


def link_in(mail: EmailMessage) -> str:
    """The path of the only link in a mail."""
    (link,) = re.findall(r"https://support\.acme\.example(/r/[\w-]{43})\s", mail.get_content())
    return str(link)


@asynccontextmanager
async def stranger(chromium: Browser, app: App, link: str) -> AsyncIterator[Person]:
    """A browser that has never been here, on a link. It tells nobody where it came from."""
    context = await chromium.new_context(viewport=DESKTOP)
    person = Person(app, await context.new_page())
    referrers: list[str] = []
    person.page.on("request", lambda request: referrers.append(request.headers.get("referer", "")))
    try:
        await person.page.goto(app.url + link)
        yield person
        assert person.troubles == []
        assert not [one for one in referrers if link in one]
    finally:
        await context.close()
