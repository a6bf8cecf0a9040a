"""A link in a mail: whoever owns the conversation walks in, everybody else proves that they read the mail."""

import asyncio
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from supportbot import access, outbox
from supportbot.conversations import return_links
from supportbot.conversations.return_links import Standing
from supportbot.conversations.transcript import past, visitor_with
from supportbot.conversations.visitors import introduce
from supportbot.database import Database
from supportbot.errors import NotFound, RateLimited, Refused
from supportbot.ids import now
from supportbot.models import Channel, Conversation, ConversationGuest, MailLink, Outbox, Visitor
from supportbot.outbox import Outlets
from supportbot.settings import Settings
from supportbot.usage.rate_limits import RateLimits
from tests.people import ALICE, BOB, CHARLIE, Customer, conversation_of, says

pytestmark = pytest.mark.anyio

ADDRESS = "alice@example.com"
ASKS = Standing(address="a•••@e•••.com", codes_left=3)
OVER = Standing()
NOT_TOKENS: list[Any] = [None, "", 7, ["x"], {"a": 1}, "x" * 42, "x" * 44, "é" * 43, "\ud800" * 43, "%" * 43]


@dataclass
class Mailbox:
    """Alice's conversation, a link to it that was mailed, and the mail that arrives."""

    database: Database
    conversation_id: UUID
    token: str
    limits: RateLimits
    at: datetime = field(default_factory=now)

    async def open(self, customer: Customer) -> Standing:
        return await return_links.open_link(self.database, self.token, customer.token_hash, self.at)

    async def send(self, address: str = "192.0.2.1") -> Standing:
        return await return_links.send_code(self.database, self.limits, self.token, address, self.at)

    async def enter(
        self, customer: Customer, code: Any, token: Any = None, address: str = "192.0.2.1"
    ) -> UUID:
        return await return_links.enter_code(
            self.database, self.limits, token or self.token, customer.token_hash, code, address, self.at
        )

    async def codes(self) -> list[str]:
        """Every code that was mailed, the newest last."""
        async with self.database.reading() as session:
            rows = await session.exec(select(Outbox).order_by(col(Outbox.id)))
            return [re.findall(r"code is (\d{6})", row.payload["body"])[0] for row in rows]

    async def code(self) -> str:
        await self.send()
        return (await self.codes())[-1]

    async def link(self) -> MailLink:
        async with self.database.reading() as session:
            return (await session.exec(select(MailLink))).one()

    async def visitor(self, customer: Customer) -> Visitor | None:
        async with self.database.reading() as session:
            return (
                await session.exec(select(Visitor).where(Visitor.token_hash == customer.token_hash))
            ).first()

    def later(self, **time: float) -> None:
        self.at += timedelta(**time)


async def mailed(database: Database, limits: RateLimits, customer: Customer = ALICE) -> Mailbox:
    outbox.open_outlets(database, Outlets(frozenset({Channel.MAIL}), "https://support.acme.example", "Acme"))
    conversation = await conversation_of(database, customer)
    await says(database, conversation.id, "My canary-4711 is broken.")
    await introduce(database, conversation.visitor_id, "Alice Miller", ADDRESS)
    async with database.transaction() as session:
        row = await session.get_one(Conversation, conversation.id)
        token = await return_links.make(session, row, ADDRESS, now())
    assert token is not None
    return Mailbox(database, conversation.id, token, limits)


@pytest.fixture
async def mailbox(database: Database, settings: Settings) -> Mailbox:
    return await mailed(database, RateLimits(settings))


async def may_use(database: Database, customer: Customer, conversation_id: UUID) -> bool:
    try:
        await access.conversation_of_visitor(database, customer.token, str(conversation_id))
    except NotFound:
        return False
    return True


# The browser the conversation belongs to


async def test_the_owner_goes_straight_in_and_uses_the_link_up(mailbox: Mailbox) -> None:
    assert await mailbox.open(ALICE) == Standing(conversation_id=mailbox.conversation_id)

    link, alice = await mailbox.link(), await mailbox.visitor(ALICE)
    assert alice is not None
    assert (link.used_at, link.used_by) == (mailbox.at, alice.id)
    assert await mailbox.open(CHARLIE) == OVER


