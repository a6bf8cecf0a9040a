"""A customer's message on its way in: stored once, acknowledged once, and sent where it belongs."""

import asyncio
from uuid import UUID, uuid4

import pytest

from supportbot.conversations.events import CustomerSaid, Owner
from supportbot.conversations.live import Position
from supportbot.conversations.transcript import Browser, conversation_with, past, read, visitor_with
from supportbot.database import Database
from supportbot.errors import RateLimited, Refused
from supportbot.escalations import handoff
from supportbot.escalations.acknowledging import ACKNOWLEDGEMENTS
from supportbot.models import (
    Conversation,
    Handoff,
    Kind,
    Message,
    MessageState,
    Outcome,
    Reason,
    Role,
    Trigger,
    Visitor,
)
from supportbot.turns.intake import Intake
from tests.people import ALICE, BOB, REOPEN_WITHIN, Customer, sam
from tests.scripted import SmallDesk, small_desk

pytestmark = pytest.mark.anyio

HOME = "192.0.2.1"


@pytest.fixture
def desk(database: Database) -> SmallDesk:
    return small_desk(database)


async def begin(
    desk: SmallDesk, text: object = "How long?", key: object = "key 1", customer: Customer = ALICE
) -> UUID:
    return await desk.intake.begin(customer.token_hash, HOME, text, key, Browser())


async def say(desk: SmallDesk, conversation_id: UUID, text: object, key: object = None) -> None:
    conversation = await desk.only(Conversation, id=conversation_id)
    await desk.intake.say(conversation_id, conversation.visitor_id, HOME, text, key)


async def owner(desk: SmallDesk, conversation_id: UUID) -> Owner:
    return (await read(desk.database, desk.live, conversation_id)).owner


async def texts(desk: SmallDesk, conversation_id: UUID, role: Role = Role.USER) -> list[str]:
    return [one.content for one in await desk.messages(conversation_id) if one.role == role]


# Beginning


async def test_the_first_message_opens_a_conversation_and_is_answered(desk: SmallDesk) -> None:
    desk.assistant.says("Five days.")

    conversation_id = await begin(desk)
    await desk.runner.idle()

    assert await texts(desk, conversation_id) == ["How long?"]
    assert await texts(desk, conversation_id, Role.ASSISTANT) == ["Five days."]
    assert (await desk.only(Outcome)).customer_messages == 1


async def test_where_it_was_started_is_kept_however_long(desk: SmallDesk) -> None:
    desk.assistant.says("Five days.")
    browser = Browser("/pricing?" + "x" * 5_000, "Mozilla " + "y" * 5_000, "https://" + "z" * 5_000)

    await desk.intake.begin(ALICE.token_hash, HOME, "How long?", "key", browser)

    kept = await desk.only(Conversation)
    assert kept.page.startswith("/pricing?x")
    assert (len(kept.page), len(kept.user_agent), len(kept.referrer)) == (2_000, 500, 2_000)


async def test_beginning_twice_with_one_key_is_beginning_once(desk: SmallDesk) -> None:
    desk.assistant.says("Five days.")

    first, second = await begin(desk), await begin(desk)

    assert first == second
    assert len(await desk.rows(Conversation)) == 1
    assert len(desk.intake.limits.counted) == 1


async def test_beginning_at_once_with_one_key_is_beginning_once(desk: SmallDesk) -> None:
    desk.assistant.says("Five days.")

    found = await asyncio.gather(*(begin(desk) for _ in range(6)))
    await desk.runner.idle()

    assert len(set(found)) == 1
    assert len(await desk.rows(Conversation)) == 1
    assert await texts(desk, found[0]) == ["How long?"]
    assert len(desk.assistant.requests) == 1


async def test_two_tabs_of_a_new_visitor_make_one_visitor(desk: SmallDesk) -> None:
    visitors = await asyncio.gather(*(visitor_with(desk.database, ALICE.token_hash) for _ in range(8)))

    assert len({visitor.id for visitor in visitors}) == 1
    assert len(await desk.rows(Visitor)) == 1


