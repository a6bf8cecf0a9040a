"""What carries mails and webhooks out of the house, as the settings have it at this moment.

When the settings change, the next message goes the new way; one that is on its way is not disturbed. What
waits in the outbox waits on while a way is closed, and leaves when it is open again.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from supportbot.channels import MailServer, sender, signing_key
from supportbot.database import Database
from supportbot.delivery import SENDING_SECONDS, Carrier, DeliveryFailed, deliver
from supportbot.errors import Refused
from supportbot.house.current import House
from supportbot.house.sections import Sections, Sending
from supportbot.ids import new_id, now
from supportbot.integrations.email import Mailer
from supportbot.integrations.webhooks import Webhooks
from supportbot.models import Channel, Outbox, Staff, StaffRole
from supportbot.outbox import WHY, Outlets, open_outlets

log = logging.getLogger(__name__)

TEST = "settings.test"


@dataclass(frozen=True, slots=True)
class Net:
    """Where webhooks may go, as the environment says.

    `trusted_url` is the address it names itself; any other is typed by an owner on a page, who might not
    run this machine and its network. `private` lets those lead into them, too.
    """

    trusted_url: str = ""
    private: bool = False


@dataclass(frozen=True, slots=True)
class Tried:
    """How a test went, in a sentence for whoever asked for it."""

    sent: bool
    sentence: str


class _Closes(Carrier, Protocol):
    async def close(self) -> None:
        """Close whatever is open."""
        ...


class _Way:
    """One channel's carrier, exchanged when the settings are."""

    def __init__(self, carrier: _Closes) -> None:
        self.carrier = carrier
        self.using = 0
        self.replaced = False

    async def send(self, message: Outbox) -> None:
        self.using += 1
        try:
            await self.carrier.send(message)
        finally:
            self.using -= 1
            await self.close_if_unused()

    async def close_if_unused(self) -> None:
        if self.replaced and not self.using:
            await self.carrier.close()


class Carriers:
    """The ways out of the house, following its settings.

    Args:
        database: Where the outbox is; its sessions are told what can be sent.
        house: Whose settings are followed.
        public_url: Where links in messages lead.
        net: Where webhooks may go.
    """

    def __init__(self, database: Database, house: House, public_url: str, net: Net) -> None:
        self._database = database
        self._public_url = public_url
        self._net = net
        self._sending: Sending | None = None
        self._company = ""
        self._ways: dict[Channel, _Way] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._follow(house.now)
        house.on_change(self._follow)

    @property
    def channels(self) -> frozenset[Channel]:
        """What can leave the house at this moment."""
        return frozenset(self._ways)

    async def deliver(self, channel: Channel, stopping: asyncio.Event) -> int:
        """Send what is due on a channel, if it is open; see `delivery.deliver`."""
        if channel not in self._ways:
            return 0
        return await deliver(self._database, channel, _Newest(self, channel), stopping)

    async def send(self, channel: Channel, message: Outbox) -> None:
        """Send one message the way that is open at this moment; see `Carrier.send`."""
        way = self._ways.get(channel)
        if way is None:
            raise DeliveryFailed("not_set_up")
        await way.send(message)

    async def try_mail(self, sending: Sending, staff: Staff) -> Tried:
        """Send one mail now, with settings that need not be saved, to the address of whoever tries them.

        Raises:
            Refused: if it is no admin who tries.
        """
        _may_try(staff)
        if not sending.mail_host:
            return Tried(False, "There is no mail server yet.")
        body = f"This is the test you asked for on the page of the settings.\n\n{self._public_url}\n"
        mail = Outbox(
            channel=Channel.MAIL,
            key=f"test:{new_id().hex}",
            topic=TEST,
            recipient=staff.email,
            payload={"subject": f"A test of {self._company} support", "body": body},
        )
        taken = (
            f"{sending.mail_host} has taken a test mail for {staff.email}. "
            "Look into that mailbox: it may take a minute to arrive."
        )
        return await self._try(sending, mail, taken, "The test mail was not sent.")

    async def try_webhook(self, sending: Sending, staff: Staff) -> Tried:
        """Send one signed webhook now, with settings that need not be saved.

        Raises:
            Refused: if it is no admin who tries.
        """
        _may_try(staff)
        if not sending.webhook_url:
            return Tried(False, "There is no address for webhooks yet.")
        hook = Outbox(
            channel=Channel.WEBHOOK,
            key=f"test:{new_id().hex}",
            topic=TEST,
            payload={"type": TEST, "timestamp": now().isoformat(timespec="milliseconds"), "data": {}},
        )
        taken = f"{urlsplit(sending.webhook_url).hostname} has taken a test webhook of the type {TEST}."
        return await self._try(sending, hook, taken, "The test webhook was not taken.")

    async def _try(self, sending: Sending, message: Outbox, taken: str, failed: str) -> Tried:
        """One try that nothing is recorded of, and that is not repeated."""
        ways = built(sending, self._net)
        try:
            async with asyncio.timeout(SENDING_SECONDS):
                await ways[message.channel].send(message)
        except (DeliveryFailed, TimeoutError) as error:
            code = error.code if isinstance(error, DeliveryFailed) else "timeout"
            log.warning("a test %s failed: %s", message.channel, code)
            return Tried(False, f"{failed} {WHY.get(code, WHY['internal'])}")
        finally:
            for way in ways.values():
                await way.close()
        return Tried(True, taken)

    async def close(self) -> None:
        """Close every way."""
        await asyncio.gather(*self._closing, return_exceptions=True)
        for way in self._ways.values():
            await way.carrier.close()
        self._ways.clear()

    def _follow(self, sections: Sections) -> None:
        if sections.sending != self._sending:
            for way in self._ways.values():
                self._replace(way)
            self._ways = {
                channel: _Way(carrier) for channel, carrier in built(sections.sending, self._net).items()
            }
            self._sending = sections.sending
        self._company = sections.company.name
        open_outlets(self._database, Outlets(self.channels, self._public_url, self._company))

    def _replace(self, way: _Way) -> None:
        way.replaced = True
        closing = asyncio.create_task(way.close_if_unused(), name="carriers-close")
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)


def _may_try(staff: Staff) -> None:
    if staff.role != StaffRole.ADMIN:
        raise Refused("Only admins can try how messages are sent.")


class _Newest:
    """The carrier that is in use when a message is sent, not the one that was when its turn was planned."""

    def __init__(self, carriers: Carriers, channel: Channel) -> None:
        self._carriers = carriers
        self._channel = channel

    async def send(self, message: Outbox) -> None:
        """See `Carrier.send`."""
        await self._carriers.send(self._channel, message)


def built(sending: Sending, net: Net) -> dict[Channel, Mailer | Webhooks]:
    """Carriers for as much as is set up."""
    carriers: dict[Channel, Mailer | Webhooks] = {}
    if sending.mail_host:
        password = sending.mail_password.get_secret_value() if sending.mail_password else ""
        server = MailServer.of(
            sending.mail_host, sending.mail_port, sending.mail_security, sending.mail_user, password
        )
        carriers[Channel.MAIL] = Mailer(server, sender(sending.mail_from))
    if sending.webhook_url and sending.webhook_secret is not None:
        key = signing_key(sending.webhook_secret.get_secret_value())
        only_public = not net.private and sending.webhook_url != net.trusted_url
        carriers[Channel.WEBHOOK] = Webhooks(sending.webhook_url, key, only_public=only_public)
    return carriers
