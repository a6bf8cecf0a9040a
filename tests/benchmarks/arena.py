"""What the parts share: the local server that plays the model, and our app as it is served in production."""

from contextlib import ExitStack
from functools import cached_property
from pathlib import Path

from supportbot.database import Database
from supportbot.settings import Settings
from tests.benchmarks.processes import Server
from tests.servers.anthropic_server import RemoteServer
from tests.servers.app import App, running_app

RAISED = {
    "MESSAGES_PER_MINUTE_ADDRESS": "100000",
    "MODEL_CALLS_PER_MINUTE": "100000",
    "SOCKETS_PER_ADDRESS": "5000",
    "LOG_LEVEL": "WARNING",
}
"""The caps that our customers here, all behind one address, would reach. Nothing else is changed."""


class Arena:
    """Starts what a part asks for, once, and ends everything with the block."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stack = ExitStack()

    def __enter__(self) -> "Arena":
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    @cached_property
    def upstream(self) -> RemoteServer:
        """The local server that speaks Anthropic's wire, in a process of its own."""
        return self._stack.enter_context(RemoteServer.started())

    @cached_property
    def app(self) -> App:
        """Our app: production build, one worker, SQLite, the guard in front."""
        folder = self.folder / "app"
        return self._stack.enter_context(running_app(folder, ANTHROPIC_BASE_URL=self.upstream.url, **RAISED))

    @property
    def app_server(self) -> Server:
        """The app's listening processes."""
        return Server(port_of(self.app.url))

    def app_database(self) -> Database:
        """The app's database, for whoever closes it."""
        return Database.from_settings(
            Settings(_env_file=None, database_url=self.app.environment["DATABASE_URL"])
        )


def port_of(url: str) -> int:
    """The port in a URL without a path."""
    return int(url.rpartition(":")[2])
