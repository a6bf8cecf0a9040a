"""The live log, of one process and on Redis: quick, in order, and honest about what it lost."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing
from typing import Any
from uuid import UUID

import pytest

from supportbot.conversations.events import Typing
from supportbot.conversations.live import LOST, LiveLog, MemoryLive, Position, Resync, Stamped
from supportbot.models import Role
from tests.lives import redis_live

HERE, THERE = UUID(int=1), UUID(int=2)

pytestmark = pytest.mark.anyio

Batches = AsyncGenerator[list[Stamped] | Resync, None]
NewLive = Callable[..., Awaitable[LiveLog]]


@pytest.fixture(params=["memory", "redis"])
async def new_live(request: pytest.FixtureRequest) -> AsyncIterator[NewLive]:
    """Makes empty logs of either kind."""
    async with AsyncExitStack() as open_logs:

        async def new(**how: Any) -> LiveLog:
            if request.param == "memory":
                return MemoryLive(**how)
            server = request.getfixturevalue("redis_server")
            return await open_logs.enter_async_context(redis_live(server.url, **how))

        yield new


@pytest.fixture
async def live(new_live: NewLive) -> LiveLog:
    return await new_live()


async def tell(live: LiveLog, *words: str, topic: UUID = HERE) -> Position:
    position = await live.position(topic)
    for word in words:
        position = await live.append(topic, Typing(Role.USER, word))
    return position


async def heard(batches: Batches) -> Any:
    """The next batch as bare words, or the `Resync`."""
    async with asyncio.timeout(2):
        batch = await anext(batches)
    return batch if isinstance(batch, Resync) else [entry.event.name for entry in batch]


async def ends(batches: Batches) -> bool:
    return [batch async for batch in batches] == []


async def test_a_follower_hears_what_comes_in_order(live: LiveLog) -> None:
    async with aclosing(live.follow(HERE, await live.position(HERE))) as batches:
        hearing = asyncio.create_task(heard(batches))
        await asyncio.sleep(0)
        await tell(live, "one", "two", "three")

        words = await hearing
        while len(words) < 3:
            words += await heard(batches)
        assert words == ["one", "two", "three"]


async def test_it_first_hears_what_it_missed(live: LiveLog) -> None:
    position = await tell(live, "one")
    await tell(live, "two", "three")

    async with aclosing(live.follow(HERE, position)) as batches:
        assert await heard(batches) == ["two", "three"]
        await tell(live, "four")
        assert await heard(batches) == ["four"]


async def test_what_comes_while_it_is_busy_is_in_the_next_batch(live: LiveLog) -> None:
    async with aclosing(live.follow(HERE, await live.position(HERE))) as batches:
        await tell(live, "one")
        assert await heard(batches) == ["one"]
        await tell(live, "two")
        await tell(live, "three")
        assert await heard(batches) == ["two", "three"]


async def test_every_entry_carries_the_position_just_after_it(live: LiveLog) -> None:
    start = await live.position(HERE)
    end = await tell(live, "one", "two")

    async with aclosing(live.follow(HERE, start)) as batches:
        batch = await anext(batches)

    assert isinstance(batch, list)
    assert [entry.position.seq for entry in batch] == [start.seq + 1, start.seq + 2]
    assert batch[-1].position == end == await live.position(HERE)


async def test_many_followers_hear_everything_each_at_its_own_pace(live: LiveLog) -> None:
    start = await live.position(HERE)
    told = [f"event {number}" for number in range(200)]

    async def listen(patience: int) -> list[str]:
        known: list[str] = []
        async with aclosing(live.follow(HERE, start)) as batches:
            while len(known) < len(told):
                known += await heard(batches)
                for _ in range(patience):
                    await asyncio.sleep(0)
        return known

    listening = [asyncio.create_task(listen(patience)) for patience in range(20)]
    for event in told:
        await live.append(HERE, Typing(Role.USER, event))
        await asyncio.sleep(0)

    assert await asyncio.gather(*listening) == [told] * 20


async def test_topics_do_not_hear_each_other(live: LiveLog) -> None:
    async with aclosing(live.follow(HERE, await live.position(HERE), heartbeat=0.01)) as batches:
        await tell(live, "elsewhere", topic=THERE)

        assert await heard(batches) == []


async def test_a_quiet_log_gives_a_heartbeat_and_goes_on(live: LiveLog) -> None:
    async with aclosing(live.follow(HERE, await live.position(HERE), heartbeat=0.01)) as batches:
        assert [await heard(batches), await heard(batches)] == [[], []]
        await tell(live, "at last")
        assert await heard(batches) == ["at last"]


async def test_a_follower_that_does_not_know_where_it_is_resyncs(live: LiveLog) -> None:
    await tell(live, "one")

    batches = live.follow(HERE, LOST)

    assert await heard(batches) == Resync()
    assert await ends(batches)


async def test_a_position_of_another_epoch_resyncs(live: LiveLog) -> None:
    await tell(live, "one", "two", "three")

    assert await heard(live.follow(HERE, Position("before the restart", 2))) == Resync()


async def test_a_position_past_the_end_resyncs(live: LiveLog) -> None:
    end = await tell(live, "one")

    assert await heard(live.follow(HERE, Position(end.epoch, end.seq + 1))) == Resync()


async def test_a_log_trimmed_past_the_follower_resyncs(new_live: NewLive) -> None:
    live = await new_live(keep=3)
    start = await live.position(HERE)
    await tell(live, "one", "two", "three", "four")

    assert await heard(live.follow(HERE, start)) == Resync()


async def test_a_log_trimmed_exactly_up_to_the_follower_has_lost_nothing(new_live: NewLive) -> None:
    live = await new_live(keep=3)
    start = await tell(live, "one")
    await tell(live, "two", "three", "four")

    async with aclosing(live.follow(HERE, start)) as batches:
        assert await heard(batches) == ["two", "three", "four"]


async def test_a_slow_follower_is_told_that_it_lost_something(new_live: NewLive) -> None:
    live = await new_live(keep=3)
    batches = live.follow(HERE, await live.position(HERE))
    await tell(live, "one")
    assert await heard(batches) == ["one"]

    await tell(live, "two", "three", "four", "five")

    assert await heard(batches) == Resync()
    assert await ends(batches)


# Of one process only


@pytest.fixture
def memory() -> MemoryLive:
    return MemoryLive()


async def test_a_forgotten_topic_sends_its_waiting_followers_away(memory: MemoryLive) -> None:
    batches = memory.follow(HERE, await memory.position(HERE))
    hearing = asyncio.create_task(heard(batches))
    await asyncio.sleep(0)

    memory.forget(HERE)

    # It may see a heartbeat first; what matters is that it does not go on as if nothing had happened.
    assert await hearing in ([], Resync())
    assert await heard(memory.follow(HERE, Position("", 0))) == Resync()


async def test_a_new_topic_of_the_same_name_is_another_epoch(memory: MemoryLive) -> None:
    before = await tell(memory, "one")
    memory.forget(HERE)
    after = await tell(memory, "one")

    assert before.seq == after.seq
    assert before.epoch != after.epoch
    assert await heard(memory.follow(HERE, before)) == Resync()


async def test_topics_nobody_uses_are_dropped_and_followed_ones_are_not() -> None:
    memory = MemoryLive(forget_after=-1)
    followed, unused = await tell(memory, "one"), await tell(memory, "one", topic=THERE)
    batches = memory.follow(HERE, followed)
    hearing = asyncio.create_task(heard(batches))
    await asyncio.sleep(0)

    for number in range(1_000):
        await memory.position(UUID(int=10 + number))
    await tell(memory, "two")

    assert await hearing == ["two"]
    assert (await memory.position(HERE)).epoch == followed.epoch
    assert (await memory.position(THERE)).epoch != unused.epoch


async def test_memory_does_not_grow_with_the_conversations_of_the_past() -> None:
    memory = MemoryLive(forget_after=-1)

    for number in range(10_000):
        await memory.append(UUID(int=number), "hello")

    assert len(memory._topics) < 1_000


async def test_a_follower_that_leaves_leaves_nothing_behind(memory: MemoryLive) -> None:
    batches = memory.follow(HERE, await memory.position(HERE))
    hearing = asyncio.create_task(heard(batches))
    await asyncio.sleep(0)
    hearing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hearing

    assert not memory._topics[HERE].waiting
