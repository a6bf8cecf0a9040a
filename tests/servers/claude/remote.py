"""A server in another process, steered over HTTP in the same words."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from .backstage import Received
from .scripts import Reply, to_json
from .steering import Steering

ROOT = Path(__file__).parents[3]


class RemoteServer(Steering):
    """Steers the server at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url

    @classmethod
    @contextmanager
    def started(cls, *options: str) -> Iterator[Self]:
        """A server of our own on a free port, with the options of the command line."""
        command = [sys.executable, "-m", "tests.servers.anthropic_server", "--port", "0", *options]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
            assert process.stdout
            try:
                url = process.stdout.readline().strip()
                assert url, "the server did not start"
                yield cls(url)
            finally:
                process.terminate()

    def enqueue(self, reply: Reply) -> None:
        """Gives this reply after those that were enqueued before."""
        self._post("/script", to_json(reply))

    def release(self, count: int = 1) -> None:
        """Lets so many paused answers go on, now or as soon as they pause."""
        self._post(f"/release?count={count}")

    def reset(self) -> None:
        """Forgets script, requests, cached prompts and releases, and cuts what is still being answered."""
        self._post("/reset")

    @property
    def requests(self) -> list[Received]:
        """The requests for messages so far, refused ones included."""
        with urllib.request.urlopen(f"{self.url}/requests", timeout=5) as response:
            return [Received(**received) for received in json.load(response)]

    def _post(self, path: str, body: Any = None) -> None:
        request = urllib.request.Request(f"{self.url}{path}", json.dumps(body).encode(), method="POST")
        urllib.request.urlopen(request, timeout=5).close()
