"""The real app, built for production and started as a user would start it, on a port of its own."""

import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from supportbot.migrations import ROOT
from tests.servers import prebuilt

START_SECONDS = 240
LOCK_FILES = "reflex.lock"
NOT_THE_APPS = re.compile(r"\.(?!env)|.*\.db|reflex\.lock$")
"""What lies in a checkout and is not the app: the repository, environments, builds, data."""


@dataclass
class App:
    """A running server and what is needed to look behind it."""

    url: str
    folder: Path
    environment: dict[str, str] = field(repr=False)
    root: Path = ROOT
    ready: str = "/ready"
    command_line: str = "reflex"
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def log(self) -> str:
        """Everything the server has printed."""
        return (self.folder / "server.log").read_text(errors="replace")

    @property
    def socket_url(self) -> str:
        """Where pages connect to."""
        return self.url.replace("http", "ws", 1) + "/_event/"

    def command(self, *arguments: str, typed: str | None = None) -> str:
        """Run `python -m supportbot …` against this server's database and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "supportbot", *arguments],
            cwd=ROOT,
            env=self.environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def kill(self) -> None:
        """What the kernel or a power cut does: no goodbye."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def start(self) -> None:
        """Start (again) and wait until the app says it is ready."""
        port = self.url.rpartition(":")[2]
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", self.command_line, "run", "--env", "prod"),
                    *("--frontend-port", port, "--backend-port", port),
                ],
                cwd=self.root,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop as a service manager does."""
        if self.process is None or self.process.poll() is not None:
            return
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.kill()

    def _wait_until_ready(self) -> None:
        assert self.process is not None
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError(f"the app ended while starting:\n{self.log[-4000:]}")
            try:
                with urllib.request.urlopen(self.url + self.ready, timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise RuntimeError(f"the app did not start:\n{self.log[-4000:]}")


def checkout(folder: Path) -> Path:
    """The app as it lies in this checkout, with lock files of its own.

    Building writes them, and of two apps that start at once, or one that is killed meanwhile, an empty file
    remained.
    """
    root = folder / "checkout"
    root.mkdir(parents=True, exist_ok=True)
    for entry in ROOT.iterdir():
        if not NOT_THE_APPS.match(entry.name) and not (root / entry.name).exists():
            (root / entry.name).symlink_to(entry)
    shutil.copytree(ROOT / LOCK_FILES, root / LOCK_FILES, dirs_exist_ok=True)
    return root


@contextmanager
def running_app(
    folder: Path,
    *,
    root: Path | None = None,
    ready: str = "/ready",
    own_pages: bool = False,
    **settings: str,
) -> Iterator[App]:
    """Build and start the app with these settings and nothing else of this machine's.

    Args:
        folder: For the build, the log and (unless the settings say otherwise) the database.
        root: The app's own folder; this checkout's, if not given.
        ready: What answers 200 once it serves.
        own_pages: Build them, also if another app of this run has pages to share.
        settings: Environment variables of the app.
    """
    port = lasting_port()
    folder.mkdir(parents=True, exist_ok=True)
    environment = {
        **_neutral(os.environ),
        "DATABASE_URL": f"sqlite:///{folder}/supportbot.db",
        "REFLEX_WEB_WORKDIR": str(folder / "web"),
        "REFLEX_STATES_WORKDIR": str(folder / "states"),
        "REFLEX_TELEMETRY_ENABLED": "false",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONUNBUFFERED": "1",
        # Each start would load the model and read the sample with it, on cores the tests share.
        "SEMANTIC_SEARCH": "false",
        **settings,
    }
    app = App(
        url=f"http://localhost:{port}",
        folder=folder,
        environment=environment,
        root=root or checkout(folder),
        ready=ready,
    )
    try:
        _start(app, alone=own_pages or root is not None)
        yield app
    finally:
        app.stop()


def _start(app: App, *, alone: bool) -> None:
    """Start an app for the first time: the first of a run is built, the others take its pages."""
    if alone:
        app.start()
        return
    web = Path(app.environment["REFLEX_WEB_WORKDIR"])
    with prebuilt.the_first_builds() as built:
        if not built:
            app.start()
            prebuilt.share(web)
            return
    if not web.exists():
        prebuilt.take(web, app.url.rpartition(":")[2])
    app.command_line = "tests.servers.prebuilt"
    app.start()


def lasting_port() -> int:
    """A free port below those the system lends to clients: nobody takes it while the app is down."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("", port))
            return port
    raise RuntimeError("no free port")


def _neutral(environment: Mapping[str, str]) -> dict[str, str]:
    ours = re.compile(
        r"ANTHROPIC_|REFLEX_|DATABASE_URL|REDIS_URL|COMPANY_|ASSISTANT_|MODEL_|LOG_LEVEL"
        r"|SMTP_|MAIL_|WEBHOOK_|PUBLIC_URL|UNCLAIMED_"
    )
    return {name: value for name, value in environment.items() if not ours.match(name)}
