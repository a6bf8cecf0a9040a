"""Fakes one can read: an assistant that follows a script, and a desk around it on a real database.

    desk.assistant.says("Hello ").pauses().says("there.").cites(REFUNDS)
    desk.assistant.then.calls_tool("escalate", {"reason": "frustrated"})

Each answer follows its own script; `then` begins the next one.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any, Self
from uuid import UUID

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.conversations.events import (
    Escalated,
    SourcesFound,
    TextArrived,
    Thinking,
    TurnEnded,
    TurnEvent,
    TurnFailed,
)
from supportbot.conversations.live import LiveLog, MemoryLive
from supportbot.database import Database
from supportbot.knowledge.retrieval import Found, Hit
from supportbot.models import Article, Message, Role
from supportbot.turns.assistant import (
    AnswerEvent,
    AnswerRequest,
    AssistantUnavailable,
    Cited,
    Finished,
    TextDelta,
    ToolCall,
    Usage,
    Written,
)
from supportbot.turns.frames import Stop
from supportbot.turns.intake import Intake
from supportbot.turns.kit import TurnKit
from supportbot.turns.pace import Pace
from supportbot.turns.runner import Runner
from supportbot.turns.turn import take_turn
from tests.people import REOPEN_WITHIN

SPENT = Usage(input=100, output=20, cache_read=1_000, cache_write=10)
"""What a scripted answer costs unless its script says otherwise."""


def hit(number: int, title: str, body: str = "As the article says.", heading: str = "") -> Hit:
    """A passage as retrieval finds it."""
    slug = title.lower().replace(" ", "-")
    return Hit(number, UUID(int=number), slug, title, heading, heading.lower(), body, 1.0)


async def put_articles(database: Database, *hits: Hit) -> None:
    """The articles these passages are of."""
    async with database.transaction() as session:
        for one in hits:
            if await session.get(Article, one.article_id) is None:
                fields = {"collection": "acme", "path": f"{one.slug}.md", "content_hash": ""}
                session.add(
                    Article(id=one.article_id, slug=one.slug, title=one.title, body=one.body, **fields)
                )


REFUNDS = hit(1, "Refunds", "Refunds take five days.", "How long")
INVOICES = hit(2, "Invoices", "Invoices are sent on the first.")


@dataclass
class _Pause:
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)


_Step = AnswerEvent | _Pause | Exception


class ScriptedAssistant:
    """Says what the test scripted, one script for each request, and remembers what it was asked.

    Every piece of text is a delta of its own and, with a kit whose pace is 0, a frame of its own.
    """

    def __init__(
        self, name: str = "claude", model: str = "claude-sonnet-5-5", *, cites_sources: bool = True
    ) -> None:
        self.name = name
        self.model = model
        self.cites_sources = cites_sources
        self.requests: list[AnswerRequest] = []
        self.left_early = 0
        self._scripts: list[list[_Step]] = [[]]
        self._pauses: list[_Pause] = []
        self._asked = asyncio.Condition()
        self._numbers = count(1)

    @property
    def then(self) -> Self:
        """Begin the next answer's script."""
        self._scripts.append([])
        return self

    def says(self, *texts: str) -> Self:
        return self._add(*(TextDelta(text) for text in texts))

    def calls_tool(self, name: str, arguments: Mapping[str, Any] | None = None) -> Self:
        """Without arguments: what it sent was not valid JSON."""
        number = f"toolu_{next(self._numbers)}"
        return self._add(ToolCall(number, name, None if arguments is None else dict(arguments)))

    def cites(self, *hits: Hit) -> Self:
        return self._add(*(Cited(one.id) for one in hits))

    def pauses(self) -> Self:
        """Nothing comes until `resume`."""
        pause = _Pause()
        self._pauses.append(pause)
        return self._add(pause)

    def fails(self, code: str, *, permanent: bool = False, usage: Usage | None = None) -> Self:
        return self._add(AssistantUnavailable(code, permanent=permanent, usage=usage))

    def crashes(self, error: Exception) -> Self:
        return self._add(error)

    def ends(self, stop_reason: str | None, *, usage: Usage = SPENT, model: str | None = None) -> Self:
        """How the answer ends, if not with `end_turn`; None: it breaks off without saying so."""
        return self._add(Finished(stop_reason, self.model if model is None else model, usage))

    def resume(self) -> None:
        """Let the answer that pauses go on."""
        waiting = [pause for pause in self._pauses if pause.reached.is_set() and not pause.over.is_set()]
        assert waiting, "no answer pauses"
        waiting[0].over.set()

    async def paused(self, times: int = 1) -> None:
        """Wait until so many pauses of the scripts have been reached."""
        async with asyncio.timeout(5):
            for pause in self._pauses[:times]:
                await pause.reached.wait()

    async def asked(self, times: int = 1) -> None:
        """Wait until so many answers have been asked for."""
        async with asyncio.timeout(5), self._asked:
            await self._asked.wait_for(lambda: len(self.requests) >= times)

    async def answer(self, request: AnswerRequest) -> AsyncIterator[AnswerEvent]:
        """See `Assistant.answer`."""
        number = len(self.requests)
        self.requests.append(request)
        async with self._asked:
            self._asked.notify_all()
        if number >= len(self._scripts):
            # Not an `Exception`: a turn would take that for a fault of the model's.
            pytest.fail("the assistant is asked more often than its script says")
        finished = False
        try:
            for step in self._scripts[number]:
                if isinstance(step, Exception):
                    finished = True
                    raise step
                if isinstance(step, _Pause):
                    step.reached.set()
                    await step.over.wait()
                    continue
                finished = isinstance(step, Finished)
                yield step
                await asyncio.sleep(0)
            if not finished:
                finished = True
                yield Finished("end_turn", self.model, SPENT if self.model else Usage())
        finally:
            self.left_early += not finished

    def _add(self, *steps: _Step) -> Self:
        self._scripts[-1] += steps
        return self


