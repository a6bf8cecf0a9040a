"""One attempt at an answer, streamed: frames go into the turn's progress, and events come out."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

from supportbot.conversations.events import TurnEvent
from supportbot.turns.assistant import AnswerStep, Assistant, AssistantUnavailable, Finished, LookedAgain
from supportbot.turns.frames import frames
from supportbot.turns.looking import Looking
from supportbot.turns.progress import Progress

ARTICLES_WITHIN = 5.0
"""Seconds the articles have in any case, also when waiting for the model took all the time there was."""


async def stream(
    progress: Progress, assistant: Assistant, looking: Looking, *, first_within: float
) -> AsyncIterator[TurnEvent]:
    """Let an assistant answer, as far as it comes.

    Args:
        progress: Of the turn; it knows afterwards what was said, found and spent.
        assistant: Who answers.
        looking: Its answer.
        first_within: Seconds to its first word, however often it searches before.

    Raises:
        AssistantUnavailable: if it cannot answer, or not go on.
    """
    kit, stop = progress.kit, progress.stop
    progress.begin(assistant)
    finished: Finished | None = None
    looked = False
    async for frame in frames(
        looking.answer(),
        stop,
        first_within=first_within,
        stall=kit.stall_timeout,
        deadline=_deadline(progress, assistant),
        pace=kit.pace,
    ):
        for call in _by_calls(frame):
            if arrived := progress.take(call):
                yield arrived
            if isinstance(end := call[-1], LookedAgain):
                looked = True
                progress.grounds.add(end.found)
                progress.looked_again(end.finished)
            elif isinstance(end, Finished):
                finished = end
    if finished is not None and finished.stop_reason is not None:
        if rest := progress.rest():
            yield rest
        progress.finish(finished)
        if looked and progress.fell_silent:
            progress.break_off("empty_answer")
    elif stop.reason is None:
        raise AssistantUnavailable("broken_stream", usage=finished.usage if finished else None)
    elif assistant.model:
        progress.cut(looking.request)
    if found := progress.name_sources(assistant):
        yield found


def _by_calls(frame: list[AnswerStep]) -> Iterator[list[AnswerStep]]:
    """The frame cut behind each search: what comes then belongs to another call."""
    part: list[AnswerStep] = []
    for event in frame:
        part.append(event)
        if isinstance(event, LookedAgain):
            yield part
            part = []
    if part:
        yield part


def _deadline(progress: Progress, assistant: Assistant) -> float:
    left = progress.kit.deadline - (time.monotonic() - progress.started)
    if assistant is progress.kit.fallback:
        left = max(left, ARTICLES_WITHIN)
    return asyncio.get_running_loop().time() + left
