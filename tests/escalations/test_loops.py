"""Ten times to people and back: the assistant is never mute, nor calls for people without a new reason."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from supportbot.conversations.events import Owner
from supportbot.database import Database
from supportbot.escalations import handoff, sorting
from supportbot.escalations.counts import SinceBoundary, since_boundary
from supportbot.ids import now
from supportbot.models import Conversation, MessageState, Outcome, Rating, Reason
from supportbot.turns.assistant import AnswerEvent, AnswerRequest, Finished, TextDelta, ToolCall
from supportbot.turns.intake import Intake
from tests.escalations.case import Case
from tests.people import ALICE, REOPEN_WITHIN, alex, conversation_of, sam
from tests.scripted import SPENT, SmallDesk, small_desk

pytestmark = pytest.mark.anyio

HOME = "192.0.2.1"
TIMES = 10
EACH = 3
"""Times for each way back; the test of all ways goes round ten times."""
WORDS_FOR_PEOPLE = ("person", "useless", "lawyer")


@dataclass
class Touchy:
    """A model that takes every word literally: it calls for people whenever its window speaks of them.

    A summary does not impress it, and what colleagues say does neither. All it knows of the rules is that
    a customer who no longer waits has settled the matter.
    """

    name: str = "claude"
    model: str = "claude-sonnet-5-5"
    cites_sources: bool = True
    requests: list[AnswerRequest] = field(default_factory=list)

    async def answer(self, request: AnswerRequest) -> AsyncIterator[AnswerEvent]:
        self.requests.append(request)
        settled = [at for at, said in enumerate(request.history) if handoff.NO_LONGER_WAITS in said.text]
        since = request.history[settled[-1] :] if settled else request.history
        heard = " ".join(said.text for said in since if said.role == "user")
        if request.may_escalate and any(word in heard for word in WORDS_FOR_PEOPLE):
            yield ToolCall("1", "escalate", {"reason": "frustrated", "brief": "Upset."})
        else:
            yield TextDelta(f"Answer {len(self.requests)}.")
        yield Finished("end_turn", self.model, SPENT)


@dataclass
class Loop:
    """Alice at her page, Sam and Alex at the desk, and a touchy model."""

    case: Case
    assistant: Touchy
    visitor: Conversation

    @property
    def intake(self) -> Intake:
        return self.case.desk.intake

    async def says(self, text: str) -> None:
        await self.intake.say(self.case.id, self.visitor.visitor_id, HOME, text, None)
        await self.case.desk.runner.idle()

    async def is_answered(self, text: str) -> None:
        """She asks something harmless, and the assistant answers that, and nothing else happens."""
        answers, handoffs = len(await self._answers()), len(await self.case.handoffs())
        await self.says(text)
        assert await self.case.owner() == Owner.ASSISTANT
        assert len(await self._answers()) == answers + 1
        assert len(await self.case.handoffs()) == handoffs
        assert self.assistant.requests[-1].question == text

    async def goes_to_people(self, text: str, reason: Reason | None = None) -> None:
        """She gives a new reason, and waits."""
        handoffs = len(await self.case.handoffs())
        await self.says(text)
        assert await self.case.owner() == Owner.WAITING
        assert len(await self.case.handoffs()) == handoffs + 1
        if reason is not None:
            assert (await self.case.handoffs())[-1].reason == reason

    async def is_with(self, staff: str) -> None:
        who = {"Sam": self.case.sam, "Alex": self.case.alex}[staff]
        await self.case.do(handoff.claim, who)
        await self.case.reply(who, f"This is {staff}, a person.", f"{len(await self.case.stored())}")
        await self.says("Thank you, that was useless before.")

    async def counted(self) -> SinceBoundary:
        async with self.case.desk.database.reading() as session:
            return await since_boundary(session, self.case.id)

    async def rates_down(self) -> None:
        answer = (await self._answers())[-1]
        async with self.case.desk.database.transaction() as session:
            session.add(Rating(message_id=answer.id, conversation_id=self.case.id, value=-1))

    async def resolved_long_ago(self) -> None:
        async with self.case.desk.database.transaction() as session:
            outcome = await session.get_one(Outcome, self.case.id)
            outcome.resolved_at = now() - REOPEN_WITHIN - timedelta(hours=1)

    async def _answers(self) -> list[object]:
        answers = await self.case.desk.answers(self.case.id)
        return [one for one in answers if one.state == MessageState.COMPLETE]


@pytest.fixture
async def loop(database: Database) -> Loop:
    assistant = Touchy()
    desk: SmallDesk = small_desk(database, assistant=assistant)
    conversation = await conversation_of(database, ALICE)
    case = Case(desk, conversation.id, await sam(database), await alex(database))
    return Loop(case, assistant, conversation)


async def _handed_back(loop: Loop) -> None:
    await loop.case.do(handoff.hand_back, loop.case.sam, "She had asked for a person, and I have helped.")


async def _resolved_and_back_at_the_desk(loop: Loop) -> None:
    await loop.case.do(handoff.resolve, loop.case.sam)
    await loop.says("It broke again, you are useless.")
    assert await loop.case.owner() == Owner.WAITING
    await loop.case.do(handoff.claim, loop.case.alex)
    await loop.case.do(handoff.hand_back, loop.case.alex)


async def _resolved_and_back_much_later(loop: Loop) -> None:
    await loop.case.do(handoff.resolve, loop.case.sam)
    await loop.resolved_long_ago()


async def _reopened_by_a_colleague(loop: Loop) -> None:
    await loop.case.do(handoff.resolve, loop.case.sam)
    await loop.case.do(handoff.reopen, loop.case.alex)
    await loop.case.do(handoff.hand_back, loop.case.alex)


async def _assigned_and_handed_back(loop: Loop) -> None:
    await loop.case.do(handoff.assign, loop.case.sam, loop.case.alex.id, "A person wanted, over to you.")
    await loop.case.do(handoff.hand_back, loop.case.alex)


async def _put_away_by_mistake_and_handed_back(loop: Loop) -> None:
    await loop.case.do(sorting.junk, loop.case.sam)
    await loop.case.do(sorting.not_junk, loop.case.sam)
    await loop.case.do(handoff.hand_back, loop.case.sam)


async def _put_away_as_junk(loop: Loop) -> None:
    await loop.case.do(sorting.junk, loop.case.sam)


WAYS: list[Callable[[Loop], Awaitable[None]]] = [
    _handed_back,
    _resolved_and_back_at_the_desk,
    _resolved_and_back_much_later,
    _reopened_by_a_colleague,
    _assigned_and_handed_back,
    _put_away_by_mistake_and_handed_back,
    _put_away_as_junk,
]


@pytest.mark.parametrize("way", WAYS)
async def test_to_people_and_back_again_and_again(loop: Loop, way: Callable[[Loop], Awaitable[None]]) -> None:
    await loop.is_answered("How long do refunds take?")
    for number in range(EACH):
        await loop.goes_to_people(f"Give me a person. This is time {number}.", Reason.ASKED_FOR_PERSON)
        await loop.is_with("Sam")
        await way(loop)

        await loop.is_answered(f"How do I export project {number}?")
        await loop.is_answered(f"And how do I import it, {number}?")


async def test_ten_times_to_people_and_back_in_every_way(loop: Loop) -> None:
    for number in range(TIMES):
        await loop.goes_to_people(f"Is there a person? I want to talk to a person. {number}")
        await loop.is_with("Sam")
        await WAYS[number % len(WAYS)](loop)

        await loop.is_answered(f"How do I export project {number}?")


async def test_a_new_reason_counts_each_time(loop: Loop) -> None:
    for number in range(EACH):
        await loop.goes_to_people(f"My lawyer will hear of this, {number}.")
        await loop.is_with("Sam")
        await _handed_back(loop)
        await loop.is_answered("How do I export?")


async def test_ten_times_in_the_queue_and_out_of_it_again(loop: Loop) -> None:
    for number in range(TIMES):
        await loop.goes_to_people(f"I want to talk to a person, {number}.")
        await loop.case.do(handoff.no_longer_needed)

        await loop.is_answered(f"How do I export project {number}?")


async def test_thumbs_and_failures_of_before_are_never_held_against_it_again(loop: Loop) -> None:
    for number in range(TIMES):
        await loop.is_answered(f"How do I export project {number}?")
        await loop.rates_down()
        assert await loop.counted() == SinceBoundary(assistant_answers=1, thumbs_down=1)
        await loop.case.do(handoff.take_over, loop.case.sam)
        await WAYS[number % 2](loop)
        assert await loop.counted() == SinceBoundary()


async def test_the_summary_stays_a_paragraph_however_often_it_goes_round(loop: Loop) -> None:
    for number in range(TIMES):
        await loop.goes_to_people(f"I want to talk to a person, {number}. " + "word " * 200)
        await loop.is_with("Sam")
        await _handed_back(loop)
        await loop.is_answered("How do I export?")

    summary = loop.assistant.requests[-1].summary
    assert len(summary) < 5_000
    assert "I have helped." in summary
