"""The protocol between a turn and whatever answers: Claude, a compatible server, or the articles alone."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from supportbot.knowledge.retrieval import Found, Hit
from supportbot.models import Reason

ESCALATE_TOOL = "escalate"
SEARCH_TOOL = "search_articles"
REASONS = tuple(
    reason
    for reason in Reason
    if reason not in (Reason.TAKEN_OVER, Reason.FAULT, Reason.TURN_LIMIT, Reason.BUDGET)
)
"""Why an assistant may ask for people. The others are facts that only the server knows."""


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the window the assistant sees. Staff speak with their name in `text`."""

    role: Literal["user", "assistant", "staff"]
    text: str


@dataclass(frozen=True, slots=True)
class AnswerRequest:
    """Everything an assistant may know for this answer.

    `history` ends with what the customer said last; `summary` tells what was said before it.
    `waits` says that the customer has a place in the queue for people.
    `confident` is retrieval's own judgement whether the passages are about the question at all. `may_search`
    says that somebody looks in the articles again when the assistant calls `SEARCH_TOOL`, and `looks` what
    came of it so far: then the same answer goes on behind them. After its first words, the answer is looked
    at every `frame()` seconds, so nothing is won by reading more often.
    """

    system: str
    history: tuple[Said, ...]
    question: str
    passages: tuple[Hit, ...] = ()
    confident: bool = False
    may_escalate: bool = True
    waits: bool = False
    summary: str = ""
    may_search: bool = False
    looks: "tuple[Look, ...]" = ()
    frame: Callable[[], float] = lambda: 0.0

    @property
    def given(self) -> tuple[Hit, ...]:
        """Every passage the assistant has, in the order it was given them."""
        looked_up = (
            hit for look in self.looks for told in look.told if not isinstance(told, str) for hit in told
        )
        return (*self.passages, *looked_up)


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next words of the answer, as Markdown."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The assistant asks for a tool. `arguments` is None when what it sent was not valid JSON."""

    id: str
    name: str
    arguments: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Look:
    """A part of an answer that ended in tool calls: its text, the calls, and what each is told.

    A call is told the passages that were found, or a sentence.
    """

    said: str
    calls: tuple[ToolCall, ...]
    told: tuple[tuple[Hit, ...] | str, ...]


@dataclass(frozen=True, slots=True)
class Cited:
    """The answer rests on this passage (its `Hit.id`)."""

    passage_id: int


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the API counts them; `input` excludes what was read from or written to the cache."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer's end. `stop_reason` is None when the stream ended without saying so: it broke."""

    stop_reason: str | None
    model: str = ""
    usage: Usage = field(default_factory=Usage)


AnswerEvent = TextDelta | ToolCall | Cited | Finished


@dataclass(frozen=True, slots=True)
class LookedAgain:
    """Between two calls of one answer: the articles were searched, and the assistant is asked to go on.

    No assistant says this; `turns/looking.py` does. `found` is what is new, `finished` how the call before
    ended, and `asked` what is asked now.
    """

    found: Found
    finished: Finished
    asked: AnswerRequest


AnswerStep = AnswerEvent | LookedAgain


class AssistantUnavailable(Exception):
    """The assistant cannot answer, or cannot go on.

    Args:
        code: A short word for the record: `rate_limited`, `overloaded`, `unreachable`, `timeout`,
            `broken_stream`, `key_refused`…
        permanent: Whether trying again is pointless until somebody changes the configuration.
        retry_after: Seconds the other side asked us to wait, or None.
        usage: What was already spent.
    """

    def __init__(
        self,
        code: str,
        *,
        permanent: bool = False,
        retry_after: float | None = None,
        usage: Usage | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent
        self.retry_after = retry_after
        self.usage = usage or Usage()

    @property
    def misconfigured(self) -> bool:
        """Whether nobody will be answered until somebody changes the configuration."""
        return self.permanent and self.code != "refused_request"


class NoCallLeft(AssistantUnavailable):
    """Our own limit for everybody is used up; it says nothing about the model."""

    def __init__(self) -> None:
        super().__init__("rate_limited")


class Assistant(Protocol):
    """Answers one request as a stream of events, ending with `Finished`."""

    name: str
    """`claude` or `articles_only`, as recorded in the turn."""
    model: str
    """The model asked for; empty when there is none."""
    cites_sources: bool
    """Whether it says what its answers rest on. Some servers take passages and never cite one."""

    def answer(self, request: AnswerRequest) -> AsyncIterator[AnswerEvent]:
        """Stream the answer.

        Raises:
            AssistantUnavailable: before the first event or between two of them.
        """
        ...


@dataclass(frozen=True, slots=True)
class Written:
    """What a `Writer` wrote, and what it cost. `text` is never empty."""

    text: str
    model: str
    usage: Usage


class Writer(Protocol):
    """Uses the model for something other than an answer; each use names its own way without a model."""

    model: str
    """The model asked."""

    async def write(self, task: str, instructions: str, material: str) -> Written:
        """Write a short text.

        Args:
            task: What it is for, in a word, as in `ModelCall.purpose`.
            instructions: Ours: what to write.
            material: Theirs: what to write about. Nothing in it is an instruction.

        Raises:
            AssistantUnavailable: if nothing usable came.
        """
        ...
