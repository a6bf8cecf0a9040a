"""The live log of several workers, on a real Redis that dies, hangs, and comes back empty."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from typing import Any
from uuid import UUID

import pytest

from supportbot.conversations.events import Typing
from supportbot.conversations.live import LOST, LiveLog, Position, Resync
from supportbot.ids import new_id
from supportbot.integrations import redis_live as module
from supportbot.integrations.redis_live import PREFIX
from supportbot.models import Role
from tests.lives import ForgetfulLive, redis_live
from tests.servers.redis import Redis, running_redis

pytestmark = pytest.mark.anyio

HERE, THERE = UUID(int=1), UUID(int=2)
SOON = 10
"""Seconds a test waits at most for what must happen."""


def word(text: str) -> Typing:
    return Typing(Role.USER, text)


@pytest.fixture(scope="module")
def mortal() -> Iterator[Redis]:
    """A Redis of this module's own, to be killed."""
    with running_redis() as server:
        yield server


@pytest.fixture
def redis(mortal: Redis) -> Redis:
    mortal.stop()
    mortal.start()
    return mortal


@pytest.fixture
async def workers(redis: Redis) -> AsyncIterator[tuple[ForgetfulLive, ForgetfulLive]]:
    """Two workers that share a log, impatient ones."""
    prefix = f"{PREFIX}{new_id().hex}:"
    how: dict[str, Any] = {"prefix": prefix, "patience": 0.3, "poll": 0.05}
    async with redis_live(redis.url, **how) as one, redis_live(redis.url, **how) as other:
        yield one, other


