"""A real nginx in front of several workers, with the very locations that docs/nginx has for production."""

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from supportbot.migrations import ROOT
from tests.servers.postgres import free_port

LOCATIONS = ROOT / "docs" / "nginx" / "locations.conf"
START_SECONDS = 10


def program() -> str:
    """Debian keeps it where only root looks."""
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    assert found, "nginx is not installed; `make test` installs what the tests need."
    return found


@contextmanager
def running_nginx(ports: Sequence[int], port: int | None = None) -> Iterator[str]:
    """Serve the workers on these ports as one; yields the URL of the whole."""
    port = port or free_port()
    folder = Path(tempfile.mkdtemp(prefix="supportbot-nginx-"))
    (folder / "nginx.conf").write_text(_configuration(folder, ports, port))
    server = subprocess.Popen(
        [program(), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_listening(server, port, folder)
        yield f"http://localhost:{port}"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=10)
        shutil.rmtree(folder, ignore_errors=True)


def _configuration(folder: Path, ports: Sequence[int], port: int) -> str:
    servers = "\n".join(f"server 127.0.0.1:{each} max_fails=0;" for each in ports)
    temporary = "\n".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return f"""
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
events {{ worker_connections 2048; }}
http {{
    access_log off;
    {temporary}
    upstream supportbot {{ least_conn; {servers} }}
    server {{
        listen 127.0.0.1:{port};
        include {LOCATIONS};
    }}
}}
"""


def _wait_until_listening(server: "subprocess.Popen[bytes]", port: int, folder: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("nginx did not start:\n" + (folder / "error.log").read_text())
