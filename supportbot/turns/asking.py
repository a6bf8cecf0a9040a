"""Asking the model: whether it is worth it, how often it is called again, and what its faults mean."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Sequence

from supportbot.conversations.events import TurnEvent
from supportbot.turns.assistant import AnswerRequest, AssistantUnavailable, NoCallLeft
from supportbot.turns.looking import Looking
from supportbot.turns.progress import Progress
from supportbot.turns.streaming import stream

SHORTEST_TRY = 1.0
"""Seconds that must be left for another call to be worth making."""
HOPELESS = ("timeout", "stalled", "too_long")
"""Faults that took the time there was: nobody is asked again."""


async def ask_the_model(progress: Progress, request: AnswerRequest) -> AsyncIterator[TurnEvent]:
    """Stream the model's answer, unless it is known to be away; tell the breaker how it went.

    Afterwards the progress says what came of it: an answer, one that broke off, or none (`fallen_back`).
    """
    kit, tally = progress.kit, progress.tally
    breaker, clock = kit.breaker, asyncio.get_running_loop().time
    given = breaker.ask(clock())
    if given is None:
        progress.fall_back("breaker_open")
        return
    try:
        # Somebody waits for a probe: it is one call, and the articles are at hand.
        pauses = () if given.is_probe else kit.call_again
        async for event in _call(progress, request, pauses, clock() + kit.first_token_timeout):
            yield event
        if tally.stop_reason is not None:
            breaker.succeeded(given)
    except AssistantUnavailable as fault:
        if fault.code != "too_long" and not isinstance(fault, NoCallLeft):
            breaker.failed(
                given,
                clock(),
                misconfigured=fault.misconfigured,
                retry_after=fault.retry_after,
            )
        if tally.text:
            progress.break_off(fault.code)
        elif progress.escalate_for is not None:
            tally.error_code = fault.code
        else:
            progress.fall_back(fault.code)
    finally:
        breaker.give_back(given)


async def _call(
    progress: Progress, request: AnswerRequest, pauses: Sequence[float], until: float
) -> AsyncIterator[TurnEvent]:
    """Call the model, and again after each pause while nothing has come and there is time for it.

    Raises:
        AssistantUnavailable: when it is of no use to go on.
    """
    kit, clock = progress.kit, asyncio.get_running_loop().time
    # The searches of a call that fails are not made again.
    looking = Looking(kit.assistant, request, kit.retrieval, kit.may_call_model)
    for pause in (*pauses, None):
        if progress.stop.reason is not None:
            return
        if not await kit.may_call_model():
            raise NoCallLeft
        try:
            async for event in stream(progress, kit.assistant, looking, first_within=until - clock()):
                yield event
            return
        except NoCallLeft:
            raise
        except AssistantUnavailable as fault:
            progress.note_fault(kit.assistant, fault, looking.request)
            wait = _pause_before_another(progress, fault, pause)
            if wait is None or clock() + wait + SHORTEST_TRY > until:
                raise
            await _rest(progress, wait)


def _pause_before_another(
    progress: Progress, fault: AssistantUnavailable, pause: float | None
) -> float | None:
    """Seconds to wait before the model is called again, or None if it is not to be."""
    begun = bool(progress.tally.text) or progress.escalate_for is not None
    if pause is None or begun or fault.permanent or fault.code in HOPELESS:
        return None
    if fault.retry_after is not None:
        return fault.retry_after
    # Those who failed together must not come back together.
    return pause * random.uniform(0.75, 1.25)  # noqa: S311


async def _rest(progress: Progress, seconds: float) -> None:
    """Wait, unless somebody ends the turn."""
    stop = progress.stop
    stop.signal.clear()
    if stop.reason is None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await stop.signal.wait()
