"""Moving windows: how much is let through, what a refusal costs, and what it says."""

import asyncio
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from limits import RateLimitItemPerMinute

from supportbot.errors import RateLimited
from supportbot.house.sections import Limits
from supportbot.usage.rate_limits import RateLimits
from supportbot.usage.windows import MemoryWindows

ALICE, BOB = UUID(int=1), UUID(int=2)
HOME, OFFICE = "192.0.2.1", "192.0.2.2"


class Clock:
    """Stands still until told otherwise."""

    def __init__(self) -> None:
        self.time = 1_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limits(clock: Clock) -> RateLimits:
    return limits_on(clock)


def limits_on(clock: Clock, **settings: int) -> RateLimits:
    return RateLimits(lambda: Limits(**settings), clock)


async def says(limits: RateLimits, visitor: UUID = ALICE, address: str = HOME, *, times: int = 1) -> None:
    for _ in range(times):
        await limits.message(visitor, address)


@pytest.mark.anyio
async def test_a_visitor_may_send_twenty_messages_a_minute(limits: RateLimits) -> None:
    await says(limits, times=20)

    with pytest.raises(RateLimited):
        await says(limits)


@pytest.mark.anyio
async def test_the_refusal_says_how_many_seconds_to_wait(limits: RateLimits, clock: Clock) -> None:
    await says(limits)
    clock.time += 48
    await says(limits, times=19)

    with pytest.raises(RateLimited) as refusal:
        await says(limits)

    assert refusal.value.retry_after == 12
    assert refusal.value.sentence == (
        "That is a lot of messages at once. Please wait 12 seconds; your text is kept."
    )


@pytest.mark.anyio
async def test_one_second_is_not_called_1_seconds(limits: RateLimits, clock: Clock) -> None:
    await says(limits, times=20)
    clock.time += 59.5

    with pytest.raises(RateLimited, match="wait 1 second;"):
        await says(limits)


@pytest.mark.anyio
async def test_whoever_waits_as_long_as_told_is_let_in(limits: RateLimits, clock: Clock) -> None:
    await says(limits, times=20)
    with pytest.raises(RateLimited) as refusal:
        await says(limits)

    clock.time += refusal.value.retry_after or 0

    await says(limits)


@pytest.mark.anyio
async def test_another_visitor_is_not_held_up(limits: RateLimits) -> None:
    await says(limits, ALICE, times=20)

    await says(limits, BOB)


@pytest.mark.anyio
async def test_an_address_may_send_one_hundred_and_twenty_messages_a_minute(limits: RateLimits) -> None:
    for _ in range(120):
        await says(limits, uuid4(), OFFICE)

    with pytest.raises(RateLimited, match="from your network"):
        await says(limits, uuid4(), OFFICE)
    await says(limits, uuid4(), HOME)


@pytest.mark.anyio
async def test_a_refused_visitor_does_not_use_up_the_address(clock: Clock) -> None:
    limits = limits_on(clock, messages_per_minute=1, messages_per_minute_address=2)
    await says(limits, ALICE)
    for _ in range(50):
        with pytest.raises(RateLimited):
            await says(limits, ALICE)

    await says(limits, BOB)


@pytest.mark.anyio
async def test_a_refused_address_does_not_use_up_the_visitor(clock: Clock) -> None:
    limits = limits_on(clock, messages_per_minute=1, messages_per_minute_address=1)
    await says(limits, BOB, OFFICE)
    for _ in range(50):
        with pytest.raises(RateLimited):
            await says(limits, ALICE, OFFICE)

    await says(limits, ALICE, HOME)


@pytest.mark.anyio
async def test_when_both_windows_are_full_the_longer_wait_is_told(clock: Clock) -> None:
    limits = limits_on(clock, messages_per_minute=1, messages_per_minute_address=1)
    await says(limits, BOB, HOME)
    clock.time += 30
    await says(limits, ALICE, OFFICE)

    with pytest.raises(RateLimited) as refusal:
        await says(limits, ALICE, HOME)

    assert refusal.value.retry_after == 60


