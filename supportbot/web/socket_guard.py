"""The guard in front of Reflex's socket: only what a Reflex page really sends gets through, rebuilt.

Unguarded, Reflex 0.10.1 lets any socket forge its own address and cookies (by events named `connect`),
keep unbounded router data, queue without limit and send frames of a million characters. This guard closes
that and authorises nothing: handlers do.

Two outcomes for a frame that does not pass. What a page of ours may send but we do not want, or sends too
fast, is dropped. What no page sends ends the socket, with a close code: 1003 for binary, 1009 for too
long, 1008 for the rest.
"""

import asyncio
import json
import logging
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from urllib.parse import parse_qsl
from uuid import uuid4

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from supportbot.web.addresses import address_group, client_address
from supportbot.web.frames import CONNECT_ERROR, PING, POLICY, Frames, KnownHandler, RefusedError
from supportbot.web.origins import origin_allowed, request_origin, request_site

log = logging.getLogger(__name__)

StaffSession = Callable[[str], Awaitable[bool]]
"""Whether a Cookie header holds a valid staff session; asked only when a long frame arrives."""

PageLeft = Callable[[str], Awaitable[None]]
"""Told the token Reflex knew a socket by, when that socket has ended."""

TOO_MANY_SOCKETS = "too_many_sockets"
"""The message of the page's connection error when its address has too many sockets open."""

FRAME_CHARACTERS = 32_000
STAFF_FRAME_CHARACTERS = 512_000
HEADER_BYTES = 32_000
DECLINES_AT_ONCE = 20
SECONDS_TO_DECLINE = 10.0

_BINARY, _TOO_LONG, _TRY_LATER = 1003, 1009, 1013

# Reflex draws the variant digit of its tokens from 8 to f, not from 8 to b as UUIDs have it.
_TOKEN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89a-f][0-9a-f]{3}-[0-9a-f]{12}")


class SocketGuard:
    """ASGI middleware around Reflex's app; it owns every websocket and everything under `event_path`.

    `allowed_origins` may connect besides the request's own origin. `trusted_hops` is the number of proxies
    in front (see `client_address`). `sockets_per_address` is how many sockets one address may hold (one
    IPv6 /64); one more is told `too_many_sockets` as its connection error, which the page shows in words
    while Reflex keeps trying. `staff_session` allows frames of 512,000 characters instead of 32,000.
    `event_path` is both the path and the Socket.IO namespace of Reflex's events. `known_handler` says
    whether a handler exists; events for others are dropped. `page_left` is told when a socket has ended.

    Reflex never sees the token a page sends, but one that lives as long as the socket. Theirs is a key to
    everything the page has shown, carried in URLs and drawn from a weak source; whoever presented it next
    would inherit the page, also after signing out.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        allowed_origins: frozenset[str],
        trusted_hops: int,
        sockets_per_address: int = 200,
        staff_session: StaffSession | None = None,
        event_path: str = "/_event",
        known_handler: KnownHandler = lambda _name: True,
        page_left: PageLeft | None = None,
    ) -> None:
        self._app = app
        self._allowed_origins = allowed_origins
        self._trusted_hops = trusted_hops
        self._sockets_per_address = sockets_per_address
        self._staff_session = staff_session
        self._event_path = event_path
        self._known_handler = known_handler
        self._page_left = page_left
        self._open: Counter[str] = Counter()
        self._declining: Counter[str] = Counter()
        self._origin_warned = False

    @property
    def open_sockets(self) -> int:
        """How many sockets this process holds open now."""
        return self._open.total()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let plain HTTP elsewhere through, refuse polling, and guard websockets."""
        if scope["type"] == "websocket":
            await self._guard(scope, receive, send)
        elif scope["type"] == "http" and _is_under(scope["path"], self._event_path):
            await _answer(send, "http.response", 403, "This address speaks websocket only.")
        else:
            await self._app(scope, receive, send)

    async def _guard(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._handshake_refusal(scope)
        if refusal is not None:
            await _refuse(scope, receive, send, *refusal)
            return
        group = address_group(client_address(scope, self._trusted_hops))
        if self._open[group] < self._sockets_per_address:
            with _counted(self._open, group):
                await self._serve(scope, receive, send, group)
        elif self._declining[group] < DECLINES_AT_ONCE:
            with _counted(self._declining, group):
                await _decline(scope, receive, send, self._event_path)
        else:
            await _refuse(scope, receive, send, 429, "Too many connections from this address.")

    async def _serve(self, scope: Scope, receive: Receive, send: Send, group: str) -> None:
        is_staff = partial(self._is_staff, scope)
        socket = _GuardedSocket(
            receive, send, Frames(self._event_path, known=self._known_handler), is_staff, group
        )
        token = str(uuid4())
        try:
            await self._app({**scope, "query_string": _query(token)}, socket.receive, socket.send)
        finally:
            if self._page_left is not None:
                await self._page_left(token)

    def _handshake_refusal(self, scope: Scope) -> tuple[int, str] | None:
        """The HTTP status and sentence to refuse a handshake with, or None to go on."""
        if scope["path"] not in (self._event_path, self._event_path + "/"):
            return 403, "There is no websocket here."
        if sum(len(key) + len(value) for key, value in scope["headers"]) > HEADER_BYTES:
            return 431, "The request headers are too long."  # Reflex keeps them for the socket's life
        if not _is_reflex_query(scope["query_string"]):
            return 403, "This is not how a page of ours connects."
        origin = request_origin(scope)
        if not origin_allowed(origin, *request_site(scope, self._trusted_hops), self._allowed_origins):
            self._note_refused_origin(origin, scope)
            return 403, "This Origin may not connect."
        return None

    def _note_refused_origin(self, origin: str | None, scope: Scope) -> None:
        """Warn once a process: a wrong proxy setting shows itself this way, and an attacker may repeat it."""
        if self._origin_warned:
            return
        self._origin_warned = True
        scheme, host = request_site(scope, self._trusted_hops)
        log.warning(
            "A socket from Origin %.200r was refused; the request went to scheme %.10r, Host %.200r. If "
            "that is your own page, set the trusted proxy hops, or list the origin in ALLOWED_ORIGINS.",
            *(origin, scheme, host),
        )

    async def _is_staff(self, scope: Scope) -> bool:
        cookies = [value.decode("latin-1") for key, value in scope["headers"] if key == b"cookie"]
        if self._staff_session is None or not cookies:
            return False
        try:
            return await self._staff_session("; ".join(cookies))
        except Exception:
            log.exception("The staff session of a socket could not be checked; taken for a customer's.")
            return False


class _GuardedSocket:
    """The `receive` and `send` that Reflex gets instead of the server's. It buffers nothing."""

    def __init__(
        self,
        receive: Receive,
        send: Send,
        frames: Frames,
        is_staff: Callable[[], Awaitable[bool]],
        group: str,
    ) -> None:
        self._receive = receive
        self._send = send
        self._frames = frames
        self._is_staff = is_staff
        self._group = group
        self._closed_with: int | None = None

    async def receive(self) -> Message:
        """The next frame that may pass, or the end of the socket, ours if we had to end it."""
        while self._closed_with is None:
            message = await self._receive()
            if message["type"] != "websocket.receive":
                return message
            try:
                text = await self._judged(message)
            except RefusedError as refusal:
                await self._close(refusal)
            else:
                if text is not None:
                    return {"type": "websocket.receive", "text": text}
        return {"type": "websocket.disconnect", "code": self._closed_with}

    async def send(self, message: Message) -> None:
        """Pass on what Reflex sends, until the socket is closed."""
        if self._closed_with is not None:
            return
        if message.get("text") == PING:
            self._frames.pinged()
        if message["type"] == "websocket.close":
            self._closed_with = message.get("code", 1000)
        await self._send(message)

    async def _judged(self, message: Message) -> str | None:
        text = message.get("text")
        if text is None:
            raise RefusedError("a binary frame", _BINARY)
        if len(text) >= FRAME_CHARACTERS and not (
            len(text) < STAFF_FRAME_CHARACTERS and await self._is_staff()
        ):
            raise RefusedError("a frame too long", _TOO_LONG)
        return self._frames.judge(text)

    async def _close(self, refusal: RefusedError) -> None:
        log.info("Closed a socket of %s: %s.", self._group, refusal)
        self._closed_with = refusal.code
        await self._send({"type": "websocket.close", "code": refusal.code, "reason": ""})


@contextmanager
def _counted(counts: Counter[str], group: str) -> Iterator[None]:
    counts[group] += 1
    try:
        yield
    finally:
        counts[group] -= 1
        if not counts[group]:
            del counts[group]


def _is_under(path: str, parent: str) -> bool:
    return path == parent or path.startswith(parent + "/")


def _is_reflex_query(query_string: bytes) -> bool:
    """Whether it is exactly EIO=4, transport=websocket and one token. `sid` would reach another's socket."""
    try:
        query = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, max_num_fields=3)
    except ValueError:
        return False
    fields = dict(query)
    token = fields.pop("token", "")
    return (
        len(query) == 3
        and fields == {"EIO": "4", "transport": "websocket"}
        and _TOKEN.fullmatch(token) is not None
    )


