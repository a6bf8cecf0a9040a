"""A page's socket without a page: what an attacker writes by hand."""

import asyncio
import json
import time
from types import TracebackType
from typing import Any
from uuid import uuid4

import websockets
from websockets.asyncio.client import ClientConnection
from websockets.protocol import State

from supportbot.web.frames import FRAMES_A_SECOND, FRAMES_AT_ONCE

STATE = "reflex___state____state"
CHAT = f"{STATE}.supportbot___ui___chat___state____chat_state"
QUEUE = f"{STATE}.supportbot___ui___escalations___list_state____queue_state"
GAPS = f"{STATE}.supportbot___ui___gaps___state____gaps_state"
OUTBOX = f"{STATE}.supportbot___ui___outbox___state____outbox_state"
RETURN_LINK = f"{STATE}.supportbot___ui___return_link___state____return_link_state"
DESK = f"{STATE}.supportbot___ui___desk___state____desk_state"
CASE = f"{STATE}.supportbot___ui___escalations___case_state____case_state"


class RawPage:
    """A socket that can hydrate, fire any handler with any arguments, and keeps every frame it gets.

    Args:
        socket_url: `ws://…/_event/`.
        path: The page it claims to be on.
        visitor: What it claims to keep in localStorage.
        headers: Of the handshake, the Cookie for instance.
        origin: None for a program that is no browser.
    """

    def __init__(
        self,
        socket_url: str,
        *,
        path: str = "/",
        visitor: str = "",
        headers: dict[str, str] | None = None,
        origin: str | None = None,
        token: str | None = None,
    ) -> None:
        self.token = token or str(uuid4())
        self._url = f"{socket_url}?EIO=4&transport=websocket&token={self.token}"
        self._path, self._visitor = path, visitor
        self._headers, self._origin = headers or {}, origin
        self.frames: list[str] = []
        self.vars: dict[str, Any] = {}
        self._reader: asyncio.Task[None] | None = None
        self._may_fire, self._fired = FRAMES_AT_ONCE - 5.0, time.monotonic()
        self.connection: ClientConnection

    async def __aenter__(self) -> "RawPage":
        self.connection = await websockets.connect(
            self._url,
            origin=self._origin,  # type: ignore[arg-type]
            additional_headers=self._headers,
            max_size=None,
            proxy=None,
        )
        await self.connection.recv()
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.connection.close()
        if self._reader is not None:
            await asyncio.gather(self._reader, return_exceptions=True)

    async def hydrate(self) -> None:
        """Connect as a page does: the first event sends the client storage and runs `on_load`."""
        stored = {f"{CHAT}.visitor_rx_state_": self._visitor} if self._visitor else {}
        event = {
            "name": f"{STATE}.hydrate_and_load",
            "payload": {"vars": stored},
            "router_data": {"pathname": self._path, "asPath": self._path},
        }
        await self.send("40/_event," + json.dumps({"event": event}))
        await self.until(lambda: self.vars.get("is_hydrated") is True)

    async def fire(self, handler: str, **payload: Any) -> None:
        """Call a handler by its full name; waits when the server would drop an event as one too many."""
        await self._in_time()
        await self.send(self.event(handler, **payload))

    def event(self, handler: str, **payload: Any) -> str:
        """The frame that calls a handler."""
        event = {
            "name": handler,
            "payload": payload,
            "router_data": {"pathname": self._path, "asPath": self._path},
        }
        return "42/_event," + json.dumps(["event", event])

    async def send(self, frame: str | bytes) -> None:
        """Send any frame at all."""
        await self.connection.send(frame)

    async def until(self, condition: Any, seconds: float = 10) -> None:
        """Wait until something is true of what has arrived.

        Raises:
            TimeoutError: if it does not become true, with the last that has arrived.
        """
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    await asyncio.sleep(0.02)
        except TimeoutError:
            last = "\n".join(frame[:600] for frame in self.frames[-12:])
            raise TimeoutError(f"not within {seconds} s; the last frames:\n{last}") from None

    async def settle(self, seconds: float = 0.5) -> None:
        """Give the server time to say what it has to say; a socket it has ended would say nothing."""
        await asyncio.sleep(seconds)
        assert self.connection.state is State.OPEN, "the server has ended this socket"

    @property
    def everything(self) -> str:
        """All that has arrived, as one text to search in."""
        return "\n".join(self.frames)

    async def _in_time(self) -> None:
        # A dropped event proves nothing about its handler. Slower than allowed, for what else is sent.
        refilled = (time.monotonic() - self._fired) * (FRAMES_A_SECOND - 1)
        self._may_fire = min(FRAMES_AT_ONCE - 5.0, self._may_fire + refilled) - 1
        self._fired = time.monotonic()
        if self._may_fire < 0:
            await asyncio.sleep(-self._may_fire / (FRAMES_A_SECOND - 1))

    async def _read(self) -> None:
        async for frame in self.connection:
            text = frame if isinstance(frame, str) else frame.decode(errors="replace")
            if text == "2":
                await self.connection.send("3")
                continue
            self.frames.append(text)
            self._note(text)

    def _note(self, frame: str) -> None:
        if not frame.startswith("42/_event,"):
            return
        name, *rest = json.loads(frame.removeprefix("42/_event,"))
        if name != "event" or not rest:
            return
        for values in (rest[0].get("delta") or {}).values():
            self.vars |= {key.removesuffix("_rx_state_"): value for key, value in values.items()}
