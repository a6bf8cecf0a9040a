"""Two real workers behind nginx, on a real PostgreSQL and a real Redis, each of which goes away in turn.

Pages are raw sockets. Each answer is one strange word after another, because a page gets an answer in pieces.
"""

import asyncio
import json
import os
import signal
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psutil
import pytest
from sqlmodel import col, select
from websockets.exceptions import InvalidStatus

from supportbot.conversations.live import MemoryLive
from supportbot.database import Database
from supportbot.escalations.handoff import take_over
from supportbot.integrations.redis_link import RedisLink
from supportbot.models import Conversation, Message, MessageState, Role, Staff
from tests.attacks.handlers import EDITOR
from tests.conftest import create_postgres_database
from tests.people import ALICE, conversation_of, sam, signed_in
from tests.servers.anthropic_server import RemoteServer
from tests.servers.app import App, running_app
from tests.servers.nginx import running_nginx
from tests.servers.postgres import Postgres, free_port, mortal_postgres
from tests.servers.raw_socket import CASE, CHAT, RawPage
from tests.servers.redis import Redis, running_redis

pytestmark = pytest.mark.anyio

SOON = 15
LEASE_AND_SWEEP = 40
FAULTS = ("Traceback", "ERROR", "CRITICAL")


@dataclass
class Place:
    """Everything there is."""

    postgres: Postgres
    redis: Redis
    claude: RemoteServer
    one: App
    other: App
    front: str
    database_url: str


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, claude: RemoteServer) -> Iterator[Place]:
    with ExitStack() as running:
        postgres = running.enter_context(mortal_postgres())
        redis = running.enter_context(running_redis())
        url = create_postgres_database(postgres.url, "shared")
        front_port = free_port()
        settings = {
            # What browsers see, and not what nginx sees, is built into the pages.
            "REFLEX_API_URL": f"http://localhost:{front_port}",
            "DATABASE_URL": url,
            "REDIS_URL": redis.url,
            "ANTHROPIC_BASE_URL": claude.url,
            "TRUSTED_PROXY_HOPS": "1",
        }
        workers = [
            running_app(tmp_path_factory.mktemp(name), own_pages=True, **settings)
            for name in ("one", "other")
        ]
        # At once, on a database without a single table.
        with ThreadPoolExecutor() as pool:
            one, other = pool.map(running.enter_context, workers)
        ports = [int(app.url.rpartition(":")[2]) for app in (one, other)]
        front = running.enter_context(running_nginx(ports, front_port))
        yield Place(postgres, redis, claude, one, other, front, url)


@pytest.fixture
async def database(place: Place) -> AsyncIterator[Database]:
    """The workers' own, looked at from outside."""
    database = Database(place.database_url.replace("postgresql://", "postgresql+asyncpg://"))
    yield database
    await database.close()


@pytest.fixture
async def conversation(database: Database, place: Place) -> Conversation:
    """A new one of Alice's."""
    place.claude.reset()
    return await conversation_of(database, ALICE)


def alices_page(url: str, conversation: Conversation) -> RawPage:
    return RawPage(
        url.replace("http", "ws", 1) + "/_event/", path=f"/c/{conversation.id}", visitor=ALICE.token
    )


async def staffs_page(app: App, conversation: Conversation, database: Database, staff: Staff) -> RawPage:
    headers = {"Cookie": await signed_in(database, staff)}
    return RawPage(app.socket_url, path=f"/escalations/{conversation.id}", headers=headers)


async def ask(page: RawPage, text: str) -> None:
    await page.fire(f"{CHAT}.send", form={"message": text, "client_key": str(uuid4())})


async def sees(page: RawPage, text: str, seconds: float = SOON) -> None:
    await page.until(lambda: text in page.everything, seconds)


async def answers(database: Database, conversation_id: UUID) -> list[Message]:
    query = select(Message).where(Message.conversation_id == conversation_id, Message.role == Role.ASSISTANT)
    async with database.reading() as session:
        return list(await session.exec(query.order_by(col(Message.seq))))


