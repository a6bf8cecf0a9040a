"""Mail as it arrives, and every way a mail server can refuse, stall or vanish."""

import ssl
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from supportbot.channels import MailServer as Server
from supportbot.channels import sender
from supportbot.delivery import DeliveryFailed
from supportbot.integrations import email
from supportbot.integrations.email import Mailer
from supportbot.models import Channel, Outbox
from tests.servers.postgres import free_port
from tests.servers.smtp import MailServer, mail_server

pytestmark = pytest.mark.anyio

FROM = "Müller & Co. Support <support@acme.example>"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


def mailer(url: str) -> Mailer:
    return Mailer(Server.from_url(url), sender(FROM))


def written(subject: str = "Hello", body: str = "Good day.\n", to: str = "sam@acme.example") -> Outbox:
    return Outbox(
        key="k",
        channel=Channel.MAIL,
        topic="t",
        recipient=to,
        payload={"subject": subject, "body": body},
        created_at=datetime(2026, 5, 4, 12, 30, tzinfo=UTC),
    )


async def failure(url: str, message: Outbox | None = None) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as caught:
        await mailer(url).send(message or written())
    return caught.value


async def test_a_mail_arrives_as_it_was_written(server: MailServer) -> None:
    message = written("Grüße: 你好", "Müller wartet.\nالعميل ينتظر\n")

    await mailer(server.url).send(message)

    (mail,) = server.mails
    assert mail["From"] == FROM.replace("Müller & Co. Support", '"Müller & Co. Support"')
    assert mail["To"] == "sam@acme.example"
    assert mail["Subject"] == "Grüße: 你好"
    assert mail["Message-ID"] == f"<{message.id}@acme.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == message.created_at
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content() == "Müller wartet.\nالعميل ينتظر\n"


async def test_every_try_sends_the_same_mail(server: MailServer) -> None:
    message = written()

    await mailer(server.url).send(message)
    await mailer(server.url).send(message)

    assert server.raw[0] == server.raw[1]


@pytest.mark.parametrize("breaks", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\x00"])
async def test_no_name_can_add_a_header_or_end_the_head(server: MailServer, breaks: str) -> None:
    message = written(f"Alice{breaks}Bcc: everybody@example.com{breaks}{breaks}And a body waits")

    await mailer(server.url).send(message)

    (mail,) = server.mails
    assert mail["Bcc"] is None
    assert mail["Subject"].startswith("Alice")
    assert mail.get_content() == "Good day.\n"


async def test_a_long_subject_is_folded_and_a_very_long_one_cut(server: MailServer) -> None:
    await mailer(server.url).send(written("ü" * 500))

    (mail,) = server.mails
    assert mail["Subject"] == "ü" * email.LONGEST_SUBJECT
    assert max(len(line) for line in server.raw[0].split(b"\r\n")) <= 998


async def test_a_line_with_a_dot_alone_does_not_end_the_mail(server: MailServer) -> None:
    await mailer(server.url).send(written(body="first\n.\nQUIT\n..last\n"))

    assert server.mails[0].get_content() == "first\n.\nQUIT\n..last\n"


async def test_whoever_must_sign_in_does(server: MailServer) -> None:
    server.password = "p/w?#ü"

    await mailer(server.url.replace("//", "//me%40acme.example:p%2Fw%3F%23%C3%BC@")).send(written())

    assert server.signed_in_as == ["me@acme.example"]
    assert len(server.raw) == 1


async def test_a_wrong_password_is_tried_again_for_somebody_may_mend_it(server: MailServer) -> None:
    server.password = "right"

    fault = await failure(server.url.replace("//", "//me:wrong@"))

    assert (fault.code, fault.permanent) == ("sign_in_refused", False)
    assert server.raw == []


@pytest.mark.parametrize(
    ("step", "says", "code", "permanent"),
    [
        ("recipient", "550 No such user", "recipient_refused", True),
        ("recipient", "553 Not here", "recipient_refused", True),
        ("recipient", "450 Greylisted", "server_busy", False),
        ("recipient", "452 Mailbox full", "server_busy", False),
        ("data", "554 This is spam", "mail_refused", True),
        ("data", "451 Later", "server_busy", False),
        ("sender", "550 We do not know you", "sender_refused", False),
    ],
)
async def test_never_is_told_from_later(
    server: MailServer, step: str, says: str, code: str, permanent: bool
) -> None:
    setattr(server, step, says)

    fault = await failure(server.url)

    assert (fault.code, fault.permanent) == (code, permanent)


async def test_a_server_that_hangs_up_after_the_mail_is_tried_again_with_the_same_id(
    server: MailServer,
) -> None:
    server.manner, message = "hangs_up_after_data", written()
    fault = await failure(server.url, message)
    server.manner = "takes"

    await mailer(server.url).send(message)

    assert (fault.code, fault.permanent) == ("disconnected", False)
    assert [mail["Message-ID"] for mail in server.mails] == [f"<{message.id}@acme.example>"] * 2


async def test_a_server_that_hangs_is_left_after_a_while(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(email, "STEP_SECONDS", 0.2)
    server.manner = "hangs"

    fault = await failure(server.url)

    assert (fault.code, fault.permanent) == ("timeout", False)


async def test_nobody_there_is_no_error_of_ours() -> None:
    fault = await failure(f"smtp://127.0.0.1:{free_port()}")

    assert (fault.code, fault.permanent) == ("unreachable", False)


@pytest.mark.parametrize("to", ["", "nobody", "a b@acme.example", "a@b\r\nRCPT TO:<c@d>"])
async def test_what_is_no_address_reaches_no_server(server: MailServer, to: str) -> None:
    fault = await failure(server.url, written(to=to))

    assert (fault.code, fault.permanent) == ("recipient_refused", True)
    assert server.raw == []


async def test_a_server_without_starttls_is_not_sent_mail_in_the_open(server: MailServer) -> None:
    fault = await failure(server.url.replace("smtp:", "smtp+starttls:"))

    assert (fault.code, fault.permanent) == ("not_supported", False)
    assert server.raw == []


async def test_a_certificate_nobody_vouches_for_is_not_trusted(tmp_path: Path) -> None:
    with mail_server(_self_signed(tmp_path)) as server:
        fault = await failure(server.url.replace("smtp:", "smtp+starttls:"))

        assert (fault.code, fault.permanent) == ("not_trusted", False)
        assert server.raw == []


def _self_signed(folder: Path) -> ssl.SSLContext:
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-nodes", "-days", "2"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-keyout", str(key), "-out", str(certificate)),
            *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
