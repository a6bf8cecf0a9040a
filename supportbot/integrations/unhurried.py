"""Reads a stream from the network only as often as somebody looks at it.

A model sends its words one by one, and taking one from the network through asyncio, anyio and the HTTP
library costs a tenth of a millisecond whatever it carries: half of what an answer cost us. Left in the
operating system's buffer for the length of a frame, four words cost as much as one.
"""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import httpx2
from anyio.streams.tls import TLSStream


class Unhurried:
    """A byte stream of anyio's, read at a pace. Everything but `receive` is the stream's own."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._read_at = 0.0
        self.frame: Callable[[], float] | None = None
        """Seconds between two reads; None reads at once, as the connection's next request wants it."""

    async def receive(self, max_bytes: int = 65_536) -> bytes:
        """What has arrived since the last look, which was at least a frame ago."""
        clock = asyncio.get_running_loop().time
        if self.frame is not None:
            left = self._read_at + self.frame() - clock()
            if left > 0:
                await asyncio.sleep(left)
        data: bytes = await self._stream.receive(max_bytes)
        self._read_at = clock()
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def unhurried(response: httpx2.Response) -> Unhurried | None:
    """The connection under a response, made able to wait; None if it does not look as we know it.

    This reaches below what the libraries promise. Should they change, answers cost more and still arrive.
    """
    connection: Any = response.extensions.get("network_stream")
    stream: Any = getattr(connection, "_stream", None)
    if isinstance(stream, TLSStream):
        # Below the encryption: one read from the network brings several records, which must not wait.
        holder, name = cast(Any, stream), "transport_stream"
    else:
        holder, name = connection, "_stream"
    below: Any = getattr(holder, name, None)
    if below is None or isinstance(below, Unhurried):
        return below
    patient = Unhurried(below)
    setattr(holder, name, patient)
    return patient
