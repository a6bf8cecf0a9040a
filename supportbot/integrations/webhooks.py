"""Webhooks, signed as https://www.standardwebhooks.com asks, so that receivers find a library for it."""

import asyncio
import base64
import hmac
import json
import re
import socket
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from ipaddress import ip_address

import httpx2

from supportbot.channels import is_public
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
        only_public: Refuse addresses of this machine and of private networks. The name is looked up once
            for each try, and the connection goes to the very address that was looked at.
        clock: Says what time it is: receivers refuse what was signed long ago.
    """

    def __init__(
        self, url: str, key: bytes, *, only_public: bool = False, clock: Callable[[], datetime] = now
    ) -> None:
        self._url = url
        self._only_public = only_public
        self._key = key
        self._clock = clock
        # Whoever answers with a redirect has moved, and its owner should hear of it: we follow none.
        # A proxy would look the name up once more, and perhaps find another address than we did.
        self._client = httpx2.AsyncClient(
            timeout=STEP_SECONDS, follow_redirects=False, trust_env=not only_public
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def send(self, message: Outbox) -> None:
        """See `Carrier.send`."""
        body = json.dumps(message.payload, ensure_ascii=False, separators=(",", ":")).encode()
        headers = self._headers(message, body)
        try:
            url, extensions = httpx2.URL(self._url), {}
            if self._only_public:
                address = await _public_address(url.host, url.port or (443 if url.scheme == "https" else 80))
                # To that address, but under the receiver's name: for its certificate, and for the request.
                headers["host"] = url.netloc.decode("ascii")
                url, extensions = url.copy_with(host=address), {"sni_hostname": url.host}
            # Streamed, so that an endless answer is not read: only its status counts.
            async with self._client.stream(
                "POST", url, content=body, headers=headers, extensions=extensions
            ) as answer:
                _check(answer)
        except (httpx2.TimeoutException, TimeoutError) as error:
            raise DeliveryFailed("timeout") from error
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, UnicodeError) as error:
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


async def _public_address(host: str, port: int) -> str:
    """The first address of a host.

    Raises:
        DeliveryFailed: if any of its addresses is none of the public net.
    """
    async with asyncio.timeout(STEP_SECONDS):
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(where[0]).partition("%")[0] for *_, where in found]
    if not all(is_public(ip_address(one)) for one in addresses):
        raise DeliveryFailed("not_public")
    return addresses[0]


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
