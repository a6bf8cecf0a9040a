"""What somebody who waits is told: what was passed on, how long it takes, whether anybody is there."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest

from supportbot.conversations.guests import let_in
from supportbot.conversations.live import MemoryLive
from supportbot.conversations.visitors import introduce
from supportbot.database import Database
from supportbot.escalations import brief, handoff
from supportbot.escalations.outlook import Outlooks, opens, request_of
from supportbot.escalations.waiting import FEWEST, WaitRange
from supportbot.house.sections import Holiday, Hours, Opening
from supportbot.ids import new_id, now
from supportbot.models import Conversation, Handoff, Reason, Staff, Trigger
from supportbot.staff import presence
from tests.people import ALICE, BOB, CHARLIE, conversation_of, sam, says

pytestmark = pytest.mark.anyio

MONDAY_MORNING = datetime(2026, 6, 8, 10, tzinfo=UTC)
SUNDAY = datetime(2026, 6, 7, 10, tzinfo=UTC)


class House:
    """Hours that can be changed, as owners change them."""

    def __init__(self, *days: int) -> None:
        self.open_on(*days)

    def open_on(self, *days: int) -> None:
        week = tuple(Opening(weekday=day, opens=time(9), closes=time(17)) for day in days)
        self.hours = Hours(always_open=False, time_zone="Europe/Berlin", week=week)

    def close_from(self, moment: datetime) -> None:
        free = tuple(Holiday(day=moment.date() + timedelta(days=days)) for days in range(-1, 390))
        self.hours = Hours(always_open=False, holidays=free)


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house() -> House:
    return House(0)


@pytest.fixture
def outlooks(database: Database, house: House, clock: Clock) -> Outlooks:
    return Outlooks(database, house, presence.anybody_there, clock)


async def waits(database: Database, text: str = "My invoice is wrong.") -> Conversation:
    conversation = await conversation_of(database, ALICE)
    if text:
        await says(database, conversation.id, text)
    await handoff.escalate(
        database,
        MemoryLive(),
        conversation.id,
        reason=Reason.ASKED_FOR_PERSON,
        trigger=Trigger.CUSTOMER,
    )
    return conversation


# What was passed on


async def test_the_customer_reads_what_was_passed_on(database: Database) -> None:
    conversation = await waits(database)

    request = await request_of(database, conversation.id, ALICE.token_hash)

    assert request is not None
    assert "My invoice is wrong." in request.brief


async def test_a_corrected_brief_is_the_customers(database: Database) -> None:
    conversation = await waits(database)
    await brief.correct(database, MemoryLive(), conversation.id, "It is about the invoice of May.")

    request = await request_of(database, conversation.id, ALICE.token_hash)

    assert request is not None
    assert (request.brief, request.brief_by) == ("It is about the invoice of May.", "customer")


async def test_without_a_request_there_is_nothing_to_show(database: Database) -> None:
    conversation = await conversation_of(database, ALICE)
    ended = await waits(database)
    await handoff.no_longer_needed(database, MemoryLive(), ended.id)

    assert await request_of(database, conversation.id, ALICE.token_hash) is None
    assert await request_of(database, ended.id, ALICE.token_hash) is None


async def test_whoever_has_claimed_it_is_shown_with_their_picture(database: Database) -> None:
    conversation = await waits(database)
    staff = await sam(database)
    portrait = new_id()
    async with database.transaction() as session:
        (await session.get_one(Staff, staff.id)).picture_id = portrait
    await handoff.claim(database, MemoryLive(), conversation.id, staff)

    request = await request_of(database, conversation.id, ALICE.token_hash)

    assert request is not None
    assert request.picture == portrait


async def test_the_customer_sees_the_address_they_have_left(database: Database) -> None:
    conversation = await waits(database)
    await introduce(database, conversation.visitor_id, "", "alice@example.com")

    request = await request_of(database, conversation.id, ALICE.token_hash)

    assert request is not None
    assert (request.email, request.begun_here) == ("alice@example.com", True)


async def test_a_guest_sees_only_an_address_they_have_proven_to_read(database: Database) -> None:
    conversation = await waits(database)
    await introduce(database, conversation.visitor_id, "", "alice@example.com")
    async with database.transaction() as session:
        await let_in(session, conversation, BOB.token_hash, "Alice@example.com", now())
        await let_in(session, conversation, CHARLIE.token_hash, "charlie@example.com", now())

    bobs = await request_of(database, conversation.id, BOB.token_hash)
    charlies = await request_of(database, conversation.id, CHARLIE.token_hash)

    assert bobs is not None
    assert charlies is not None
    assert (bobs.email, bobs.begun_here) == ("alice@example.com", False)
    assert (charlies.email, charlies.begun_here) == ("", False)


# Whether anybody is there


async def test_in_hours_with_somebody_at_the_desk_nothing_is_said_of_coming_back(
    database: Database, outlooks: Outlooks
) -> None:
    await presence.seen(database, (await sam(database)).id, MONDAY_MORNING)

    outlook = await outlooks.at(MONDAY_MORNING)

    assert (outlook.open, outlook.present, outlook.back_at) == (True, True, None)


async def test_an_empty_desk_in_hours_is_no_secret(outlooks: Outlooks) -> None:
    outlook = await outlooks.at(MONDAY_MORNING)

    assert (outlook.open, outlook.present) == (True, False)


async def test_who_is_away_does_not_count_as_there(database: Database, outlooks: Outlooks) -> None:
    staff = await sam(database)
    await presence.seen(database, staff.id, MONDAY_MORNING)
    await presence.away(database, staff.id, True)

    assert not (await outlooks.at(MONDAY_MORNING)).present


async def test_outside_hours_it_says_when_people_are_back(outlooks: Outlooks) -> None:
    outlook = await outlooks.at(SUNDAY)

    assert not outlook.open
    assert outlook.back_at == datetime(2026, 6, 8, 7, tzinfo=UTC)


async def test_a_house_that_never_opens_promises_no_moment(house: House, outlooks: Outlooks) -> None:
    house.close_from(SUNDAY)

    outlook = await outlooks.at(SUNDAY)

    assert (outlook.open, outlook.back_at) == (False, None)


async def test_changed_hours_count_at_once(house: House, outlooks: Outlooks) -> None:
    await outlooks.at(SUNDAY)
    house.open_on(6)

    assert (await outlooks.at(SUNDAY)).open


async def test_the_desk_is_looked_at_seldom_however_many_wait(
    database: Database, outlooks: Outlooks, clock: Clock
) -> None:
    await outlooks.at(MONDAY_MORNING)
    await presence.seen(database, (await sam(database)).id, MONDAY_MORNING)

    clock.now += 14
    before = await outlooks.at(MONDAY_MORNING)
    clock.now += 1
    after = await outlooks.at(MONDAY_MORNING)

    assert (before.present, after.present) == (False, True)


async def test_the_usual_time_is_the_one_others_have_waited(database: Database, outlooks: Outlooks) -> None:
    for hours_ago in range(FEWEST):
        await _waited(database, minutes=5, hours_ago=hours_ago + 1)

    usual = (await outlooks.at(now())).usual(place=1)

    assert usual == WaitRange(5, 5)


async def test_where_nobody_has_waited_yet_no_time_is_said(outlooks: Outlooks) -> None:
    assert (await outlooks.at(now())).usual(place=1) is None


# What an acknowledgement asks


def test_an_acknowledgement_promises_nothing_outside_hours() -> None:
    today = datetime.now(UTC).astimezone().date()
    house = House((today + timedelta(days=3)).weekday())

    closed = opens(house)()

    assert closed is not None
    assert closed.until is not None
    # By the clock of the house, which the sentence names.
    assert (closed.until.hour, str(closed.until.tzinfo)) == (9, "Europe/Berlin")


def test_an_acknowledgement_of_a_house_that_never_opens_names_no_moment(house: House) -> None:
    house.close_from(now())

    closed = opens(house)()

    assert closed is not None
    assert closed.until is None


def test_while_the_house_is_open_it_is_not_closed(house: House) -> None:
    house.hours = Hours()

    assert opens(house)() is None


async def _waited(database: Database, *, minutes: int, hours_ago: int) -> UUID:
    conversation = await conversation_of(database, BOB)
    claimed = now() - timedelta(hours=hours_ago)
    async with database.transaction() as session:
        session.add(
            Handoff(
                conversation_id=conversation.id,
                reason=Reason.ASKED_FOR_PERSON,
                trigger=Trigger.CUSTOMER,
                requested_at=claimed - timedelta(minutes=minutes),
                claimed_at=claimed,
                closed_at=claimed,
            )
        )
    return conversation.id
