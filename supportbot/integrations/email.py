"""Mail by SMTP, in plain text. The only user of aiosmtplib."""

import contextlib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime

import aiosmtplib

from supportbot.channels import MailServer, address
from supportbot.conversations.wording import clean_line, storable
from supportbot.delivery import DeliveryFailed
from supportbot.models import Outbox

STEP_SECONDS = 10.0
"""How long the server may take for one step: to take the connection, to answer a command."""
LONGEST_SUBJECT = 150


class Mailer:
    """Takes mails to a server, each over a connection of its own: there are few, and none waits for another.

    Args:
        server: Who takes our mail.
        sender: Who it comes from; its domain also names the messages.
    """

    def __init__(self, server: MailServer, sender: Address) -> None:
        self._server = server
        self._sender = sender

    async def send(self, message: Outbox) -> None:
        """See `Carrier.send`. Signing in and our own address are tried again: somebody may mend them."""
        client = aiosmtplib.SMTP(
            hostname=self._server.host,
            port=self._server.port,
            username=self._server.user or None,
            password=self._server.password or None,
            use_tls=self._server.security == "tls",
            start_tls=self._server.security == "starttls",
            timeout=STEP_SECONDS,
        )
        try:
            mail = self.compose(message)
            await client.connect()
            await client.send_message(mail)
        except aiosmtplib.SMTPException as error:
            raise _failure(error) from error
        except ssl.SSLError as error:
            raise DeliveryFailed("not_trusted") from error
        except OSError as error:
            raise DeliveryFailed("unreachable") from error
        finally:
            # The server has taken the mail or refused it; how it says goodbye changes nothing.
            with contextlib.suppress(aiosmtplib.SMTPException, OSError, RuntimeError):
                if client.is_connected:
                    await client.quit(timeout=1)
            client.close()

    async def close(self) -> None:
        """Nothing stays open between two mails."""

    def compose(self, message: Outbox) -> EmailMessage:
        """The mail as it goes out: the same for every try, its Message-ID included.

        Names and subjects may come from customers, so whatever could begin a header of its own is gone
        before the library, which would refuse the mail, sees it.
        """
        receiver = address(message.recipient)
        if receiver is None:
            raise DeliveryFailed("recipient_refused", permanent=True)
        mail = EmailMessage(policy=WIRE)
        mail["Message-ID"] = f"<{message.id}@{self._sender.domain}>"
        mail["Date"] = format_datetime(message.created_at)
        mail["From"] = self._sender
        mail["To"] = receiver
        mail["Subject"] = clean_line(message.payload.get("subject"), limit=LONGEST_SUBJECT)
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(storable(str(message.payload.get("body", ""))))
        return mail


def _failure(error: aiosmtplib.SMTPException) -> DeliveryFailed:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        # We write to one address at a time.
        return _by_status("recipient_refused", error.recipients[0].code)
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return DeliveryFailed("sign_in_refused")
    if isinstance(error, aiosmtplib.SMTPSenderRefused):
        return DeliveryFailed("sender_refused")
    if isinstance(error, aiosmtplib.SMTPDataError):
        return _by_status("mail_refused", error.code)
    if isinstance(error, aiosmtplib.SMTPTimeoutError):
        return DeliveryFailed("timeout")
    if isinstance(error, aiosmtplib.SMTPServerDisconnected):
        # Perhaps after it had taken the mail: the Message-ID tells.
        return DeliveryFailed("disconnected")
    if isinstance(error, aiosmtplib.SMTPConnectError):
        return DeliveryFailed("unreachable")
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return DeliveryFailed("server_error")
    # No STARTTLS, no way of signing in that we know, no addresses beyond ASCII.
    return DeliveryFailed("not_supported")


def _by_status(code: str, status: int) -> DeliveryFailed:
    """4xx means later, 5xx never (RFC 5321)."""
    return DeliveryFailed(code, permanent=True) if status >= 500 else DeliveryFailed("server_busy")
