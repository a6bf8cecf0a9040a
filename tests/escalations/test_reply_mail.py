"""A customer who has left hears of a reply in one mail, in which nothing stands of what was said."""

import asyncio
from datetime import timedelta
from email import message_from_bytes
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from supportbot import outbox
from supportbot.channels import MailServer, sender
from supportbot.conversations import return_links
from supportbot.conversations.live import MemoryLive
from supportbot.conversations.seen import mark_seen
from supportbot.conversations.visitors import introduce
from supportbot.database import Database
from supportbot.escalations import handoff, reply_mail
from supportbot.escalations.reply_mail import mail_unseen_replies
from supportbot.ids import new_id, now
from supportbot.integrations.email import Mailer
from supportbot.models import Channel, Conversation, Kind, MailLink, Message, Outbox, Role, Staff, Visitor
from supportbot.outbox import Outlets
from tests.people import ALICE, BOB, CHARLIE, Customer, alex, conversation_of, sam, says

pytestmark = pytest.mark.anyio

AFTER = timedelta(minutes=3)
ADDRESS = "alice@example.com"
URL = "https://support.acme.example"
MAIL = Outlets(frozenset({Channel.MAIL}), URL, "Acme")
LIVE = MemoryLive()


@pytest.fixture
def mailing(database: Database) -> Database:
    """A database from which mail can leave."""
    outbox.open_outlets(database, MAIL)
    return database


async def left(
    database: Database,
    *,
    email: str = ADDRESS,
    customer: Customer = ALICE,
    by: Staff | None = None,
) -> UUID:
    """A conversation in which somebody from the desk has answered a customer who is gone."""
    conversation = await conversation_of(database, customer)
    await says(database, conversation.id, "My canary-4711 was charged twice.")
    await introduce(database, conversation.visitor_id, "Alice Miller", email)
    colleague = by or await sam(database)
    await handoff.take_over(database, LIVE, conversation.id, colleague)
    await replies(database, conversation.id, colleague)
    return conversation.id


async def replies(database: Database, conversation_id: UUID, staff: Staff) -> int:
    said = await handoff.reply(
        database, LIVE, conversation_id, staff, "Your canary-reply is here.", str(new_id())
    )
    return said.seq


async def look(database: Database, *, after: timedelta = AFTER, in_the: timedelta = AFTER) -> int:
    """What the job does, in three minutes from now unless said otherwise."""
    return await mail_unseen_replies(database, after, now() + in_the)


async def back(database: Database, conversation_id: UUID) -> None:
    """The customer looks at the conversation and leaves again."""
    async with database.reading() as session:
        last = (await session.get_one(Conversation, conversation_id)).last_seq
    await mark_seen(database, LIVE, conversation_id, last)


async def mails(database: Database) -> list[Outbox]:
    async with database.reading() as session:
        query = select(Outbox).where(Outbox.topic == reply_mail.TOPIC).order_by(col(Outbox.id))
        return list(await session.exec(query))


def token_in(mail: Outbox) -> str:
    (line,) = [line for line in mail.payload["body"].splitlines() if line.startswith(f"{URL}/r/")]
    return str(line).removeprefix(f"{URL}/r/")


async def change(database: Database, conversation_id: UUID, **values: Any) -> None:
    async with database.transaction() as session:
        conversation = await session.get_one(Conversation, conversation_id)
        for name, value in values.items():
            setattr(conversation, name, value)


async def test_a_reply_nobody_has_seen_is_told_of_in_one_mail_with_a_link(mailing: Database) -> None:
    conversation_id = await left(mailing)

    assert await look(mailing) == 1

    (mail,) = await mails(mailing)
    assert mail.recipient == ADDRESS
    standing = await return_links.open_link(mailing, token_in(mail), ALICE.token_hash, now())
    assert standing.conversation_id == conversation_id


async def test_nothing_of_the_conversation_and_no_name_is_in_the_mail(mailing: Database) -> None:
    await left(mailing)
    await look(mailing)

    (mail,) = await mails(mailing)
    everything = f"{mail.payload} {mail.topic} {mail.key}"
    for secret in ("canary", "Alice", "Miller", "Sam", "charged", "refund"):
        assert secret not in everything
    assert mail.payload["subject"] == "Somebody from Acme support has answered you"


