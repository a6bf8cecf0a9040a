"""A mail server on this machine that takes mail, or behaves as badly as it is told."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Literal, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.postgres import free_port

Manner = Literal["takes", "hangs", "hangs_up_after_data"]
OK = "250 OK"


@dataclass
class MailServer:
    """What has arrived, and how the next mail is treated.

    `recipient`, `data` and `sender` are the server's words at that step.
    """

    port: int
    manner: Manner = "takes"
    recipient: str = OK
    sender: str = OK
    data: str = OK
    password: str = ""
    raw: list[bytes] = field(default_factory=list)
    """Every mail whose end has been seen, also those it then refused."""
    signed_in_as: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def mails(self) -> list[EmailMessage]:
        return [
            cast(EmailMessage, message_from_bytes(_local(raw), policy=policy.default)) for raw in self.raw
        ]

    # aiosmtpd's hooks; each runs in the server's own thread and loop

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.sender

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.raw.append(cast(bytes, envelope.content))
        if self.manner == "hangs":
            await asyncio.sleep(1.5)
        if self.manner == "hangs_up_after_data":
            server.transport.abort()
        return self.data

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, mechanism: str, given: Any
    ) -> AuthResult:
        right = isinstance(given, LoginPassword) and given.password.decode() == self.password
        if right:
            self.signed_in_as.append(given.login.decode())
        return AuthResult(success=right, handled=right)  # unhandled: aiosmtpd says 535


def _local(raw: bytes) -> bytes:
    """With the line ends of this machine, as a mail program shows it."""
    return raw.replace(b"\r\n", b"\n")


@contextmanager
def mail_server(tls: ssl.SSLContext | None = None) -> Iterator[MailServer]:
    """A mail server; with `tls` it offers STARTTLS."""
    server = MailServer(free_port())
    controller = Controller(
        server,
        hostname="127.0.0.1",
        port=server.port,
        authenticator=server.authenticate,
        auth_require_tls=False,
        tls_context=tls,
    )
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
