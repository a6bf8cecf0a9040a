"""Messages in bursts: a turn that has hardly begun starts over, a later one completes, none is forgotten."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.conversations.live import Position
from supportbot.conversations.transcript import Browser
from supportbot.database import Database
from supportbot.models import Conversation, Handoff, Message, MessageState, ModelCall, Reason, Role, Turn
from supportbot.turns import runner
from supportbot.turns.assistant import AnswerEvent, AnswerRequest, AssistantUnavailable, Finished, TextDelta
from tests.people import ALICE
from tests.properties import LONG, ON_A_DATABASE
from tests.scripted import SPENT, SmallDesk, small_desk, told

pytestmark = pytest.mark.anyio

HOME = "192.0.2.1"
SHORT, LONG_ENOUGH = "They take", "They take five days. " * 11


@pytest.fixture
def desk(database: Database) -> SmallDesk:
    return small_desk(database)


async def begin(desk: SmallDesk, text: str = "one", key: str = "one") -> UUID:
    return await desk.intake.begin(ALICE.token_hash, HOME, text, key, Browser())


async def say(desk: SmallDesk, conversation_id: UUID, text: str) -> None:
    alice = (await desk.only(Conversation, id=conversation_id)).visitor_id
    await desk.intake.say(conversation_id, alice, HOME, text, text)


async def story(desk: SmallDesk, conversation_id: UUID) -> list[str]:
    """What the pages were told of the turns."""
    end = await desk.live.position(conversation_id)
    async for batch in desk.live.follow(conversation_id, Position(end.epoch, 0)):
        return told([entry.event for entry in batch if type(entry.event).__name__ != "CustomerSaid"])
    raise AssertionError


async def test_a_turn_that_has_hardly_begun_starts_over(desk: SmallDesk) -> None:
    desk.assistant.says(SHORT).pauses().then.says("Both answers.")
    conversation_id = await begin(desk)
    await desk.assistant.paused()

    await say(desk, conversation_id, "two")
    await desk.runner.idle()

    assert await story(desk, conversation_id) == [
        "thinks",
        f"says {SHORT}",
        "ends superseded",
        "starts over",
        "says Both answers.",
        "ends complete",
    ]
    assert desk.assistant.requests[-1].question == "one\ntwo"
    spent = await desk.rows(ModelCall)
    assert [call.error for call in spent] == ["superseded", None]
    assert all(call.output_tokens > 0 for call in spent)


@pytest.mark.parametrize(
    ("shown", "age", "starts_over"),
    [
        (199, 0.0, True),
        (200, 0.0, False),
        (0, 1.9, True),
        (0, 2.0, False),
        (199, 1.9, True),
        (200, 2.0, False),
    ],
)
async def test_it_starts_over_under_200_characters_and_2_seconds(
    desk: SmallDesk, monkeypatch: pytest.MonkeyPatch, shown: int, age: float, starts_over: bool
) -> None:
    clock = [1_000.0]
    monkeypatch.setattr(runner.time, "monotonic", lambda: clock[0])
    desk.assistant.says("x" * shown).pauses().then.says("Next.")
    conversation_id = await begin(desk)
    await desk.assistant.paused()
    async with asyncio.timeout(5):
        while desk.runner._running[conversation_id].shown < shown:
            await asyncio.sleep(0)
    clock[0] += age

    await say(desk, conversation_id, "two")
    if not starts_over:
        desk.assistant.resume()
    await desk.runner.idle()

    states = [one.state for one in await desk.answers(conversation_id)]
    if not shown and not starts_over:
        # It says nothing at all: people answer both messages.
        assert states == [MessageState.FAILED]
        assert (await desk.only(Handoff)).reason == Reason.FAULT
    else:
        first = MessageState.SUPERSEDED if starts_over else MessageState.COMPLETE
        assert states == [first, MessageState.COMPLETE]


async def test_a_later_message_is_answered_by_the_next_turn_with_all_that_came_since(desk: SmallDesk) -> None:
    desk.assistant.says(LONG_ENOUGH).pauses().then.says("Two and three.")
    conversation_id = await begin(desk)
    await desk.assistant.paused()
    async with asyncio.timeout(5):
        while desk.runner._running[conversation_id].shown < 200:
            await asyncio.sleep(0)

    await say(desk, conversation_id, "two")
    await say(desk, conversation_id, "three")
    desk.assistant.resume()
    await desk.runner.idle()

    assert [one.state for one in await desk.answers(conversation_id)] == [MessageState.COMPLETE] * 2
    assert [said.text for said in desk.assistant.requests[-1].history[-2:]] == ["two", "three"]


async def test_five_messages_within_a_second_get_one_answer_to_all(desk: SmallDesk) -> None:
    for _ in range(4):
        desk.assistant.pauses().then  # noqa: B018
    desk.assistant.says("All five.")
    conversation_id = await begin(desk)
    await desk.assistant.paused()

    for number, text in enumerate(["two", "three", "four", "five"], start=2):
        await say(desk, conversation_id, text)
        if number < 5:
            await desk.assistant.paused(number)
    await desk.runner.idle()

    states = [one.state for one in await desk.answers(conversation_id)]
    assert states == [MessageState.SUPERSEDED] * 4 + [MessageState.COMPLETE]
    assert desk.assistant.requests[-1].question.endswith("three\nfour\nfive")
    assert (await story(desk, conversation_id)).count("starts over") == 4


async def test_five_messages_at_once_are_all_answered(desk: SmallDesk) -> None:
    desk.assistant.says("One.").then.says("The rest.").then.says("The rest.").then.says("The rest.")
    desk.assistant.then.says("The rest.").then.says("The rest.")
    conversation_id = await begin(desk)

    await asyncio.gather(*(say(desk, conversation_id, text) for text in ("two", "three", "four", "five")))
    await desk.runner.idle()

    await expect_everything_answered(desk, conversation_id, said=5)


async def test_a_message_stored_while_the_turn_reads_is_not_forgotten(desk: SmallDesk) -> None:
    """It comes after the turn has begun in the database and before the runner has heard of that."""
    desk.assistant.says("Both.")
    conversation_id = await begin(desk)
    running = desk.runner._running[conversation_id]
    assert not running.begun
    message_seq = 7  # far beyond what the turn has read
    desk.runner.wake(conversation_id, seq=message_seq)
    await desk.runner.idle()

    assert (await story(desk, conversation_id))[:2] == ["thinks", "ends superseded"]
    assert [one.state for one in await desk.answers(conversation_id)][-1] == MessageState.COMPLETE


# Whatever the times and lengths


class Talkative:
    """Answers at the pace it is told, and now and then breaks; counts what it began."""

    name, model, cites_sources = "claude", "claude-sonnet-5-5", True

    def __init__(self, lengths: list[int]) -> None:
        self.lengths = lengths
        self.calls = 0

    async def answer(self, request: AnswerRequest) -> AsyncIterator[AnswerEvent]:
        length = self.lengths[self.calls % len(self.lengths)]
        self.calls += 1
        for _ in range(abs(length)):
            await asyncio.sleep(0)
            yield TextDelta("word " * 10)
        if length < 0:
            raise AssistantUnavailable("broken_stream")
        yield TextDelta("Done.")
        yield Finished("end_turn", self.model, SPENT)


BURSTS = st.lists(st.integers(0, 30), min_size=1, max_size=6)
"""Turns of the loop between two messages."""
ANSWERS = st.lists(st.integers(-8, 12), min_size=1, max_size=4)
"""Pieces of an answer, fifty characters each; below zero it breaks after them."""


@given(BURSTS, ANSWERS)
@ON_A_DATABASE
async def test_whatever_the_burst_every_message_is_answered_once(
    database: Database, burst: list[int], lengths: list[int]
) -> None:
    await play(database, burst, lengths)


@pytest.mark.soak
@given(BURSTS, ANSWERS)
@LONG
async def test_whatever_the_burst_every_message_is_answered_once_at_length(
    database: Database, burst: list[int], lengths: list[int]
) -> None:
    await play(database, burst, lengths)


async def play(database: Database, burst: list[int], lengths: list[int]) -> None:
    talkative = Talkative(lengths)
    desk = small_desk(database, assistant=talkative)
    conversation_id = await begin(desk, key=str(uuid4()))
    for number, pause in enumerate(burst):
        for _ in range(pause):
            await asyncio.sleep(0.0005)
        await asyncio.gather(*(say(desk, conversation_id, f"message {number}") for _ in range(2)))
    async with asyncio.timeout(30):
        await desk.runner.idle()

    await expect_everything_answered(desk, conversation_id, said=len(burst) + 1)
    calls = await desk.rows(ModelCall, conversation_id=conversation_id)
    assert len(calls) == talkative.calls
    turns = await desk.rows(Turn, conversation_id=conversation_id)
    assert Counter(call.turn_id for call in calls) <= Counter(turn.id for turn in turns)
    assert all(turn.ended_at for turn in turns)


async def expect_everything_answered(desk: SmallDesk, conversation_id: UUID, *, said: int) -> None:
    """Each customer message has exactly one turn after it that answers it, alone or with its neighbours."""
    messages: list[Message] = await desk.messages(conversation_id)
    questions = [one for one in messages if one.role == Role.USER]
    assert len(questions) == said
    assert all(one.state != MessageState.STREAMING for one in messages)
    answering = [
        one
        for one in messages
        if one.role == Role.ASSISTANT and one.state in (MessageState.COMPLETE, MessageState.FAILED)
    ]
    turns = {turn.wrote_id: turn for turn in await desk.rows(Turn, conversation_id=conversation_id)}
    answered = [turns[one.id].answers_id for one in answering]
    assert len(set(answered)) == len(answered), "no message is answered twice"
    # A turn answers its message and those before it that were still open.
    newest = {question.id: question.seq for question in questions}
    reached = [newest[one] for one in answered]
    assert reached == sorted(reached)
    waits = await desk.rows(Handoff, conversation_id=conversation_id)
    assert reached[-1] == questions[-1].seq or waits, "nobody is forgotten"
    for answer, upto in zip(answering, reached, strict=True):
        assert answer.seq > upto
