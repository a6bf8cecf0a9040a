"""Other processes: which of them listen, what they have used, and how to start one."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil

from supportbot.migrations import ROOT

START_SECONDS = 20


class Server:
    """The processes that listen on a port, and nothing else of this machine."""

    def __init__(self, port: int) -> None:
        self._processes = [
            process
            for process in psutil.process_iter()
            if any(one.status == psutil.CONN_LISTEN and one.laddr.port == port for one in _sockets(process))
        ]
        assert self._processes, f"nobody listens on port {port}"

    @property
    def pids(self) -> list[int]:
        """Of every process that listens."""
        return [process.pid for process in self._processes]

    @property
    def cpu_seconds(self) -> float:
        """User and system time so far."""
        return sum(sum(process.cpu_times()[:2]) for process in self._processes)

    @property
    def resident(self) -> int:
        """Bytes in memory, shared pages counted once for each process."""
        return sum(process.memory_info().rss for process in self._processes)


@contextmanager
def granian(target: str, port: int, **environment: str) -> Iterator[str]:
    """An ASGI app served as Reflex serves ours: granian, one worker, its choice of loop. Yields the URL."""
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--workers", "1"]
    command += ["--port", str(port), "--log-level", "error", target]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        url = f"http://127.0.0.1:{port}"
        try:
            _wait_for(url)
            yield url
        finally:
            process.terminate()


def _wait_for(url: str) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"no server at {url}")


def _sockets(process: psutil.Process) -> list[Any]:
    try:
        return list(process.net_connections("tcp"))
    except psutil.Error:
        return []
