"""A turn: from an unanswered message to a recorded answer, as a stream of events.

Whoever iterates shows the events to the pages; what a turn decides does not depend on anybody looking.
The order is the design's: become the current turn, look things up, stream, act, commit, escalate.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol, TypeVar
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from supportbot.conversations.events import (
    Escalated,
    MessageView,
    SourcesFound,
    TextArrived,
    Thinking,
    TurnEnded,
    TurnEvent,
    TurnFailed,
)
from supportbot.conversations.live import LiveLog
from supportbot.conversations.wording import clean_line, storable
from supportbot.database import Database
from supportbot.escalations.handoff import BRIEF_CHARACTERS, escalate
from supportbot.knowledge.retrieval import Found, Hit
from supportbot.models import MessageState, ModelCall, Reason, Trigger
from supportbot.turns import prompt, record
from supportbot.turns.assistant import (
    REASONS,
    AnswerEvent,
    AnswerRequest,
    Assistant,
    AssistantUnavailable,
    Cited,
    Finished,
    TextDelta,
    ToolCall,
    Usage,
    Writer,
)
from supportbot.turns.control import ControlWord
from supportbot.turns.frames import INTERVAL, Stop, frames
from supportbot.turns.record import Begun, Tally
from supportbot.usage.pricing import cost, rough_tokens

log = logging.getLogger(__name__)

ESCALATE_TOOL = "escalate"
BUSY = "Our assistant is busy at the moment. This is what our articles say; you can also talk to a person."
CUT_SHORT = "This answer reached its longest length and was cut. Ask for the rest if you need it."
DECLINED = "Our assistant declined to answer this. You can talk to a person instead."
ARTICLES_WITHIN = 5.0
"""Seconds the articles have in any case, also when waiting for the model took all the time there was."""
TRY_AGAIN_AFTER = (0.1, 0.5, 2.0)
"""Seconds between tries to write to the database while it is locked or away."""
T = TypeVar("T")


class Finds(Protocol):
    """Whatever finds passages for a question."""

    async def find(self, question: str, limit: int = 5) -> Found:
        """The passages that fit best, and whether they are about the question at all."""
        ...


@dataclass(frozen=True, slots=True)
class TurnKit:
    """What every turn works with; built once by the desk.

    `fallback` answers when `assistant` cannot; `writer` is None without a model. `may_call_model` says
    whether another call fits into the limit for everybody; asking it counts. The rest is in seconds:
    `frame` and `save_every` are the time between two frames, and between two writes of a running answer.
    """

    database: Database
    live: LiveLog
    retrieval: Finds
    assistant: Assistant
    fallback: Assistant
    system: str
    runner: str
    may_call_model: Callable[[], Awaitable[bool]]
    prices: Mapping[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    writer: Writer | None = None
    deadline: float = 90
    first_token_timeout: float = 20
    stall_timeout: float = 15
    frame: float = INTERVAL
    save_every: float = 1.0


async def take_turn(
    kit: TurnKit, conversation_id: UUID, stop: Stop, *, again: bool = False, over: bool = False
) -> AsyncGenerator[TurnEvent, None]:
    """Answer what is unanswered in a conversation.

    Args:
        kit: What turns work with.
        conversation_id: Whose turn it is.
        stop: Ends the turn early; its reason decides what becomes of the text.
        again: Answer the last message once more.
        over: The turn starts over because the customer wrote more.

    Yields:
        `Thinking`, then text and sources, then exactly one of `TurnEnded` and `TurnFailed`, then
        `Escalated` if it asked for people. Nothing at all if there is nothing to answer.
    """
    begun = await _patiently(
        lambda: record.begin(
            kit.database,
            kit.live,
            conversation_id,
            runner=kit.runner,
            assistant=kit.assistant.name,
            model=kit.assistant.model,
            again=again,
        )
    )
    if begun is None:
        return
    yield Thinking(begun.message, again=over)
    turn = _Turn(kit, begun, stop)
    try:
        async for event in turn.answer():
            yield event
    except Exception:
        # Whatever went wrong, the customer gets a sentence and a way on, never a spinner.
        log.exception("an answer broke off")
        turn.break_off("internal")
    async for event in turn.end():
        yield event


class _Turn:
    """The state of one running turn: what it has said, found, spent and decided."""

    def __init__(self, kit: TurnKit, begun: Begun, stop: Stop) -> None:
        self.kit = kit
        self.begun = begun
        self.stop = stop
        self.tally = Tally(assistant=kit.assistant.name, model=kit.assistant.model)
        self.control = ControlWord()
        self.started = time.monotonic()
        self.escalate_for: Reason | None = None
        self.brief = ""
        self.failed = False
        self.hits: dict[int, Hit] = {}

    async def answer(self) -> AsyncIterator[TurnEvent]:
        """Look things up and stream; falls back to the articles while nothing has been shown."""
        request = await self._request()
        if self.stop.reason is not None:
            return
        for assistant in await self._who_is_asked():
            try:
                async for event in self._stream(assistant, request):
                    yield event
                return
            except AssistantUnavailable as fault:
                self._note_fault(assistant, fault, request)
                if self.tally.text or assistant is self.kit.fallback:
                    self.break_off(fault.code)
                    return
                if self.escalate_for is not None:
                    self.tally.error_code = fault.code
                    return
                self._fall_back(fault.code)

    async def end(self) -> AsyncIterator[TurnEvent]:
        """Commit what there is, then escalate if the answer asked for it."""
        self.tally.latency_ms = self._elapsed_ms()
        state = self._state()
        # Decided before the end is recorded: from then on the runner's saver finds no turn, and stops it.
        wants_people = self.escalate_for is not None and self.stop.reason is None
        message = await _patiently(
            lambda: record.commit(self.kit.database, self.kit.live, self.begun, self.tally, state)
        )
        if message is None:
            return
        yield TurnFailed(message) if message.state == MessageState.FAILED else TurnEnded(message)
        if wants_people and await _patiently(lambda: self._escalate(message)):
            yield Escalated(self.begun.conversation_id, str(self.escalate_for))

    async def _request(self) -> AnswerRequest:
        asked = prompt.question(self.begun.history)
        found = await self.kit.retrieval.find(asked)
        self.hits = {hit.id: hit for hit in found.hits}
        self.tally.retrieved = [str(hit.id) for hit in found.hits]
        return AnswerRequest(
            system=self.kit.system,
            history=prompt.window(self.begun.history, summarised=bool(self.begun.summary)),
            summary=self.begun.summary,
            question=asked,
            passages=found.hits,
            confident=found.confident,
            may_escalate=self.begun.may_escalate,
        )

    async def _who_is_asked(self) -> list[Assistant]:
        """The assistant and, should it be away, the articles; those alone when the limit is reached."""
        assistant, fallback = self.kit.assistant, self.kit.fallback
        if assistant is fallback:
            return [fallback]
        if await self.kit.may_call_model():
            return [assistant, fallback]
        self._fall_back("rate_limited")
        return [fallback]

    async def _stream(self, assistant: Assistant, request: AnswerRequest) -> AsyncIterator[TurnEvent]:
        self.tally.assistant, self.tally.model = assistant.name, assistant.model
        called = time.monotonic()
        cited: list[Hit] = []
        finished: Finished | None = None
        async for frame in frames(
            assistant.answer(request),
            self.stop,
            first_within=self.kit.first_token_timeout,
            stall=self.kit.stall_timeout,
            deadline=self._deadline(assistant),
            interval=self.kit.frame,
        ):
            text = self._take(frame, cited)
            if text:
                yield self._arrived(text)
            finished = next((event for event in frame if isinstance(event, Finished)), finished)
        if finished is not None and finished.stop_reason is not None:
            if rest := self.control.finish():
                yield self._arrived(rest)
            self._finish(finished, called)
        elif self.stop.reason is None:
            raise AssistantUnavailable("broken_stream", usage=finished.usage if finished else None)
        elif assistant.model:
            self._spend(assistant.model, _rough_usage(request, self.tally.text), called, self.stop.reason)
        if cited:
            self.tally.cited = [str(hit.id) for hit in cited]
            self.tally.sources = [_source(hit) for hit in cited]
            yield SourcesFound(self.begun.message.id, tuple(self.tally.sources))

    def _take(self, frame: list[AnswerEvent], cited: list[Hit]) -> str:
        """The text of a frame that may be shown; notes what else it holds."""
        arrived = "".join(event.text for event in frame if isinstance(event, TextDelta))
        text = self.control.feed(storable(arrived))
        for event in frame:
            if isinstance(event, Cited) and (hit := self.hits.get(event.passage_id)) and hit not in cited:
                cited.append(hit)
            elif isinstance(event, ToolCall):
                self._act(event)
        if self.control.escalates and self.escalate_for is None:
            self.escalate_for = Reason.CANNOT_RESOLVE
        return text

    def _act(self, call: ToolCall) -> None:
        if call.name != ESCALATE_TOOL:
            log.warning("the assistant called an unknown tool")
            return
        arguments = call.arguments or {}
        given = arguments.get("reason")
        self.escalate_for = next((one for one in REASONS if one.value == given), Reason.CANNOT_RESOLVE)
        self.brief = clean_line(arguments.get("brief"), limit=BRIEF_CHARACTERS)

    def _arrived(self, text: str) -> TextArrived:
        if self.tally.first_token_ms is None:
            self.tally.first_token_ms = self._elapsed_ms()
        at = len(self.tally.text)
        self.tally.text += text
        return TextArrived(self.begun.message.id, at, text)

    def _finish(self, finished: Finished, called: float) -> None:
        self.tally.stop_reason = finished.stop_reason
        self.tally.model = finished.model or self.tally.model
        if self.tally.model:
            self._spend(self.tally.model, finished.usage, called, None)
        if finished.stop_reason == "max_tokens":
            self.tally.notice = CUT_SHORT
        if finished.stop_reason == "refusal":
            self.tally.notice = DECLINED

    def _fall_back(self, code: str) -> None:
        self.tally.error_code = code
        self.tally.notice = BUSY
        self.control = ControlWord()

    def break_off(self, code: str) -> None:
        """The answer cannot go on: keep what there is and say so."""
        self.failed = True
        self.tally.error_code = code
        self.tally.notice = record.NO_ANSWER if self._says_nothing() else record.UNFINISHED

    def _note_fault(self, assistant: Assistant, fault: AssistantUnavailable, request: AnswerRequest) -> None:
        level = logging.ERROR if fault.permanent else logging.WARNING
        log.log(level, "the assistant %s is unavailable: %s", assistant.name, fault.code)
        if assistant.model:
            uncounted = self.tally.text and fault.usage == Usage()
            spent = _rough_usage(request, self.tally.text) if uncounted else fault.usage
            self._spend(assistant.model, spent, self.started, fault.code)

    def _spend(self, model: str, usage: Usage, called: float, error: str | None) -> None:
        price = cost(
            model,
            input_tokens=usage.input,
            output_tokens=usage.output,
            cache_read_tokens=usage.cache_read,
            cache_write_tokens=usage.cache_write,
            overrides=self.kit.prices,
        )
        self.tally.calls.append(
            ModelCall(
                purpose="turn",
                conversation_id=self.begun.conversation_id,
                turn_id=self.begun.turn_id,
                model=model,
                input_tokens=usage.input,
                output_tokens=usage.output,
                cache_read_tokens=usage.cache_read,
                cache_write_tokens=usage.cache_write,
                cost=price,
                latency_ms=round((time.monotonic() - called) * 1000),
                error=error,
            )
        )

    def _state(self) -> MessageState:
        reason = self.stop.reason
        if reason == "superseded":
            return MessageState.SUPERSEDED
        if reason == "stopped":
            self.tally.notice = record.STOPPED
            return MessageState.STOPPED
        if reason == "owner":
            self.tally.notice = record.STOPPED_FOR_PEOPLE
            return MessageState.STOPPED
        if reason is not None:
            self.break_off(reason)
        elif self._says_nothing() and self.escalate_for is not None and self.begun.may_escalate:
            return MessageState.SUPERSEDED
        if self._says_nothing() and not self.failed and not self.tally.notice:
            self.break_off("empty_answer")
        return MessageState.FAILED if self.failed else MessageState.COMPLETE

    def _says_nothing(self) -> bool:
        return not self.tally.text.strip()

    async def _escalate(self, message: MessageView) -> bool:
        if not self.begun.may_escalate or message.state == MessageState.STOPPED:
            return False
        return await escalate(
            self.kit.database,
            self.kit.live,
            self.begun.conversation_id,
            reason=self.escalate_for or Reason.CANNOT_RESOLVE,
            trigger=Trigger.MODEL,
            brief=self.brief or prompt.question(self.begun.history),
            version=self.begun.version,
        )

    def _deadline(self, assistant: Assistant) -> float:
        left = self.kit.deadline - (time.monotonic() - self.started)
        if assistant is self.kit.fallback:
            left = max(left, ARTICLES_WITHIN)
        return asyncio.get_running_loop().time() + left

    def _elapsed_ms(self) -> int:
        return round((time.monotonic() - self.started) * 1000)


async def _patiently(write: Callable[[], Awaitable[T]]) -> T:
    """Write, also while the database is locked or away for a moment."""
    for pause in TRY_AGAIN_AFTER:
        try:
            return await write()
        except (DBAPIError, OSError):
            log.warning("the database refuses a turn; trying again in %s s", pause)
            await asyncio.sleep(pause)
    return await write()


def _source(hit: Hit) -> dict[str, str]:
    return {"title": hit.title, "heading": hit.heading, "url": hit.url}


def _rough_usage(request: AnswerRequest, answer: str) -> Usage:
    """What an answer cost whose end, and with it the API's own count, never came."""
    sent = [request.system, request.summary, *(said.text for said in request.history)]
    sent += [hit.body for hit in request.passages]
    return Usage(input=sum(map(rough_tokens, sent)), output=rough_tokens(answer))
