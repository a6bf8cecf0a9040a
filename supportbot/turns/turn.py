"""A turn: from an unanswered message to a recorded answer, as a stream of events.

Whoever iterates shows the events to the pages; what a turn decides does not depend on anybody looking.
The order is the design's: become the current turn, look things up, stream, act, commit, escalate.
"""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

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
from supportbot.database import Database, patiently
from supportbot.escalations.acknowledging import Opens
from supportbot.escalations.boundary import notes_in
from supportbot.escalations.extracting import BRIEF_CHARACTERS
from supportbot.escalations.handoff import escalate
from supportbot.escalations.policy import Decision
from supportbot.knowledge.questions import asks_something
from supportbot.knowledge.retrieval import Found, Hit
from supportbot.logs import log_trouble
from supportbot.models import MessageState, Reason
from supportbot.turns import judging, prompt, record, subject
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
from supportbot.turns.breaker import Breaker
from supportbot.turns.control import ControlWord
from supportbot.turns.costs import Prices, call_of, rough_usage
from supportbot.turns.frames import Stop, frames
from supportbot.turns.pace import Pace
from supportbot.turns.reciting import recites
from supportbot.turns.record import Begun, Tally
from supportbot.turns.standing import Ended

log = logging.getLogger(__name__)

ESCALATE_TOOL = "escalate"
CUT_SHORT = "This answer reached its longest length and was cut. Ask for the rest if you need it."
DECLINED = "Our assistant declined to answer this. You can talk to a person instead."
ARTICLES_WITHIN = 5.0
"""Seconds the articles have in any case, also when waiting for the model took all the time there was."""
UNTIL_RECORDED = (0.1, 0.5, 2.0, 5.0, 10.0, 15.0)
"""Seconds between tries to record a whole answer: it was paid for, and nobody else has it."""
SHORTEST_TRY = 1.0
"""Seconds that must be left for another call to be worth making."""
BREAKDOWNS = ("lost", "shutdown")
"""Ends of a turn that are nobody's wish."""
HOPELESS = ("timeout", "stalled", "too_long")
"""Faults that took the time there was: nobody is asked again."""


class Finds(Protocol):
    """Whatever finds passages for a question."""

    async def find(self, question: str, limit: int = 5) -> Found:
        """The passages that fit best, and whether they are about the question at all."""
        ...


