"""Webhooks, signed as https://www.standardwebhooks.com asks, so that receivers find a library for it."""

import base64
import hmac
import json
import re
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

import httpx2

from supportbot.delivery import DeliveryFailed
from supportbot.ids import now
from supportbot.models import Outbox

STEP_SECONDS = 10.0
"""How long the receiver may take to take the connection, and to answer."""
GONE = 410
BUSY = (429, 503)


class Webhooks:
    """Posts events to one address.

    Args:
        url: Where to.
        key: What the signature is made with.
        clock: Says what time it is: receivers refuse what was signed long ago.
    """

    def __init__(self, url: str, key: bytes, *, clock: Callable[[], datetime] = now) -> None:
        self._url = url
        self._key = key
        self._clock = clock
        # Whoever answers with a redirect has moved, and its owner should hear of it: we follow none.
        self._client = httpx2.AsyncClient(timeout=STEP_SECONDS, follow_redirects=False)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def send(self, message: Outbox) -> None:
        """See `Carrier.send`."""
        body = json.dumps(message.payload, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            # Streamed, so that an endless answer is not read: only its status counts.
            async with self._client.stream(
                "POST", self._url, content=body, headers=self._headers(message, body)
            ) as answer:
                _check(answer)
        except httpx2.TimeoutException as error:
            raise DeliveryFailed("timeout") from error
        except httpx2.HTTPError as error:
            raise DeliveryFailed("unreachable") from error

    def _headers(self, message: Outbox, body: bytes) -> dict[str, str]:
        name, moment = f"msg_{message.id.hex}", str(int(self._clock().timestamp()))
        return {
            "content-type": "application/json",
            "user-agent": "supportbot",
            "webhook-id": name,
            "webhook-timestamp": moment,
            "webhook-signature": signature(self._key, name, moment, body),
        }


def signature(key: bytes, name: str, moment: str, body: bytes) -> str:
    """Version 1 of the specification: HMAC-SHA256 over id, seconds since 1970, and body."""
    signed = hmac.new(key, f"{name}.{moment}.".encode() + body, sha256).digest()
    return "v1," + base64.b64encode(signed).decode()


def _check(answer: httpx2.Response) -> None:
    if answer.is_success:
        return
    if answer.status_code == GONE:
        raise DeliveryFailed("gone", permanent=True)
    if answer.is_redirect:
        raise DeliveryFailed("redirected")
    if answer.status_code in BUSY:
        raise DeliveryFailed("server_busy", retry_after=_seconds(answer.headers.get("retry-after")))
    if answer.is_client_error:
        raise DeliveryFailed("refused")
    raise DeliveryFailed("server_error")


def _seconds(header: str | None) -> float | None:
    """What `Retry-After` asks for, if it is a number one can wait for."""
    return float(header) if header and re.fullmatch("[0-9]{1,6}", header) else None
