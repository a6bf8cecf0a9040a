"""Two hundred customers and five members of staff, two minutes, and everything that can break does."""

import asyncio
import os
from collections.abc import Callable, Iterator
from random import Random

import pytest

from supportbot.database import Database
from supportbot.models import Staff, StaffRole
from supportbot.settings import Settings
from tests.people import signed_in
from tests.servers.anthropic_server import RemoteServer
from tests.servers.app import App, running_app
from tests.soak.checks import Books, every_rule
from tests.soak.crowd import Agent, Customer

pytestmark = [pytest.mark.anyio, pytest.mark.soak]

CUSTOMERS = int(os.environ.get("SOAK_CUSTOMERS", "200"))
AGENTS = 5
SECONDS = float(os.environ.get("SOAK_SECONDS", "120"))
SEED = int(os.environ.get("SOAK_SEED", "1"))
REST_SECONDS = 90
UNHANDLED = (
    "a handler failed",
    "Task exception was never retrieved",
    "Exception in ASGI application",
    "Unexpected exit",
    "a turn ended with an error",
    "an answer broke off",
)
"""What the log says about an error nobody had thought of."""
NO_LIMITS = dict.fromkeys(
    ("MESSAGES_PER_MINUTE", "MESSAGES_PER_MINUTE_ADDRESS", "MODEL_CALLS_PER_MINUTE", "SOCKETS_PER_ADDRESS"),
    "100000",
)
"""The whole crowd sits behind one address."""


MOODS: list[Callable[[RemoteServer], None]] = [
    lambda claude: claude.fails(529),
    lambda claude: claude.fails(500, times=2),
    lambda claude: claude.hangs_up(),
    lambda claude: claude.breaks_after(40, "clean_end"),
    lambda claude: claude.breaks_after(90, "reset"),
    lambda claude: claude.breaks_after(60, "error_event"),
    lambda claude: claude.breaks_after(60, "bad_json"),
    lambda claude: claude.stays_silent(3, text="That took a while."),
    lambda claude: claude.says("This takes its time. " * 30, pace=0.05),
    lambda claude: claude.calls_tool("escalate", {"reason": "cannot_resolve", "brief": "Wants more."}),
    lambda claude: claude.says("[ESCALATE] A person should see this."),
]
"""What the next request may meet, besides a plain answer."""


@pytest.fixture(scope="module")
def simple_app(tmp_path_factory: pytest.TempPathFactory, claude: RemoteServer) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("simple")
    with running_app(folder, ANTHROPIC_BASE_URL=claude.url, **NO_LIMITS) as app:
        yield app


async def test_a_crowd_on_one_server(simple_app: App, claude: RemoteServer) -> None:
    database = Database.from_settings(
        Settings(_env_file=None, database_url=simple_app.environment["DATABASE_URL"])
    )
    chance = Random(SEED)
    loop = asyncio.get_running_loop()
    until = loop.time() + SECONDS
    customers = [
        Customer(simple_app.socket_url, Random(chance.random()), until, name=f"c{number}")
        for number in range(CUSTOMERS)
    ]
    agents = [
        Agent(simple_app.socket_url, Random(chance.random()), until, name=f"a{number}", cookie=cookie)
        for number, cookie in enumerate(await hired(database))
    ]
    faults = asyncio.create_task(a_moody_model(claude, chance, until))
    await asyncio.gather(*(one.live() for one in [*customers, *agents]))
    await faults
    claude.reset()

    books = await at_rest(database)
    await database.close()

    print(
        f"{sum(len(one.diary) for one in customers)} messages, {len(books.conversations)} conversations,"
        f" {len(books.turns)} turns, {len(books.handoffs)} handoffs,"
        f" {sum(one.reconnected for one in customers)} reconnects"
    )
    assert every_rule(books, customers, agents) == []
    assert [trouble for one in [*customers, *agents] for trouble in one.troubles] == []
    assert [line for line in simple_app.log.splitlines() if any(one in line for one in UNHANDLED)] == []


async def hired(database: Database) -> list[str]:
    """The cookies of a shift's staff."""
    cookies = []
    for number in range(AGENTS):
        async with database.transaction() as session:
            staff = Staff(
                email=f"a{number}@example.com",
                name=f"Agent {number}",
                role=StaffRole.AGENT,
                password_hash="none",
            )
            session.add(staff)
        cookies.append(await signed_in(database, staff))
    return cookies


async def a_moody_model(claude: RemoteServer, chance: Random, until: float) -> None:
    """Every second something goes wrong with one of the next requests."""
    while asyncio.get_running_loop().time() < until:
        mood = chance.choice(MOODS)
        await asyncio.to_thread(mood, claude)
        await asyncio.sleep(chance.uniform(0.2, 1.5))


async def at_rest(database: Database) -> Books:
    """The books when nothing runs any more."""
    async with asyncio.timeout(REST_SECONDS):
        while (books := await Books.read(database)).busy:
            await asyncio.sleep(1)
    return books
