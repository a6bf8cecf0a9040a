"""A PostgreSQL server of the tests' own: a temporary cluster on a free port, gone afterwards."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class PostgresMissing(RuntimeError):
    """No PostgreSQL binaries on this machine: `make test` installs them."""


def binaries() -> Path:
    """The folder that holds `initdb`.

    Raises:
        PostgresMissing: if there is none.
    """
    # Debian keeps the server's programs out of PATH; a link to one of them says nothing about the others.
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if versions:
        return versions[-1].parent
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    raise PostgresMissing("PostgreSQL is not installed; `make test` installs what the tests need.")


def free_port() -> int:
    """A port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Postgres:
    """One cluster in a folder: it can be stopped and started again, and keeps what was committed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bin = binaries()
        self._as_user = _demotion(folder)
        self._server: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/"
        """Without a database's name."""
        subprocess.run(
            [
                self._bin / "initdb",
                *("-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            **self._as_user,
        )

    def start(self) -> None:
        """Start, and wait until it accepts connections."""
        self._server = subprocess.Popen(
            [
                self._bin / "postgres",
                *("-D", self._folder / "data", "-p", str(self.port), "-k", self._folder, "-h", "127.0.0.1"),
                # Durability is not what these tests are about, and it costs most of their time.
                *("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"),
                *("-c", "max_connections=200"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self._as_user,
        )
        _wait_until_ready(self._bin, self.port)

    def stop(self) -> None:
        """The fast way down: the polite one (SIGTERM) waits for connections a failed test left open."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)
            self._server.wait(timeout=20)
            self._server = None


@contextmanager
def mortal_postgres() -> Iterator[Postgres]:
    """Start a cluster that a test may stop."""
    folder = Path(tempfile.mkdtemp(prefix="supportbot-pg-"))
    server = Postgres(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running_postgres() -> Iterator[str]:
    """Start a cluster; yields its URL without a database name, ending in `/`."""
    with mortal_postgres() as server:
        yield server.url


def _wait_until_ready(bin_dir: Path, port: int) -> None:
    for _ in range(200):
        ready = subprocess.run(
            [bin_dir / "pg_isready", "-h", "127.0.0.1", "-p", str(port), "-q"], check=False
        )
        if ready.returncode == 0:
            return
        time.sleep(0.1)
    raise RuntimeError("PostgreSQL did not start")


def _demotion(folder: Path) -> dict[str, object]:
    # PostgreSQL refuses to run as root; Debian's package brings the user it wants.
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": str(folder)}
