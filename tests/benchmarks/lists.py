"""The desk's lists over years of conversations, on both databases."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from supportbot.database import Database
from supportbot.escalations import queue
from supportbot.migrations import upgrade
from supportbot.settings import Settings
from tests.benchmarks.arena import Arena
from tests.benchmarks.figures import Figure, percentile
from tests.conftest import create_postgres_database
from tests.crowded import crowd
from tests.plans import Statements
from tests.servers.postgres import running_postgres

CONVERSATIONS = 100_000
TIMES = 60
WARM = 5
LISTS = {"escalations": queue.escalated, "all open": queue.all_open}


async def measure(arena: Arena) -> list[Figure]:
    """Time the lists as the desk's page asks for them."""
    figures: list[Figure] = []
    for kind in ("sqlite", "postgresql"):
        with _empty(kind, arena.folder) as url:
            settings = Settings(_env_file=None, database_url=url)
            upgrade(settings.sync_database_url)
            database = Database.from_settings(settings)
            try:
                await crowd(database, CONVERSATIONS)
                for name in LISTS:
                    figures += await _list(f"lists of {CONVERSATIONS:,}, {kind}", name, database)
            finally:
                await database.close()
    return figures


async def _list(part: str, name: str, database: Database) -> list[Figure]:
    took: list[float] = []
    for _ in range(WARM + TIMES):
        started = time.perf_counter()
        await LISTS[name](database)
        took.append((time.perf_counter() - started) * 1e3)
    statements = Statements(database)
    with statements.listening():
        await LISTS[name](database)
    for statement, plan in (await statements.plans()).items():
        details = {"statement": " ".join(statement.split()), "plan": plan}
        PLANS.setdefault(f"{part}: {name}", []).append(details)
    return [
        Figure(part, f"{name}, p50", percentile(took[WARM:], 50), "ms"),
        Figure(part, f"{name}, p95", percentile(took[WARM:], 95), "ms", 20),
        Figure(part, f"{name}, tables read whole", len(await statements.whole_tables()), "", 0),
    ]


PLANS: dict[str, list[dict[str, object]]] = {}
"""What each database does for each list; written beside the figures."""


@contextmanager
def _empty(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder}/lists.db"
        return
    with running_postgres() as server:
        yield create_postgres_database(server, "lists")
