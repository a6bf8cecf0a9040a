"""Mails and webhooks leave the way the settings say now, and nothing that waits is lost on the way there."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from standardwebhooks import Webhook

from supportbot import outbox
from supportbot.carriers import Carriers, Net, Tried
from supportbot.conversations.live import MemoryLive
from supportbot.database import Database
from supportbot.errors import Refused
from supportbot.house import versions
from supportbot.house.current import House
from supportbot.house.sections import Sections, Sending
from supportbot.models import Channel, Outbox
from supportbot.outbox import outlets_of
from tests.people import alex, sam
from tests.servers.postgres import free_port
from tests.servers.smtp import MailServer, mail_server
from tests.servers.webhook_receiver import Receiver, webhook_receiver

pytestmark = pytest.mark.anyio

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PASSWORD = "open sesame"


@dataclass
class Out:
    """The ways out of a house whose owner changes them."""

    database: Database
    house: House
    carriers: Carriers

    async def set(self, **content: Any) -> None:
        over = (await versions.newest(self.database, "sending")).version
        await versions.save(self.database, MemoryLive(), "sending", content, None, over=over)
        await self.house.refresh()

    async def typed(self, **content: Any) -> Sending:
        """What somebody has typed and not saved."""
        typed = await versions.draft(self.database, "sending", content)
        assert isinstance(typed, Sending)
        return typed

    async def write(self, key: str = "k") -> tuple[bool, bool]:
        async with self.database.transaction() as session:
            mail = await outbox.mail(
                session, key=f"mail {key}", topic="t", to="a@b.example", subject="s", body="b"
            )
            return mail, await outbox.webhook(session, "happened", key=f"hook {key}", data={})

    async def deliver(self) -> None:
        for channel in Channel:
            await self.carriers.deliver(channel, asyncio.Event())

    async def waiting(self) -> list[Outbox]:
        return list((await outbox.listed(self.database)).rows)


@pytest.fixture
async def out(database: Database) -> AsyncIterator[Out]:
    house = House(database, Sections(), private_hosts=True)
    carriers = Carriers(database, house, "https://support.acme.example", Net(private=True))
    yield Out(database, house, carriers)
    await carriers.close()


def mail_at(server: MailServer) -> dict[str, Any]:
    return {
        "mail_host": "127.0.0.1",
        "mail_port": server.port,
        "mail_security": "none",
        "mail_from": "Acme <support@acme.example>",
    }


def hooks_at(receiver: Receiver) -> dict[str, Any]:
    return {"webhook_url": receiver.url, "webhook_secret": SECRET}


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


async def test_a_way_is_open_as_soon_as_it_is_saved_and_closed_again(out: Out) -> None:
    with mail_server() as server, webhook_receiver() as receiver:
        assert await out.write("before") == (False, False)

        await out.set(**mail_at(server), **hooks_at(receiver))
        assert out.carriers.channels == frozenset(Channel)
        assert await out.write() == (True, True)
        await out.deliver()

        await out.set(mail_host="")
        assert out.carriers.channels == {Channel.WEBHOOK}
        assert await out.write("after") == (False, True)

    assert (len(server.mails), len(receiver.received)) == (1, 1)


async def test_what_waits_while_a_way_is_closed_leaves_when_it_is_open_again(out: Out) -> None:
    with webhook_receiver() as receiver:
        await out.set(**hooks_at(receiver))
        await out.write()
        await out.set(webhook_url="")
        await out.deliver()
        assert [(row.attempts, row.failed_at) for row in await out.waiting()] == [(0, None)]

        await out.set(**hooks_at(receiver))
        await out.deliver()

    assert len(receiver.received) == 1
    assert await out.waiting() == []


async def test_after_a_change_messages_go_the_new_way(out: Out) -> None:
    with mail_server() as first, mail_server() as second:
        await out.set(**mail_at(first))
        await out.write()
        await out.set(**mail_at(second))

        await out.deliver()

    assert (len(first.mails), len(second.mails)) == (0, 1)


async def test_a_message_on_its_way_is_not_disturbed_by_a_change(out: Out) -> None:
    with webhook_receiver() as slow, webhook_receiver() as other:
        slow.pause = 0.3
        await out.set(**hooks_at(slow))
        await out.write()
        delivering = asyncio.create_task(out.deliver())
        await until(lambda: len(slow.received) == 1)

        await out.set(**hooks_at(other))
        await delivering

    assert (len(slow.received), len(other.received)) == (1, 0)
    assert await out.waiting() == []


async def test_a_restored_version_brings_its_way_back(out: Out) -> None:
    with webhook_receiver() as receiver:
        await out.set(**hooks_at(receiver))
        await out.set(webhook_url="")
        await versions.restore(out.database, MemoryLive(), "sending", 1, None)
        await out.house.refresh()
        await out.write()
        await out.deliver()

        (received,) = receiver.received

    Webhook(SECRET).verify(received.body, received.headers)


async def test_messages_know_the_company_as_it_is_called_now(out: Out) -> None:
    await versions.save(out.database, MemoryLive(), "company", {"name": "Birch"}, None, over=0)
    await out.house.refresh()

    async with out.database.reading() as session:
        assert outlets_of(session).company == "Birch"


async def test_a_webhook_an_owner_set_up_does_not_reach_into_the_servers_network(database: Database) -> None:
    with webhook_receiver() as receiver:
        house = House(database, Sections(sending=Sending.model_validate(hooks_at(receiver))))
        trusting = Carriers(database, house, "", Net(trusted_url=receiver.url))
        wary = Carriers(database, house, "", Net())
        boss = await sam(database)

        assert (await wary.try_webhook(house.sending, boss)).sent is False
        assert receiver.received == []
        # What the environment names was chosen by whoever runs the machine.
        assert (await trusting.try_webhook(house.sending, boss)).sent is True
        for carriers in (trusting, wary):
            await carriers.close()


# A test, with settings that are not saved


async def test_a_test_mail_goes_to_whoever_asks_for_it(out: Out) -> None:
    boss = await sam(out.database)
    with mail_server() as server:
        server.password = PASSWORD
        typed = await out.typed(**mail_at(server), mail_user="support", mail_password=PASSWORD)

        tried = await out.carriers.try_mail(typed, boss)

    assert tried == Tried(
        True,
        "127.0.0.1 has taken a test mail for sam@example.com. "
        "Look into that mailbox: it may take a minute to arrive.",
    )
    (mail,) = server.mails
    assert (mail["To"], mail["Subject"]) == ("sam@example.com", "A test of Acme support")
    assert await out.waiting() == []


async def test_a_test_webhook_is_signed(out: Out) -> None:
    boss = await sam(out.database)
    with webhook_receiver() as receiver:
        tried = await out.carriers.try_webhook(await out.typed(**hooks_at(receiver)), boss)

    (received,) = receiver.received
    Webhook(SECRET).verify(received.body, received.headers)
    assert json.loads(received.body)["type"] == "settings.test"
    assert tried == Tried(True, "127.0.0.1 has taken a test webhook of the type settings.test.")


async def test_a_test_that_fails_says_why_and_nothing_secret(
    out: Out, caplog: pytest.LogCaptureFixture
) -> None:
    boss = await sam(out.database)
    logging.getLogger("supportbot").addHandler(caplog.handler)
    with mail_server() as server, webhook_receiver() as receiver:
        server.password = "another"
        receiver.status = 401
        typed = await out.typed(
            **mail_at(server), **hooks_at(receiver), mail_user="support", mail_password=PASSWORD
        )
        mail = await out.carriers.try_mail(typed, boss)
        hook = await out.carriers.try_webhook(typed, boss)
    away = await out.carriers.try_mail(typed.model_copy(update={"mail_port": free_port()}), boss)
    logging.getLogger("supportbot").removeHandler(caplog.handler)

    assert mail == Tried(
        False, "The test mail was not sent. The mail server refused the user or the password."
    )
    assert hook == Tried(
        False, "The test webhook was not taken. The receiver refused it; it may not know the secret."
    )
    assert away == Tried(False, "The test mail was not sent. The other side could not be reached.")
    assert not any(secret in f"{mail}{hook}{caplog.text}" for secret in (PASSWORD, SECRET))


async def test_what_is_not_set_up_cannot_be_tried(out: Out) -> None:
    boss = await sam(out.database)

    assert (await out.carriers.try_mail(Sending(), boss)).sentence == "There is no mail server yet."
    assert (
        await out.carriers.try_webhook(Sending(), boss)
    ).sentence == "There is no address for webhooks yet."


async def test_agents_cannot_try_how_messages_are_sent(out: Out) -> None:
    agent = await alex(out.database)

    for trying in (out.carriers.try_mail, out.carriers.try_webhook):
        with pytest.raises(Refused, match="Only admins"):
            await trying(Sending(), agent)


async def test_a_test_uses_the_known_password_only_where_it_belongs(out: Out) -> None:
    with mail_server() as server, mail_server() as stranger:
        server.password = stranger.password = PASSWORD
        await out.set(**mail_at(server), mail_user="support", mail_password=PASSWORD)

        tried = await out.carriers.try_mail(await out.typed(mail_password=""), await sam(out.database))
        with pytest.raises(Refused, match="password of the mail server again"):
            await out.typed(**{**mail_at(stranger), "mail_host": "localhost"})

    assert tried.sent
    assert (server.signed_in_as, stranger.signed_in_as) == (["support"], [])
