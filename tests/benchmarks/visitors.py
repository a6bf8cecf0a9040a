"""Customers without browsers: they open a page over the raw socket, ask, and note each frame."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from secrets import token_urlsafe
from uuid import uuid4

import websockets
from websockets.asyncio.client import ClientConnection

from supportbot.access import token_hash
from supportbot.conversations.transcript import Browser, start
from supportbot.database import Database
from tests.benchmarks.answers import OPENING
from tests.servers.app import App
from tests.servers.raw_socket import CHAT, STATE

PATIENCE = 120.0
"""Seconds until an answer that does not end counts as lost."""


@dataclass
class Visitor:
    """Somebody with a conversation of their own, and what their socket has carried since they asked."""

    token: str
    conversation: str
    question: str = ""
    asked_at: float = 0.0
    frames: list[float] = field(default_factory=list)
    """When each frame of the answer came, on the monotonic clock."""
    ended_at: float = 0.0
    bytes: int = 0
    """What the socket carried from the question to the end of the answer, its own framing included."""

    opening_bytes: int = 0
    """What it carried to load the page."""

    @property
    def gaps(self) -> Iterator[float]:
        """Seconds between two frames."""
        return (after - before for before, after in zip(self.frames, self.frames[1:], strict=False))

    @asynccontextmanager
    async def page(self, app: App) -> AsyncIterator[ClientConnection]:
        """Open the conversation's page and wait until it is loaded and follows."""
        async with websockets.connect(
            f"{app.socket_url}?EIO=4&transport=websocket&token={uuid4()}",
            max_size=None,
            proxy=None,
            compression=None,  # so that the benchmark's own share of the machine stays small
        ) as connection:
            await connection.recv()
            await connection.send(
                "40/_event,"
                + json.dumps(
                    {
                        "event": self._event(
                            f"{STATE}.hydrate_and_load", vars={f"{CHAT}.visitor_rx_state_": self.token}
                        )
                    }
                )
            )
            await self._until(connection, f'"{CHAT}":{{', '"ready_rx_state_":true')
            yield connection

    async def ask(self, connection: ClientConnection, question: str) -> None:
        """Send a message and read to the end of the answer."""
        self.question, self.asked_at = question, time.monotonic()
        form = {"message": question, "client_key": str(uuid4())}
        await connection.send("42/_event," + json.dumps(["event", self._event(f"{CHAT}.send", form=form)]))
        async with asyncio.timeout(PATIENCE):
            while not self.ended_at:
                frame = await _text(connection)
                now = time.monotonic()
                self.bytes += _carried(frame)
                if self.frames or OPENING in frame:
                    self.frames.append(now)
                    if '"streaming_rx_state_":false' in frame:
                        self.ended_at = now

    def _event(self, name: str, **payload: object) -> dict[str, object]:
        path = f"/c/{self.conversation}"
        return {"name": name, "payload": payload, "router_data": {"pathname": path, "asPath": path}}

    async def _until(self, connection: ClientConnection, *words: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while True:
                frame = await _text(connection)
                self.opening_bytes += _carried(frame)
                if all(word in frame for word in words):
                    return


async def new_visitors(database: Database, count: int) -> list[Visitor]:
    """So many customers, each with an empty conversation."""
    visitors: list[Visitor] = []
    for _ in range(count):
        token = token_urlsafe(32)
        conversation = await start(database, token_hash(token), Browser())
        visitors.append(Visitor(token, str(conversation.id)))
    return visitors


async def _text(connection: ClientConnection) -> str:
    """The next frame that is not a ping."""
    while True:
        frame = await connection.recv(decode=True)
        if frame == "2":
            await connection.send("3")
        elif isinstance(frame, str):
            return frame


def _carried(frame: str) -> int:
    size = len(frame.encode())
    # A server's frame has two bytes of its own, four from 126 bytes on, ten from 64 KiB on.
    return size + (2 if size < 126 else 4 if size < 65_536 else 10)
