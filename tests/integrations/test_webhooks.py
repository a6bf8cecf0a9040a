"""Webhooks as they arrive: signed so that the specification's own library agrees, and sent with care."""

import json
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from supportbot.channels import signing_key
from supportbot.delivery import DeliveryFailed
from supportbot.ids import now
from supportbot.integrations import webhooks
from supportbot.integrations.webhooks import Webhooks
from supportbot.models import Channel, Outbox
from tests.servers.postgres import free_port
from tests.servers.webhook_receiver import Received, Receiver, webhook_receiver

pytestmark = pytest.mark.anyio

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with webhook_receiver() as receiver:
        yield receiver


@pytest.fixture
async def sender(receiver: Receiver) -> AsyncIterator[Webhooks]:
    sender = Webhooks(receiver.url, signing_key(SECRET))
    yield sender
    await sender.close()


def happened() -> Outbox:
    payload = {"type": "handoff.requested", "timestamp": "2026-05-04T12:30:00.000+00:00", "data": {"n": "ü"}}
    return Outbox(key="k", channel=Channel.WEBHOOK, topic="handoff.requested", payload=payload)


async def failure(sender: Webhooks) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as caught:
        await sender.send(happened())
    return caught.value


def verified(received: Received, secret: str = SECRET) -> object:
    return Webhook(secret).verify(received.body, received.headers)


async def test_the_specifications_own_library_accepts_the_signature(
    receiver: Receiver, sender: Webhooks
) -> None:
    message = happened()

    await sender.send(message)

    (received,) = receiver.received
    assert verified(received) == message.payload
    assert received.headers["webhook-id"] == f"msg_{message.id.hex}"
    assert received.headers["content-type"] == "application/json"
    assert received.path == "/hooks"


async def test_another_secret_or_a_changed_body_is_noticed(receiver: Receiver, sender: Webhooks) -> None:
    await sender.send(happened())
    (received,) = receiver.received

    with pytest.raises(WebhookVerificationError):
        verified(received, "whsec_" + "QUJD" * 8)
    changed = received.body.replace(b"requested", b"cancelled")
    with pytest.raises(WebhookVerificationError):
        verified(Received(received.path, received.headers, changed))


async def test_a_later_try_has_the_same_id_and_a_signature_of_its_own(receiver: Receiver) -> None:
    # Receivers refuse a signature older than five minutes, and the third try comes after two and a half.
    moment = now() - timedelta(hours=7)
    sender, message = Webhooks(receiver.url, signing_key(SECRET), clock=lambda: moment), happened()
    await sender.send(message)
    moment = now()

    await sender.send(message)
    await sender.close()

    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert json.loads(first.body) == json.loads(second.body)
    with pytest.raises(WebhookVerificationError, match="too old"):
        verified(first)
    assert verified(second) == message.payload


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_any_success_is_one(receiver: Receiver, sender: Webhooks, status: int) -> None:
    receiver.status = status

    await sender.send(happened())

    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    ("status", "code", "permanent"),
    [
        (410, "gone", True),
        (400, "refused", False),
        (401, "refused", False),
        (404, "refused", False),
        (429, "server_busy", False),
        (503, "server_busy", False),
        (500, "server_error", False),
        (502, "server_error", False),
    ],
)
async def test_only_gone_is_never(
    receiver: Receiver, sender: Webhooks, status: int, code: str, permanent: bool
) -> None:
    receiver.status = status

    fault = await failure(sender)

    assert (fault.code, fault.permanent) == (code, permanent)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(receiver: Receiver, sender: Webhooks, status: int) -> None:
    receiver.status = status
    receiver.headers = {"location": receiver.url.replace("hooks", "elsewhere")}

    fault = await failure(sender)

    assert fault.code == "redirected"
    assert [one.path for one in receiver.received] == ["/hooks"]


@pytest.mark.parametrize(
    ("header", "seconds"), [("120", 120.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("9" * 400, None)]
)
async def test_a_busy_receiver_says_when_to_come_back(
    receiver: Receiver, sender: Webhooks, header: str, seconds: float | None
) -> None:
    receiver.status, receiver.headers = 429, {"retry-after": header}

    assert (await failure(sender)).retry_after == seconds


async def test_a_slow_receiver_is_left_after_a_while(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "STEP_SECONDS", 0.2)
    receiver.pause = 1.0
    sender = Webhooks(receiver.url, signing_key(SECRET))

    fault = await failure(sender)
    await sender.close()

    assert (fault.code, fault.permanent) == ("timeout", False)


async def test_an_endless_answer_is_not_read(receiver: Receiver, sender: Webhooks) -> None:
    receiver.status, receiver.endless = 200, True

    await sender.send(happened())  # would never return if it read on

    assert len(receiver.received) == 1


async def test_nobody_there_is_no_error_of_ours() -> None:
    sender = Webhooks(f"http://127.0.0.1:{free_port()}/", signing_key(SECRET))

    fault = await failure(sender)
    await sender.close()

    assert (fault.code, fault.permanent) == ("unreachable", False)


# What an owner types must not lead into our own network


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0.0.0.0",
        "10.0.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b::a00:1]",
        "[fe80::1]",
        "[fd00::1]",
    ],
)
async def test_no_spelling_of_an_inner_address_is_reached(receiver: Receiver, host: str) -> None:
    port = receiver.url.split(":")[2].partition("/")[0]
    wary = Webhooks(f"http://{host}:{port}/hooks", signing_key(SECRET), only_public=True)

    assert (await failure(wary)).code == "not_public"

    assert receiver.received == []
    await wary.close()


async def test_a_name_is_looked_up_once_and_the_connection_goes_where_that_led(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[str] = []

    def name_server(host: str, port: int, *_: object, **__: object) -> list[object]:
        looked_up.append(host)
        # The second answer is the attack: what was looked at and what is connected to must be the same.
        address = "127.0.0.1" if len(looked_up) == 1 else "127.0.0.2"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    port = receiver.url.split(":")[2].partition("/")[0]
    monkeypatch.setattr(webhooks, "is_public", lambda address: str(address) == "127.0.0.1")
    monkeypatch.setattr(socket, "getaddrinfo", name_server)
    wary = Webhooks(f"http://hooks.example:{port}/hooks", signing_key(SECRET), only_public=True)

    await wary.send(happened())

    (received,) = receiver.received
    assert received.headers["host"] == f"hooks.example:{port}"
    assert [host for host in looked_up if host == "hooks.example"] == ["hooks.example"]
    await wary.close()


async def test_a_redirect_inward_is_not_followed(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "is_public", lambda _: True)
    receiver.status, receiver.headers = 302, {"location": "http://169.254.169.254/"}
    wary = Webhooks(receiver.url, signing_key(SECRET), only_public=True)

    assert (await failure(wary)).code == "redirected"

    await wary.close()


@pytest.mark.parametrize("host", ["nobody.invalid", "0177.0.0.1", "a..b", "x" * 300])
async def test_a_name_that_leads_nowhere_is_unreachable(host: str) -> None:
    wary = Webhooks(f"https://{host}/hooks", signing_key(SECRET), only_public=True)

    assert (await failure(wary)).code == "unreachable"

    await wary.close()
