"""A thumb on an answer: the last one counts, and only a thumb is one."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from supportbot.conversations.changes import changing
from supportbot.conversations.events import CaseChanged, Rated, staff_topic
from supportbot.conversations.live import MemoryLive, Position
from supportbot.conversations.transcript import read
from supportbot.database import Database
from supportbot.errors import Refused
from supportbot.models import Complaint, Message, Outcome, Rating, Role
from supportbot.quality.ratings import COMMENT_CHARACTERS, NOT_DOWN, NOTHING_SAID, complain, rate
from tests.people import ALICE, conversation_of

pytestmark = pytest.mark.anyio


@pytest.fixture
def live() -> MemoryLive:
    return MemoryLive()


@pytest.fixture
async def alices(database: Database) -> UUID:
    return (await conversation_of(database, ALICE)).id


@pytest.fixture
async def answer(database: Database, alices: UUID) -> Message:
    return await answered(database, alices)


async def answered(database: Database, conversation_id: UUID) -> Message:
    async with changing(database, MemoryLive(), conversation_id) as change:
        return await change.add(
            Message(conversation_id=conversation_id, seq=0, role=Role.ASSISTANT, content="Five days.")
        )


async def shown(database: Database, answer: Message) -> int:
    messages = (await read(database, MemoryLive(), answer.conversation_id)).messages
    return next(one.rating for one in messages if one.id == answer.id)


async def outcome(database: Database, conversation_id: UUID) -> int | None:
    async with database.reading() as session:
        return (await session.get_one(Outcome, conversation_id)).rating


@pytest.mark.parametrize("value", [1, -1])
async def test_a_thumb_is_kept_and_shown(
    database: Database, live: MemoryLive, answer: Message, value: int
) -> None:
    await rate(database, live, answer, value)

    assert await shown(database, answer) == value
    assert await outcome(database, answer.conversation_id) == value


async def test_the_last_thumb_counts(database: Database, live: MemoryLive, answer: Message) -> None:
    for value in (1, -1, -1, 1):
        await rate(database, live, answer, value)

    assert await shown(database, answer) == 1


async def test_a_thumb_can_be_taken_back(database: Database, live: MemoryLive, answer: Message) -> None:
    await rate(database, live, answer, 1)
    await rate(database, live, answer, 0)

    assert await shown(database, answer) == 0
    assert await outcome(database, answer.conversation_id) is None


async def test_taking_back_what_was_never_given_is_nothing(
    database: Database, live: MemoryLive, answer: Message
) -> None:
    await rate(database, live, answer, 0)

    assert await outcome(database, answer.conversation_id) is None


async def test_taking_one_back_leaves_the_other(
    database: Database, live: MemoryLive, answer: Message
) -> None:
    other = await answered(database, answer.conversation_id)
    await rate(database, live, answer, -1)
    await rate(database, live, other, 1)

    await rate(database, live, other, 0)

    assert (await shown(database, answer), await shown(database, other)) == (-1, 0)
    assert await outcome(database, answer.conversation_id) == -1


@pytest.mark.parametrize(
    "value", [2, -2, 10**30, True, False, 1.0, "1", None, [], {}, [1], "\x00", float("nan")]
)
async def test_anything_else_is_refused(
    database: Database, live: MemoryLive, answer: Message, value: Any
) -> None:
    with pytest.raises(Refused, match="thumbs up or thumbs down"):
        await rate(database, live, answer, value)

    assert await shown(database, answer) == 0


async def test_thumbs_at_once_are_one_rating(database: Database, live: MemoryLive, answer: Message) -> None:
    await asyncio.gather(*(rate(database, live, answer, value) for value in (1, -1, 1, -1, 1)))

    assert await shown(database, answer) in (1, -1)
    assert await outcome(database, answer.conversation_id) == await shown(database, answer)


async def test_the_other_tab_hears_of_it(database: Database, live: MemoryLive, answer: Message) -> None:
    start: Position = await live.position(answer.conversation_id)

    await rate(database, live, answer, -1)

    batch = await anext(live.follow(answer.conversation_id, start))
    assert [entry.event for entry in batch] == [Rated(answer.id, -1)]


# What was wrong


async def kept(database: Database, answer: Message) -> tuple[int, str | None, str]:
    async with database.reading() as session:
        rating = await session.get_one(Rating, answer.id)
    return rating.value, rating.complaint, rating.comment


async def test_a_reason_comes_after_the_thumb_and_may_have_a_sentence(
    database: Database, live: MemoryLive, answer: Message
) -> None:
    await rate(database, live, answer, -1)
    assert await kept(database, answer) == (-1, None, "")

    await complain(database, live, answer, "incorrect", "  It is ten\r\ndays. ")

    assert await kept(database, answer) == (-1, Complaint.INCORRECT, "It is ten\ndays.")


@pytest.mark.parametrize("complaint", ["", None, "nonsense", 7, {}])
async def test_a_sentence_alone_is_something_else(
    database: Database, live: MemoryLive, answer: Message, complaint: Any
) -> None:
    await rate(database, live, answer, -1)

    await complain(database, live, answer, complaint, "It is ten days.")

    assert await kept(database, answer) == (-1, Complaint.OTHER, "It is ten days.")


async def test_the_last_reason_counts(database: Database, live: MemoryLive, answer: Message) -> None:
    await rate(database, live, answer, -1)
    await complain(database, live, answer, "incorrect", "It is ten days.")
    await complain(database, live, answer, "unclear", "")

    assert await kept(database, answer) == (-1, Complaint.UNCLEAR, "")


@pytest.mark.parametrize("value", [0, 1])
async def test_it_goes_with_the_thumb(
    database: Database, live: MemoryLive, answer: Message, value: int
) -> None:
    await rate(database, live, answer, -1)
    await complain(database, live, answer, "incorrect", "It is ten days.")
    await rate(database, live, answer, -1)
    assert (await kept(database, answer))[1] == Complaint.INCORRECT, "the same thumb again keeps it"

    await rate(database, live, answer, value)

    assert await kept(database, answer) == (value, None, "")


@pytest.mark.parametrize("comment", ["", "   ", None, 7, {}, []])
async def test_nothing_said_is_refused(
    database: Database, live: MemoryLive, answer: Message, comment: Any
) -> None:
    await rate(database, live, answer, -1)

    with pytest.raises(Refused) as refusal:
        await complain(database, live, answer, "nonsense", comment)

    assert refusal.value.sentence == NOTHING_SAID


@pytest.mark.parametrize("comment", ["x" * (COMMENT_CHARACTERS + 1), "\ud800"])
async def test_a_sentence_that_cannot_be_kept_is_refused(
    database: Database, live: MemoryLive, answer: Message, comment: str
) -> None:
    await rate(database, live, answer, -1)

    with pytest.raises(Refused):
        await complain(database, live, answer, "incorrect", comment)

    assert await kept(database, answer) == (-1, None, "")


@pytest.mark.parametrize("value", [None, 0, 1])
async def test_without_a_thumb_down_there_is_nothing_to_complain_about(
    database: Database, live: MemoryLive, answer: Message, value: int | None
) -> None:
    if value is not None:
        await rate(database, live, answer, value)

    with pytest.raises(Refused) as refusal:
        await complain(database, live, answer, "incorrect", "")

    assert refusal.value.sentence == NOT_DOWN


async def test_only_the_desk_hears_of_it(database: Database, live: MemoryLive, answer: Message) -> None:
    await rate(database, live, answer, -1)
    customers = await live.position(answer.conversation_id)
    staffs = await live.position(staff_topic(answer.conversation_id))

    await complain(database, live, answer, "incorrect", "It is ten days.")

    assert await live.position(answer.conversation_id) == customers
    batch = await anext(live.follow(staff_topic(answer.conversation_id), staffs))
    assert [entry.event for entry in batch] == [CaseChanged(answer.conversation_id)]
