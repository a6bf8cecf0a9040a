"""The promise of the live log, over random joins, lost logs and deaths.

What a page shows of a running answer is always a beginning of the whole answer; it never shrinks unless
the page loads anew, and then shows what the database holds; and in the end it is the answer as recorded.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.conversations.events import MessageView, TextArrived, Thinking, TurnEnded, Typing
from supportbot.conversations.following import follow
from supportbot.conversations.live import LOST, MemoryLive, Position, Resync
from supportbot.conversations.page import ConversationPage
from supportbot.conversations.transcript import read
from supportbot.database import Database
from supportbot.models import MessageState, Role, Turn
from supportbot.turns import leases, record
from tests.lives import ForgetfulLive, redis_live
from tests.people import ALICE, conversation_of, says
from tests.properties import LONG, ON_A_DATABASE
from tests.scripted import ScriptedAssistant, small_desk

pytestmark = pytest.mark.anyio

Live = MemoryLive | ForgetfulLive
NewLive = Callable[[int], AbstractAsyncContextManager[Live]]


@pytest.fixture(params=["memory", "redis"])
def new_live(request: pytest.FixtureRequest) -> NewLive:
    """Opens an empty log, of either kind, that keeps so many entries."""
    if request.param == "redis":
        url = request.getfixturevalue("redis_server").url
        return lambda keep: redis_live(url, keep=keep)

    @asynccontextmanager
    async def memory(keep: int) -> AsyncIterator[Live]:
        yield MemoryLive(keep=keep)

    return memory


async def forget(live: Live, topic: UUID) -> None:
    """The log of a conversation is lost."""
    if isinstance(live, MemoryLive):
        live.forget(topic)
    else:
        await live.forget(topic)


PIECES = st.lists(st.sampled_from(["Five ", "days", ".", "\n\n", "😀", "a", " "]), min_size=1, max_size=12)


@dataclass
class Watcher:
    """Somebody's page, and a check after everything it is told."""

    page: ConversationPage
    batches: AsyncGenerator[list[Any], None]
    planned: str
    shown: str = ""

    async def look(self, times: int = 1) -> None:
        """Take in the next batches; [] when there is nothing new."""
        for _ in range(times):
            async with asyncio.timeout(5):
                loaded = await anext(self.batches) == [Resync()]
            self.check(loaded)

    def check(self, loaded: bool) -> None:
        text = self.page.text if self.page.running else self._ended()
        assert self.planned.startswith(text)
        assert loaded or self.page.running is None or text.startswith(self.shown)
        self.shown = text

    def _ended(self) -> str:
        answers = [one.content for one in self.page.in_order if one.role == Role.ASSISTANT]
        return answers[-1] if answers else ""


@dataclass
class Scene:
    """A conversation with an answer that runs, step by step, as the runner would write it."""

    database: Database
    live: Live
    conversation_id: UUID
    begun: record.Begun
    planned: str
    said: str = ""
    stored: str = ""
    position: Position = LOST
    watchers: list[Watcher] = field(default_factory=list)

    async def piece(self, text: str) -> None:
        event = TextArrived(self.begun.message.id, len(self.said), text)
        self.said += text
        self.position = await self.live.append(self.conversation_id, event)

    async def save(self) -> None:
        await leases.save_partial(self.database, self.begun.message.id, self.said, self.position)
        self.stored = self.said

    async def join(self) -> None:
        transcript = await read(self.database, self.live, self.conversation_id)
        page = ConversationPage()
        page.load(transcript)
        assert page.text == self.stored
        batches = follow(
            self.database,
            self.live,
            self.conversation_id,
            page,
            transcript.follow_from,
            heartbeat=0,
            reload_pause=0,
        )
        self.watchers.append(Watcher(page, batches, self.planned, page.text))

    async def look(self, who: int, times: int) -> None:
        if self.watchers:
            await self.watchers[who % len(self.watchers)].look(times)

    async def noise(self, count: int) -> None:
        """Enough other events push the answer's out of a short log."""
        for _ in range(count):
            await self.live.append(self.conversation_id, Typing(Role.USER, ""))

    async def forget(self) -> None:
        await forget(self.live, self.conversation_id)

    async def interrupt(self) -> None:
        await says(self.database, self.conversation_id, "One more thing.", live=self.live)

    async def end(self) -> None:
        tally = record.Tally(text=self.said)
        message = await record.commit(self.database, self.live, self.begun, tally, MessageState.COMPLETE)
        assert message is not None
        await self.live.append(self.conversation_id, TurnEnded(message))

    async def die(self) -> None:
        """The server is killed: its log is gone, and whoever meets the turn later fails it."""
        await forget(self.live, self.conversation_id)
        async with self.database.transaction() as session:
            turn = await session.get_one(Turn, self.begun.turn_id)
            turn.lease_until -= leases.LEASE + timedelta(seconds=1)
        assert self.conversation_id in await leases.fail_expired(self.database, self.live)

    async def all_know_the_end(self) -> None:
        recorded = (await read(self.database, self.live, self.conversation_id)).messages
        for watcher in self.watchers:
            await watcher.look(4)
            assert watcher.page.running is None
            assert [_seen(one) for one in watcher.page.in_order] == [_seen(one) for one in recorded]
            await watcher.batches.aclose()


Step = Callable[[Scene], Coroutine[Any, Any, None]]