async def test_the_words_are_fixed_until_the_address_is_confirmed(mailing: Database) -> None:
    await left(mailing)
    await left(mailing, customer=BOB, email="bob@example.com", by=await alex(mailing))
    await look(mailing)

    alices, bobs = await mails(mailing)
    assert alices.payload["subject"] == bobs.payload["subject"]
    assert alices.payload["body"].replace(token_in(alices), "") == bobs.payload["body"].replace(
        token_in(bobs), ""
    )


async def test_a_customer_who_may_still_be_looking_gets_none(mailing: Database) -> None:
    await left(mailing)

    assert await look(mailing, in_the=AFTER - timedelta(seconds=5)) == 0
    assert await look(mailing, after=timedelta(minutes=30)) == 0
    assert await look(mailing, in_the=timedelta(minutes=30), after=timedelta(minutes=30)) == 1


async def test_what_a_page_has_shown_is_not_told(mailing: Database) -> None:
    await back(mailing, await left(mailing))

    assert await look(mailing) == 0


async def test_only_what_people_say_is_told(mailing: Database) -> None:
    conversation_id = await left(mailing)
    await back(mailing, conversation_id)
    async with mailing.transaction() as session:
        conversation = await session.get_one(Conversation, conversation_id)
        for role, kind in (
            (Role.STAFF, Kind.NOTE),
            (Role.SYSTEM, Kind.EVENT),
            (Role.ASSISTANT, Kind.TEXT),
            (Role.USER, Kind.TEXT),
        ):
            conversation.last_seq += 1
            session.add(
                Message(conversation_id=conversation_id, seq=conversation.last_seq, role=role, kind=kind)
            )

    assert await look(mailing) == 0


async def test_also_what_was_said_before_the_conversation_was_resolved(mailing: Database) -> None:
    staff = await sam(mailing)
    conversation_id = await left(mailing, by=staff)
    await handoff.resolve(mailing, LIVE, conversation_id, staff)

    assert await look(mailing) == 1


async def test_a_second_reply_writes_no_second_mail(mailing: Database) -> None:
    staff = await sam(mailing)
    conversation_id = await left(mailing, by=staff)
    assert await look(mailing) == 1
    await replies(mailing, conversation_id, staff)

    assert await look(mailing) == 0
    assert await look(mailing, in_the=timedelta(hours=3)) == 0


async def test_an_unconfirmed_address_gets_one_mail_about_a_conversation_ever(mailing: Database) -> None:
    staff = await sam(mailing)
    conversation_id = await left(mailing, by=staff)
    assert await look(mailing) == 1
    for _ in range(3):
        await back(mailing, conversation_id)
        await replies(mailing, conversation_id, staff)
        assert await look(mailing) == 0

    # Also when it is spelled otherwise, or has gone through another address.
    async with mailing.reading() as session:
        visitor_id = (await session.get_one(Conversation, conversation_id)).visitor_id
    await introduce(mailing, visitor_id, "", "Alice@EXAMPLE.com")
    assert await look(mailing) == 0
    await introduce(mailing, visitor_id, "", "alice.miller@example.com")
    assert await look(mailing) == 1
    await back(mailing, conversation_id)
    await replies(mailing, conversation_id, staff)
    await introduce(mailing, visitor_id, "", ADDRESS)
    assert await look(mailing) == 0


async def test_a_confirmed_address_gets_another_once_the_customer_has_been_back(mailing: Database) -> None:
    staff = await sam(mailing)
    conversation_id = await left(mailing, by=staff)
    await look(mailing)
    await return_links.open_link(mailing, token_in((await mails(mailing))[0]), ALICE.token_hash, now())
    await replies(mailing, conversation_id, staff)
    assert await look(mailing) == 0, "the link was opened, but no page has shown anything yet"
    await back(mailing, conversation_id)
    assert await look(mailing) == 0
    await replies(mailing, conversation_id, staff)

    assert await look(mailing) == 1

    _, second = await mails(mailing)
    assert second.payload["subject"] == "Sam from Acme support has answered you"
    assert "canary" not in str(second.payload)
    assert "Alice" not in str(second.payload)


async def test_a_guest_who_came_in_by_the_code_confirms_the_address_for_this_conversation(
    mailing: Database,
) -> None:
    staff = await sam(mailing)
    conversation_id = await left(mailing, by=staff)
    await look(mailing)
    async with mailing.transaction() as session:
        link = (await session.exec(select(MailLink))).one()
        guest = Visitor(token_hash=CHARLIE.token_hash)
        session.add(guest)
        await session.flush()
        link.used_at, link.used_by = now(), guest.id
    await back(mailing, conversation_id)
    await replies(mailing, conversation_id, staff)

    assert await look(mailing) == 1
    assert (await mails(mailing))[1].payload["subject"].startswith("Sam from Acme")


