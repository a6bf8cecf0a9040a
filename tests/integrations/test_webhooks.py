"""Webhooks as they arrive: signed so that the specification's own library agrees, and sent with care."""

import json
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
