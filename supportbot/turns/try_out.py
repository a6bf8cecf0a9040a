"""A sample question, answered as the assistant would with settings that nobody has saved yet.

Nothing of it is kept but the call to the model, which was paid for.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from time import monotonic

from supportbot.conversations.wording import clean, storable
from supportbot.house.sections import Company
from supportbot.knowledge.retrieval import Found
from supportbot.models import Reason
from supportbot.turns.assistant import (
    ESCALATE_TOOL,
    REASONS,
    AnswerRequest,
    Assistant,
    AssistantUnavailable,
    Cited,
    Finished,
    LookedAgain,
    NoCallLeft,
    Said,
    TextDelta,
    ToolCall,
    Usage,
)
from supportbot.turns.control import ControlWord
from supportbot.turns.costs import call_of, pay, rough_usage
from supportbot.turns.frames import Stop, frames
from supportbot.turns.grounds import Grounds, sources
from supportbot.turns.kit import TurnKit
from supportbot.turns.links import clickable
from supportbot.turns.looking import Looking
from supportbot.turns.prompt import system_prompt

log = logging.getLogger(__name__)

TASK = "try_it"
AWAY = "The model cannot be reached at the moment: this is what your articles say, whatever the settings."
BROKEN = "The answer broke off here."
NO_MODEL = "No model is set up, so this is what your articles say. Tone and instructions are for the model."


@dataclass(frozen=True, slots=True)
class TriedText:
    """More of the answer, as Markdown."""

    text: str


@dataclass(frozen=True, slots=True)
class TriedEnd:
    """The answer's end.

    `assistant` is who answered, `escalates` the reason for which a person would have been asked in a real
    conversation, `sources` what the answer rests on, `links` the addresses in it that may be clicked,
    `notice` what else is to be said about it.
    """

    assistant: str
    escalates: Reason | None = None
    sources: tuple[dict[str, str], ...] = ()
    links: tuple[str, ...] = ()
    notice: str = ""


Trial = TriedText | TriedEnd


async def try_out(kit: TurnKit, company: Company, raw_question: object) -> AsyncGenerator[Trial, None]:
    """Answer a question as if these values were saved.

    Args:
        kit: What turns work with.
        company: The values to try.
        raw_question: What somebody asks, as it was typed.

    Yields:
        Texts, then one end.

    Raises:
        Refused: if there is no question, or it is too long.
    """
    question = clean(raw_question)
    found = await kit.retrieval.find(question)
    request = AnswerRequest(
        system=system_prompt(company),
        history=(Said("user", question),),
        question=question,
        passages=found.hits,
        confident=found.confident,
        may_search=True,
        frame=lambda: kit.pace.seconds,
    )
    notice = NO_MODEL
    if kit.assistant is not kit.fallback:
        notice = AWAY
        model = _Trial(kit, company, kit.assistant, request)
        async with aclosing(model.answer_if_possible()) as pieces:
            async for piece in pieces:
                yield TriedText(piece)
        if model.began:
            yield model.end(BROKEN if model.broken else "")
            return
    articles = _Trial(kit, company, kit.fallback, request)
    async with aclosing(articles.answer()) as pieces:
        async for piece in pieces:
            yield TriedText(piece)
    yield articles.end(notice)


class _Trial:
    """One try of one assistant: what it has said, cited and asked for."""

    def __init__(self, kit: TurnKit, company: Company, assistant: Assistant, request: AnswerRequest) -> None:
        self._kit = kit
        self._company = company
        self._assistant = assistant
        self._looking = Looking(assistant, request, kit.retrieval, kit.may_call_model)
        self._grounds = Grounds()
        self._grounds.add(Found(request.passages, request.confident))
        self._searches: list[Finished] = []
        self._text = ""
        self._control = ControlWord()
        self._escalates: Reason | None = None
        self._finished: Finished | None = None
        self.broken = False

    @property
    def began(self) -> bool:
        """Whether there is anything of it to show."""
        return bool(self._text) or self._escalates is not None

    def end(self, notice: str) -> TriedEnd:
        """What is to be said at the end."""
        cited = self._grounds.cited
        rules = replace(self._kit.link_rules(), hosts=self._company.link_hosts)
        trusted = self._assistant is self._kit.fallback
        links = clickable(self._text, cited, rules, trusted=trusted)
        return TriedEnd(self._assistant.name, self._escalates, tuple(sources(cited)), links, notice)

    async def answer_if_possible(self) -> AsyncGenerator[str, None]:
        """Ask the model, if it is worth asking and our limit allows it; its faults end the answer."""
        breaker, clock = self._kit.breaker, asyncio.get_running_loop().time
        given = breaker.ask(clock())
        if given is None:
            return
        began, error = monotonic(), "stopped"  # unless it comes to an end of its own
        try:
            if not await self._kit.may_call_model():
                began = 0
                return
            async with aclosing(self.answer()) as pieces:
                async for piece in pieces:
                    yield piece
            error = ""
            breaker.succeeded(given)
        except AssistantUnavailable as fault:
            self.broken, error = True, fault.code
            log.warning("the model could not be tried out: %s", fault.code)
            if fault.code != "too_long" and not isinstance(fault, NoCallLeft):
                breaker.failed(
                    given, clock(), misconfigured=fault.misconfigured, retry_after=fault.retry_after
                )
        finally:
            breaker.give_back(given)
            if began:
                await self._record(round((monotonic() - began) * 1000), error)

    async def answer(self) -> AsyncGenerator[str, None]:
        """Stream the answer.

        Raises:
            AssistantUnavailable: if nothing comes, or no end.
        """
        kit = self._kit
        streamed = frames(
            self._looking.answer(),
            Stop(),
            first_within=kit.first_token_timeout,
            stall=kit.stall_timeout,
            deadline=asyncio.get_running_loop().time() + kit.deadline,
            pace=kit.pace,
        )
        async with aclosing(streamed) as arriving:
            async for frame in arriving:
                for event in frame:
                    if text := self._take(event):
                        self._text += text
                        yield text
        if self._finished is None or self._finished.stop_reason is None:
            raise AssistantUnavailable("broken_stream")
        if rest := self._control.finish():
            self._text += rest
            yield rest

    def _take(self, event: object) -> str:
        match event:
            case TextDelta(text=text):
                shown = self._control.feed(storable(text))
                if self._control.escalates and self._escalates is None:
                    self._escalates = Reason.CANNOT_RESOLVE
                return shown
            case Cited(passage_id=passage):
                self._grounds.cite(passage)
            case LookedAgain(found=found, finished=finished):
                self._grounds.add(found)
                self._searches.append(finished)
            case ToolCall(name=name, arguments=arguments) if name == ESCALATE_TOOL:
                given = (arguments or {}).get("reason")
                self._escalates = next((one for one in REASONS if one.value == given), Reason.CANNOT_RESOLVE)
            case Finished():
                self._finished = event
        return ""

    async def _record(self, latency_ms: int, error: str) -> None:
        for search in self._searches:
            await self._pay(search.usage, search.model, 0, "")
        counted = self._finished.usage if self._finished else Usage()
        if counted == Usage() and self._text:
            counted = rough_usage(self._looking.request, self._text)
        await self._pay(counted, self._finished.model if self._finished else "", latency_ms, error)

    async def _pay(self, usage: Usage, model: str, latency_ms: int, error: str) -> None:
        call = call_of(
            TASK,
            None,
            model or self._assistant.model,
            usage,
            latency_ms=latency_ms,
            error=error or None,
            prices=self._kit.prices,
        )
        await pay(self._kit.database, call)
