"""How long it takes is said from what has been, in numbers a person would say, or not at all."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from supportbot.conversations.live import MemoryLive
from supportbot.database import Database
from supportbot.escalations import handoff, queue
from supportbot.escalations.waiting import Waited, WaitRange, wait_range
from supportbot.ids import now
from supportbot.models import Conversation, Handoff, Reason, Trigger
from tests.people import ALICE, conversation_of, sam, says

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def waited(*minutes: float) -> list[Waited]:
    """Customers who came an hour apart, so that nobody stood before anybody."""
    come = [NOON + timedelta(hours=2 * number) for number in range(len(minutes))]
    return [Waited(at, at + timedelta(minutes=long)) for at, long in zip(come, minutes, strict=True)]


def test_fewer_than_five_claims_say_nothing() -> None:
    assert wait_range(waited(4, 4, 4, 4)) is None
    assert wait_range([]) is None


@pytest.mark.parametrize(
    ("minutes", "low", "high"),
    [
        ((4, 6, 7, 8, 12), 5, 10),
        ((4, 4, 4, 4, 4), 3, 5),
        ((0, 0, 0, 0, 0), 1, 1),
        ((11, 12, 13, 18, 24, 600), 10, 30),
        ((700, 800, 900, 1500, 3000), 720, 2880),
        ((5000, 5000, 5000, 5000, 5000), 4320, 5760),
    ],
)
def test_a_range_is_where_most_waits_lie_in_spoken_numbers(
    minutes: tuple[int, ...], low: int, high: int
) -> None:
    assert wait_range(waited(*minutes)) == WaitRange(low, high)


def test_one_endless_wait_does_not_stretch_the_range() -> None:
    assert wait_range(waited(5, 5, 5, 5, 5, 5, 5, 5, 9_000)) == WaitRange(5, 5)


def test_a_clock_that_went_back_is_no_negative_wait() -> None:
    assert wait_range(waited(-5, -5, -5, -5, -5)) == WaitRange(1, 1)


def test_with_a_place_only_those_count_who_stood_about_there() -> None:
    # Every day ten come within ten minutes and are claimed in their order, ten minutes for each.
    crowds = [
        Waited(day + timedelta(minutes=number), day + timedelta(minutes=10 * (number + 1)))
        for day in (NOON, NOON + timedelta(days=1), NOON + timedelta(days=2))
        for number in range(10)
    ]

    first, eighth = wait_range(crowds, place=1), wait_range(crowds, place=8)

    assert first is not None
    assert eighth is not None
    assert first.high <= 20 < eighth.low
    assert wait_range(crowds, place=100) is None


class Claims:
    """Hand-offs that have been claimed."""

    def __init__(self, database: Database) -> None:
        self.database, self.live = database, MemoryLive()

    async def waits(self) -> UUID:
        conversation = await conversation_of(self.database, ALICE)
        await says(self.database, conversation.id, "Hello?")
        await handoff.escalate(
            self.database,
            self.live,
            conversation.id,
            reason=Reason.ASKED_FOR_PERSON,
            trigger=Trigger.CUSTOMER,
        )
        return conversation.id

    async def claimed(self, minutes: int, days_ago: float = 0.0, trigger: Trigger = Trigger.POLICY) -> None:
        conversation = await conversation_of(self.database, ALICE)
        at = now() - timedelta(days=days_ago)
        async with self.database.transaction() as session:
            session.add(
                Handoff(
                    conversation_id=conversation.id,
                    reason=Reason.POLICY,
                    trigger=trigger,
                    requested_at=at - timedelta(minutes=minutes),
                    claimed_at=at,
                )
            )


@pytest.fixture
def claims(database: Database) -> Claims:
    return Claims(database)


@pytest.mark.anyio
async def test_the_range_comes_from_the_newest_claims_of_two_weeks(claims: Claims) -> None:
    for _ in range(6):
        await claims.claimed(minutes=300, days_ago=15)
    for _ in range(4):
        await claims.claimed(minutes=12, days_ago=13)
    assert await queue.waits(claims.database) is None

    await claims.claimed(minutes=12)
    assert await queue.waits(claims.database) == WaitRange(10, 15)


@pytest.mark.anyio
async def test_only_the_newest_claims_count(claims: Claims, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supportbot.escalations.waiting.LOOKED_AT", 5)
    for number in range(5):
        await claims.claimed(minutes=300, days_ago=3)
        await claims.claimed(minutes=12, days_ago=number / 10)

    assert await queue.waits(claims.database) == WaitRange(10, 15)


@pytest.mark.anyio
async def test_who_was_taken_over_and_who_still_waits_has_not_waited(claims: Claims) -> None:
    for _ in range(4):
        await claims.claimed(minutes=12)
    for _ in range(3):
        await claims.claimed(minutes=0, trigger=Trigger.STAFF)
        await claims.waits()

    assert await queue.waits(claims.database) is None


@pytest.mark.anyio
async def test_what_the_desk_has_put_off_is_not_ahead_of_anybody(claims: Claims) -> None:
    first, second = await claims.waits(), await claims.waits()
    await sam(claims.database)
    assert await queue.place_in_queue(claims.database, second) == 2

    async with claims.database.transaction() as session:
        conversation = await session.get(Conversation, first)
        assert conversation is not None
        conversation.snoozed_until = now()

    assert await queue.place_in_queue(claims.database, second) == 1
    assert await queue.place_in_queue(claims.database, first) == 1