@pytest.mark.parametrize("changed", [{"junk_at": now()}, {"junk_at": now(), "customer_seen_seq": 1}])
async def test_junk_gets_no_mail(mailing: Database, changed: dict[str, Any]) -> None:
    await change(mailing, await left(mailing), **changed)

    assert await look(mailing) == 0


async def test_without_an_address_there_is_nobody_to_write_to(mailing: Database) -> None:
    await left(mailing, email="")

    assert await look(mailing) == 0


async def test_without_mail_no_link_is_made(database: Database) -> None:
    await left(database)

    assert await look(database) == 0
    outbox.open_outlets(database, Outlets(frozenset({Channel.WEBHOOK}), URL, "Acme"))
    assert await look(database) == 0
    async with database.reading() as session:
        assert (await session.exec(select(MailLink))).all() == []


async def test_what_was_due_long_ago_is_not_told_late(mailing: Database) -> None:
    await left(mailing)

    assert await look(mailing, in_the=AFTER + reply_mail.LOOK_BACK + timedelta(minutes=1)) == 0


async def test_three_workers_that_look_at_once_write_one_mail(mailing: Database) -> None:
    staff = await sam(mailing)
    for number in range(4):
        customer = Customer(f"Customer {number}", f"customer{number}".ljust(43, "x"))
        await left(mailing, email=f"customer{number}@example.com", customer=customer, by=staff)

    told = await asyncio.gather(*(look(mailing) for _ in range(3)))

    assert sum(told) == 4
    assert len(await mails(mailing)) == 4


async def test_one_address_gets_few_mails_a_day_until_it_is_confirmed(mailing: Database) -> None:
    staff = await sam(mailing)
    spellings = ["victim@example.com", "Victim@example.com", "VICTIM@EXAMPLE.COM", "victim@Example.com"]
    for number, spelling in enumerate(spellings):
        customer = Customer(f"Mallory {number}", f"mallory{number}".ljust(43, "x"))
        await left(mailing, email=spelling, customer=customer, by=staff)

    assert await look(mailing) == reply_mail.MOST_A_DAY_UNCONFIRMED
    assert await look(mailing) == 0
    assert await look(mailing, in_the=timedelta(hours=25), after=timedelta(hours=2)) == 1


async def test_names_and_addresses_begin_no_header_of_their_own(mailing: Database) -> None:
    staff = await sam(mailing)
    conversation_id = await left(mailing, by=staff)
    async with mailing.transaction() as session:
        (await session.get_one(Staff, staff.id)).name = "Sam\r\nBcc: everybody@example.com\r\n\r\n" + "x" * 80
        conversation = await session.get_one(Conversation, conversation_id)
        visitor = await session.get_one(Visitor, conversation.visitor_id)
        visitor.email_verified_at = now()
    outbox.open_outlets(mailing, Outlets(MAIL.channels, URL, "Acme\nX-Evil: yes"))
    await look(mailing)

    (row,) = await mails(mailing)
    mailer = Mailer(MailServer.from_url("smtp://127.0.0.1:1"), sender("support@acme.example"))
    wire = message_from_bytes(mailer.compose(row).as_bytes())
    assert (wire["Bcc"], wire["X-Evil"], wire["To"]) == (None, None, ADDRESS)
    assert "\n" not in row.payload["subject"]
    assert row.payload["body"].startswith("Sam Bcc: everybody@example.com xxx")


@pytest.mark.parametrize(
    "email", ["a@example.com\r\nBcc: b@example.com", "a@example.com, b@example.com", "nobody", " "]
)
async def test_what_is_no_address_gets_no_mail_and_holds_nothing_up(mailing: Database, email: str) -> None:
    staff = await sam(mailing)
    conversation_id = await left(mailing, by=staff)
    async with mailing.transaction() as session:
        conversation = await session.get_one(Conversation, conversation_id)
        (await session.get_one(Visitor, conversation.visitor_id)).email = email
    await left(mailing, customer=BOB, email="bob@example.com", by=staff)

    assert await look(mailing) == 1
    assert [mail.recipient for mail in await mails(mailing)] == ["bob@example.com"]
