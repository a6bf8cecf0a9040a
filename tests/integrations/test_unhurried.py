"""An answer is read from the network once a frame, after its first words, and nothing of it is lost."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from functools import partial

import httpx2
import pytest

from supportbot.integrations.claude import Claude
from supportbot.integrations.unhurried import Unhurried, unhurried
from supportbot.turns.assistant import AnswerRequest, Said, TextDelta
from tests.servers.anthropic_server import AnthropicServer

pytestmark = pytest.mark.anyio

ASKING = AnswerRequest(system="You are Ada.", history=(Said("user", "How long?"),), question="How long?")


class Wire:
    """A byte stream that notes when it is read."""

    def __init__(self) -> None:
        self.reads: list[float] = []
        self.closed = False

    async def receive(self, max_bytes: int = 65_536) -> bytes:
        self.reads.append(asyncio.get_running_loop().time())
        return b"words"

    async def aclose(self) -> None:
        self.closed = True


@pytest.fixture
def server() -> Iterator[AnthropicServer]:
    with AnthropicServer() as server:
        yield server


@pytest.fixture
async def claude(server: AnthropicServer) -> AsyncIterator[Claude]:
    claude = Claude(model="claude-haiku-5-5", api_key="test", base_url=server.url)
    yield claude
    await claude.close()


async def test_two_reads_are_a_frame_apart() -> None:
    wire = Wire()
    patient = Unhurried(wire)
    patient.frame = lambda: 0.05

    assert [await patient.receive() for _ in range(3)] == [b"words"] * 3

    first, second, third = wire.reads
    assert second - first >= 0.05
    assert third - second >= 0.05


async def test_without_a_frame_it_reads_at_once() -> None:
    wire = Wire()
    patient = Unhurried(wire)

    async with asyncio.timeout(1):
        for _ in range(1_000):
            await patient.receive()

    assert len(wire.reads) == 1_000


async def test_everything_else_is_the_streams_own() -> None:
    wire = Wire()

    await Unhurried(wire).aclose()

    assert wire.closed


async def test_a_response_it_does_not_know_is_left_alone() -> None:
    assert unhurried(httpx2.Response(200)) is None


async def test_words_that_come_quickly_arrive_in_a_few_bundles(
    server: AnthropicServer, claude: Claude
) -> None:
    """Fails when the libraries no longer look as `unhurried` knows them: answers then cost more."""
    text = "word " * 60
    server.says(text, pace=0.01)
    bundles: list[list[str]] = []
    newest = 0.0

    async for event in claude.answer(replace(ASKING, frame=lambda: 0.2)):
        if isinstance(event, TextDelta):
            now = asyncio.get_running_loop().time()
            if now - newest > 0.1:
                bundles.append([])
            newest = now
            bundles[-1].append(event.text)

    assert "".join(word for bundle in bundles for word in bundle) == text
    assert len(bundles[0]) == 1, "the first word is not held up"
    assert len(bundles) <= 10


async def test_the_connection_forgets_the_pace_of_the_answer_before(
    server: AnthropicServer, claude: Claude
) -> None:
    asked: list[str] = []

    def frame(answer: str) -> float:
        asked.append(answer)
        return 0.01

    for number in ("first", "second"):
        server.says("One two three.", pace=0.02)
        request = replace(ASKING, frame=partial(frame, number))
        [event async for event in claude.answer(request)]

    assert asked == sorted(asked)
    assert set(asked) == {"first", "second"}
