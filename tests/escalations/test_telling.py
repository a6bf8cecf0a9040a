"""Who is told of a hand-off: webhooks as it is requested, everybody when nobody is there or claims it."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from supportbot import outbox
from supportbot.conversations.changes import changing
from supportbot.conversations.events import DESK, WaitsTooLong
from supportbot.database import Database
from supportbot.escalations import handoff
from supportbot.escalations.releasing import release_abandoned
from supportbot.escalations.steps import queue_up
from supportbot.escalations.telling import tell_of_unclaimed
from supportbot.ids import now
from supportbot.models import Channel, Conversation, Outbox, Reason, Trigger, Visitor
from supportbot.outbox import Outlets
from supportbot.staff import accounts, presence
from tests.people import ALICE, BOB, alex, conversation_of, sam, says
from tests.scripted import SmallDesk, small_desk

pytestmark = pytest.mark.anyio

TEN = timedelta(minutes=10)
WORDS = "My canary-4711 was charged twice."


@pytest.fixture
def desk(database: Database) -> SmallDesk:
    outbox.open_outlets(database, Outlets(frozenset(Channel), "https://support.acme.example", "Acme"))
    return small_desk(database)


async def waiting(desk: SmallDesk, brief: str = "Charged twice.", customer: Any = ALICE) -> Any:
    """A conversation that waits for a person."""
    conversation = await conversation_of(desk.database, customer)
    await says(desk.database, conversation.id, WORDS)
    await handoff.escalate(
        desk.database,
        desk.live,
        conversation.id,
        reason=Reason.REFUND_OR_ACCOUNT_CHANGE,
        trigger=Trigger.CUSTOMER,
        brief=brief,
    )
    return conversation.id


async def written(desk: SmallDesk, topic: str) -> list[Outbox]:
    async with desk.database.reading() as session:
        return list(await session.exec(select(Outbox).where(Outbox.topic == topic)))


async def test_a_request_is_told_in_its_own_transaction_with_facts_and_no_words(desk: SmallDesk) -> None:
    conversation_id = await waiting(desk)

    (row,) = await written(desk, "handoff.requested")
    data = row.payload["data"]
    assert (row.payload["type"], row.channel) == ("handoff.requested", Channel.WEBHOOK)
    assert data["conversation_id"] == str(conversation_id)
    assert data["url"] == f"https://support.acme.example/escalations/{conversation_id}"
    assert (data["reason"], data["trigger"]) == ("refund_or_account_change", "customer")
    assert "canary" not in str(row.payload)
    assert "Charged" not in str(row.payload)


async def test_escalating_twice_is_told_once(desk: SmallDesk) -> None:
    conversation_id = await waiting(desk)
    await handoff.escalate(
        desk.database, desk.live, conversation_id, reason=Reason.POLICY, trigger=Trigger.POLICY
    )

    assert len(await written(desk, "handoff.requested")) == 1


async def test_taking_over_is_no_request(desk: SmallDesk) -> None:
    conversation = await conversation_of(desk.database, ALICE)
    await handoff.take_over(desk.database, desk.live, conversation.id, await sam(desk.database))

    assert await written(desk, "handoff.requested") == []


# When nobody is there


async def mails(desk: SmallDesk, topic: str) -> list[Outbox]:
    return [row for row in await written(desk, topic) if row.channel == Channel.MAIL]


async def test_while_nobody_is_at_the_desk_everybody_gets_a_mail_at_once(desk: SmallDesk) -> None:
    for staff in (await sam(desk.database), await alex(desk.database)):
        await presence.seen(desk.database, staff.id, now() - timedelta(hours=1))

    conversation_id = await waiting(desk)

    letters = await mails(desk, "handoff.requested")
    assert sorted(letter.recipient for letter in letters) == ["alex@example.com", "sam@example.com"]
    body = letters[0].payload["body"]
    assert "has asked for a person, and nobody is at the desk." in body
    assert f"https://support.acme.example/escalations/{conversation_id}" in body
    assert "canary" not in body
    (hook,) = [row for row in await written(desk, "handoff.requested") if row.channel == Channel.WEBHOOK]
    assert hook.payload["data"]["anybody_there"] is False


async def test_while_somebody_is_at_the_desk_nobody_gets_a_mail(desk: SmallDesk) -> None:
    await alex(desk.database)
    await presence.seen(desk.database, (await sam(desk.database)).id, now())

    await waiting(desk)

    assert await mails(desk, "handoff.requested") == []
    (hook,) = await written(desk, "handoff.requested")
    assert hook.payload["data"]["anybody_there"] is True


async def test_somebody_who_is_away_or_gone_would_not_notice(desk: SmallDesk) -> None:
    one, other = await sam(desk.database), await alex(desk.database)
    for staff in (one, other):
        await presence.seen(desk.database, staff.id, now())
    await presence.away(desk.database, one.id, True)
    await accounts.disable(desk.database, other.email)

    await waiting(desk)

    assert [letter.recipient for letter in await mails(desk, "handoff.requested")] == ["sam@example.com"]


async def test_two_workers_that_escalate_at_once_mail_once(desk: SmallDesk) -> None:
    await sam(desk.database)
    conversation = await conversation_of(desk.database, ALICE)
    other = small_desk(desk.database)

    queued = await asyncio.gather(
        *(
            handoff.escalate(
                worker.database,
                worker.live,
                conversation.id,
                reason=Reason.ASKED_FOR_PERSON,
                trigger=Trigger.CUSTOMER,
            )
            for worker in (desk, other, desk, other)
        )
    )

    assert queued.count(True) == 1
    assert len(await mails(desk, "handoff.requested")) == 1


async def test_what_is_rolled_back_is_not_mailed(desk: SmallDesk) -> None:
    await sam(desk.database)
    conversation = await conversation_of(desk.database, ALICE)

    with pytest.raises(ZeroDivisionError):
        async with changing(desk.database, desk.live, conversation.id) as change:
            await queue_up(change, reason=Reason.POLICY, trigger=Trigger.POLICY)
            raise ZeroDivisionError

    assert await desk.rows(Outbox) == []


async def test_each_time_nobody_is_there_is_a_mail_of_its_own(desk: SmallDesk) -> None:
    await sam(desk.database)
    conversation_id = await waiting(desk)
    await handoff.no_longer_needed(desk.database, desk.live, conversation_id)
    await handoff.escalate(
        desk.database, desk.live, conversation_id, reason=Reason.POLICY, trigger=Trigger.POLICY
    )

    assert len(await mails(desk, "handoff.requested")) == 2


async def test_a_customer_who_comes_back_to_an_empty_desk_is_told_of_too(desk: SmallDesk) -> None:
    staff = await sam(desk.database)
    conversation = await conversation_of(desk.database, ALICE)
    await handoff.take_over(desk.database, desk.live, conversation.id, staff)
    await handoff.resolve(desk.database, desk.live, conversation.id, staff)

    await says(desk.database, conversation.id, WORDS)

    (letter,) = await mails(desk, "handoff.requested")
    assert str(conversation.id) in letter.payload["body"]


async def test_what_somebody_left_behind_is_told_of_anew(desk: SmallDesk) -> None:
    one, other = await sam(desk.database), await alex(desk.database)
    conversation_id = await waiting(desk)
    await handoff.claim(desk.database, desk.live, conversation_id, other)
    await accounts.disable(desk.database, other.email)

    await release_abandoned(desk.database, desk.live)

    anew = [letter.recipient for letter in (await mails(desk, "handoff.requested"))[2:]]
    assert anew == [one.email]


async def test_a_mail_at_once_and_one_later_are_two(desk: SmallDesk) -> None:
    await sam(desk.database)
    await waiting(desk)

    await tell_of_unclaimed(desk.database, desk.live, TEN, now() + TEN)

    assert len(await mails(desk, "handoff.requested")) == 1
    assert len(await mails(desk, "handoff.unclaimed")) == 1


# When nobody claims it


async def test_the_open_pages_of_the_desk_hear_that_somebody_waits_too_long(desk: SmallDesk) -> None:
    conversation_id = await waiting(desk)
    start = await desk.live.position(DESK)

    await tell_of_unclaimed(desk.database, desk.live, TEN, now() + TEN)
    await tell_of_unclaimed(desk.database, desk.live, TEN, now() + 2 * TEN)

    (heard,) = await anext(desk.live.follow(DESK, start))
    assert heard.event == WaitsTooLong(conversation_id)


async def test_the_desk_hears_of_it_without_any_channel_too(database: Database) -> None:
    desk = small_desk(database)
    await waiting(desk)

    assert await tell_of_unclaimed(database, desk.live, TEN, now() + TEN) == 1
    assert await desk.rows(Outbox) == []


async def test_everybody_is_told_of_one_that_nobody_claims(desk: SmallDesk) -> None:
    await sam(desk.database)
    await alex(desk.database)
    conversation_id = await waiting(desk)

    assert await tell_of_unclaimed(desk.database, desk.live, TEN, now() + TEN) == 1

    rows = await written(desk, "handoff.unclaimed")
    mails = [row for row in rows if row.channel == Channel.MAIL]
    assert sorted(mail.recipient for mail in mails) == ["alex@example.com", "sam@example.com"]
    body = mails[0].payload["body"]
    assert f"https://support.acme.example/escalations/{conversation_id}" in body
    assert "Charged twice." in body
    assert "Tried:" not in body
    assert "canary" not in body
    assert "for 10 minutes" in body
    (webhook,) = [row for row in rows if row.channel == Channel.WEBHOOK]
    assert webhook.payload["data"]["unclaimed_minutes"] == 10
    assert "Charged" not in str(webhook.payload)


async def test_nobody_is_told_too_early(desk: SmallDesk) -> None:
    await sam(desk.database)
    before = now()
    await waiting(desk)

    assert await tell_of_unclaimed(desk.database, desk.live, TEN, before + TEN) == 0
    assert await tell_of_unclaimed(desk.database, desk.live, TEN, now() + TEN) == 1


async def test_each_is_told_once_also_after_the_outbox_was_swept(desk: SmallDesk) -> None:
    await sam(desk.database)
    await waiting(desk)
    later = now() + TEN
    assert await tell_of_unclaimed(desk.database, desk.live, TEN, later) == 1
    async with desk.database.transaction() as session:
        for row in (await session.exec(select(Outbox))).all():
            await session.delete(row)

    assert await tell_of_unclaimed(desk.database, desk.live, TEN, later + timedelta(days=40)) == 0
    assert await written(desk, "handoff.unclaimed") == []


async def test_a_new_request_of_the_same_customer_is_told_again(desk: SmallDesk) -> None:
    await sam(desk.database)
    conversation_id = await waiting(desk)
    await tell_of_unclaimed(desk.database, desk.live, TEN, now() + TEN)
    await handoff.no_longer_needed(desk.database, desk.live, conversation_id)
    await handoff.escalate(
        desk.database, desk.live, conversation_id, reason=Reason.POLICY, trigger=Trigger.POLICY
    )

    assert await tell_of_unclaimed(desk.database, desk.live, TEN, now() + TEN) == 1


async def test_one_that_was_claimed_or_closed_is_nobodys_business(desk: SmallDesk) -> None:
    staff = await sam(desk.database)
    claimed, cancelled = await waiting(desk), await waiting(desk, customer=BOB)
    await handoff.claim(desk.database, desk.live, claimed, staff)
    await handoff.no_longer_needed(desk.database, desk.live, cancelled)

    assert await tell_of_unclaimed(desk.database, desk.live, TEN, now() + TEN) == 0


async def test_two_workers_that_look_at_once_tell_once(desk: SmallDesk) -> None:
    await sam(desk.database)
    for _ in range(5):
        await waiting(desk)
    at = now() + TEN

    told = await asyncio.gather(*(tell_of_unclaimed(desk.database, desk.live, TEN, at) for _ in range(3)))

    assert sum(told) == 5
    assert len(await written(desk, "handoff.unclaimed")) == 10  # a mail and a webhook each


async def test_a_customer_may_call_themselves_anything(desk: SmallDesk) -> None:
    await sam(desk.database)
    conversation_id = await waiting(desk, brief="  \r\nBcc: x@y.example\n.\n")
    async with desk.database.transaction() as session:
        conversation = await session.get(Conversation, conversation_id)
        assert conversation is not None
        visitor = await session.get(Visitor, conversation.visitor_id)
        assert visitor is not None
        visitor.name = "Alice\nBcc: everybody@example.com " + "x" * 80

    await tell_of_unclaimed(desk.database, desk.live, TEN, now() + TEN)

    (mail,) = [row for row in await written(desk, "handoff.unclaimed") if row.channel == Channel.MAIL]
    assert mail.payload["subject"].startswith("Alice Bcc: everybody@example.com xxx")
    assert "\n" not in mail.payload["subject"]
    assert len(mail.payload["subject"]) < 100
    assert mail.payload["body"].startswith("Alice Bcc")


async def test_without_a_channel_nothing_is_written(database: Database) -> None:
    await sam(database)
    desk = small_desk(database)
    await waiting(desk)

    assert await desk.rows(Outbox) == []
