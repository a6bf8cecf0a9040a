"""The desk's lists, its search and the opening of a case over years of conversations, on both databases."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from supportbot.conversations.live import MemoryLive
from supportbot.conversations.transcript import customer_says
from supportbot.database import Database
from supportbot.ids import new_id
from supportbot.migrations import upgrade
from supportbot.settings import POSTGRESQL, Settings
from tests.benchmarks.arena import Arena
from tests.benchmarks.figures import Figure, percentile
from tests.bulk import execute, triggers_of_search
from tests.conftest import create_postgres_database
from tests.crowded import active_one, crowd, waiting_one
from tests.crowded_texts import Texts
from tests.plans import Statements
from tests.questions import Question, lists, opening, searches, sorts_few
from tests.servers.postgres import running_postgres

CONVERSATIONS = 100_000
TIMES = 40
WARM = 3
MESSAGES = 300
"""Stored with and without the search's index."""
BAR = 100
"""Milliseconds within which the desk shall have what it asked for."""


async def measure(arena: Arena) -> list[Figure]:
    """Time what the desk's pages ask for."""
    figures: list[Figure] = []
    for kind in ("sqlite", "postgresql"):
        with _empty(kind, arena.folder) as url:
            settings = Settings(_env_file=None, database_url=url)
            upgrade(settings.sync_database_url)
            database = Database.from_settings(settings)
            try:
                started = time.perf_counter()
                await crowd(database, CONVERSATIONS)
                part = f"lists of {CONVERSATIONS:,}, {kind}"
                figures.append(Figure(part, "making them", time.perf_counter() - started, "s"))
                case = waiting_one(CONVERSATIONS)
                for name, question in {**lists(), **searches(CONVERSATIONS), **opening(case)}.items():
                    figures += await _asked(part, name, question, database)
                figures += await _stored(part, database)
            finally:
                await database.close()
    return figures


async def _asked(part: str, name: str, question: Question, database: Database) -> list[Figure]:
    took: list[float] = []
    for _ in range(WARM):
        await question(database)
    busy = await _busy(database)
    for _ in range(TIMES):
        started = time.perf_counter()
        await question(database)
        took.append((time.perf_counter() - started) * 1e3)
    busy = await _busy(database) - busy
    statements = Statements(database)
    with statements.listening():
        await question(database)
    for statement, plan in (await statements.plans()).items():
        details = {"statement": " ".join(statement.split()), "plan": plan}
        PLANS.setdefault(f"{part}: {name}", []).append(details)
    whole = len(await statements.whole_tables(sorts_few=sorts_few(name)))
    return [
        Figure(part, f"{name}, p50", percentile(took, 50), "ms"),
        Figure(part, f"{name}, p95", percentile(took, 95), "ms", BAR),
        Figure(part, f"{name}, work", busy * 1e3 / TIMES, "ms", BAR),
        Figure(part, f"{name}, tables read whole", whole, "", 0),
    ]


async def _busy(database: Database) -> float:
    """Seconds a processor has worked for us so far: we and, on PostgreSQL, our connections' ends."""
    if database.kind != POSTGRESQL:
        return time.process_time()
    async with database.reading() as session:
        query = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        pids = (await (await session.connection()).exec_driver_sql(query)).scalars().all()
    theirs = [int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in pids]
    return time.process_time() + sum(theirs) / 1e9


async def _stored(part: str, database: Database) -> list[Figure]:
    """What the search's index adds to storing a customer's message, measured in turns."""
    conversation_id, texts = active_one(CONVERSATIONS), Texts(seed=2)
    triggers = await triggers_of_search(database)
    took: dict[bool, list[float]] = {True: [], False: []}
    busy: dict[bool, float] = {True: 0.0, False: 0.0}
    for indexed in (True, False) * 5:
        if not indexed:
            await execute(database, *triggers.off)
        busy[indexed] -= await _busy(database)
        for _ in range(MESSAGES // 5):
            text, key = texts.answer("en"), str(new_id())
            started = time.perf_counter()
            await customer_says(database, MemoryLive(), conversation_id, text, key, reopen=_never)
            took[indexed].append((time.perf_counter() - started) * 1e3)
        busy[indexed] += await _busy(database)
        if not indexed:
            await execute(database, *triggers.on)
    figures: list[Figure] = []
    for indexed, how in ((True, "with"), (False, "without")):
        name = f"storing a message {how} the search's index"
        figures += [
            Figure(part, f"{name}, p{share}", percentile(took[indexed], share), "ms") for share in (50, 95)
        ]
        figures.append(Figure(part, f"{name}, work", busy[indexed] * 1e3 / MESSAGES, "ms"))
    return figures


async def _never(_change: object) -> None:
    """The conversation is not resolved."""


PLANS: dict[str, list[dict[str, object]]] = {}
"""What each database does for each question; written beside the figures."""


@contextmanager
def _empty(kind: str, folder: Path) -> Iterator[str]:
    if kind != POSTGRESQL:
        yield f"sqlite:///{folder}/lists.db"
        return
    with running_postgres() as server:
        yield create_postgres_database(server, "lists")
