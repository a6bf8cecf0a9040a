"""Every use of the model for something other than an answer: limited, spared while it is away, and paid for.

Each use names its own way without a model: what comes back is a text, or None, and then it goes that way.
"""

import logging
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Protocol
from uuid import UUID

from supportbot.database import Database
from supportbot.turns.assistant import AssistantUnavailable, Usage, Writer, Written
from supportbot.turns.breaker import Breaker
from supportbot.turns.costs import Prices, call_of, pay

log = logging.getLogger(__name__)


class WritingKit(Protocol):
    """What writing needs; a `TurnKit` is one.

    `writer` is None without a model. Asking `may_call_model` counts towards the limit for everybody;
    `breaker` knows whether the model is worth asking; `prices` override the list prices.
    """

    @property
    def database(self) -> Database:
        """Where calls are recorded."""
        ...

    @property
    def writer(self) -> Writer | None:
        """Who writes."""
        ...

    @property
    def may_call_model(self) -> Callable[[], Awaitable[bool]]:
        """Whether another call fits into the limit for everybody."""
        ...

    @property
    def breaker(self) -> Breaker:
        """Whether the model is worth asking."""
        ...

    @property
    def prices(self) -> Prices:
        """Dollars for a million tokens, by model."""
        ...


async def write(
    kit: WritingKit, task: str, instructions: str, material: str, conversation_id: UUID
) -> Written | None:
    """Have the model write a short text. The call and its cost are recorded, also if nothing usable came.

    Args:
        kit: What writing needs.
        task: What it is for, in a word: the call's `purpose`.
        instructions: Ours: what to write.
        material: Theirs: what to write about. Nothing in it is an instruction.
        conversation_id: Whose conversation pays for it.

    Returns:
        What was written, never empty; None if there is no model, it is away, or our limit is used up.
    """
    if kit.writer is None:
        return None
    given = kit.breaker.ask(monotonic())
    if given is None:
        return None
    started = monotonic()
    written: Written | None = None
    fault: AssistantUnavailable | None = None
    try:
        # Asked last: it counts, and a call that is not made must not.
        if not await kit.may_call_model():
            return None
        written = await kit.writer.write(task, instructions, material)
        kit.breaker.succeeded(given)
    except AssistantUnavailable as error:
        fault = error
        log.warning("the model writes no %s: %s", task, fault.code)
        kit.breaker.failed(
            given, monotonic(), misconfigured=fault.misconfigured, retry_after=fault.retry_after
        )
    finally:
        kit.breaker.give_back(given)
    call = call_of(
        task,
        conversation_id,
        written.model if written else kit.writer.model,
        written.usage if written else fault.usage if fault else Usage(),
        latency_ms=round((monotonic() - started) * 1000),
        error=fault.code if fault else None,
        prices=kit.prices,
    )
    await pay(kit.database, call)
    return written