@dataclass(frozen=True, slots=True)
class TurnKit:
    """What every turn works with; built once by the desk.

    `system` gives the beginning of the prompt as the settings have it now. `fallback` answers when
    `assistant` cannot; `writer` is None without a model. `may_call_model` says whether another call fits
    into the limit for everybody; asking it counts. `breaker` knows whether the
    model is worth asking; `pace` says how long frames are. The rest is in seconds: `call_again` the pauses
    before further calls when one fails before its first word (all of them within `first_token_timeout`),
    `record_again` the pauses before further tries to record its end, `save_every` the time between two
    writes of a running answer.
    """

    database: Database
    live: LiveLog
    retrieval: Finds
    assistant: Assistant
    fallback: Assistant
    system: Callable[[], str]
    runner: str
    may_call_model: Callable[[], Awaitable[bool]]
    prices: Prices = field(default_factory=dict)
    writer: Writer | None = None
    breaker: Breaker = field(default_factory=Breaker)
    call_again: tuple[float, ...] = (0.5, 2.0)
    record_again: tuple[float, ...] = UNTIL_RECORDED
    deadline: float = 90
    first_token_timeout: float = 20
    stall_timeout: float = 15
    pace: Pace = field(default_factory=Pace)
    save_every: float = 1.0
    opens: Opens | None = None
    """Knows whether anybody is at the desk."""


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
    begun = await patiently(
        lambda: record.begin(
            kit.database,
            kit.live,
            conversation_id,
            runner=kit.runner,
            assistant=kit.assistant.name,
            model=kit.assistant.model,
            again=again,
        ),
        pauses=kit.record_again,
    )
    if begun is None:
        return
    yield Thinking(begun.message, again=over)
    turn = _Turn(kit, begun, stop)
    try:
        async for event in turn.answer():
            yield event
    except Exception as error:
        # Whatever went wrong, the customer gets a sentence and a way on, never a spinner.
        log_trouble(log, "an answer broke off", error)
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
        self.started = self.called = time.monotonic()
        self.escalate_for: Reason | None = None
        self.brief = ""
        self.asked = False
        self.failed_tools = 0
        self.failed = self.unanswered = False
        self.fallen_back = False
        self.hits: dict[int, Hit] = {}

    async def answer(self) -> AsyncIterator[TurnEvent]:
        """Look things up and stream; falls back to the articles while nothing has been shown."""
        request = await self._request()
        if self.stop.reason is not None:
            return
        if self.kit.assistant is not self.kit.fallback:
            async for event in self._from_the_model(request):
                yield event
            if not self.fallen_back:
                return
        async for event in self._from_the_articles(request):
            yield event

    async def end(self) -> AsyncIterator[TurnEvent]:
        """Commit what there is, then send it to people if the answer, or how it went, asks for that."""
        self.tally.latency_ms = self._elapsed_ms()
        state = self._state()
        # Decided before the end is recorded: from then on the runner's saver finds no turn, and stops it.
        decision = await patiently(lambda: self._decide(state), pauses=self.kit.record_again)
        if decision is not None and state == MessageState.FAILED and self._says_nothing():
            self.tally.notice = record.LEFT_TO_PEOPLE
        message = await patiently(
            lambda: record.commit(self.kit.database, self.kit.live, self.begun, self.tally, state),
            pauses=self.kit.record_again,
        )
        if message is None:
            return
        yield TurnFailed(message) if message.state == MessageState.FAILED else TurnEnded(message)
        if decision is not None and await patiently(lambda: self._escalate(message, decision)):
            yield Escalated(self.begun.conversation_id, str(decision.reason))

    async def _request(self) -> AnswerRequest:
        asked = prompt.question(self.begun.history)
        about = await subject.subject_of(self.kit.database, self.begun.conversation_id, self.begun.history)
        found = await subject.find(self.kit.retrieval, asked, about)
        self.hits = {hit.id: hit for hit in found.hits}
        self.tally.confident = found.confident
        self.tally.retrieved = [str(hit.id) for hit in found.hits]
        return AnswerRequest(
            system=self.kit.system(),
            history=subject.introduced(
                prompt.window(self.begun.history, summarised=bool(self.begun.summary)), about
            ),
            summary=self.begun.summary,
            question=asked,
            passages=found.hits,
            confident=found.confident,
            may_escalate=self.begun.may_escalate,
            waits=self.begun.waits,
            frame=lambda: self.kit.pace.seconds,
        )

    async def _from_the_model(self, request: AnswerRequest) -> AsyncIterator[TurnEvent]:
        """Stream the model's answer, unless it is known to be away; tell the breaker how it went."""
        breaker, clock = self.kit.breaker, asyncio.get_running_loop().time
        given = breaker.ask(clock())
        if given is None:
            self._fall_back("breaker_open")
            return
        try:
            # Somebody waits for a probe: it is one call, and the articles are at hand.
            pauses = () if given.is_probe else self.kit.call_again
            async for event in self._call(request, pauses, clock() + self.kit.first_token_timeout):
                yield event
            if self.tally.stop_reason is not None:
                breaker.succeeded(given)
        except AssistantUnavailable as fault:
            if fault.code != "too_long":
                breaker.failed(
                    given,
                    clock(),
                    misconfigured=fault.misconfigured,
                    retry_after=fault.retry_after,
                )
            if self.tally.text:
                self.break_off(fault.code)
            elif self.escalate_for is not None:
                self.tally.error_code = fault.code
            else:
                self._fall_back(fault.code)
        finally:
            breaker.give_back(given)

    async def _call(
        self, request: AnswerRequest, pauses: Sequence[float], until: float
    ) -> AsyncIterator[TurnEvent]:
        """Call the model, and again after each pause while nothing has come and there is time for it.

        Raises:
            AssistantUnavailable: when it is of no use to go on.
        """
        clock = asyncio.get_running_loop().time
        for pause in (*pauses, None):
            if self.stop.reason is not None:
                return
            if not await self.kit.may_call_model():
                self._fall_back("rate_limited")
                return
            try:
                async for event in self._stream(self.kit.assistant, request, first_within=until - clock()):
                    yield event
                return
            except AssistantUnavailable as fault:
                self._note_fault(self.kit.assistant, fault, request)
                wait = self._pause_before_another(fault, pause)
                if wait is None or clock() + wait + SHORTEST_TRY > until:
                    raise
                self.control = ControlWord()
                await self._rest(wait)

    def _pause_before_another(self, fault: AssistantUnavailable, pause: float | None) -> float | None:
        """Seconds to wait before the model is called again, or None if it is not to be."""
        begun = bool(self.tally.text) or self.escalate_for is not None
        if pause is None or begun or fault.permanent or fault.code in HOPELESS:
            return None
        if fault.retry_after is not None:
            return fault.retry_after
        # Those who failed together must not come back together.
        return pause * random.uniform(0.75, 1.25)  # noqa: S311

    async def _rest(self, seconds: float) -> None:
        """Wait, unless somebody ends the turn."""
        self.stop.signal.clear()
        if self.stop.reason is None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self.stop.signal.wait()

    async def _from_the_articles(self, request: AnswerRequest) -> AsyncIterator[TurnEvent]:
        articles = self.kit.fallback
        if self.stop.reason is not None:
            return
        if self.fallen_back and not request.confident and asks_something(request.question):
            # That the articles have nothing is no answer to somebody whom people can help.
            self.unanswered = True
            if await patiently(lambda: self._decide(MessageState.FAILED)):
                self.break_off(self.tally.error_code or "unanswered")
                return
        try:
            async for event in self._stream(articles, request, first_within=self.kit.first_token_timeout):
                yield event
        except AssistantUnavailable as fault:
            self._note_fault(articles, fault, request)
            self.break_off(fault.code)

    async def _stream(
        self, assistant: Assistant, request: AnswerRequest, *, first_within: float
    ) -> AsyncIterator[TurnEvent]:
        self.tally.assistant, self.tally.model = assistant.name, assistant.model
        self.asked = self.asked or assistant is self.kit.assistant
        called = self.called = time.monotonic()
        cited: list[Hit] = []
        finished: Finished | None = None
        async for frame in frames(
            assistant.answer(request),
            self.stop,
            first_within=first_within,
            stall=self.kit.stall_timeout,
            deadline=self._deadline(assistant),
            pace=self.kit.pace,
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
            self._spend(assistant.model, rough_usage(request, self.tally.text), called, self.stop.reason)
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
            # It wanted something done, and may have told the customer so.
            log.warning("the assistant called an unknown tool")
            self.failed_tools += 1
            return
        arguments = call.arguments or {}
        given = arguments.get("reason")
        self.escalate_for = next((one for one in REASONS if one.value == given), Reason.CANNOT_RESOLVE)
        brief = clean_line(arguments.get("brief"), limit=BRIEF_CHARACTERS)
        # The customer reads it too.
        secrets = (self.kit.system(), *notes_in(self.begun.summary))
        self.brief = "" if recites(brief, *secrets) else brief

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
        if finished.stop_reason == "max_tokens" and not self._says_nothing():
            self.tally.notice = CUT_SHORT
        if finished.stop_reason == "refusal":
            self.tally.notice = DECLINED

    def _fall_back(self, code: str) -> None:
        self.fallen_back = True
        self.tally.error_code = code
        self.tally.notice = record.BUSY
        self.control = ControlWord()

    def break_off(self, code: str) -> None:
        """The answer cannot go on: keep what there is and say so."""
        self.failed = True
        self.tally.error_code = code
        self.tally.notice = record.NO_ANSWER if self._says_nothing() else record.UNFINISHED

    def _note_fault(self, assistant: Assistant, fault: AssistantUnavailable, request: AnswerRequest) -> None:
        level = logging.ERROR if fault.permanent else logging.WARNING
        log.log(level, "the assistant %s is unavailable: %s", assistant.name, fault.code)
        if fault.permanent:
            self.tally.refused = (fault.code, assistant.model)
        if assistant.model:
            uncounted = self.tally.text and fault.usage == Usage()
            spent = rough_usage(request, self.tally.text) if uncounted else fault.usage
            self._spend(assistant.model, spent, self.called, fault.code)

    def _spend(self, model: str, usage: Usage, called: float, error: str | None) -> None:
        self.tally.calls.append(
            call_of(
                "turn",
                self.begun.conversation_id,
                model,
                usage,
                latency_ms=round((time.monotonic() - called) * 1000),
                error=error,
                prices=self.kit.prices,
                turn_id=self.begun.turn_id,
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
            # The acknowledgement is the answer.
            return MessageState.SUPERSEDED
        if self._says_nothing() and not self.failed and not self.tally.notice:
            self.break_off("empty_answer")
        return MessageState.FAILED if self.failed else MessageState.COMPLETE

    def _says_nothing(self) -> bool:
        return not self.tally.text.strip()

    async def _decide(self, state: MessageState) -> Decision | None:
        """Whether this turn ends with people, should its answer end in this state."""
        if not self.begun.may_escalate or self.stop.reason not in (None, *BREAKDOWNS):
            return None
        ended = Ended(
            state=state,
            stop_reason=self.tally.stop_reason,
            error_code=self.tally.error_code,
            text=self.tally.text,
            asked=self.asked,
            answered=bool(self.tally.cited),
            asks_something=asks_something(prompt.question(self.begun.history)),
        )
        return await judging.of_turn(
            self.kit.database,
            self.begun.conversation_id,
            ended,
            asked_by_model=self.escalate_for,
            unanswered=self._leaves_unanswered(state),
            outage=self.fallen_back and not self.asked,
            failed_tools=self.failed_tools,
        )

    def _leaves_unanswered(self, state: MessageState) -> bool:
        # Somebody whose server went down has only to ask again.
        nothing = state == MessageState.FAILED and self._says_nothing() and self.stop.reason is None
        return self.unanswered or nothing

    async def _escalate(self, message: MessageView, decision: Decision) -> bool:
        if message.state == MessageState.STOPPED:
            return False
        return await escalate(
            self.kit.database,
            self.kit.live,
            self.begun.conversation_id,
            reason=decision.reason,
            trigger=decision.trigger,
            brief=self.brief,
            version=self.begun.version,
            opens=self.kit.opens,
        )

    def _deadline(self, assistant: Assistant) -> float:
        left = self.kit.deadline - (time.monotonic() - self.started)
        if assistant is self.kit.fallback:
            left = max(left, ARTICLES_WITHIN)
        return asyncio.get_running_loop().time() + left

    def _elapsed_ms(self) -> int:
        return round((time.monotonic() - self.started) * 1000)


def _source(hit: Hit) -> dict[str, str]:
    return {"title": hit.title, "heading": hit.heading, "url": hit.url}
