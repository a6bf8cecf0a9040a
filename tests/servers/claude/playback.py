"""Gives a drafted answer over HTTP, as a stream or whole, with everything that may happen on the way."""

import asyncio
import os
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from . import wire
from .timeline import Break, Draft, Pause, Silence, Wait

PINGS_WHILE_BROKEN = 0.1  # seconds
FLUSH = 0.02  # seconds for what was sent to reach the client before the connection is cut
STATUSES = {error_type: status for status, error_type in wire.ERROR_TYPES.items()}


@dataclass
class Playback:
    """An ASGI response. It stops when the client leaves, and tells `on_left`."""

    draft: Draft
    stream: bool
    request_id: str
    pauses: asyncio.Semaphore
    on_begin: Callable[[], None]
    on_left: Callable[[], None]
    on_first_delta: Callable[[], None]
    _cut: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Gives the answer for as long as somebody listens."""
        give = self._give_stream if self.stream else self._give_whole
        giving = asyncio.ensure_future(give(scope, send))
        leaving = asyncio.ensure_future(_client_left(receive))
        try:
            await asyncio.wait({giving, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if giving.done():
                giving.result()
            elif not self._cut:
                self.on_left()
        finally:
            giving.cancel()
            leaving.cancel()

    async def _give_stream(self, scope: Scope, send: Send) -> None:
        async def say(data: bytes) -> None:
            await send({"type": "http.response.body", "body": data, "more_body": True})

        await asyncio.sleep(self.draft.silence_before_headers)
        await send(self._head(200, b"text/event-stream; charset=utf-8"))
        self.on_begin()
        broken = await self._play(say)
        if broken:
            await self._break_stream(broken, scope, say)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _give_whole(self, scope: Scope, send: Send) -> None:
        """The waits are the stream's, so that an answer takes the same time either way."""
        await asyncio.sleep(self.draft.silence_before_headers)
        broken = await self._play(_say_nothing)
        self.on_begin()
        body = wire.encode(self.draft.message)
        if broken is None:
            await self._send_whole(send, 200, body)
        elif broken.how == "error_event":
            status = STATUSES.get(broken.error_type, 500)
            await self._send_whole(send, status, wire.encode(self._error(broken)))
        elif broken.how in ("stall", "only_pings"):
            await asyncio.Event().wait()
        elif broken.how == "bad_utf8":
            await self._send_whole(send, 200, body.replace(b'"text":"', b'"text":"\xff\xfe'))
        elif broken.how in ("bad_json", "clean_end"):
            await self._send_whole(send, 200, body[: len(body) // 2])
        else:
            await send(self._head(200, b"application/json"))
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            await self._cut_connection(broken, scope)

    async def _play(self, say: Callable[[bytes], Awaitable[None]]) -> Break | None:
        """Takes the steps in order, up to the end or to a break, which it returns.

        Deltas keep to a timetable instead of waiting after each, so that a busy server stays on pace.
        """
        now = asyncio.get_running_loop().time
        due = now()
        silent = True
        for step in self.draft.steps:
            if isinstance(step, bytes):
                if silent and step.startswith(wire.DELTA):
                    silent = False
                    self.on_first_delta()
                await say(step)
            elif isinstance(step, Wait):
                due += step.seconds
                await asyncio.sleep(due - now())
            elif isinstance(step, Break):
                return step
            else:
                await self._be_quiet(step, say)
                due = now()
        return None

    async def _be_quiet(self, step: Silence | Pause, say: Callable[[bytes], Awaitable[None]]) -> None:
        if isinstance(step, Pause):
            await self.pauses.acquire()
            return
        left = step.seconds
        while step.ping_every and left > step.ping_every:
            await asyncio.sleep(step.ping_every)
            await say(wire.PING)
            left -= step.ping_every
        await asyncio.sleep(left)

    async def _break_stream(
        self, broken: Break, scope: Scope, say: Callable[[bytes], Awaitable[None]]
    ) -> None:
        if broken.how in ("reset", "hangup"):
            await self._cut_connection(broken, scope)
        elif broken.how == "stall":
            await asyncio.Event().wait()
        elif broken.how == "error_event":
            await say(wire.event_of_error(self._error(broken)))
        elif broken.how == "bad_json":
            await say(wire.BAD_JSON)
        elif broken.how == "bad_utf8":
            await say(wire.BAD_UTF8)
        while broken.how == "only_pings":
            await say(wire.PING)
            await asyncio.sleep(PINGS_WHILE_BROKEN)

    async def _cut_connection(self, broken: Break, scope: Scope) -> None:
        self._cut = True
        await asyncio.sleep(FLUSH)
        cut(scope, reset=broken.how == "reset")
        await asyncio.Event().wait()  # until the HTTP server notices

    def _error(self, broken: Break) -> dict[str, Any]:
        text = wire.MESSAGES.get(STATUSES.get(broken.error_type, 500), broken.error_type)
        return wire.error(broken.error_type, text, self.request_id)

    async def _send_whole(self, send: Send, status: int, body: bytes) -> None:
        await send(self._head(status, b"application/json"))
        await send({"type": "http.response.body", "body": body, "more_body": False})

    def _head(self, status: int, content_type: bytes) -> Message:
        headers = [
            (b"content-type", content_type),
            (b"cache-control", b"no-cache"),
            (b"request-id", self.request_id.encode()),
        ]
        return {"type": "http.response.start", "status": status, "headers": headers}


class Reset:
    """An ASGI response that is none: the connection is reset unanswered."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Cuts the connection, and returns when the HTTP server has noticed."""
        cut(scope, reset=True)
        await _client_left(receive)


def cut(scope: Scope, *, reset: bool) -> None:
    """Drops the connection under the response: with a TCP reset, or like a server that closed it.

    Granian has no word for that and hides its sockets. So the one of this client is looked up, and told that
    the client is gone: granian then closes it, as a reset if it must not linger.
    """
    peer = (scope["client"][0], int(scope["client"][1]))
    for number in map(int, os.listdir("/dev/fd")):
        try:
            connection = socket.socket(fileno=number)
        except OSError:  # not a socket
            continue
        try:
            if connection.getpeername() == peer:
                if reset:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.shutdown(socket.SHUT_RD)
        except OSError:  # not connected
            pass
        finally:
            connection.detach()


async def _client_left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _say_nothing(data: bytes) -> None:
    pass