@pytest.mark.anyio
async def test_messages_that_arrive_at_the_same_moment_are_counted_one_by_one(limits: RateLimits) -> None:
    outcomes = await asyncio.gather(*(says(limits) for _ in range(100)), return_exceptions=True)

    assert outcomes.count(None) == 20


@pytest.mark.anyio
async def test_a_clock_set_back_shuts_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = RateLimits(lambda: Limits(messages_per_minute=2))
    await says(limits)

    monkeypatch.setattr("time.time", lambda: 0.0)

    await says(limits)
    with pytest.raises(RateLimited) as refusal:
        await says(limits)
    assert (refusal.value.retry_after or 0) <= 60


@pytest.mark.anyio
async def test_the_model_is_called_at_most_so_often_for_everybody(clock: Clock) -> None:
    limits = limits_on(clock, model_calls_per_minute=3)

    assert [await limits.model_call() for _ in range(4)] == [True, True, True, False]
    clock.time += 60
    assert await limits.model_call()


@pytest.mark.anyio
async def test_an_account_has_ten_tries_wherever_they_come_from(limits: RateLimits, clock: Clock) -> None:
    for number in range(10):
        await limits.sign_in("sam@example.com", f"192.0.2.{number}")

    with pytest.raises(RateLimited, match="Please wait 900 seconds") as refusal:
        await limits.sign_in(" Sam@Example.com", "192.0.2.99")

    assert refusal.value.retry_after == 900
    clock.time += 900
    await limits.sign_in("sam@example.com", "192.0.2.99")


@pytest.mark.anyio
async def test_an_address_has_ten_tries_whichever_account_they_are_for(limits: RateLimits) -> None:
    for number in range(10):
        await limits.sign_in(f"guess{number}@example.com", HOME)

    with pytest.raises(RateLimited):
        await limits.sign_in("sam@example.com", HOME)
    await limits.sign_in("sam@example.com", OFFICE)


@pytest.mark.anyio
async def test_an_office_that_types_its_passwords_right_is_never_held_up(limits: RateLimits) -> None:
    for number in range(40):
        await limits.sign_in(f"agent{number}@example.com", OFFICE)
        await limits.signed_in(f"agent{number}@example.com", OFFICE)


@pytest.mark.anyio
async def test_small_things_have_windows_of_their_own(limits: RateLimits) -> None:
    for _ in range(30):
        await limits.generic("rating", str(ALICE))

    with pytest.raises(RateLimited, match="Please wait 60 seconds and try again"):
        await limits.generic("rating", str(ALICE))
    await limits.generic("rating", str(BOB))
    await limits.generic("person", str(ALICE))


@pytest.mark.anyio
async def test_keys_nobody_uses_any_more_are_forgotten(clock: Clock) -> None:
    windows, item = MemoryWindows(clock), RateLimitItemPerMinute(20)
    for number in range(5_000):
        await windows.take([(item, str(number))])
    clock.time += 61

    await windows.take([(item, "the only one left")])

    assert len(windows) == 1


@pytest.mark.anyio
async def test_a_refused_flood_is_not_remembered(clock: Clock) -> None:
    limits = limits_on(clock, messages_per_minute_address=1)
    await says(limits)
    for _ in range(1_000):
        with pytest.raises(RateLimited):
            await says(limits, uuid4())

    assert len(limits._own) == 2


@given(pauses=st.lists(st.integers(min_value=0, max_value=30), max_size=80))
def test_no_minute_ever_holds_more_or_less_than_its_limit(pauses: list[int]) -> None:
    clock = Clock()
    let_in: list[float] = []
    limits = limits_on(clock, messages_per_minute=5)

    async def send(before: list[float]) -> None:
        if len(before) < 5:
            await says(limits)
            let_in.append(clock.time)
            return
        with pytest.raises(RateLimited) as refusal:
            await says(limits)
        assert refusal.value.retry_after == before[0] + 60 - clock.time

    async def send_all() -> None:
        for pause in pauses:
            clock.time += pause
            await send([moment for moment in let_in if moment > clock.time - 60])

    asyncio.run(send_all())