async def test_two_tabs_of_a_new_visitor_may_begin_at_once(desk: SmallDesk) -> None:
    desk.assistant.says("One.").then.says("Two.")

    found = await asyncio.gather(begin(desk, key="tab 1"), begin(desk, key="tab 2"))
    await desk.runner.idle()

    assert len(set(found)) == 2
    assert len(await desk.rows(Visitor)) == 1


async def test_the_same_key_of_two_customers_is_two_conversations(desk: SmallDesk) -> None:
    desk.assistant.says("One.").then.says("Two.")

    assert await begin(desk) != await begin(desk, customer=BOB)
    assert await conversation_with(desk.database, BOB.token_hash, "visitor:another key") is None


async def test_a_refused_first_message_leaves_nothing(desk: SmallDesk) -> None:
    for text in ("", " \n", "x" * 2_001, None, {"message": "hello"}, "\ud800"):
        with pytest.raises(Refused):
            await begin(desk, text)

    assert await desk.rows(Conversation) == await desk.rows(Visitor) == []


async def test_a_first_message_over_the_limit_leaves_nothing(desk: SmallDesk) -> None:
    hurried = Intake(desk.database, desk.live, UsedUp(), desk.runner, lambda: REOPEN_WITHIN)

    with pytest.raises(RateLimited):
        await hurried.begin(ALICE.token_hash, HOME, "How long?", "key", Browser())

    assert await desk.rows(Conversation) == []
    assert await desk.rows(Visitor) == []


async def test_a_first_message_counts_for_the_visitor_it_makes(desk: SmallDesk) -> None:
    conversation_id = await begin(desk, "I want my money back")

    conversation = await desk.only(Conversation, id=conversation_id)
    assert desk.intake.limits.counted == [(conversation.visitor_id, HOME)]


# Saying


async def test_saying_twice_is_saying_once(desk: SmallDesk) -> None:
    desk.assistant.says("Five days.").then.says("To your card.")
    conversation_id = await begin(desk)
    await desk.runner.idle()

    await say(desk, conversation_id, "Where to?", "key 2")
    await say(desk, conversation_id, "Where to?", "key 2")
    await desk.runner.idle()

    assert await texts(desk, conversation_id) == ["How long?", "Where to?"]
    assert (await desk.only(Outcome)).customer_messages == 2
    assert len(await _acknowledged(desk, conversation_id)) == 2


async def test_saying_at_once_is_saying_once(desk: SmallDesk) -> None:
    desk.assistant.says("Five days.").then.says("To your card.").then.says("To your card.")
    conversation_id = await begin(desk)
    await desk.runner.idle()

    await asyncio.gather(*(say(desk, conversation_id, "Where to?", "key 2") for _ in range(6)))
    await desk.runner.idle()

    assert await texts(desk, conversation_id) == ["How long?", "Where to?"]
    assert len(await _acknowledged(desk, conversation_id)) == 2


async def test_the_same_words_under_another_key_are_said_again(desk: SmallDesk) -> None:
    desk.assistant.says("Five days.").then.says("Yes.").then.says("Yes.")
    conversation_id = await begin(desk)
    await say(desk, conversation_id, "Hello?", "key 2")
    await say(desk, conversation_id, "Hello?", "key 3")
    await desk.runner.idle()

    assert await texts(desk, conversation_id) == ["How long?", "Hello?", "Hello?"]


@pytest.mark.parametrize("key", [None, "", 7, {"a": 1}, "\ud800", "\x00"])
async def test_a_message_without_a_usable_key_is_stored_all_the_same(desk: SmallDesk, key: object) -> None:
    desk.assistant.says("Five days.")

    conversation_id = await begin(desk, key=key)

    assert await texts(desk, conversation_id) == ["How long?"]


async def test_many_messages_at_once_are_numbered_without_gaps(desk: SmallDesk) -> None:
    conversation_id = await begin(desk, "I want my money back")

    await asyncio.gather(*(say(desk, conversation_id, f"message {n}", f"key {n + 2}") for n in range(10)))

    rows = await desk.messages(conversation_id)
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert sorted((await texts(desk, conversation_id))[1:]) == [f"message {n}" for n in range(10)]


