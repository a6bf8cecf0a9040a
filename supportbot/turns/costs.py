"""What calls to the model cost: the row for each, and the conversation's sum."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from supportbot.database import Database
from supportbot.models import ModelCall, Outcome
from supportbot.turns.assistant import AnswerRequest, Usage
from supportbot.usage.pricing import cost, rough_tokens

Prices = Mapping[str, tuple[Decimal, Decimal]]
"""Model → dollars for a million input and output tokens, instead of the list prices."""


def call_of(
    purpose: str,
    conversation_id: UUID | None,
    model: str,
    usage: Usage,
    *,
    latency_ms: int,
    error: str | None,
    prices: Prices,
    turn_id: UUID | None = None,
) -> ModelCall:
    """The row of one call, priced."""
    return ModelCall(
        purpose=purpose,
        conversation_id=conversation_id,
        turn_id=turn_id,
        model=model,
        input_tokens=usage.input,
        output_tokens=usage.output,
        cache_read_tokens=usage.cache_read,
        cache_write_tokens=usage.cache_write,
        cost=cost(
            model,
            input_tokens=usage.input,
            output_tokens=usage.output,
            cache_read_tokens=usage.cache_read,
            cache_write_tokens=usage.cache_write,
            overrides=prices,
        ),
        latency_ms=latency_ms,
        error=error,
    )


async def pay(database: Database, call: ModelCall) -> None:
    """Record a call that belongs to no turn. Paid is paid, whatever becomes of what was written."""
    async with database.transaction() as session:
        session.add(call)
        await session.exec(
            update(Outcome)
            .where(col(Outcome.conversation_id) == call.conversation_id)
            .values(cost=col(Outcome.cost) + call.cost)
        )


def rough_usage(request: AnswerRequest, answer: str) -> Usage:
    """What an answer cost whose end, and with it the API's own count, never came."""
    sent = [request.system, request.summary, *(said.text for said in request.history)]
    sent += [hit.body for hit in request.passages]
    return Usage(input=sum(map(rough_tokens, sent)), output=rough_tokens(answer))
