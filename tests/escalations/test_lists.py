"""Each conversation stands where somebody looks for it, once, and news stand out."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from supportbot.conversations.live import MemoryLive
from supportbot.conversations.visitors import introduce, visitor_of
from supportbot.database import Database
from supportbot.escalations import handoff, queue
from supportbot.escalations.queue import List, Row, Rows
from supportbot.ids import now
from supportbot.models import Conversation, ConversationTag, Handoff, Reason, Staff, StaffRead, Trigger
from tests.people import ALICE, Customer, alex, conversation_of, sam, says

pytestmark = pytest.mark.anyio


class Desk:
    """Conversations by a name of one word, and the two people who look at them."""

    def __init__(self, database: Database, sams: Staff, alexs: Staff) -> None:
        self.database, self.live = database, MemoryLive()
        self.sam, self.alex = sams, alexs
        self.ids: dict[str, UUID] = {}

    async def asks(self, name: str) -> UUID:
        customer = Customer(name, name.replace(" ", "-").ljust(43, "x"))
        conversation = await conversation_of(self.database, customer)
        await says(self.database, conversation.id, f"I am {name}")
        self.ids[name] = conversation.id
        return conversation.id

    async def waits(self, name: str, minutes: int = 0, reason: Reason = Reason.ASKED_FOR_PERSON) -> UUID:
        conversation_id = await self.asks(name)
        await handoff.escalate(
            self.database, self.live, conversation_id, reason=reason, trigger=Trigger.CUSTOMER
        )
        async with self.database.transaction() as session:
            theirs = select(Handoff).where(Handoff.conversation_id == conversation_id)
            (await session.exec(theirs)).one().requested_at = now() - timedelta(minutes=minutes)
        return conversation_id

    async def claimed(self, name: str, staff: Staff, **options: Any) -> UUID:
        conversation_id = await self.waits(name, **options)
        await handoff.claim(self.database, self.live, conversation_id, staff)
        return conversation_id

    async def resolved(self, name: str, **options: Any) -> UUID:
        conversation_id = await self.claimed(name, self.sam, **options)
        await handoff.resolve(self.database, self.live, conversation_id, self.sam)
        return conversation_id

    async def sets(self, name: str, **columns: object) -> None:
        async with self.database.transaction() as session:
            conversation = await session.get(Conversation, self.ids[name])
            assert conversation is not None
            for column, value in columns.items():
                setattr(conversation, column, value)

    async def tags(self, name: str, *tags: str) -> None:
        async with self.database.transaction() as session:
            session.add_all(ConversationTag(conversation_id=self.ids[name], tag=tag) for tag in tags)

    async def reads(self, name: str, staff: Staff) -> None:
        async with self.database.transaction() as session:
            conversation = await session.get(Conversation, self.ids[name])
            assert conversation is not None
            await session.merge(
                StaffRead(staff_id=staff.id, conversation_id=conversation.id, seq=conversation.last_seq)
            )

    async def page(self, which: List, **options: Any) -> Rows:
        options.setdefault("staff", self.sam)
        return await queue.listed(self.database, which, options.pop("staff").id, **options)

    async def names(self, which: List, **options: Any) -> list[str]:
        names = {conversation_id: name for name, conversation_id in self.ids.items()}
        return [names[row.id] for row in (await self.page(which, **options)).rows]

    async def row(self, which: List, name: str, **options: Any) -> Row:
        rows = (await self.page(which, **options)).rows
        return next(row for row in rows if row.id == self.ids[name])

    async def counts(self, **options: Any) -> dict[str, int]:
        return {str(which): count for which, count in (await self.page(List.OPEN, **options)).counts.items()}


@pytest.fixture
async def desk(database: Database) -> Desk:
    return Desk(database, await sam(database), await alex(database))


async def everywhere(desk: Desk) -> None:
    """One of each kind, the oldest activity first."""
    await desk.asks("active")
    await desk.waits("waiting", minutes=5)
    await desk.claimed("sams", desk.sam)
    await desk.claimed("alexs", desk.alex)
    await desk.claimed("later", desk.sam)
    await desk.sets("later", snoozed_until=now() + timedelta(hours=1))
    await desk.waits("waits later")
    await desk.sets("waits later", snoozed_until=now() + timedelta(minutes=5))
    await desk.resolved("resolved")
    await desk.resolved("spam")
    await desk.sets("spam", junk_at=now())


async def test_each_list_holds_what_belongs_there(desk: Desk) -> None:
    await everywhere(desk)
    await conversation_of(desk.database, ALICE)

    assert {str(which): await desk.names(which) for which in List} == {
        "waiting": ["waiting"],
        "mine": ["sams"],
        "open": ["alexs", "sams", "waiting", "active"],
        "snoozed": ["waits later", "later"],
        "resolved": ["resolved"],
        "junk": ["spam"],
    }
    assert await desk.names(List.MINE, staff=desk.alex) == ["alexs"]


async def test_every_list_is_counted_whichever_is_shown_and_whatever_it_is_narrowed_to(desk: Desk) -> None:
    await everywhere(desk)

    expected = {"waiting": 1, "mine": 1, "open": 4, "snoozed": 2, "resolved": 1, "junk": 1}
    assert await desk.counts() == expected
    assert await desk.counts(tag="nothing has it") == expected


async def test_counts_end_where_they_say_no_more(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supportbot.escalations.lists.MOST_COUNTED", 2)
    for name in ("one", "two", "three"):
        await desk.waits(name)

    assert (await desk.counts())["waiting"] == 2
    assert len(await desk.names(List.WAITING)) == 3


async def test_the_longest_waiting_comes_first(desk: Desk) -> None:
    await desk.waits("second", minutes=10)
    await desk.waits("first", minutes=30)
    await desk.waits("third", minutes=5)

    assert await desk.names(List.WAITING) == ["first", "second", "third"]


async def test_what_is_unread_is_the_customers_word_that_is_up_to_me(desk: Desk) -> None:
    await everywhere(desk)

    unread = {str(which): [row.unread for row in (await desk.page(which)).rows] for which in List}

    # In "open": a colleague has alexs', and the assistant answers the active one.
    assert unread["open"] == [False, True, True, False]
    assert (unread["waiting"], unread["mine"]) == ([True], [True])
    assert (unread["snoozed"], unread["resolved"], unread["junk"]) == ([True, True], [False], [False])


async def test_reading_marks_it_read_for_me_until_the_customer_writes_again(desk: Desk) -> None:
    await desk.waits("waiting")

    await desk.reads("waiting", desk.sam)
    assert not (await desk.row(List.WAITING, "waiting")).unread
    assert (await desk.row(List.WAITING, "waiting", staff=desk.alex)).unread

    await says(desk.database, desk.ids["waiting"], "Hello?")
    assert (await desk.row(List.WAITING, "waiting")).unread


async def test_what_others_say_is_no_news(desk: Desk) -> None:
    conversation_id = await desk.claimed("sams", desk.sam)
    await desk.reads("sams", desk.sam)

    await handoff.reply(desk.database, desk.live, conversation_id, desk.sam, "Hello!", "key")

    assert not (await desk.row(List.MINE, "sams")).unread
    assert (await desk.page(List.MINE)).unread == 0


async def test_among_mine_what_has_news_comes_first_then_the_newest_activity(desk: Desk) -> None:
    for name in ("read", "news", "newly read", "newer news"):
        await desk.claimed(name, desk.sam)
    await desk.reads("read", desk.sam)
    await desk.reads("newly read", desk.sam)

    page = await desk.page(List.MINE)

    assert await desk.names(List.MINE) == ["newer news", "news", "newly read", "read"]
    assert page.unread == 2


async def test_what_comes_back_soonest_is_first_among_the_snoozed(desk: Desk) -> None:
    for name, hours in (("second", 2), ("first", 1), ("third", 3)):
        await desk.claimed(name, desk.sam)
        await desk.sets(name, snoozed_until=now() + timedelta(hours=hours))

    assert await desk.names(List.SNOOZED) == ["first", "second", "third"]


@pytest.mark.parametrize("which", List)
async def test_pages_follow_each_other_without_a_gap_or_a_repetition(desk: Desk, which: List) -> None:
    same: datetime = now() - timedelta(minutes=1)
    for number in range(7):
        name = f"number {number}"
        if which in (List.WAITING, List.OPEN):
            await desk.waits(name, minutes=number // 2)
        elif which in (List.MINE, List.SNOOZED):
            await desk.claimed(name, desk.sam)
            if number % 3 == 0:
                await desk.reads(name, desk.sam)
        else:
            await desk.resolved(name)
        # Some at the very same moment.
        await desk.sets(name, updated_at=same - timedelta(seconds=number // 2))
        if which == List.SNOOZED:
            await desk.sets(name, snoozed_until=same + timedelta(hours=number // 2))
        if which == List.JUNK:
            await desk.sets(name, junk_at=same)
    whole = [row.id for row in (await desk.page(which)).rows]

    paged: list[UUID] = []
    more = True
    while more:
        page = await desk.page(which, limit=2, before=paged[-1] if paged else None)
        paged += [row.id for row in page.rows]
        more = page.more

    assert (paged, len(paged)) == (whole, 7)


async def test_a_page_goes_on_although_its_last_row_has_left_the_list(desk: Desk) -> None:
    for name in ("oldest", "older", "newer"):
        await desk.claimed(name, desk.sam)
    last = (await desk.page(List.OPEN, limit=2)).rows[-1].id
    assert last == desk.ids["older"]

    await desk.sets("older", snoozed_until=now())

    assert await desk.names(List.OPEN, before=last) == ["oldest"]


@pytest.mark.parametrize("which", List)
async def test_lists_are_narrowed_to_a_tag_a_reason_a_language(desk: Desk, which: List) -> None:
    for name, reason, tag, language in (
        ("right", Reason.LEGAL_THREAT, "vip", "de"),
        ("other tag", Reason.LEGAL_THREAT, "billing", "de"),
        ("other reason", Reason.FRUSTRATED, "vip", "de"),
        ("other language", Reason.LEGAL_THREAT, "vip", "en"),
    ):
        if which in (List.RESOLVED, List.JUNK):
            await desk.resolved(name, reason=reason)
        elif which == List.WAITING:
            await desk.waits(name, reason=reason)
        else:
            await desk.claimed(name, desk.sam, reason=reason)
        await desk.tags(name, tag, "everything")
        await desk.sets(name, language=language)
        if which == List.SNOOZED:
            await desk.sets(name, snoozed_until=now())
        if which == List.JUNK:
            await desk.sets(name, junk_at=now())

    async def narrowed(**filters: str) -> set[str]:
        return set(await desk.names(which, **filters))

    assert await narrowed(tag="everything") == set(desk.ids)
    assert await narrowed(tag="vip") == {"right", "other reason", "other language"}
    assert await narrowed(reason="legal_threat") == {"right", "other tag", "other language"}
    assert await narrowed(language="de") == {"right", "other tag", "other reason"}
    assert await narrowed(tag="vip", reason="legal_threat", language="de") == {"right"}
    assert await narrowed(tag="%") == await narrowed(reason="' OR 1=1 --") == set()


async def test_a_row_carries_tags_language_and_when_it_comes_back(desk: Desk) -> None:
    until = now() + timedelta(hours=1)
    await desk.claimed("later", desk.sam)
    await desk.tags("later", "vip", "Billing")
    await desk.sets("later", language="de", snoozed_until=until)
    visitor = await visitor_of(desk.database, desk.ids["later"])
    await introduce(desk.database, visitor.id, "Lena", "")

    row = await desk.row(List.SNOOZED, "later")

    assert (row.customer, row.tags, row.language, row.snoozed_until) == (
        "Lena",
        ("Billing", "vip"),
        "de",
        until,
    )
    assert (row.assigned, row.staff_id, row.staff_name, row.junk) == (True, desk.sam.id, "Sam", False)


async def test_a_resolved_row_says_why_it_went_to_people_the_first_time(desk: Desk) -> None:
    await desk.resolved("resolved", reason=Reason.FRUSTRATED)
    await desk.resolved("spam")
    await desk.sets("spam", junk_at=now())

    assert (await desk.row(List.RESOLVED, "resolved")).reason == "frustrated"
    assert (await desk.row(List.JUNK, "spam")).junk


async def test_tags_in_use_are_each_named_once_in_order(desk: Desk) -> None:
    assert await queue.tags_in_use(desk.database) == []
    for name in ("one", "two"):
        await desk.asks(name)
    await desk.tags("one", "vip", "Refund", "billing")
    await desk.tags("two", "vip")

    assert await queue.tags_in_use(desk.database) == ["billing", "Refund", "vip"]