STEPS: st.SearchStrategy[Step] = st.one_of(
    st.just(Scene.save),
    st.just(Scene.join),
    st.just(Scene.forget),
    st.just(Scene.interrupt),
    st.builds(lambda count: lambda scene: scene.noise(count), st.integers(1, 8)),
    st.builds(lambda who, times: lambda scene: scene.look(who, times), st.integers(0, 5), st.integers(1, 3)),
)


@st.composite
def programs(draw: st.DrawFn) -> "Program":
    """How much the log keeps, the answer's pieces, what happens around each, and whether the server dies."""
    pieces = draw(PIECES)
    steps = st.lists(STEPS, max_size=5)
    between = draw(st.lists(steps, min_size=len(pieces) + 1, max_size=len(pieces) + 1))
    return draw(st.integers(2, 12)), pieces, between, draw(st.booleans())


Program = tuple[int, list[str], list[list[Step]], bool]


async def play(database: Database, new_live: NewLive, program: Program) -> None:
    async with new_live(program[0]) as live:
        await play_on(database, live, program)


async def play_on(database: Database, live: Live, program: Program) -> None:
    _, pieces, between, dies = program
    conversation = await conversation_of(database, ALICE)
    await says(database, conversation.id, "How long?", live=live)
    begun = await record.begin(database, live, conversation.id, runner="r", assistant="claude", model="")
    assert begun is not None
    scene = Scene(database, live, conversation.id, begun, "".join(pieces), position=begun.message.position)
    await scene.join()
    await live.append(conversation.id, Thinking(begun.message))
    for steps, piece in zip(between, [*pieces, None], strict=True):
        for step in steps:
            await step(scene)
        if piece is not None:
            await scene.piece(piece)
    await (scene.die() if dies else scene.end())
    await scene.all_know_the_end()


@ON_A_DATABASE
@given(programs())
async def test_a_page_shows_a_beginning_of_the_answer_and_in_the_end_all_of_it(
    database: Database, new_live: NewLive, program: Program
) -> None:
    await play(database, new_live, program)


@pytest.mark.soak
@LONG
@given(programs())
async def test_a_page_shows_a_beginning_of_the_answer_in_many_more_programs(
    database: Database, new_live: NewLive, program: Program
) -> None:
    await play(database, new_live, program)


# The same with the real runner, and pages that follow all the while


CHAOS = st.lists(st.sampled_from(["join", "forget", "noise", "nothing"]), max_size=3)


@st.composite
def answers(draw: st.DrawFn) -> "Answer":
    """How much the log keeps, how often the answer is saved, its pieces, and what happens at each pause."""
    pieces = draw(PIECES.filter(lambda pieces: bool("".join(pieces).strip())))
    chaos = draw(st.lists(CHAOS, min_size=len(pieces), max_size=len(pieces)))
    return draw(st.integers(3, 30)), draw(st.sampled_from([0.0, 0.005, 60.0])), pieces, chaos


Answer = tuple[int, float, list[str], list[list[str]]]


async def run(database: Database, new_live: NewLive, answer: Answer) -> None:
    async with new_live(answer[0]) as live:
        await run_on(database, live, answer)


async def run_on(database: Database, live: Live, answer: Answer) -> None:
    keep, save_every, pieces, chaos = answer
    assistant = ScriptedAssistant()
    for piece in pieces:
        assistant.says(piece).pauses()
    desk = small_desk(database, assistant=assistant, live=live, save_every=save_every)
    conversation = await conversation_of(database, ALICE)
    await says(database, conversation.id, "How long?", live=live)
    watching: list[asyncio.Task[ConversationPage]] = []
    planned = "".join(pieces).lstrip()

    desk.runner.wake(conversation.id)
    for number, happenings in enumerate(chaos):
        await assistant.paused(number + 1)
        for what in happenings:
            if what == "join":
                watching.append(asyncio.create_task(watch(database, live, conversation.id, planned)))
                await asyncio.sleep(0)
            elif what == "forget":
                await forget(live, conversation.id)
            elif what == "noise":
                for _ in range(keep):
                    await live.append(conversation.id, Typing(Role.USER, ""))
        assistant.resume()
    await desk.runner.idle()

    recorded = (await read(database, live, conversation.id)).messages
    assert recorded[-1].content == planned
    for page in await asyncio.gather(*watching):
        assert [_seen(one) for one in page.in_order] == [_seen(one) for one in recorded]


async def watch(database: Database, live: Live, conversation_id: UUID, planned: str) -> ConversationPage:
    """Open a page and look at it until the answer has ended."""
    transcript = await read(database, live, conversation_id)
    page = ConversationPage()
    page.load(transcript)
    following = follow(
        database, live, conversation_id, page, transcript.follow_from, heartbeat=0.02, reload_pause=0.002
    )
    watcher = Watcher(page, following, planned, page.text)
    async with aclosing(following):
        while page.running is not None:
            await watcher.look()
    return page


@settings(ON_A_DATABASE, max_examples=15)
@given(answers())
async def test_pages_that_follow_a_real_turn_see_it_grow_and_end(
    database: Database, new_live: NewLive, answer: Answer
) -> None:
    await run(database, new_live, answer)


@pytest.mark.soak
@LONG
@given(answers())
async def test_pages_that_follow_many_more_real_turns_see_them_grow_and_end(
    database: Database, new_live: NewLive, answer: Answer
) -> None:
    await run(database, new_live, answer)


def _seen(message: MessageView) -> tuple[object, ...]:
    return (message.id, message.seq, message.state, message.content, message.notice)
