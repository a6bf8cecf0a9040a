"""An assistant's events in frames, with our own time-outs.

A page needs no more than a few updates a second (see `pace`). The first word goes out at once.
Waiting happens here and not in the SDK, because only a turn knows its deadline.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator

from supportbot.turns.assistant import AnswerStep, AssistantUnavailable, LookedAgain
from supportbot.turns.pace import Pace

log = logging.getLogger(__name__)


class Stop:
    """A request to end a running turn, and why: `stopped`, `superseded`, `owner`, `lost` or `shutdown`."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self.signal = asyncio.Event()

    def set(self, reason: str) -> None:
        """Ask the turn to end. The first reason counts."""
        if self.reason is None:
            self.reason = reason
        self.signal.set()


async def frames(
    events: AsyncIterator[AnswerStep],
    stop: Stop,
    *,
    first_within: float,
    stall: float,
    deadline: float,
    pace: Pace,
) -> AsyncGenerator[list[AnswerStep], None]:
    """Yield what arrived since the last frame; ends with the stream or when `stop` is set.

    Args:
        events: The assistant's stream. It is closed when this ends, for whatever cause.
        stop: Ends the frames early.
        first_within: Seconds to the first event that is more than another look in the articles.
        stall: Seconds without an event after that.
        deadline: When everything must be over, on the running loop's clock.
        pace: How long a frame is.

    Raises:
        AssistantUnavailable: what the stream raised (`internal` for what nobody foresaw), `timeout` when no
            first event came, `stalled` when no further one did, `too_long` at the deadline.
    """
    buffer: list[AnswerStep] = []
    producer = asyncio.create_task(_collect(events, buffer, stop.signal))
    producer.add_done_callback(lambda _: stop.signal.set())
    loop = asyncio.get_running_loop()
    shown = -pace.seconds
    first_by, code = loop.time() + first_within, "timeout"
    pace.running += 1
    try:
        while stop.reason is None:
            if loop.time() >= deadline and not producer.done():
                raise AssistantUnavailable(code if code == "timeout" else "too_long")
            until = first_by if code == "timeout" else loop.time() + stall
            if until < deadline or code == "timeout":
                await _wait(stop.signal, min(until, deadline), code)
            else:
                await _wait(stop.signal, deadline, "too_long")
            # A stream that is read at this pace anyway must not be made to wait twice.
            left = shown + pace.seconds - loop.time()
            await asyncio.sleep(left if left > pace.seconds / 5 else 0)
            stop.signal.clear()
            if buffer:
                frame, buffer[:] = list(buffer), []
                shown = loop.time()
                yield frame
                if not all(isinstance(event, LookedAgain) for event in frame):
                    code = "stalled"
            if stop.reason is not None:
                return
            if producer.done() and not buffer:
                producer.result()
                return
    finally:
        pace.running -= 1
        producer.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await producer


async def _collect(
    events: AsyncIterator[AnswerStep], buffer: list[AnswerStep], signal: asyncio.Event
) -> None:
    try:
        async for event in events:
            buffer.append(event)
            signal.set()
    except AssistantUnavailable:
        raise
    except Exception as error:
        # Whatever a library lets through is a fault of the other side to whoever waits for words.
        log.exception("an assistant failed in a way nobody foresaw")
        raise AssistantUnavailable("internal") from error
    finally:
        signal.set()
        close = getattr(events, "aclose", None)
        if close is not None:
            await close()


async def _wait(signal: asyncio.Event, until: float, code: str) -> None:
    try:
        async with asyncio.timeout_at(until):
            await signal.wait()
    except TimeoutError:
        raise AssistantUnavailable(code) from None