def asked(app: App | str) -> tuple[int, dict[str, Any]]:
    """What `/ready` says."""
    url = app if isinstance(app, str) else app.url
    try:
        with urllib.request.urlopen(url + "/ready", timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


async def says(app: App, status: str) -> dict[str, Any]:
    """Wait until `/ready` says so."""
    async with asyncio.timeout(SOON):
        while True:
            _, told = await asyncio.to_thread(asked, app)
            if told["status"] == status:
                return told
            await asyncio.sleep(0.1)


READY = (200, {"status": "ok", "database": "ok", "model": "ok", "redis": "ok"})


async def test_two_workers_that_start_at_once_on_an_empty_database_both_serve(place: Place) -> None:
    logs = place.one.log + place.other.log

    assert asked(place.one) == asked(place.other) == READY
    assert asked(place.front)[0] == 200
    assert logs.count("sample articles of the fictional Acme") == 1
    assert [word for word in FAULTS if word in logs] == []


def test_a_page_of_one_worker_gets_its_files_whichever_worker_is_asked(place: Place) -> None:
    built = [
        sorted((app.folder / "web/build/client/assets").glob("*.js")) for app in (place.one, place.other)
    ]
    names = [path.name for files in built for path in files]

    assert {path.name for path in built[0]} != {path.name for path in built[1]}
    for name in names * 2:  # nginx asks them by turns
        with urllib.request.urlopen(f"{place.front}/assets/{name}", timeout=10) as answer:
            assert answer.status == 200


async def test_nginx_tells_the_workers_who_asks_and_under_which_name(
    place: Place, conversation: Conversation
) -> None:
    socket_url = place.front.replace("http", "ws", 1) + "/_event/"
    async with RawPage(socket_url, origin=place.front, visitor=ALICE.token) as page:
        await page.hydrate()
    with pytest.raises(InvalidStatus, match="403"):
        await RawPage(socket_url, origin="https://evil.example").__aenter__()
    assert "warnings" not in asked(place.front)[1]


async def test_customer_and_staff_on_two_workers_see_the_same_answer_grow(
    place: Place, database: Database, conversation: Conversation
) -> None:
    place.claude.says("Aardvark Badger ", pause_after=16)
    staff = await _staff(database) or await sam(database)
    async with (
        alices_page(place.one.url, conversation) as alice,
        await staffs_page(place.other, conversation, database, staff) as desk,
    ):
        await alice.hydrate()
        await desk.hydrate()
        await ask(alice, "Which animals?")

        await sees(alice, "Badger")
        await sees(desk, "Badger")
        assert [one.state for one in await answers(database, conversation.id)] == [MessageState.STREAMING]
        place.claude.release()
        await alice.until(lambda: alice.vars["streaming"] is False)
        await desk.until(lambda: desk.vars["streaming"] is False)

        await desk.fire(f"{CASE}.take_over")
        await sees(alice, "has joined the conversation")
        await desk.fire(f"{CASE}.reply", form={"message": "Crocodile, says Sam.", "client_key": "c"})
        await sees(alice, "Crocodile, says Sam.")


async def test_a_tab_on_another_worker_stops_the_answer(
    place: Place, database: Database, conversation: Conversation
) -> None:
    place.claude.says("Dolphin Elephant", pause_after=8)
    async with (
        alices_page(place.one.url, conversation) as first,
        alices_page(place.other.url, conversation) as second,
    ):
        await first.hydrate()
        await second.hydrate()
        await ask(first, "Which animals?")
        await sees(second, "Dolphin")

        await second.fire(f"{CHAT}.stop")
        await sees(first, "You stopped this answer.")
        await sees(second, "You stopped this answer.")


async def test_what_one_worker_publishes_changes_and_retires_the_other_answers_from(
    place: Place, database: Database, conversation: Conversation
) -> None:
    staff = await _staff(database) or await sam(database)
    headers = {"Cookie": await signed_in(database, staff), "Origin": place.one.url}
    article = uuid4()

    async def published(body: str, over: int) -> None:
        form = {"title": "Zeppelins", "language": "en", "body": body, "over": over, "publish": "yes"}
        request = urllib.request.Request(
            f"{place.one.url}/staff/articles/{article}/text", urllib.parse.urlencode(form).encode(), headers
        )
        with await asyncio.to_thread(urllib.request.urlopen, request, timeout=10) as answer:
            assert json.load(answer)["published"] == over + 1

    async with alices_page(place.other.url, conversation) as alice:
        await alice.hydrate()

        async def read_for(question: str) -> str:
            """What the model is given to answer from."""
            place.claude.says(f"I have read of {question}.")
            await ask(alice, f"Who lends me a zeppelin, {question}?")
            await sees(alice, f"I have read of {question}.")
            return json.dumps(place.claude.requests[-1].body["messages"][-1])

        assert "doorman" not in await read_for("one")
        await published("Zeppelins are lent by the doorman.", 0)
        assert "doorman" in await read_for("two")
        await published("Zeppelins are lent by the gardener.", 1)
        changed = await read_for("three")
        assert "gardener" in changed
        assert "doorman" not in changed
        async with RawPage(
            place.one.socket_url, path=f"/articles/{article}", headers={"Cookie": headers["Cookie"]}
        ) as editor:
            await editor.hydrate()
            await editor.until(lambda: editor.vars.get("published") == 2)
            await editor.fire(f"{EDITOR}.retire")
            await editor.until(lambda: editor.vars.get("state") == "retired")
        assert "gardener" not in await read_for("four")


async def test_one_worker_is_killed_in_the_middle_of_an_answer(
    place: Place, database: Database, conversation: Conversation
) -> None:
    place.claude.says("Flamingo Gorilla", pause_after=9)
    async with alices_page(place.one.url, conversation) as alice:
        await alice.hydrate()
        await ask(alice, "Which animals?")
        await sees(alice, "Flamingo")
        await asyncio.sleep(1.3)  # the text so far is written once a second
        await asyncio.to_thread(place.one.kill)
    try:
        place.claude.reset()
        # nginx finds the worker that is left; the page shows what was there.
        async with alices_page(place.front, conversation) as alice:
            await alice.hydrate()
            await sees(alice, "Flamingo")
            await sees(alice, "This answer broke off.", LEASE_AND_SWEEP)

            place.claude.says("Hedgehog")
            await alice.fire(f"{CHAT}.try_again")
            await sees(alice, "Hedgehog")
        await recorded(
            database, conversation, ("Flamingo ", MessageState.FAILED), ("Hedgehog", MessageState.COMPLETE)
        )
        assert [word for word in FAULTS if word in place.other.log] == []
    finally:
        await asyncio.to_thread(place.one.start)


async def test_redis_goes_in_the_middle_of_an_answer_and_comes_back_empty(
    place: Place, database: Database, conversation: Conversation
) -> None:
    place.claude.says("Iguana Jaguar Koala", pause_after=7)
    async with (
        alices_page(place.one.url, conversation) as alice,
        alices_page(place.other.url, conversation) as tab,
    ):
        await alice.hydrate()
        await tab.hydrate()
        await ask(alice, "Which animals?")
        await sees(alice, "Iguana")
        await sees(tab, "Iguana")

        place.redis.stop()
        try:
            for app in (place.one, place.other):
                told = await says(app, "degraded")
                assert (told["redis"], asked(app)[0]) == ("unreachable", 200)
            place.claude.release()
            # The running answer ends and is recorded; pages read it from the database.
            await sees(alice, "Koala")
            await sees(tab, "Koala")
            await recorded(database, conversation, ("Iguana Jaguar Koala", MessageState.COMPLETE))

            # A new question costs no call to the model, and is answered all the same.
            requests = len(place.claude.requests)
            await ask(tab, "How do I get a refund?")
            await sees(alice, "Our assistant is busy at the moment.")
            assert len(place.claude.requests) == requests
        finally:
            place.redis.start()
        for app in (place.one, place.other):
            await says(app, "ok")

        place.claude.says("Lemur")
        await ask(alice, "One more?")
        await sees(alice, "Lemur")
        await sees(tab, "Lemur")
    assert [word for word in FAULTS if word in place.one.log + place.other.log] == []


async def test_redis_hangs_in_the_middle_of_an_answer(
    place: Place, database: Database, conversation: Conversation
) -> None:
    place.claude.says("Meerkat Narwhal", pause_after=8)
    async with alices_page(place.other.url, conversation) as alice:
        await alice.hydrate()
        await ask(alice, "Which animals?")
        await sees(alice, "Meerkat")

        place.redis.freeze()
        try:
            await says(place.other, "degraded")
            place.claude.release()
            await sees(alice, "Narwhal")
            staff = await _staff(database) or await sam(database)
            await take_over(database, MemoryLive(), conversation.id, staff)
            desk = await staffs_page(place.one, conversation, database, staff)
            async with desk:
                await desk.hydrate()
                await desk.fire(f"{CASE}.reply", form={"message": "Ocelot, says Sam.", "client_key": "o"})
                await sees(alice, "Ocelot, says Sam.")
        finally:
            place.redis.thaw()
        await says(place.one, "ok")
        await says(place.other, "ok")


async def test_the_database_goes_and_comes_back(
    place: Place, database: Database, conversation: Conversation
) -> None:
    async with alices_page(place.one.url, conversation) as alice:
        await alice.hydrate()
        place.postgres.stop()
        try:
            told = await says(place.one, "unavailable")
            assert (told["database"], (await asyncio.to_thread(asked, place.one))[0]) == ("unreachable", 503)
            key = str(uuid4())
            await alice.fire(f"{CHAT}.send", form={"message": "Which animals?", "client_key": key})
            await alice.settle(1)
            assert alice.vars.get("accepted") != key
        finally:
            place.postgres.start()
        await says(place.one, "ok")
        await says(place.other, "ok")

        place.claude.says("Penguin")
        await alice.fire(f"{CHAT}.send", form={"message": "Which animals?", "client_key": key})
        await alice.until(lambda: alice.vars.get("accepted") == key, SOON)
        await sees(alice, "Penguin")
    await recorded(database, conversation, ("Penguin", MessageState.COMPLETE))


async def test_pages_state_never_goes_to_redis(place: Place) -> None:
    link = RedisLink(place.redis.url)
    keys = [key.decode() async for key in link.client.scan_iter()]
    await link.close()

    assert keys
    assert [key for key in keys if not key.startswith("supportbot:")] == []


async def test_a_worker_of_one_server_that_dies_is_replaced(place: Place, tmp_path: Path) -> None:
    settings = {"DATABASE_URL": place.database_url, "REDIS_URL": place.redis.url, "WORKERS": "2"}
    with running_app(tmp_path, **settings) as app:
        assert app.process is not None
        before = _children(app.process.pid)
        assert len(before) == 2
        # `ready` is said by the first that listens: the other one must do so too before it can serve alone.
        await _both_listen(app, before)
        os.kill(before[0], signal.SIGKILL)

        async with asyncio.timeout(SOON):
            while len(_children(app.process.pid)) < 2 or before[0] in _children(app.process.pid):
                await asyncio.sleep(0.1)

        assert before[1] in _children(app.process.pid)
        await says(app, "ok")


async def recorded(database: Database, conversation: Conversation, *expected: tuple[str, str]) -> None:
    """Wait until these are the answers: the last word is shown before the end is recorded."""
    found: list[tuple[str, str]] = []
    try:
        async with asyncio.timeout(SOON):
            while found != list(expected):
                found = [(one.content, str(one.state)) for one in await answers(database, conversation.id)]
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"recorded is {found}") from None


async def _staff(database: Database) -> Staff | None:
    async with database.reading() as session:
        return (await session.exec(select(Staff))).first()


async def _both_listen(app: App, workers: list[int]) -> None:
    port = int(app.url.rpartition(":")[2])
    async with asyncio.timeout(SOON):
        while not all(_listens(worker, port) for worker in workers):
            await asyncio.sleep(0.1)


def _listens(pid: int, port: int) -> bool:
    return any(
        one.status == psutil.CONN_LISTEN and one.laddr.port == port
        for one in psutil.Process(pid).net_connections("tcp")
    )


def _children(pid: int) -> list[int]:
    return sorted(int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