async def test_a_refused_message_is_neither_stored_nor_counted(desk: SmallDesk) -> None:
    desk.assistant.says("Five days.")
    conversation_id = await begin(desk)
    counted = len(desk.intake.limits.counted)

    with pytest.raises(Refused):
        await say(desk, conversation_id, "x" * 2_001)

    assert len(desk.intake.limits.counted) == counted
    assert await texts(desk, conversation_id) == ["How long?"]


async def test_the_subject_is_the_beginning_of_the_first_message(desk: SmallDesk) -> None:
    desk.assistant.says("Yes.").then.says("Yes.")
    conversation_id = await begin(desk, "How  long\n do " + "refunds " * 20)
    await say(desk, conversation_id, "Another thing")
    await desk.runner.idle()

    (line,) = await past(desk.database, ALICE.token_hash)
    assert line.subject.startswith("How long do refunds refunds")
    assert len(line.subject) == 80


# Where it goes


async def test_while_people_have_it_the_assistant_is_not_asked(desk: SmallDesk) -> None:
    conversation_id = await begin(desk, "I want to talk to a human")
    await handoff.claim(desk.database, desk.live, conversation_id, await sam(desk.database))

    await say(desk, conversation_id, "Hello?")
    await desk.runner.idle()

    assert desk.assistant.requests == []
    assert await owner(desk, conversation_id) == Owner.STAFF


async def test_a_plain_request_for_a_person_needs_no_model(desk: SmallDesk) -> None:
    conversation_id = await begin(desk, "Let me talk to a human, please.")

    waiting = await desk.only(Handoff)
    assert (waiting.reason, waiting.trigger) == (Reason.ASKED_FOR_PERSON, Trigger.CUSTOMER)
    assert waiting.brief.startswith("Wanted: to talk to a person")
    assert await owner(desk, conversation_id) == Owner.WAITING
    assert desk.assistant.requests == []


async def test_a_demand_for_money_back_goes_to_people_by_policy(desk: SmallDesk) -> None:
    await begin(desk, "I want my money back")

    waiting = await desk.only(Handoff)
    assert (waiting.reason, waiting.trigger) == (Reason.REFUND_OR_ACCOUNT_CHANGE, Trigger.POLICY)


async def test_the_acknowledgement_follows_the_message_it_answers(desk: SmallDesk) -> None:
    conversation_id = await begin(desk, "I want my money back")

    said, acknowledged = await desk.messages(conversation_id)
    assert (said.role, acknowledged.role, acknowledged.kind) == (Role.USER, Role.SYSTEM, Kind.EVENT)
    assert acknowledged.content == ACKNOWLEDGEMENTS[Reason.REFUND_OR_ACCOUNT_CHANGE]


async def test_asking_for_a_person_stops_the_running_answer(desk: SmallDesk) -> None:
    desk.assistant.says("They take").pauses()
    conversation_id = await begin(desk)
    await desk.assistant.paused()

    await desk.intake.ask_for_person(conversation_id)
    await desk.runner.idle()

    (answer,) = await desk.answers(conversation_id)
    assert (answer.content, answer.state) == ("They take", MessageState.STOPPED)
    assert (await desk.only(Handoff)).brief.startswith("Wanted: “How long?”")


async def test_asking_for_a_person_twice_is_asking_once(desk: SmallDesk) -> None:
    desk.assistant.says("Five days.")
    conversation_id = await begin(desk)
    await desk.runner.idle()

    await asyncio.gather(*(desk.intake.ask_for_person(conversation_id) for _ in range(4)))

    assert len(await desk.rows(Handoff)) == 1
    assert len(await texts(desk, conversation_id, Role.SYSTEM)) == 1


