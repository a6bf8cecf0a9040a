"""One owner at a time, whatever customer, staff, model and two servers do at the same moment.

The database itself is the witness: a trigger notes, in the transaction that completes an answer, whose
conversation it was.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.conversations.events import DESK
from supportbot.conversations.live import MemoryLive, Position
from supportbot.conversations.ownership import assistant_may_answer
from supportbot.conversations.transcript import Browser, read
from supportbot.database import Database
from supportbot.errors import SupportError
from supportbot.escalations import handoff, notes, sorting
from supportbot.ids import now
from supportbot.models import (
    Conversation,
    Handoff,
    Kind,
    Message,
    MessageState,
    Outcome,
    Role,
    Staff,
    Status,
    Summary,
    Turn,
)
from supportbot.settings import POSTGRESQL
from supportbot.turns.assistant import (
    AnswerEvent,
    AnswerRequest,
    AssistantUnavailable,
    Finished,
    TextDelta,
    ToolCall,
)
from tests.people import ALICE, alex, sam
from tests.properties import LONG, ON_A_DATABASE
from tests.scripted import SPENT, SmallDesk, small_desk

pytestmark = pytest.mark.anyio

HOME = "192.0.2.1"
CANARY = "CANARY-4711: between us."


# The witness

NOTES = """INSERT INTO witness
    SELECT conversation.status, handoff.claimed_by IS NOT NULL, handoff.assistant_meanwhile_at IS NOT NULL
    FROM conversation
    LEFT JOIN handoff ON handoff.conversation_id = conversation.id AND handoff.closed_at IS NULL
    WHERE conversation.id = NEW.conversation_id;"""
AN_ANSWER = "NEW.role = 'assistant' AND NEW.state = 'complete'"
HIRE = {
    "sqlite": [
        f"CREATE TRIGGER witnessing AFTER UPDATE OF state ON message WHEN {AN_ANSWER} BEGIN {NOTES} END"
    ],
    "postgresql": [
        f"CREATE FUNCTION witnessing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN {NOTES} RETURN NEW; END'",
        "CREATE TRIGGER witnessing AFTER UPDATE OF state ON message FOR EACH ROW "
        "WHEN (NEW.role = 'assistant' AND NEW.state = 'complete') EXECUTE FUNCTION witnessing()",
    ],
}


@pytest.fixture
async def witnessed(database: Database) -> AsyncIterator[Database]:
    """A database that notes whose conversation it was whenever an answer was completed."""
    await _execute(
        database,
        "CREATE TABLE witness (status TEXT, claimed BOOLEAN, meanwhile BOOLEAN)",
        *HIRE[database.kind],
    )
    yield database
    await _execute(
        database, "DROP TRIGGER witnessing" + (" ON message" if database.kind == POSTGRESQL else "")
    )
    await _execute(database, "DROP TABLE witness")
    if database.kind == POSTGRESQL:
        await _execute(database, "DROP FUNCTION witnessing")


async def _execute(database: Database, *statements: str) -> None:
    async with database.transaction() as session:
        for statement in statements:
            await (await session.connection()).exec_driver_sql(statement)


# Who does what

ANSWERS = [
    "says",
    "asks for a person",
    "writes the control word",
    "fails",
    "breaks off",
    "says nothing",
    "takes its time",
]
CUSTOMER = [
    "says",
    "says",
    "says",
    "says it twice",
    "asks for a person",
    "keeps the place",
    "gives it up",
    "stops",
    "tries again",
    "opens the page",
]
STAFF = [
    "claims",
    "takes over",
    "replies",
    "notes",
    "assigns",
    "hands back",
    "hands back with a note",
    "resolves",
    "reopens",
    "snoozes",
    "wakes",
    "puts away",
    "takes out of the junk",
    "tags",
]

Doing = tuple[str, int]


@dataclass(frozen=True)
class Program:
    """What everybody does, in which order, and how long they wait before each step."""

    answers: list[Doing]
    customer: list[Doing]
    sam: list[Doing]
    alex: list[Doing]


def doings(what: list[str], size: int) -> st.SearchStrategy[list[Doing]]:
    return st.lists(st.tuples(st.sampled_from(what), st.integers(0, 12)), max_size=size)


PROGRAMS = st.builds(
    Program,
    answers=st.lists(st.tuples(st.sampled_from(ANSWERS), st.integers(0, 12)), min_size=1, max_size=6),
    customer=doings(CUSTOMER, 12),
    sam=doings(STAFF, 8),
    alex=doings(STAFF, 5),
)


@dataclass
class MoodyAssistant:
    """Takes the next of its moods for every request, over and over."""

    moods: list[Doing]
    name: str = "claude"
    model: str = "claude-sonnet-5-5"
    cites_sources: bool = True
    asked: "count[int]" = field(default_factory=count)

    async def answer(self, request: AnswerRequest) -> AsyncIterator[AnswerEvent]:
        mood, patience = self.moods[next(self.asked) % len(self.moods)]
        await _wait(patience)
        if mood == "fails":
            raise AssistantUnavailable("overloaded")
        if mood == "asks for a person":
            yield ToolCall("1", "escalate", {"reason": "frustrated", "brief": "Angry."})
        if mood == "writes the control word":
            yield TextDelta("[ESCALATE] I will get somebody.")
        if mood in ("says", "breaks off", "takes its time"):
            for word in ["They ", "take ", "five ", "days."] * (5 if mood == "takes its time" else 1):
                yield TextDelta(word)
                await _wait(patience)
        yield Finished(None if mood == "breaks off" else "end_turn", self.model, SPENT)


@dataclass
class Stage:
    """One conversation, and two servers that share a database."""

    desks: list[SmallDesk]
    conversation_id: UUID
    visitor_id: UUID
    sam: Staff
    alex: Staff
    said: list[str] = field(default_factory=list)
    turn: int = 0

    def desk(self) -> SmallDesk:
        """Whichever server the next request happens to reach."""
        self.turn += 1
        return self.desks[self.turn % len(self.desks)]

    async def customer(self, steps: list[Doing]) -> None:
        for what, patience in steps:
            await _wait(patience)
            await self._tries(lambda what=what: self._customer(what))

    async def staff(self, who: Staff, steps: list[Doing]) -> None:
        for number, (what, patience) in enumerate(steps):
            await _wait(patience)
            await self._tries(lambda number=number, what=what: self._staff(who, what, number))

    async def _tries(self, act: Callable[[], Awaitable[Any]]) -> None:
        with suppress(SupportError):
            await act()

    async def _staff(self, who: Staff, what: str, number: int) -> None:
        desk, key = self.desk(), f"{who.name} {number}"
        colleague = self.alex if who is self.sam else self.sam
        this = (desk.database, desk.live, self.conversation_id, who)
        match what:
            case "claims":
                await handoff.claim(*this)
            case "takes over":
                await handoff.take_over(*this)
            case "replies":
                await handoff.reply(*this, "Hello.", key)
            case "notes":
                await notes.note(*this, CANARY, key)
            case "assigns":
                await handoff.assign(*this, colleague.id, CANARY)
            case "hands back":
                await handoff.hand_back(*this)
            case "hands back with a note":
                await handoff.hand_back(*this, CANARY)
            case "resolves":
                await handoff.resolve(*this)
            case "reopens":
                await handoff.reopen(*this)
            case "snoozes":
                await sorting.snooze(*this, now() + timedelta(hours=1))
            case "wakes":
                await sorting.wake(*this)
            case "puts away":
                await sorting.junk(*this)
            case "takes out of the junk":
                await sorting.not_junk(*this)
            case "tags":
                await sorting.tag(*this, "refund")

    async def _customer(self, what: str) -> None:
        desk, here = self.desk(), self.conversation_id
        match what:
            case "says" | "says it twice":
                key = f"key {len(self.said)}"
                self.said.append(key)
                times = 2 if what == "says it twice" else 1
                servers = [self.desk() for _ in range(times)]
                await asyncio.gather(
                    *(one.intake.say(here, self.visitor_id, HOME, "How long?", key) for one in servers)
                )
            case "asks for a person":
                await desk.intake.ask_for_person(here)
            case "keeps the place":
                await handoff.keep_place(desk.database, desk.live, here)
            case "gives it up":
                await handoff.no_longer_needed(desk.database, desk.live, here)
            case "stops":
                for one in self.desks:
                    one.runner.stop(here)
            case "tries again":
                await desk.intake.try_again(here, self.visitor_id, HOME)
            case "opens the page":
                desk.intake.resume(await read(desk.database, desk.live, here))


async def play(database: Database, program: Program, caplog: pytest.LogCaptureFixture) -> None:
    caplog.clear()
    stage = await _set_up(database, program)
    try:
        await asyncio.gather(
            stage.customer(program.customer),
            stage.staff(stage.sam, program.sam),
            stage.staff(stage.alex, program.alex),
        )
        async with asyncio.timeout(20):
            for _ in range(2):
                await asyncio.sleep(0.005)  # what the desk's topic says is heard a moment later
                for desk in stage.desks:
                    await desk.runner.idle()
    finally:
        for desk in stage.desks:
            await desk.runner.close()
    await _nothing_went_wrong(stage, caplog)


async def _set_up(database: Database, program: Program) -> Stage:
    live, assistant = MemoryLive(), MoodyAssistant(program.answers)
    desks = [
        small_desk(database, assistant=assistant, live=live, runner=name, save_every=0.005)
        for name in ("one server", "another server")
    ]
    for desk in desks:
        desk.runner.start()
    await _execute(database, "DELETE FROM witness")
    staff = await _hired(database)
    here = await desks[0].intake.begin(ALICE.token_hash, HOME, "Hello?", None, Browser())
    conversation = await desks[0].only(Conversation, id=here)
    return Stage(desks, here, conversation.visitor_id, *staff)


async def _hired(database: Database) -> tuple[Staff, Staff]:
    desk = small_desk(database)
    known = {one.name: one for one in await desk.rows(Staff)}
    return known.get("Sam") or await sam(database), known.get("Alex") or await alex(database)


async def _nothing_went_wrong(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    desk, here = stage.desks[0], stage.conversation_id
    assert [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR] == []
    await _answers_were_the_assistants_to_give(desk)
    messages = await desk.messages(here)
    conversation, outcome = (
        await desk.only(Conversation, id=here),
        await desk.only(Outcome, conversation_id=here),
    )
    handoffs, turns = (
        await desk.rows(Handoff, conversation_id=here),
        await desk.rows(Turn, conversation_id=here),
    )
    open_handoffs = [one for one in handoffs if one.closed_at is None]

    # At most one is open, and the conversation says the same as its handoff.
    assert len(open_handoffs) == (conversation.status == Status.ESCALATED)
    claimed_by = open_handoffs[0].claimed_by if open_handoffs else None
    assert conversation.assigned_staff_id == claimed_by
    # Nothing runs, and nothing looks as if it did.
    assert [turn for turn in turns if turn.ended_at is None] == []
    assert MessageState.STREAMING not in [one.state for one in messages]
    assert Counter(turn.wrote_id for turn in turns) == Counter(
        one.id for one in messages if one.role == Role.ASSISTANT
    )
    # Everything the customer said is there once, numbered, and nothing waits in vain for an answer.
    keys = Counter(one.client_key for one in messages if one.role == Role.USER)
    assert set(keys.values()) == {1}
    assert {f"visitor:{key}" for key in stage.said} <= set(keys)
    assert [one.seq for one in messages] == list(range(1, conversation.last_seq + 1))
    shown = await read(desk.database, desk.live, here)
    assert not (shown.messages[-1].role == Role.USER and assistant_may_answer(shown.owner))
    # The outcome counts what there is.
    said = Counter((one.role, one.state) for one in messages if one.kind != Kind.NOTE)
    assert outcome.customer_messages == said[Role.USER, MessageState.COMPLETE]
    assert outcome.staff_messages == said[Role.STAFF, MessageState.COMPLETE]
    assert outcome.assistant_messages == said[Role.ASSISTANT, MessageState.COMPLETE]
    assert outcome.failed_answers == said[Role.ASSISTANT, MessageState.FAILED]
    assert outcome.handoffs == len(handoffs)
    assert outcome.cost == sum(turn.cost for turn in turns)

    await _only_colleagues_heard_what_colleagues_said(desk, here)
    # Out of sight is only what somebody takes care of, or nobody is told that anybody does.
    assert conversation.snoozed_until is None or claimed_by is not None
    assert conversation.junk_at is None or not open_handoffs
    await _the_context_begins_where_its_paragraph_ends(desk, conversation)


async def _only_colleagues_heard_what_colleagues_said(desk: SmallDesk, here: UUID) -> None:
    shown = await read(desk.database, desk.live, here)
    told = []
    for topic in (here, DESK):
        end = await desk.live.position(topic)
        told += await anext(desk.live.follow(topic, Position(end.epoch, 0), heartbeat=0))
    assert CANARY not in str(shown.messages) + str(told)


async def _the_context_begins_where_its_paragraph_ends(desk: SmallDesk, conversation: Conversation) -> None:
    if conversation.context_starts_after is None:
        return
    line = await desk.only(Message, id=conversation.context_starts_after)
    assert line.conversation_id == conversation.id
    through = [one.through_seq for one in await desk.rows(Summary, conversation_id=conversation.id)]
    assert line.seq in through
    assert max(through) == line.seq, "no window of these is long enough for another summary"


async def _answers_were_the_assistants_to_give(desk: SmallDesk) -> None:
    async with desk.database.reading() as session:
        connection = await session.connection()
        noted = (await connection.exec_driver_sql("SELECT status, claimed, meanwhile FROM witness")).all()
    for status, claimed, meanwhile in noted:
        assert status == "active" or (status == "escalated" and not claimed and meanwhile), noted


@settings(ON_A_DATABASE, max_examples=15)
@given(program=PROGRAMS)
async def test_the_assistant_answers_only_what_is_its_own(
    witnessed: Database, caplog: pytest.LogCaptureFixture, program: Program
) -> None:
    await play(witnessed, program, caplog)


@pytest.mark.soak
@LONG
@given(program=PROGRAMS)
async def test_the_assistant_answers_only_what_is_its_own_in_many_more_programs(
    witnessed: Database, caplog: pytest.LogCaptureFixture, program: Program
) -> None:
    await play(witnessed, program, caplog)


async def test_the_witness_sees_what_it_should(witnessed: Database) -> None:
    desk = small_desk(witnessed)
    desk.assistant.says("Five days.")
    await desk.intake.begin(ALICE.token_hash, HOME, "How long?", None, Browser())
    await desk.runner.idle()

    async with witnessed.reading() as session:
        noted = (await (await session.connection()).exec_driver_sql("SELECT * FROM witness")).all()
    assert [tuple(one) for one in noted] in ([("active", 0, 0)], [("active", False, False)])


async def _wait(moments: int) -> None:
    """Let everybody else act a few times; a database takes many moments."""
    for _ in range(moments * 4):
        await asyncio.sleep(0)
    if moments > 8:
        await asyncio.sleep(0.003)