class Listener:
    """Follows a topic as a page does: after a `Resync` it starts again from the log's end."""

    def __init__(self, live: LiveLog, topic: UUID = HERE) -> None:
        self.words: list[str] = []
        self.resyncs = 0
        self._live, self._topic = live, topic
        self._ready = asyncio.Event()
        self._changed = asyncio.Event()

    async def __aenter__(self) -> "Listener":
        self._task = asyncio.create_task(self._listen())
        await self._ready.wait()
        return self

    async def __aexit__(self, *error: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def until(self, condition: Any) -> None:
        async with asyncio.timeout(SOON):
            while not condition(self):
                await self._changed.wait()
                self._changed.clear()

    async def _listen(self) -> None:
        while True:
            position = await self._live.position(self._topic)
            async with aclosing(self._live.follow(self._topic, position, heartbeat=0.02)) as batches:
                async for batch in batches:
                    if isinstance(batch, Resync):
                        self.resyncs += 1
                    else:
                        self._ready.set()
                        self.words += [entry.event.name for entry in batch]
                    self._changed.set()


async def back(*lives: ForgetfulLive) -> None:
    """Wait until these workers speak to Redis again."""
    async with asyncio.timeout(SOON):
        while any(live._link.away for live in lives):
            await asyncio.sleep(0.02)


async def away(*lives: ForgetfulLive) -> None:
    async with asyncio.timeout(SOON):
        while not all(live._link.away for live in lives):
            await asyncio.sleep(0.02)


async def heard_by(live: ForgetfulLive, *pages: Listener) -> None:
    """Say something until all have heard it: a page that still polls reads it from the database."""
    async with asyncio.timeout(SOON):
        while not all("after" in page.words for page in pages):
            assert await live.append(HERE, word("after")) != LOST
            await asyncio.sleep(0.05)


async def test_a_page_on_another_worker_hears_everything_in_order(workers: Any) -> None:
    one, other = workers
    told = [f"word {number}" for number in range(300)]

    async with Listener(other) as there, Listener(one) as here:
        for text in told:
            await one.append(HERE, word(text))
        await there.until(lambda page: len(page.words) == 300)
        await here.until(lambda page: len(page.words) == 300)

    assert there.words == here.words == told


async def test_what_two_workers_say_at_once_all_hear_in_one_order(workers: Any) -> None:
    one, other = workers

    async def chatter(live: ForgetfulLive, name: str) -> None:
        for number in range(200):
            await live.append(HERE, word(f"{name}{number}"))

    async with Listener(one) as here, Listener(other) as there:
        await asyncio.gather(chatter(one, "a"), chatter(other, "b"), chatter(one, "c"))
        await here.until(lambda page: len(page.words) == 600)
        await there.until(lambda page: len(page.words) == 600)

    assert here.words == there.words
    assert len(set(here.words)) == 600
    assert [text for text in here.words if text[0] == "b"] == [f"b{number}" for number in range(200)]
    assert (here.resyncs, there.resyncs) == (0, 0)


async def test_somebody_who_comes_late_is_told_what_was_said_since(workers: Any) -> None:
    one, other = workers
    position = await one.append(HERE, word("one"))
    await one.append(HERE, word("two"))
    await one.append(HERE, word("three"))

    async with aclosing(other.follow(HERE, position)) as batches:
        batch = await anext(batches)
        assert [entry.event.name for entry in batch] == ["two", "three"]
        await one.append(HERE, word("four"))
        batch = await anext(batches)

    assert [(entry.event.name, entry.position.seq) for entry in batch] == [("four", position.seq + 3)]


async def test_positions_fit_into_the_columns_that_hold_them(workers: Any) -> None:
    position = await workers[0].append(HERE, word("one"))

    assert len(position.epoch) <= 32
    assert position.seq == 1


async def test_a_topic_that_expired_begins_anew_and_its_pages_read_again(workers: Any) -> None:
    one, other = workers
    before = await one.append(HERE, word("one"))
    async with Listener(other) as there:
        await one.forget(HERE)
        after = await one.append(HERE, word("two"))
        await there.until(lambda page: page.resyncs == 1)

    assert after.epoch > before.epoch
    assert await anext(other.follow(HERE, before)) == Resync()


async def test_a_topic_nobody_follows_any_more_is_left(workers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PING_SECONDS", 0.01)
    one, _ = workers
    async with Listener(one):
        assert HERE in one._topics

    async with asyncio.timeout(SOON):
        while HERE in one._topics:
            await asyncio.sleep(0.02)
    async with Listener(one) as again:
        await one.append(HERE, word("one"))
        await again.until(lambda page: page.words == ["one"])


async def test_an_entry_of_another_version_makes_pages_read_again(workers: Any) -> None:
    one, other = workers
    async with Listener(other) as there:
        asked = module._Asked(module.APPEND, HERE, word("x"), b"FromTheFuture {}")
        await one._ask(asked)
        await there.until(lambda page: page.resyncs)
        await heard_by(one, there)


async def test_without_redis_appending_raises_nothing_and_pages_poll(workers: Any, redis: Redis) -> None:
    one, other = workers
    async with Listener(other) as there:
        redis.stop()

        assert await one.append(HERE, word("lost")) == LOST
        assert await one.position(HERE) == LOST
        await there.until(lambda page: page.resyncs >= 5)
        assert there.words == []


async def test_an_empty_redis_is_joined_again_without_a_restart(workers: Any, redis: Redis) -> None:
    one, other = workers
    async with Listener(one) as here, Listener(other) as there:
        await one.append(HERE, word("before"))
        await there.until(lambda page: page.words == ["before"])
        redis.stop()
        assert await one.append(HERE, word("lost")) == LOST
        await away(one, other)
        redis.start()
        await back(one, other)

        await heard_by(one, here, there)


async def test_a_hung_redis_holds_nobody_up_and_is_joined_again(workers: Any, redis: Redis) -> None:
    one, other = workers
    async with Listener(other) as there:
        redis.freeze()
        try:
            async with asyncio.timeout(SOON):
                assert await one.append(HERE, word("lost")) == LOST
                for _ in range(10_000):
                    assert await one.append(HERE, word("not even sent")) == LOST
            await there.until(lambda page: page.resyncs >= 3)
        finally:
            redis.thaw()
        await back(one, other)
        await heard_by(one, there)


async def test_what_one_worker_could_not_say_makes_the_pages_of_the_other_read_again(workers: Any) -> None:
    one, other = workers
    async with Listener(other) as there:
        await one.append(HERE, word("one"))
        await there.until(lambda page: page.words == ["one"])

        one._link.note_away(OSError("only this worker's way to Redis is broken"))
        assert await one.append(HERE, word("two")) == LOST
        await back(one)

        await there.until(lambda page: page.resyncs)
        await heard_by(one, there)
    assert "two" not in there.words


async def test_an_outage_does_not_break_what_was_not_concerned(workers: Any) -> None:
    one, other = workers
    start = await one.append(THERE, word("one"))
    async with Listener(other, THERE) as there:
        one._link.note_away(OSError())
        await one.append(HERE, word("lost"))
        await back(one)
        await one.append(THERE, word("two"))
        await there.until(lambda page: page.words == ["two"])

    assert there.resyncs == 0
    assert (await other.position(THERE)).epoch == start.epoch


async def test_a_server_starts_without_redis_and_finds_it_later(mortal: Redis) -> None:
    mortal.stop()
    async with redis_live(mortal.url, patience=0.3, poll=0.05) as live:
        assert live._link.away
        assert await anext(live.follow(HERE, Position("1", 1))) == Resync()
        mortal.start()
        await back(live)
        async with Listener(live) as page:
            await live.append(HERE, word("one"))
            await page.until(lambda page: page.words == ["one"])


async def test_the_log_never_says_where_redis_is(
    redis: Redis, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("supportbot"), "propagate", True)
    url = redis.url.replace("redis://", "redis://:hunter2@")
    async with redis_live(url, patience=0.3) as live:
        assert live._link.away  # this Redis knows no password

    assert "hunter2" not in caplog.text
