"""Whoever asks Redis can be cancelled at any moment, whatever the client does with that."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from supportbot.integrations.redis_link import RedisAway, RedisLink
from supportbot.integrations.redis_live import RedisLive

pytestmark = pytest.mark.anyio

SOON = 10
NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
async def link() -> AsyncIterator[RedisLink]:
    """A link that is told to answer; nothing is sent."""
    link = RedisLink(NOWHERE, patience=0.3)
    link.note_back()
    yield link
    await link.close()


async def test_a_cancellation_that_the_client_forgets_is_remembered(link: RedisLink) -> None:
    asked = asyncio.Event()

    async def forgetful() -> str:
        asked.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return "as if nothing had been"
        return ""

    asking = asyncio.create_task(link.ask(forgetful))
    await asked.wait()
    asking.cancel()
    async with asyncio.timeout(SOON):
        await asyncio.wait([asking])

    assert asking.cancelled()


async def test_whoever_cleans_up_after_a_cancellation_may_still_ask(link: RedisLink) -> None:
    asked = asyncio.Event()

    async def answering() -> str:
        return "OK"

    async def working() -> str:
        asked.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return await link.ask(answering)
        return ""

    cleaning = asyncio.create_task(working())
    await asked.wait()
    cleaning.cancel()

    assert await cleaning == "OK"


async def test_a_redis_that_is_too_slow_is_away_and_nobody_is_cancelled(link: RedisLink) -> None:
    with pytest.raises(RedisAway):
        await link.ask(asyncio.Event().wait)

    assert link.away


async def test_the_log_closes_though_a_task_of_its_own_misses_the_first_cancellation(link: RedisLink) -> None:
    live = RedisLive(link)
    await live.start()

    async def deaf_once() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.Event().wait()

    live._tasks.append(asyncio.create_task(deaf_once()))
    await asyncio.sleep(0)
    async with asyncio.timeout(SOON):
        await live.close()

    assert all(task.done() for task in live._tasks)
