"""A turn: from an unanswered message to a recorded answer, as a stream of events.

Whoever iterates shows the events to the pages; what a turn decides does not depend on anybody looking.
The order is the design's: become the current turn, look things up, stream, act, commit, escalate.
"""

import logging
from collections.abc import AsyncGenerator, AsyncIterator
from uuid import UUID

from supportbot.conversations.events import (
    Escalated,
    MessageView,
    Thinking,
    TurnEnded,
    TurnEvent,
    TurnFailed,
)
from supportbot.database import patiently
from supportbot.escalations.handoff import escalate
from supportbot.escalations.policy import Decision
from supportbot.knowledge.questions import asks_something
from supportbot.logs import log_trouble
from supportbot.models import MessageState
from supportbot.turns import judging, prompt, record, subject
from supportbot.turns.asking import ask_the_model
from supportbot.turns.assistant import AnswerRequest, AssistantUnavailable
from supportbot.turns.frames import Stop
from supportbot.turns.kit import TurnKit
from supportbot.turns.looking import Looking
from supportbot.turns.progress import Progress
from supportbot.turns.record import Begun
from supportbot.turns.standing import Ended
from supportbot.turns.streaming import stream

log = logging.getLogger(__name__)

BREAKDOWNS = ("lost", "shutdown")
"""Ends of a turn that are nobody's wish."""


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
        turn.progress.break_off("internal")
    async for event in turn.end():
        yield event


class _Turn:
    """One turn from the question to the record. What it has said and found so far is its `progress`."""

    def __init__(self, kit: TurnKit, begun: Begun, stop: Stop) -> None:
        self.kit = kit
        self.begun = begun
        self.stop = stop
        self.progress = Progress(kit, begun, stop)

    async def answer(self) -> AsyncIterator[TurnEvent]:
        """Look things up and stream; falls back to the articles while nothing has been shown."""
        request = await self._request()
        if self.stop.reason is not None:
            return
        if self.kit.assistant is not self.kit.fallback:
            async for event in ask_the_model(self.progress, request):
                yield event
            if not self.progress.fallen_back:
                return
        async for event in self._from_the_articles(request):
            yield event

    async def end(self) -> AsyncIterator[TurnEvent]:
        """Commit what there is, then send it to people if the answer, or how it went, asks for that."""
        tally = self.progress.tally
        state = self.progress.end()
        # Decided before the end is recorded: from then on the runner's saver finds no turn, and stops it.
        decision = await patiently(lambda: self._decide(state), pauses=self.kit.record_again)
        if decision is not None and state == MessageState.FAILED and self.progress.says_nothing:
            tally.notice = record.LEFT_TO_PEOPLE
        message = await patiently(
            lambda: record.commit(self.kit.database, self.kit.live, self.begun, tally, state),
            pauses=self.kit.record_again,
        )
        if message is None:
            return
        yield TurnFailed(message) if message.state == MessageState.FAILED else TurnEnded(message)
        if decision is not None and await patiently(lambda: self._escalate(message, decision)):
            yield Escalated(self.begun.conversation_id, str(decision.reason))

    async def _request(self) -> AnswerRequest:
        asked = prompt.question(self.begun.history)
        begun, kit = self.begun, self.kit
        about = await patiently(
            lambda: subject.subject_of(kit.database, begun.conversation_id, begun.history)
        )
        found = await patiently(lambda: subject.find(kit.retrieval, asked, about))
        self.progress.grounds.add(found, asked=asks_something(asked))
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
            may_search=True,
            frame=lambda: self.kit.pace.seconds,
        )

    async def _from_the_articles(self, request: AnswerRequest) -> AsyncIterator[TurnEvent]:
        articles, progress = self.kit.fallback, self.progress
        if self.stop.reason is not None:
            return
        if progress.fallen_back and not request.confident and asks_something(request.question):
            # That the articles have nothing is no answer to somebody whom people can help.
            progress.unanswered = True
            if await patiently(lambda: self._decide(MessageState.FAILED)):
                progress.break_off(progress.tally.error_code or "unanswered")
                return
        looking = Looking(articles, request, self.kit.retrieval, self.kit.may_call_model)
        try:
            async for event in stream(progress, articles, looking, first_within=self.kit.first_token_timeout):
                yield event
        except AssistantUnavailable as fault:
            progress.note_fault(articles, fault, request)
            progress.break_off(fault.code)

    async def _decide(self, state: MessageState) -> Decision | None:
        """Whether this turn ends with people, should its answer end in this state."""
        if not self.begun.may_escalate or self.stop.reason not in (None, *BREAKDOWNS):
            return None
        progress, tally = self.progress, self.progress.tally
        ended = Ended(
            state=state,
            stop_reason=tally.stop_reason,
            error_code=tally.error_code,
            text=tally.text,
            asked=progress.asked,
            answered=bool(tally.sources),
            asks_something=asks_something(prompt.question(self.begun.history)),
        )
        return await judging.of_turn(
            self.kit.database,
            self.begun.conversation_id,
            ended,
            asked_by_model=progress.escalate_for,
            unanswered=self._leaves_unanswered(state),
            outage=progress.fallen_back and not progress.asked,
            failed_tools=progress.failed_tools,
        )

    def _leaves_unanswered(self, state: MessageState) -> bool:
        # Somebody whose server went down has only to ask again.
        nothing = state == MessageState.FAILED and self.progress.says_nothing and self.stop.reason is None
        return self.progress.unanswered or nothing

    async def _escalate(self, message: MessageView, decision: Decision) -> bool:
        if message.state == MessageState.STOPPED:
            return False
        return await escalate(
            self.kit.database,
            self.kit.live,
            self.begun.conversation_id,
            reason=decision.reason,
            trigger=decision.trigger,
            brief=self.progress.brief,
            version=self.begun.version,
            opens=self.kit.opens,
        )
