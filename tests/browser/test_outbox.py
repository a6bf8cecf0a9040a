"""Mail and webhooks really leave; what does not is seen at the desk, and can be helped on its way."""

import re
from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, expect
from standardwebhooks import Webhook

from tests.browser.people import Customer, agent, customer
from tests.servers.anthropic_server import RemoteServer
from tests.servers.app import App, running_app
from tests.servers.smtp import MailServer, mail_server
from tests.servers.webhook_receiver import Receiver, webhook_receiver

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PATIENCE = 20_000
"""Milliseconds: the outbox is looked at every few seconds, not at once."""


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with webhook_receiver() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def telling_app(
    tmp_path_factory: pytest.TempPathFactory, claude: RemoteServer, mail: MailServer, receiver: Receiver
) -> Iterator[App]:
    """An app that may send mail and webhooks."""
    with running_app(
        tmp_path_factory.mktemp("telling"),
        ANTHROPIC_BASE_URL=claude.url,
        SMTP_URL=mail.url,
        MAIL_FROM="Acme <support@acme.example>",
        WEBHOOK_URL=receiver.url,
        WEBHOOK_SECRET=SECRET,
        PUBLIC_URL="https://support.acme.example",
    ) as app:
        yield app


async def test_what_fails_is_seen_and_sent_again(
    chromium: Browser, telling_app: App, claude: RemoteServer, mail: MailServer, receiver: Receiver
) -> None:
    claude.reset()
    mail.recipient = "550 No such user"
    async with agent(chromium, telling_app, "Sam") as sam:
        line = sam.page.get_by_text("The assistant cannot answer")
        failed = sam.page.get_by_text(re.compile("1 message could not be delivered"))
        await expect(line).to_have_count(0)

        async with customer(chromium, telling_app) as alice:
            claude.fails(401)
            await alice.ask("How do I get a refund?")
            await alice.expect_answer("Refund request")
            await sam.page.reload()
            await expect(line).to_contain_text("the key in ANTHROPIC_API_KEY is wrong")
            await expect(failed).to_be_visible(timeout=PATIENCE)

            await sam.page.get_by_role("link", name="Look at the outbox").click()
            row = sam.page.locator("[data-message]")
            await expect(row).to_contain_text("Given up")
            await expect(row).to_contain_text("There is no such mailbox")
            await row.get_by_role("button", name="Drop").click()
            await expect(row).to_have_count(0)
            await sam.page.get_by_role("button", name="Undo").click()
            await expect(row).to_have_count(1)

            mail.recipient = "250 OK"
            await row.get_by_role("button", name="Send again").click()
            await expect(row).to_have_count(0, timeout=PATIENCE)
            assert "ANTHROPIC_API_KEY" in mail.mails[-1].get_content()
            assert len(mail.mails) == 1

            claude.says("It takes five days.")
            await answered_again(alice)
            await alice.expect_in_log("It takes five days.")
            await sam.page.get_by_role("link", name=re.compile("Escalations")).click()
            await expect(sam.page.get_by_role("heading", level=1, name="Waiting")).to_be_visible()
            await expect(line).to_have_count(0, timeout=PATIENCE)

            await alice.ask_for_person()
            await expect(sam.page.locator("[data-conversation]").first).to_be_visible()
            for _ in range(100):
                if receiver.received:
                    break
                await sam.page.wait_for_timeout(100)
    (told,) = receiver.received
    assert Webhook(SECRET).verify(told.body, told.headers)["type"] == "handoff.requested"
    assert "Traceback" not in telling_app.log


async def answered_again(alice: Customer) -> None:
    """Ask until the model has had its rest, which only a question ends."""
    for attempt in range(12):
        await alice.ask(f"And how long does it take? ({attempt})")
        await alice.expect_quiet()
        if "It takes five days." in await alice.log.inner_text():
            return
        await alice.page.wait_for_timeout(2_500)