async def test_coming_back_through_the_mail_proves_the_address(mailbox: Mailbox) -> None:
    await mailbox.open(ALICE)

    alice = await mailbox.visitor(ALICE)
    assert alice is not None
    assert alice.email_verified_at == mailbox.at


async def test_the_owner_gets_there_by_a_used_or_old_link_too(mailbox: Mailbox) -> None:
    await mailbox.open(ALICE)
    used = await mailbox.link()
    mailbox.later(days=30)

    assert (await mailbox.open(ALICE)).conversation_id == mailbox.conversation_id
    assert await mailbox.link() == used


async def test_an_old_link_proves_nothing_any_more(mailbox: Mailbox) -> None:
    mailbox.later(days=7)

    assert (await mailbox.open(ALICE)).conversation_id == mailbox.conversation_id
    alice = await mailbox.visitor(ALICE)
    assert alice is not None
    assert alice.email_verified_at is None
    assert (await mailbox.link()).used_at is None


async def test_a_link_to_another_address_proves_nothing(mailbox: Mailbox) -> None:
    alice = await mailbox.visitor(ALICE)
    assert alice is not None
    await introduce(mailbox.database, alice.id, "", "alice@elsewhere.example")

    assert (await mailbox.open(ALICE)).conversation_id == mailbox.conversation_id
    alice = await mailbox.visitor(ALICE)
    assert alice is not None
    assert alice.email_verified_at is None


# Somebody else's browser


async def test_a_stranger_learns_the_masked_address_and_nothing_else(mailbox: Mailbox) -> None:
    standing = await mailbox.open(CHARLIE)

    assert standing == ASKS
    for secret in ("canary", "Alice", "alice", "example.com", mailbox.conversation_id.hex):
        assert secret not in repr(standing)
    assert not await may_use(mailbox.database, CHARLIE, mailbox.conversation_id)


async def test_whoever_runs_the_page_without_owning_the_conversation_uses_nothing_up(
    mailbox: Mailbox,
) -> None:
    before = await mailbox.link()
    for _ in range(5):
        await mailbox.open(CHARLIE)

    assert await mailbox.link() == before
    assert await mailbox.visitor(CHARLIE) is None
    assert await mailbox.codes() == []


async def test_with_the_code_the_browser_is_let_in_for_good(mailbox: Mailbox) -> None:
    code = await mailbox.code()

    assert await mailbox.enter(CHARLIE, code) == mailbox.conversation_id
    assert await may_use(mailbox.database, CHARLIE, mailbox.conversation_id)
    assert [one.id for one in await past(mailbox.database, CHARLIE.token_hash)] == [mailbox.conversation_id]
    assert not await may_use(mailbox.database, BOB, mailbox.conversation_id)
    assert (await mailbox.open(CHARLIE)).conversation_id == mailbox.conversation_id


async def test_a_link_lets_one_browser_in(mailbox: Mailbox) -> None:
    code = await mailbox.code()
    await mailbox.enter(CHARLIE, code)

    assert await mailbox.open(BOB) == OVER
    with pytest.raises(Refused):
        await mailbox.enter(BOB, code)
    with pytest.raises(Refused):
        await mailbox.send()


async def test_of_two_browsers_at_once_one_is_let_in(mailbox: Mailbox) -> None:
    code = await mailbox.code()

    ended = await asyncio.gather(
        mailbox.enter(BOB, code), mailbox.enter(CHARLIE, code), return_exceptions=True
    )

    assert sorted(type(one).__name__ for one in ended) == ["Refused", "UUID"]
    async with mailbox.database.reading() as session:
        assert len((await session.exec(select(ConversationGuest))).all()) == 1


async def test_the_code_proves_the_address_of_the_browser_that_entered_it(mailbox: Mailbox) -> None:
    """Whoever began the conversation may have typed somebody else's address: it is not theirs by that."""
    await mailbox.enter(CHARLIE, await mailbox.code())

    charlie, alice = await mailbox.visitor(CHARLIE), await mailbox.visitor(ALICE)
    assert charlie is not None
    assert alice is not None
    assert (charlie.email, charlie.email_verified_at) == (ADDRESS, mailbox.at)
    assert alice.email_verified_at is None


