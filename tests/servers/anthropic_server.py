"""A local server that speaks Anthropic's Messages API, scripted in the words of the tests.

    with AnthropicServer() as server:
        server.says("Hello there.")
        client = anthropic.AsyncAnthropic(base_url=server.url, api_key="test")

By hand: `python -m tests.servers.anthropic_server --port 8787`, then

    curl localhost:8787/script -d '{"verb": "says", "text": "Hello", "split_every": 1, "pace": 0.05}'

`claude/scripts.py` has the verbs; `RemoteServer` steers such a process from a test in the same words.
"""

import argparse
import asyncio
import signal
import socket
import threading
import time
from collections.abc import Callable
from typing import Self, TypeVar

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server.embed import Server

from .claude import endpoints
from .claude.backstage import Backstage, Received
from .claude.remote import RemoteServer
from .claude.scripts import Cite, Reply, Text, Tool, cited
from .claude.steering import Steering

__all__ = ["AnthropicServer", "Cite", "Received", "RemoteServer", "Text", "Tool", "cited"]

HOST = "127.0.0.1"
START_WITHIN = 5.0  # seconds; it takes a few milliseconds
BACKLOG = 1024
T = TypeVar("T")

# Granian's own logging set-up would close every handler of the process; an incremental one leaves them alone.
LOGGING = {"incremental": True, "formatters": {}, "handlers": {}, "loggers": {}}


class AnthropicServer(Steering):
    """A real HTTP server on the loopback, in a thread with its own event loop.

    `compatible` imitates Anthropic-compatible servers. An unscripted answer has `length` characters, and its
    deltas come `pace` seconds apart.
    """

    def __init__(
        self, *, port: int = 0, compatible: bool = False, length: int = 400, pace: float = 0.0
    ) -> None:
        self._port = port
        self._backstage = Backstage(compatible, length, pace)

    def start(self) -> Self:
        """Returns when the server listens. Port 0 means a free port."""
        self._reserved = _reserve(self._port)
        self.port: int = self._reserved.getsockname()[1]
        self.url = f"http://{HOST}:{self.port}"
        self._thread = threading.Thread(target=self._run, name="anthropic-server", daemon=True)
        self._thread.start()
        _wait_until_listening(self.port)
        return self

    def stop(self) -> None:
        """Cuts what is still being answered and ends the thread. May be called twice."""
        if not self._thread.is_alive():
            return
        self._in_loop(self._backstage.cut_running)
        self._loop.call_soon_threadsafe(self._granian.stop)
        self._thread.join(START_WITHIN)
        self._reserved.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def enqueue(self, reply: Reply) -> None:
        """Gives this reply after those that were enqueued before."""
        self._in_loop(lambda: self._backstage.enqueue(reply))

    def release(self, count: int = 1) -> None:
        """Lets so many paused answers go on, now or as soon as they pause."""
        self._in_loop(lambda: self._backstage.release(count))

    def reset(self) -> None:
        """Forgets script, requests, cached prompts and releases, and cuts what is still being answered."""
        self._in_loop(self._backstage.reset)

    @property
    def requests(self) -> list[Received]:
        """The requests for messages so far, refused ones included."""
        return self._in_loop(lambda: list(self._backstage.requests))

    @property
    def unspoken(self) -> list[Reply]:
        """The scripted replies that nobody asked for yet."""
        return self._in_loop(lambda: [scripted.reply for scripted in self._backstage.script])

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._granian = Server(
            endpoints.app(self._backstage),
            address=HOST,
            port=self.port,
            interface=Interfaces.ASGINL,
            http=HTTPModes.http1,
            websockets=False,
            backlog=BACKLOG,
            log_dictconfig=LOGGING,
            log_level=LogLevels.critical,  # that it is experimental, and each connection that was cut
        )
        await self._granian.serve()

    def _in_loop(self, act: Callable[[], T]) -> T:
        """Acts in the server's event loop, the only place that touches what is backstage."""

        async def acting() -> T:
            return act()

        return asyncio.run_coroutine_threadsafe(acting(), self._loop).result(START_WITHIN)


def _reserve(port: int) -> socket.socket:
    """A socket that keeps the port ours without listening; granian shares it (SO_REUSEPORT)."""
    if port:
        with socket.socket() as probe:  # fails if somebody listens there, which sharing would hide
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
    reserved = socket.socket()
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    reserved.bind((HOST, port))
    return reserved


def _wait_until_listening(port: int) -> None:
    deadline = time.monotonic() + START_WITHIN
    while time.monotonic() < deadline:
        try:
            socket.create_connection((HOST, port)).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.001)
    raise TimeoutError(f"no server on port {port} after {START_WITHIN:g} s")


def main() -> None:
    """Serves until interrupted."""
    parser = argparse.ArgumentParser(description="A local server that speaks Anthropic's Messages API.")
    parser.add_argument("--port", type=int, default=8787, help="0 for a free one")
    parser.add_argument("--compatible", action="store_true", help="imitate an Anthropic-compatible server")
    parser.add_argument("--length", type=int, default=400, help="characters of an unscripted answer")
    parser.add_argument("--pace", type=float, default=0.02, help="seconds between its deltas")
    chosen = parser.parse_args()
    # Blocked before the server's threads start, so that the signals wait here for sigwait.
    ending = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ending)
    with AnthropicServer(**vars(chosen)) as server:
        print(server.url, flush=True)
        signal.sigwait(ending)


if __name__ == "__main__":
    main()
