"""Limits that several workers keep together, and what is left of them without Redis."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from supportbot.errors import RateLimited
from supportbot.house.sections import Limits
from supportbot.ids import new_id
from supportbot.integrations.redis_link import RedisLink
from supportbot.integrations.redis_windows import RedisWindows
from supportbot.usage.rate_limits import RateLimits
from tests.servers.redis import Redis

pytestmark = pytest.mark.anyio

ALICE, BOB = UUID(int=1), UUID(int=2)
HOME, OFFICE = "192.0.2.1", "192.0.2.2"


class Workers:
    """Workers that share windows; each has its own way to Redis."""

    def __init__(self, url: str) -> None:
        self._url, self.prefix = url, f"test:{new_id().hex}:"
        self.links: list[RedisLink] = []

    def limits(self, **settings: int) -> RateLimits:
        link = RedisLink(self._url)
        link.note_back()
        self.links.append(link)
        return RateLimits(
            lambda: Limits(**settings),
            shared=RedisWindows(link, prefix=self.prefix),
        )


@pytest.fixture
async def workers(redis_server: Redis) -> AsyncIterator[Workers]:
    made = Workers(redis_server.url)
    yield made
    for link in made.links:
        await link.close()


async def test_a_visitor_has_one_limit_on_all_workers(workers: Workers) -> None:
    one, other = workers.limits(), workers.limits()
    for _ in range(10):
        await one.message(ALICE, HOME)
        await other.message(ALICE, HOME)

    with pytest.raises(RateLimited, match="That is a lot of messages at once") as refusal:
        await other.message(ALICE, HOME)

    assert 1 <= (refusal.value.retry_after or 0) <= 60
    await one.message(BOB, HOME)


async def test_the_last_free_place_is_given_once(workers: Workers) -> None:
    all_of_them = [workers.limits(messages_per_minute=7) for _ in range(3)]

    tries = [all_of_them[number % 3].message(ALICE, HOME) for number in range(60)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)

    assert outcomes.count(None) == 7
    assert all(one is None or isinstance(one, RateLimited) for one in outcomes)


async def test_a_refusal_uses_nothing_up(workers: Workers) -> None:
    limits = workers.limits(messages_per_minute=1, messages_per_minute_address=2)
    await limits.message(ALICE, HOME)
    for _ in range(20):
        with pytest.raises(RateLimited, match="That is a lot"):
            await limits.message(ALICE, HOME)
    await limits.message(BOB, HOME)

    for _ in range(20):
        with pytest.raises(RateLimited, match="from your network"):
            await limits.message(charlie := uuid4(), HOME)
    await limits.message(charlie, OFFICE)


async def test_room_comes_back_as_time_goes_by(workers: Workers) -> None:
    limits = workers.limits(messages_per_minute=1)
    await limits.message(ALICE, HOME)
    (key,) = [key async for key in workers.links[0].client.scan_iter(f"{workers.prefix}*message-visitor*")]
    (hit,) = await workers.links[0].client.lrange(key, 0, -1)
    await workers.links[0].client.lset(key, 0, float(hit) - 59)

    with pytest.raises(RateLimited, match="wait 1 second;"):
        await limits.message(ALICE, HOME)
    await workers.links[0].client.lset(key, 0, float(hit) - 61)
    await limits.message(ALICE, HOME)


async def test_the_model_is_called_at_most_so_often_by_all_workers(workers: Workers) -> None:
    one, other = workers.limits(model_calls_per_minute=3), workers.limits(model_calls_per_minute=3)

    assert [await one.model_call(), await other.model_call(), await one.model_call()] == [True] * 3
    assert not await other.model_call()


async def test_a_success_forgets_the_tries_on_all_workers(workers: Workers) -> None:
    one, other = workers.limits(), workers.limits()
    for number in range(40):
        await one.sign_in(f"agent{number}@example.com", OFFICE)
        await other.signed_in(f"agent{number}@example.com", OFFICE)


async def test_without_redis_each_worker_counts_people_and_the_model_is_not_called(workers: Workers) -> None:
    limits = workers.limits(messages_per_minute=2)
    await limits.message(ALICE, HOME)
    workers.links[0].note_away(OSError())

    for _ in range(2):
        await limits.message(ALICE, HOME)
    with pytest.raises(RateLimited):
        await limits.message(ALICE, HOME)
    assert not await limits.model_call()
    await limits.sign_in("sam@example.com", OFFICE)
    await limits.signed_in("sam@example.com", OFFICE)

    workers.links[0].note_back()
    assert await limits.model_call()
