"""How far a running turn is: what it has said, found, spent and decided."""

import logging
import time

from supportbot.conversations.events import SourcesFound, TextArrived
from supportbot.conversations.wording import clean_line, storable
from supportbot.escalations.boundary import notes_in
from supportbot.escalations.extracting import BRIEF_CHARACTERS
from supportbot.models import MessageState, Reason
from supportbot.turns import leases, record
from supportbot.turns.assistant import (
    ESCALATE_TOOL,
    REASONS,
    AnswerRequest,
    AnswerStep,
    Assistant,
    AssistantUnavailable,
    Cited,
    Finished,
    TextDelta,
    ToolCall,
    Usage,
)
from supportbot.turns.control import ControlWord
from supportbot.turns.costs import call_of, rough_usage
from supportbot.turns.frames import Stop
from supportbot.turns.grounds import BASED_ON, MOST_BASED_ON, Grounds, sources
from supportbot.turns.kit import TurnKit
from supportbot.turns.links import clickable
from supportbot.turns.reciting import recites
from supportbot.turns.record import Begun, Tally

log = logging.getLogger(__name__)

CUT_SHORT = "This answer reached its longest length and was cut. Ask for the rest if you need it."
DECLINED = "Our assistant declined to answer this. You can talk to a person instead."


class Progress:
    """The state of one running turn. What it has to show for itself in the end is its `tally`."""

    def __init__(self, kit: TurnKit, begun: Begun, stop: Stop) -> None:
        self.kit = kit
        self.begun = begun
        self.stop = stop
        self.tally = Tally(assistant=kit.assistant.name, model=kit.assistant.model)
        self.grounds = Grounds()
        self.started = time.monotonic()
        self.escalate_for: Reason | None = None
        self.brief = ""
        self.asked = False
        """Whether the assistant was asked at all, and not only the articles."""
        self.failed_tools = 0
        self.failed = self.unanswered = False
        self.fallen_back = False
        self._control = ControlWord()
        self._called = self.started
        self._said_before = 0
        """Characters of the answer that were there before the call that runs."""

    @property
    def says_nothing(self) -> bool:
        """Whether there is no word of an answer yet."""
        return not self.tally.text.strip()

    @property
    def fell_silent(self) -> bool:
        """Whether it said something, called for a search, and then had nothing more to say."""
        return not self.says_nothing and not self._said_now().strip() and self.escalate_for is None

    @property
    def elapsed_ms(self) -> int:
        """How long the turn has taken so far."""
        return round((time.monotonic() - self.started) * 1000)

    # ---- a call

    def begin(self, assistant: Assistant) -> None:
        """Somebody is asked for an answer, and nothing of one is there yet."""
        self.tally.assistant, self.tally.model = assistant.name, assistant.model
        self.asked = self.asked or assistant is self.kit.assistant
        self.grounds.start_over()
        self._control = ControlWord()
        self._goes_on()

    def take(self, frame: list[AnswerStep]) -> TextArrived | None:
        """Take in what has arrived; returns the part of its text that may be shown."""
        arrived = "".join(event.text for event in frame if isinstance(event, TextDelta))
        text = self._control.feed(storable(arrived))
        for event in frame:
            if isinstance(event, Cited):
                self.grounds.cite(event.passage_id)
            elif isinstance(event, ToolCall):
                self._act(event)
        if self._control.escalates and self.escalate_for is None:
            self.escalate_for = Reason.CANNOT_RESOLVE
        return self._arrived(text)

    def rest(self) -> TextArrived | None:
        """What was held back in case it became the control word, now that nothing follows."""
        return self._arrived(self._control.finish())

    def looked_again(self, finished: Finished) -> None:
        """A call ended with a search: it is paid for, and the answer goes on with another."""
        self.tally.model = finished.model or self.tally.model
        self.spend(finished.usage, None)
        self._goes_on()

    def finish(self, finished: Finished) -> None:
        """The answer has come to its end."""
        self.tally.stop_reason = finished.stop_reason
        self.tally.model = finished.model or self.tally.model
        self.spend(finished.usage, None)
        if finished.stop_reason == "max_tokens" and not self.says_nothing:
            self.tally.notice = CUT_SHORT
        if finished.stop_reason == "refusal":
            self.tally.notice = DECLINED

    def name_sources(self, assistant: Assistant) -> SourcesFound | None:
        """Note the sources of an answer that has ended, if it has any.

        Those it cites; from a server that never says, those it was given, if they are about the question.
        """
        found = sources(self.grounds.cited)
        if not found and not assistant.cites_sources and self.grounds.confident and not self.says_nothing:
            found = sources(self.grounds.found[:MOST_BASED_ON], BASED_ON)
        self.tally.sources = found
        return SourcesFound(self.begun.message.id, tuple(found)) if found else None

    def _goes_on(self) -> None:
        self._called = time.monotonic()
        self._said_before = len(self.tally.text)

    def _arrived(self, text: str) -> TextArrived | None:
        if not text:
            return None
        if self.tally.first_token_ms is None:
            self.tally.first_token_ms = self.elapsed_ms
        at = len(self.tally.text)
        self.tally.text += text
        return TextArrived(self.begun.message.id, at, text)

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

    # ---- what goes wrong

    def fall_back(self, code: str) -> None:
        """The model does not answer: the articles will, and the customer is told so."""
        self.fallen_back = True
        self.tally.error_code = code
        self.tally.notice = record.BUSY

    def break_off(self, code: str) -> None:
        """The answer cannot go on: keep what there is and say so."""
        self.failed = True
        self.tally.error_code = code
        self.tally.notice = leases.NO_ANSWER if self.says_nothing else leases.UNFINISHED

    def note_fault(self, assistant: Assistant, fault: AssistantUnavailable, request: AnswerRequest) -> None:
        """A call has failed: what it was asked, and what it has cost all the same."""
        level = logging.ERROR if fault.permanent else logging.WARNING
        log.log(level, "the assistant %s is unavailable: %s", assistant.name, fault.code)
        if fault.permanent:
            self.tally.refused = (fault.code, assistant.model)
        if assistant.model:
            said = self._said_now()
            spent = rough_usage(request, said) if said and fault.usage == Usage() else fault.usage
            self.spend(spent, fault.code)

    def cut(self, request: AnswerRequest) -> None:
        """Somebody has ended the turn in the middle of a call, before its own count came."""
        self.spend(rough_usage(request, self._said_now()), self.stop.reason)

    def spend(self, usage: Usage, error: str | None) -> None:
        """Count a call, if it was one to a model."""
        if self.tally.model:
            self.tally.calls.append(
                call_of(
                    "turn",
                    self.begun.conversation_id,
                    self.tally.model,
                    usage,
                    latency_ms=round((time.monotonic() - self._called) * 1000),
                    error=error,
                    prices=self.kit.prices,
                    turn_id=self.begun.turn_id,
                )
            )

    def _said_now(self) -> str:
        return self.tally.text[self._said_before :]

    # ---- the end

    def end(self) -> MessageState:
        """Complete the tally; returns the state in which the answer ends."""
        self.tally.latency_ms = self.elapsed_ms
        self.tally.confident = self.grounds.confident
        state = self._state()
        shown = state != MessageState.SUPERSEDED and not self.says_nothing
        if not shown:
            # What nobody reads rests on nothing.
            self.grounds.start_over()
        if not shown or not self.tally.sources:
            # An answer that was cut has cited, too.
            self.tally.sources = sources(self.grounds.cited)
        self.tally.grounds = self.grounds.all
        self.tally.links = self._links() if shown else []
        return state

    def _links(self) -> list[str]:
        # What the articles say, staff have written or read: their links are meant to be there.
        trusted = self.tally.assistant == self.kit.fallback.name
        return list(clickable(self.tally.text, self.grounds.cited, self.kit.link_rules(), trusted=trusted))

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
        elif self.says_nothing and self.escalate_for is not None and self.begun.may_escalate:
            # The acknowledgement is the answer.
            return MessageState.SUPERSEDED
        if self.says_nothing and not self.failed and not self.tally.notice:
            self.break_off("empty_answer")
        return MessageState.FAILED if self.failed else MessageState.COMPLETE