async def test_a_guest_who_has_given_another_address_keeps_it(mailbox: Mailbox) -> None:
    bob = await visitor_with(mailbox.database, BOB.token_hash)
    await introduce(mailbox.database, bob.id, "Bob", "bob@example.com")
    await mailbox.enter(BOB, await mailbox.code())

    known = await mailbox.visitor(BOB)
    assert known is not None
    assert (known.name, known.email, known.email_verified_at) == ("Bob", "bob@example.com", None)


async def test_an_address_that_was_corrected_since_opens_nothing(mailbox: Mailbox) -> None:
    code = await mailbox.code()
    alice = await mailbox.visitor(ALICE)
    assert alice is not None
    await introduce(mailbox.database, alice.id, "", "alice.miller@example.com")

    assert await mailbox.open(CHARLIE) == OVER
    with pytest.raises(Refused):
        await mailbox.enter(CHARLIE, code)
    with pytest.raises(Refused):
        await mailbox.send()


async def test_another_spelling_of_the_address_is_the_same(mailbox: Mailbox) -> None:
    alice = await mailbox.visitor(ALICE)
    assert alice is not None
    await introduce(mailbox.database, alice.id, "", "Alice@Example.COM")

    assert await mailbox.open(CHARLIE) == ASKS


# Codes


async def test_the_code_is_in_the_mail_and_nowhere_else(mailbox: Mailbox) -> None:
    assert await mailbox.send() == Standing(address=ASKS.address, code_sent=True, codes_left=2)

    async with mailbox.database.reading() as session:
        (mail,) = (await session.exec(select(Outbox))).all()
    code = (await mailbox.codes())[0]
    assert mail.recipient == ADDRESS
    assert "Acme" in mail.payload["subject"]
    assert code not in mail.payload["subject"]
    assert "Alice" not in str(mail.payload)
    assert "canary" not in str(mail.payload)
    assert code not in str(await mailbox.link())
    assert await mailbox.open(CHARLIE) == Standing(address=ASKS.address, code_sent=True, codes_left=2)


@pytest.mark.parametrize("typed", [None, "", 123456, {"code": 1}, ["1"], "x" * 100_000, "\x00", "000 000 0"])
async def test_what_is_no_code_opens_nothing(mailbox: Mailbox, typed: Any) -> None:
    await mailbox.code()

    with pytest.raises(Refused):
        await mailbox.enter(CHARLIE, typed)
    assert not await may_use(mailbox.database, CHARLIE, mailbox.conversation_id)


async def test_without_a_code_that_was_sent_none_is_right(mailbox: Mailbox) -> None:
    for typed in ("", "000000", "-" * 64):
        with pytest.raises(Refused):
            await mailbox.enter(CHARLIE, typed)


async def test_a_code_ends_after_ten_minutes(mailbox: Mailbox) -> None:
    code = await mailbox.code()
    mailbox.later(minutes=10)

    assert await mailbox.open(CHARLIE) == Standing(address=ASKS.address, codes_left=2)
    with pytest.raises(Refused):
        await mailbox.enter(CHARLIE, code)


async def test_a_code_can_be_tried_five_times(mailbox: Mailbox) -> None:
    code = await mailbox.code()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(return_links.MOST_TRIES):
        with pytest.raises(Refused):
            await mailbox.enter(CHARLIE, wrong)

    with pytest.raises(Refused):
        await mailbox.enter(CHARLIE, code)
    assert (await mailbox.open(CHARLIE)).code_sent is False


async def test_the_newest_code_counts_and_begins_anew(mailbox: Mailbox) -> None:
    first = await mailbox.code()
    with pytest.raises(Refused):
        await mailbox.enter(CHARLIE, "1")
    second = await mailbox.code()

    assert (await mailbox.link()).code_tries == 0
    if first != second:
        with pytest.raises(Refused):
            await mailbox.enter(CHARLIE, first)
    assert await mailbox.enter(CHARLIE, second) == mailbox.conversation_id