async def test_asking_for_a_person_again_does_not_stop_the_answer_meanwhile(desk: SmallDesk) -> None:
    conversation_id = await begin(desk, "I want to talk to a human")
    await handoff.keep_place(desk.database, desk.live, conversation_id)
    desk.assistant.says("They take ").pauses().says("five days.")
    await say(desk, conversation_id, "How long do refunds take?")
    await desk.assistant.paused()

    await desk.intake.ask_for_person(conversation_id)
    desk.assistant.resume()
    await desk.runner.idle()

    assert await texts(desk, conversation_id, Role.ASSISTANT) == ["They take five days."]


async def test_whoever_keeps_their_place_is_answered_and_never_sent_to_the_end(desk: SmallDesk) -> None:
    conversation_id = await begin(desk, "I want to talk to a human")
    place = (await desk.only(Handoff)).requested_at
    await handoff.keep_place(desk.database, desk.live, conversation_id)
    desk.assistant.says("Soon.")

    await say(desk, conversation_id, "I want to talk to a human")
    await desk.runner.idle()

    assert await texts(desk, conversation_id, Role.ASSISTANT) == ["Soon."]
    assert (await desk.only(Handoff)).requested_at == place
    assert await owner(desk, conversation_id) == Owner.MEANWHILE


async def test_a_message_to_a_conversation_resolved_lately_goes_back_to_people(desk: SmallDesk) -> None:
    conversation_id = await _resolved(desk)

    await say(desk, conversation_id, "It is not solved.")
    await desk.runner.idle()

    waiting = (await desk.rows(Handoff))[-1]
    assert (waiting.reopened, waiting.reason, waiting.trigger) == (
        True,
        Reason.ASKED_FOR_PERSON,
        Trigger.POLICY,
    )
    assert await owner(desk, conversation_id) == Owner.WAITING
    assert (await desk.only(Outcome)).reopened_at is not None
    assert desk.assistant.requests == []


async def test_a_message_to_a_conversation_resolved_long_ago_is_the_assistants(desk: SmallDesk) -> None:
    conversation_id = await _resolved(desk)
    async with desk.database.transaction() as session:
        outcome = await session.get_one(Outcome, conversation_id)
        outcome.resolved_at -= REOPEN_WITHIN
    desk.assistant.says("Five days.")

    await say(desk, conversation_id, "How long do refunds take?")
    await desk.runner.idle()

    assert await owner(desk, conversation_id) == Owner.ASSISTANT
    assert await texts(desk, conversation_id, Role.ASSISTANT) == ["Five days."]
    assert (await desk.only(Outcome)).reopened_at is not None


async def test_asking_for_a_person_reopens_a_resolved_conversation(desk: SmallDesk) -> None:
    conversation_id = await _resolved(desk)

    await desk.intake.ask_for_person(conversation_id)

    assert (await desk.rows(Handoff))[-1].reopened
    assert (await desk.only(Outcome)).reopened_at is not None
    assert await owner(desk, conversation_id) == Owner.WAITING


# Coming back, and trying again


async def test_a_message_nobody_was_woken_for_is_answered_when_the_page_opens(desk: SmallDesk) -> None:
    desk.assistant.says("Five days.")
    conversation_id = await begin(desk, "I want to talk to a human")
    await handoff.no_longer_needed(desk.database, desk.live, conversation_id)
    async with desk.database.transaction() as session:
        conversation = await session.get_one(Conversation, conversation_id)
        conversation.last_seq += 1
        session.add(
            Message(
                conversation_id=conversation_id,
                seq=conversation.last_seq,
                role=Role.USER,
                content="How long?",
            )
        )

    desk.intake.resume(await read(desk.database, desk.live, conversation_id))
    await desk.runner.idle()

    assert await texts(desk, conversation_id, Role.ASSISTANT) == ["Five days."]


async def test_opening_the_page_does_not_start_a_running_answer_over(desk: SmallDesk) -> None:
    desk.assistant.says("They take ").pauses().says("five days.")
    conversation_id = await begin(desk)
    shown = await read(desk.database, desk.live, conversation_id)
    await desk.assistant.paused()

    desk.intake.resume(shown)
    desk.assistant.resume()
    await desk.runner.idle()

    assert [one.state for one in await desk.answers(conversation_id)] == [MessageState.COMPLETE]


