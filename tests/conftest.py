"""What every test may ask for: an empty database of either kind, and the cast in tests/people.py."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from functools import cache
from pathlib import Path

import pytest
from pg8000.native import Connection
from playwright.async_api import Browser, async_playwright
from sqlalchemy import create_engine, make_url, text
from sqlmodel import SQLModel

from supportbot.database import Database
from supportbot.migrations import upgrade
from supportbot.settings import Settings
from tests.servers import prebuilt
from tests.servers.anthropic_server import RemoteServer
from tests.servers.app import App, running_app
from tests.servers.postgres import running_postgres
from tests.servers.redis import Redis, running_redis

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_configure() -> None:
    """Before anything else, so that whatever runs side by side shares the pages of its apps."""
    prebuilt.begin()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """At the end of a run, once: the pages its apps have shared are of no further use."""
    if not hasattr(session.config, "workerinput"):
        prebuilt.forget()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with running_postgres() as url:
        yield url


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    """A Redis for tests that leave it as it is; keys of other tests may be in it."""
    with running_redis() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres_server: str) -> str:
    """A migrated database on the tests' server; each test empties it."""
    url = create_postgres_database(postgres_server, "supportbot")
    upgrade(Settings(database_url=url).sync_database_url)
    return url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty file: copying it is quicker than migrating anew."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    upgrade(Settings(database_url=f"sqlite:///{path}").sync_database_url)
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty, migrated database, once on each kind."""
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgres_url")
        empty_postgres(url)
        return url
    template: Path = request.getfixturevalue("sqlite_template")
    path = tmp_path / "supportbot.db"
    path.write_bytes(template.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Settings as on a fresh machine, whatever this one's environment says."""
    return Settings(
        _env_file=None,
        database_url=database_url,
        anthropic_api_key=None,
        anthropic_base_url=None,
        # Loading the model takes longer than most tests; those about meaning ask for it.
        semantic_search=False,
    )


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """An empty database, once on SQLite and once on PostgreSQL."""
    database = Database.from_settings(settings)
    yield database
    await _end_runners()
    await database.close()


def create_postgres_database(server: str, name: str) -> str:
    """Create an empty database on the tests' server and return its URL."""
    admin = create_engine(Settings(database_url=server + "postgres").sync_database_url)
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return server + name


def empty_postgres(url: str) -> None:
    """Remove every row."""
    # TRUNCATE gives every table new files, which takes fifty times as long for these few rows.
    deletions = [f'DELETE FROM "{table.name}"' for table in reversed(SQLModel.metadata.sorted_tables)]
    restart = "SELECT setval(pg_get_serial_sequence('passage', 'id'), 1, false)"
    # Whatever a test left open must fail the next one loudly, not hold it up for ever.
    _emptier(url).run("; ".join(["BEGIN", "SET LOCAL lock_timeout = '20s'", *deletions, restart, "COMMIT"]))


@cache
def _emptier(url: str) -> Connection:
    """A connection that stays: making one takes three times as long as emptying thirty tables."""
    parts = make_url(url)
    assert parts.username
    return Connection(parts.username, host=parts.host or "", port=parts.port or 0, database=parts.database)


async def _end_runners() -> None:
    """Let answers that a test left running end: cut off, they would keep locks the next test waits for."""
    left = {task for task in asyncio.all_tasks() if task.get_name().startswith("runner-")}
    answering = {task for task in left if task.get_name() in ("runner-answer", "runner-save")}
    if answering:
        await asyncio.wait(answering, timeout=3)
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


@pytest.fixture(scope="session")
def plain_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app as a newcomer starts it: SQLite, no key, the sample articles."""
    with running_app(tmp_path_factory.mktemp("plain"), SEMANTIC_SEARCH="true") as app:
        yield app


@pytest.fixture(scope="session")
def claude() -> Iterator[RemoteServer]:
    """A local server that speaks Anthropic's wire format, in a process of its own."""
    with RemoteServer.started() as server:
        yield server


@pytest.fixture(scope="session")
def claude_app(tmp_path_factory: pytest.TempPathFactory, claude: RemoteServer) -> Iterator[App]:
    """The app with a model: the local server stands in for Claude."""
    folder = tmp_path_factory.mktemp("claude")
    with running_app(folder, ANTHROPIC_BASE_URL=claude.url, ANTHROPIC_API_KEY="sk-ant-canary-key") as app:
        yield app


@pytest.fixture(scope="session")
def postgres_app(tmp_path_factory: pytest.TempPathFactory, postgres_server: str) -> Iterator[App]:
    """The app on PostgreSQL, without a model."""
    url = create_postgres_database(postgres_server, "supportbot_app")
    with running_app(tmp_path_factory.mktemp("postgres"), DATABASE_URL=url) as app:
        yield app


def browser_program() -> str:
    """Chromium without the windows, menus and tabs that nobody looks at here, or else the whole of it."""
    program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    assert program, "Chromium is not installed; `make test` installs what the tests need."
    return program


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One headless browser for all tests; each person gets a context of their own."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browser_program(), args=CHROMIUM_FLAGS)
        yield browser
        await browser.close()