def _query(token: str) -> bytes:
    return f"EIO=4&transport=websocket&token={token}".encode()


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, sentence: str) -> None:
    """Answer a handshake with an HTTP status, where the server can (else it answers 403)."""
    await receive()
    if "websocket.http.response" in scope.get("extensions", {}):
        await _answer(send, "websocket.http.response", status, sentence)
    else:
        await send({"type": "websocket.close", "code": POLICY, "reason": ""})


async def _answer(send: Send, kind: str, status: int, sentence: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    if status == 429:
        headers.append((b"retry-after", b"5"))
    await send({"type": f"{kind}.start", "status": status, "headers": headers})
    await send({"type": f"{kind}.body", "body": sentence.encode()})


async def _decline(scope: Scope, receive: Receive, send: Send, namespace: str) -> None:
    """Tell a page why it may not connect, the only way it can hear: a browser hides a refused handshake.

    Plays the server's part just far enough to answer the page's CONNECT with a connection error, which
    Reflex shows and tries again after. Gives up after 10 seconds.
    """
    await receive()
    # Chromium drops a connection whose server picks none of the subprotocols offered.
    await send({"type": "websocket.accept", "subprotocol": next(iter(scope.get("subprotocols", [])), None)})
    await send({"type": "websocket.send", "text": f"0{json.dumps(_opening())}"})
    error = f"{CONNECT_ERROR}{namespace},{json.dumps({'message': TOO_MANY_SOCKETS})}"
    try:
        async with asyncio.timeout(SECONDS_TO_DECLINE):
            message = await receive()
            if message["type"] == "websocket.receive":
                await send({"type": "websocket.send", "text": error})
            while message["type"] == "websocket.receive":
                message = await receive()  # the page leaves by itself
    except TimeoutError:
        await send({"type": "websocket.close", "code": _TRY_LATER, "reason": ""})


def _opening() -> dict[str, object]:
    """What an Engine.IO server says first; the intervals are in milliseconds."""
    times = {"pingInterval": 25_000, "pingTimeout": 20_000}
    return {"sid": uuid4().hex, "upgrades": [], **times, "maxPayload": FRAME_CHARACTERS}