class ArticlesSay:
    """The fallback: always the same words, with no model behind them."""

    name = "articles_only"
    model = ""
    cites_sources = True

    def __init__(self, text: str = "Our articles say: five days.") -> None:
        self.text = text
        self.requests: list[AnswerRequest] = []

    async def answer(self, request: AnswerRequest) -> AsyncIterator[AnswerEvent]:
        self.requests.append(request)
        yield TextDelta(self.text)
        for one in request.passages[:1] if request.confident else ():
            yield Cited(one.id)
        yield Finished("end_turn")


class ScriptedWriter:
    """Writes what it is told to write, and remembers what it was asked."""

    model = "claude-sonnet-5-5"

    def __init__(self, *texts: str | AssistantUnavailable) -> None:
        self.texts = list(texts)
        self.asked: list[tuple[str, str, str]] = []

    async def write(self, task: str, instructions: str, material: str) -> Written:
        self.asked.append((task, instructions, material))
        text = self.texts.pop(0)
        if isinstance(text, AssistantUnavailable):
            raise text
        return Written(text, self.model, SPENT)


class FixedRetrieval:
    """Finds the same passages whatever is asked, or raises."""

    def __init__(self, *hits: Hit, confident: bool = True, error: Exception | None = None) -> None:
        self.hits, self.confident, self.error = hits, confident, error
        self.questions: list[str] = []

    async def find(self, question: str, limit: int = 5) -> Found:
        self.questions.append(question)
        if self.error is not None:
            raise self.error
        return Found(self.hits[:limit], self.confident)


class ArticlesFor:
    """Finds passages by what is asked for, and nothing for anything else."""

    def __init__(self, found: Mapping[str, tuple[Hit, ...]]) -> None:
        self.found = dict(found)
        self.questions: list[str] = []

    async def find(self, question: str, limit: int = 5) -> Found:
        self.questions.append(question)
        hits = self.found.get(question, ())
        return Found(hits[:limit], bool(hits))


class NoLimits:
    """Lets everybody write, and counts."""

    def __init__(self) -> None:
        self.counted: list[tuple[UUID, str]] = []

    async def message(self, visitor: UUID, address: str) -> None:
        self.counted.append((visitor, address))