async def test_opening_an_answered_page_asks_nobody(desk: SmallDesk) -> None:
    desk.assistant.says("Five days.")
    conversation_id = await begin(desk)
    await desk.runner.idle()

    for _ in range(3):
        desk.intake.resume(await read(desk.database, desk.live, conversation_id))
        await desk.runner.idle()

    assert len(desk.assistant.requests) == 1


async def test_a_failed_answer_is_tried_again(desk: SmallDesk) -> None:
    desk.assistant.says("They take").fails("broken_stream").then.says("Five days.")
    conversation_id = await begin(desk)
    await desk.runner.idle()
    conversation = await desk.only(Conversation)

    await desk.intake.try_again(conversation_id, conversation.visitor_id, HOME)
    await desk.runner.idle()

    assert await texts(desk, conversation_id, Role.ASSISTANT) == ["They take", "Five days."]
    assert len(desk.intake.limits.counted) == 2


async def test_trying_again_twice_at_once_asks_once_and_refuses_nobody(desk: SmallDesk) -> None:
    desk.assistant.says("They take").fails("broken_stream").then.says("Five ").pauses().says("days.")
    conversation_id = await begin(desk)
    await desk.runner.idle()
    visitor = (await desk.only(Conversation)).visitor_id

    tries = [desk.intake.try_again(conversation_id, visitor, HOME) for _ in range(4)]
    await asyncio.gather(*tries)
    await desk.intake.try_again(conversation_id, visitor, HOME)
    await desk.assistant.paused()
    desk.assistant.resume()
    await desk.runner.idle()

    assert len(desk.assistant.requests) == 2


async def test_a_try_while_the_runner_only_looks_for_something_to_answer_is_not_lost(desk: SmallDesk) -> None:
    """As after a sweep, which wakes the conversation at the moment its page first shows the button."""
    desk.assistant.says("They take").fails("broken_stream").then.says("Five days.")
    conversation_id = await begin(desk)
    await desk.runner.idle()
    visitor = (await desk.only(Conversation)).visitor_id

    desk.runner.wake(conversation_id)
    await desk.intake.try_again(conversation_id, visitor, HOME)
    await desk.runner.idle()

    assert [one.content for one in await desk.answers(conversation_id)] == ["They take", "Five days."]


async def test_there_is_nothing_to_try_again_after_an_answer(desk: SmallDesk) -> None:
    desk.assistant.says("Five days.")
    conversation_id = await begin(desk)
    await desk.runner.idle()

    with pytest.raises(Refused):
        await desk.intake.try_again(conversation_id, uuid4(), HOME)


async def test_there_is_nothing_to_try_again_while_people_have_it(desk: SmallDesk) -> None:
    desk.assistant.says("They take").fails("broken_stream")
    conversation_id = await begin(desk)
    await desk.runner.idle()
    await desk.intake.ask_for_person(conversation_id)
    await say(desk, conversation_id, "Hello?")

    with pytest.raises(Refused):
        await desk.intake.try_again(conversation_id, uuid4(), HOME)


class UsedUp:
    async def message(self, visitor: UUID, address: str) -> None:
        raise RateLimited("Please wait 12 seconds.", retry_after=12)


async def _resolved(desk: SmallDesk) -> UUID:
    """A conversation that Sam has resolved."""
    conversation_id = await begin(desk, "I want to talk to a human")
    staff = await sam(desk.database)
    await handoff.claim(desk.database, desk.live, conversation_id, staff)
    await handoff.resolve(desk.database, desk.live, conversation_id, staff)
    return conversation_id


async def _acknowledged(desk: SmallDesk, conversation_id: UUID) -> list[CustomerSaid]:
    end = await desk.live.position(conversation_id)
    batches = desk.live.follow(conversation_id, Position(end.epoch, 0))
    return [entry.event for entry in await anext(batches) if isinstance(entry.event, CustomerSaid)]