async def test_wrong_expired_used_and_unknown_are_told_in_the_same_words(mailbox: Mailbox) -> None:
    code = await mailbox.code()
    sentences = set()

    async def refused(typed: Any, token: Any = None) -> None:
        with pytest.raises(Refused) as refusal:
            await mailbox.enter(CHARLIE, typed, token)
        sentences.add(refusal.value.sentence)

    await refused("1")
    await refused(code, "x" * 43)
    for token in NOT_TOKENS[1:]:
        mailbox.limits = RateLimits(Settings(_env_file=None))
        await refused(code, token or "x")
    mailbox.later(minutes=11)
    await refused(code)
    mailbox.later(days=8)
    await refused(code)

    assert sentences == {return_links.WRONG}


async def test_a_link_sends_three_codes_and_is_then_over_for_strangers(mailbox: Mailbox) -> None:
    for left in (2, 1, 0):
        mailbox.limits = RateLimits(Settings(_env_file=None))
        assert (await mailbox.send()).codes_left == left
    with pytest.raises(Refused):
        mailbox.limits = RateLimits(Settings(_env_file=None))
        await mailbox.send()
    assert (await mailbox.open(CHARLIE)).code_sent
    mailbox.later(minutes=11)

    assert await mailbox.open(CHARLIE) == OVER
    assert (await mailbox.open(ALICE)).conversation_id == mailbox.conversation_id
    assert len(await mailbox.codes()) == 3


async def test_codes_and_tries_are_limited_by_the_address_of_the_network(mailbox: Mailbox) -> None:
    for _ in range(return_links.TRIES_PER_MINUTE):
        with pytest.raises(Refused):
            await mailbox.enter(CHARLIE, "1")
    with pytest.raises(RateLimited):
        await mailbox.enter(CHARLIE, "1")
    for _ in range(return_links.CODES_PER_MINUTE):
        with pytest.raises(Refused):
            await return_links.send_code(mailbox.database, mailbox.limits, "x" * 43, "192.0.2.1", mailbox.at)
    with pytest.raises(RateLimited):
        await mailbox.send()
    assert (await mailbox.link()).codes_sent == 0


async def test_codes_are_limited_by_recipient_from_wherever_they_are_asked_for(mailbox: Mailbox) -> None:
    for number in range(return_links.CODES_PER_MINUTE_RECIPIENT):
        await mailbox.send(f"192.0.2.{number}")

    with pytest.raises(RateLimited):
        await mailbox.send("198.51.100.1")
    assert (await mailbox.link()).codes_sent == 2


async def test_without_mail_it_says_so_and_no_code_is_lost(mailbox: Mailbox) -> None:
    outbox.open_outlets(mailbox.database, Outlets())

    with pytest.raises(Refused, match="cannot send mail"):
        await mailbox.send()
    assert (await mailbox.link()).codes_sent == 0


# Links


async def test_a_link_is_over_after_seven_days(mailbox: Mailbox) -> None:
    mailbox.later(days=7, seconds=-1)
    assert await mailbox.open(CHARLIE) == ASKS
    mailbox.later(seconds=1)
    assert await mailbox.open(CHARLIE) == OVER


@pytest.mark.parametrize("token", NOT_TOKENS, ids=lambda token: repr(token)[:20])
async def test_what_is_no_link_is_answered_like_one_that_is_over(mailbox: Mailbox, token: Any) -> None:
    at = mailbox.at
    for visitor in (ALICE.token_hash, CHARLIE.token_hash):
        assert await return_links.open_link(mailbox.database, token, visitor, at) == OVER
    with pytest.raises(Refused, match="no longer works"):
        await return_links.send_code(mailbox.database, mailbox.limits, token, "192.0.2.1", at)


async def test_until_the_customer_has_been_back_there_is_one_link(mailbox: Mailbox) -> None:
    async with mailbox.database.transaction() as session:
        conversation = await session.get_one(Conversation, mailbox.conversation_id)
        assert await return_links.make(session, conversation, ADDRESS, mailbox.at) is None
        conversation.customer_seen_seq = 1
        assert await return_links.make(session, conversation, ADDRESS, mailbox.at) is not None


async def test_only_hashes_are_stored(mailbox: Mailbox) -> None:
    assert mailbox.token not in str(await mailbox.link())


async def test_a_link_opens_its_own_conversation_only(mailbox: Mailbox) -> None:
    others = await conversation_of(mailbox.database, ALICE)
    await mailbox.enter(CHARLIE, await mailbox.code())

    assert not await may_use(mailbox.database, CHARLIE, others.id)
