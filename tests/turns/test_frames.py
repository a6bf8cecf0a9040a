"""An assistant's events in frames: the first at once, the rest bundled, and no wait without an end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from supportbot.turns.assistant import AnswerEvent, AssistantUnavailable, TextDelta
from supportbot.turns.frames import Stop, frames
from supportbot.turns.pace import Pace

pytestmark = pytest.mark.anyio


class Stream:
    """Events with pauses between them (seconds), and whether it was closed."""

    def __init__(self, *steps: str | float | Exception) -> None:
        self.steps = steps
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[AnswerEvent]:
        try:
            for step in self.steps:
                if isinstance(step, str):
                    yield TextDelta(step)
                elif isinstance(step, Exception):
                    raise step
                else:
                    await asyncio.sleep(step)
        finally:
            self.closed = True


async def texts(
    stream: Stream,
    stop: Stop | None = None,
    *,
    first_within: float = 5,
    stall: float = 5,
    deadline: float = 5,
    interval: float = 0.02,
    into: list[str] | None = None,
) -> list[str]:
    """The text of every frame."""
    seen = [] if into is None else into
    cutting = frames(
        aiter(stream),
        stop or Stop(),
        first_within=first_within,
        stall=stall,
        deadline=asyncio.get_running_loop().time() + deadline,
        pace=Pace(interval, interval),
    )
    async with aclosing(cutting) as cut:
        async for frame in cut:
            seen.append("".join(event.text for event in frame if isinstance(event, TextDelta)))
    return seen


async def test_the_first_words_do_not_wait_for_a_frame() -> None:
    seen: list[str] = []
    cutting = asyncio.create_task(texts(Stream("a", 10.0), interval=10, into=seen))

    while not seen:
        await asyncio.sleep(0)
    cutting.cancel()

    assert seen == ["a"]


async def test_what_arrives_between_two_frames_shares_one() -> None:
    stream = Stream(*(step for letter in "abcdefgh" for step in (letter, 0.002)))

    seen = await texts(stream, interval=0.3)

    assert "".join(seen) == "abcdefgh"
    assert seen[0] == "a"
    assert len(seen) <= 3


@pytest.mark.parametrize("steps", [("a",), ("a", "b", 0.03, "c"), (0.03, "a", 0.03), ()])
async def test_nothing_is_lost_and_the_stream_is_closed(steps: tuple[str | float, ...]) -> None:
    stream = Stream(*steps)

    seen = await texts(stream)

    assert "".join(seen) == "".join(step for step in steps if isinstance(step, str))
    assert stream.closed


async def test_what_came_before_a_fault_is_delivered_before_it() -> None:
    stream, seen = Stream("a", "b", AssistantUnavailable("overloaded")), list[str]()

    with pytest.raises(AssistantUnavailable, match="overloaded"):
        await texts(stream, into=seen)

    assert "".join(seen) == "ab"


@pytest.mark.parametrize(
    ("steps", "patience", "code"),
    [
        ((10.0,), {"first_within": 0.03}, "timeout"),
        ((10.0,), {"deadline": 0.03}, "timeout"),
        (("a", 10.0), {"stall": 0.03}, "stalled"),
        (("a", 10.0), {"deadline": 0.03}, "too_long"),
        (tuple(["a", 0.0] * 100_000), {"deadline": 0.05, "interval": 0.0}, "too_long"),
        (("a", 0.01) * 1_000, {"deadline": 0.05}, "too_long"),
    ],
)
async def test_no_wait_is_without_an_end(
    steps: tuple[str | float, ...], patience: dict[str, float], code: str
) -> None:
    stream = Stream(*steps)

    with pytest.raises(AssistantUnavailable, match=code):
        async with asyncio.timeout(4):
            await texts(stream, **patience)

    assert stream.closed


async def test_a_slow_first_word_may_come_later_than_a_stall_would_allow() -> None:
    assert await texts(Stream(0.1, "a"), first_within=5, stall=0.01) == ["a"]


async def test_whoever_stops_it_stops_it_at_once_and_closes_the_stream() -> None:
    stream, stop, seen = Stream("a", 10.0), Stop(), list[str]()
    cutting = asyncio.create_task(texts(stream, stop, into=seen))
    while not seen:
        await asyncio.sleep(0)

    stop.set("stopped")

    async with asyncio.timeout(1):
        assert await cutting == ["a"]
    assert stream.closed


async def test_a_stream_stopped_beforehand_gives_nothing() -> None:
    stop = Stop()
    stop.set("superseded")

    assert await texts(Stream("a"), stop) == []


def test_the_first_reason_to_stop_counts() -> None:
    stop = Stop()
    stop.set("superseded")
    stop.set("stopped")

    assert stop.reason == "superseded"
    assert stop.signal.is_set()