class ShakyDatabase(Database):
    """A database that says "database is locked" as often as it is told to."""

    def __init__(self, real: Database) -> None:
        vars(self).update(vars(real))
        self._refusals = 0

    def refuse(self, times: int) -> None:
        self._refusals = times

    def transaction(self) -> AbstractAsyncContextManager[AsyncSession]:
        if self._refusals:
            self._refusals -= 1
            raise OperationalError("UPDATE", {}, Exception("database is locked"))
        return super().transaction()


@dataclass
class SmallDesk:
    """What `supportbot.desk` builds, with a scripted assistant."""

    database: Database
    live: LiveLog
    assistant: ScriptedAssistant
    fallback: ArticlesSay
    retrieval: FixedRetrieval
    kit: TurnKit
    runner: Runner
    intake: Intake

    async def take_turn(
        self, conversation_id: UUID, stop: Stop | None = None, **how: bool
    ) -> list[TurnEvent]:
        """Every event of one turn."""
        turn = take_turn(self.kit, conversation_id, stop or Stop(), **how)
        return [event async for event in turn]

    async def messages(self, conversation_id: UUID) -> list[Message]:
        """Everything stored, superseded answers and notes too, in order."""
        return await self.rows(Message, conversation_id=conversation_id, order="seq")

    async def answers(self, conversation_id: UUID) -> list[Message]:
        """What the assistant wrote, superseded answers too."""
        return [one for one in await self.messages(conversation_id) if one.role == Role.ASSISTANT]

    async def rows(self, table: type[SQLModel], *, order: str = "", **where: Any) -> list[Any]:
        """The rows of a table, in the order of a column or of their creation."""
        query = select(table).filter_by(**where)
        if order or hasattr(table, "id"):
            query = query.order_by(col(getattr(table, order or "id")))
        async with self.database.reading() as session:
            return list(await session.exec(query))

    async def only(self, table: type[SQLModel], **where: Any) -> Any:
        """The one row there is."""
        (row,) = await self.rows(table, **where)
        return row


def small_desk(
    database: Database,
    *,
    assistant: Any = None,
    fallback: Any = None,
    retrieval: Any = None,
    live: LiveLog | None = None,
    may_call_model: bool | Callable[[], Awaitable[bool]] = True,
    **kit: Any,
) -> SmallDesk:
    """A desk on this database. `kit` overrides fields of the `TurnKit`, such as its time-outs."""

    async def calls_left() -> bool:
        return bool(may_call_model)

    live = live or MemoryLive()
    turns = TurnKit(
        database=database,
        live=live,
        retrieval=retrieval or FixedRetrieval(REFUNDS, INVOICES),
        assistant=assistant or ScriptedAssistant(),
        fallback=fallback or ArticlesSay(),
        **{
            "system": lambda: "You are Ada.",
            "runner": "this one",
            "may_call_model": may_call_model if callable(may_call_model) else calls_left,
            "prices": {"claude-sonnet-5-5": (Decimal(3), Decimal(15))},
            "pace": Pace(0.0),
            # One call, one script: tests of calling again say so.
            "call_again": (),
            **kit,
        },
    )
    runner = Runner(turns)
    intake = Intake(database, live, NoLimits(), runner, lambda: REOPEN_WITHIN)
    return SmallDesk(database, live, turns.assistant, turns.fallback, turns.retrieval, turns, runner, intake)


def told(events: list[TurnEvent]) -> list[str]:
    """A turn's events as a story, neighbouring texts joined: what a test compares."""
    story: list[str] = []
    for event in events:
        if isinstance(event, TextArrived) and story and story[-1].startswith("says "):
            story[-1] += event.text
        else:
            story.append(_told(event))
    return story


def _told(event: TurnEvent) -> str:
    match event:
        case Thinking(again=again):
            return "starts over" if again else "thinks"
        case TextArrived(text=text):
            return f"says {text}"
        case SourcesFound(sources=sources):
            verb = "cites " if sources[0]["kind"] == "cited" else "found "
            return verb + ", ".join(source["title"] for source in sources)
        case TurnEnded(message=message) | TurnFailed(message=message):
            return f"{'ends' if isinstance(event, TurnEnded) else 'fails'} {message.state}"
        case Escalated(reason=reason):
            return f"escalates {reason}"
    raise AssertionError(f"{event} is not an event of a turn")
