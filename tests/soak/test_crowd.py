"""Two hundred customers and five members of staff, two minutes, and everything that can break does."""

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random

import pytest
from sqlmodel import select

from supportbot.database import Database
from supportbot.models import Channel, Outbox, Staff, StaffRole
from supportbot.settings import Settings
from tests.people import signed_in
from tests.servers.anthropic_server import RemoteServer
from tests.servers.app import App, running_app
from tests.servers.smtp import MailServer
from tests.soak.checks import Books, every_rule
from tests.soak.cluster import NO_LIMITS, Place, cluster
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
    url = simple_app.environment["DATABASE_URL"]
    async with Day(url, simple_app.url) as day:
        await asyncio.gather(day.passes(), a_moody_model(claude, day))
        claude.reset()
        await day.ends_well([simple_app])


async def test_a_crowd_on_two_workers_while_everything_breaks(
    tmp_path_factory: pytest.TempPathFactory, claude: RemoteServer
) -> None:
    with cluster(tmp_path_factory, claude) as place:
        async with Day(place.database_url, place.front) as day:
            await asyncio.gather(day.passes(), a_moody_model(claude, day), a_bad_day(place, day))
            claude.reset()
            await day.ends_well([place.one, place.other])
            await mails_came_once(day.database, place.mail)


class Day:
    """A crowd in front of a server, from the morning until nothing runs any more."""

    def __init__(self, database_url: str, front: str) -> None:
        self.database = Database.from_settings(Settings(_env_file=None, database_url=database_url))
        self.socket_url = front.replace("http", "ws", 1) + "/_event/"
        self.chance = Random(SEED)
        self.customers: list[Customer] = []
        self.agents: list[Agent] = []

    async def __aenter__(self) -> "Day":
        self.until = asyncio.get_running_loop().time() + SECONDS
        self.customers = [
            Customer(self.socket_url, Random(self.chance.random()), self.until, name=f"c{number}")
            for number in range(CUSTOMERS)
        ]
        self.agents = [
            Agent(self.socket_url, Random(self.chance.random()), self.until, name=f"a{number}", cookie=cookie)
            for number, cookie in enumerate(await hired(self.database))
        ]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.database.close()

    @property
    def is_over(self) -> bool:
        return asyncio.get_running_loop().time() >= self.until

    async def passes(self) -> None:
        await asyncio.gather(*(one.live() for one in [*self.customers, *self.agents]))
        print("the day is over")

    async def ends_well(self, apps: list[App]) -> None:
        books = await at_rest(self.database)
        print(
            f"{sum(len(one.diary) for one in self.customers)} messages, {len(books.conversations)} "
            f"conversations, {len(books.turns)} turns, {len(books.handoffs)} handoffs, "
            f"{sum(len(one.replies) for one in self.agents)} replies, "
            f"{sum(one.reconnected for one in self.customers)} reconnects"
        )
        assert every_rule(books, self.customers, self.agents) == []
        assert [trouble for one in [*self.customers, *self.agents] for trouble in one.troubles] == []
        for app in apps:
            assert [line for line in app.log.splitlines() if is_unhandled(line)] == []


def is_unhandled(line: str) -> bool:
    return any(one in line for one in UNHANDLED) and ": the database is away" not in line


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


async def a_moody_model(claude: RemoteServer, day: Day) -> None:
    """Every second something goes wrong with one of the next requests."""
    while not day.is_over:
        await asyncio.to_thread(day.chance.choice(MOODS), claude)
        await asyncio.sleep(day.chance.uniform(0.2, 1.5))


async def a_bad_day(place: Place, day: Day) -> None:
    """Each of the things that carry the service goes away for a while, one after the other."""
    for mishap in (
        lambda: worker_killed(place.one),
        lambda: redis_away(place),
        lambda: worker_killed(place.other),
        lambda: database_away(place),
    ):
        await asyncio.sleep(SECONDS / 10)
        await mishap()


async def worker_killed(app: App) -> None:
    await asyncio.to_thread(app.kill)
    await asyncio.sleep(1)
    await asyncio.to_thread(app.start)


async def redis_away(place: Place) -> None:
    await asyncio.to_thread(place.redis.stop)
    await asyncio.sleep(4)
    await asyncio.to_thread(place.redis.start)


async def database_away(place: Place) -> None:
    await asyncio.to_thread(place.postgres.stop)
    await asyncio.sleep(4)
    await asyncio.to_thread(place.postgres.start)


async def mails_came_once(database: Database, server: MailServer) -> None:
    """Every mail that was written came, and the same one never twice.

    A worker that dies between sending and noting it sends once more, under the same Message-ID: that is
    the price of losing none, and receivers can tell.
    """
    async with asyncio.timeout(REST_SECONDS):
        while True:
            async with database.reading() as session:
                rows = (await session.exec(select(Outbox).where(Outbox.channel == Channel.MAIL))).all()
            if all(row.sent_at for row in rows):
                break
            await asyncio.sleep(1)
    came = Counter(str(mail["Message-ID"]) for mail in server.mails)
    print(f"{len(rows)} mails, {sum(came.values()) - len(came)} of them twice")
    assert len(came) == len(rows) == len({row.key for row in rows})
    assert max(came.values(), default=1) <= 2


async def at_rest(database: Database) -> Books:
    """The books when nothing runs any more."""
    until = asyncio.get_running_loop().time() + REST_SECONDS
    while (books := await Books.read(database)).busy:
        assert asyncio.get_running_loop().time() < until, f"no rest: {books.busy}"
        await asyncio.sleep(1)
    return books
