"""What the desk finds, by whichever words somebody remembers."""

from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import select

from supportbot.conversations.changes import changing
from supportbot.conversations.events import Owner
from supportbot.conversations.live import MemoryLive, Position
from supportbot.conversations.visitors import introduce, visitor_of
from supportbot.database import Database
from supportbot.escalations import search_index
from supportbot.escalations.search import Found, search
from supportbot.ids import new_id, now
from supportbot.models import Conversation, ConversationTag, Kind, Message, MessageState, Role, Visitor
from supportbot.turns import leases, record
from tests.people import ALICE, BOB, CHARLIE, Customer, conversation_of, says

pytestmark = pytest.mark.anyio

SAM = new_id()


class Archive:
    """Conversations by the name of their customer."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.live = MemoryLive()
        self.names: dict[UUID, str] = {}

    async def asks(self, customer: Customer, text: str) -> UUID:
        conversation = await conversation_of(self.database, customer)
        await says(self.database, conversation.id, text)
        self.names[conversation.id] = customer.name
        return conversation.id

    async def adds(self, conversation_id: UUID, content: str, **fields: object) -> UUID:
        async with changing(self.database, self.live, conversation_id) as change:
            message = Message(conversation_id=conversation_id, seq=0, content=content, **fields)
            return (await change.add(message)).id

    async def introduces(self, conversation_id: UUID, name: str, email: str = "", account: str = "") -> None:
        visitor = await visitor_of(self.database, conversation_id)
        await introduce(self.database, visitor.id, name, email)
        if account:
            async with self.database.transaction() as session:
                found = (await session.exec(select(Visitor).where(Visitor.id == visitor.id))).one()
                found.external_id = account

    async def tags(self, conversation_id: UUID, tag: str) -> None:
        async with self.database.transaction() as session:
            session.add(ConversationTag(conversation_id=conversation_id, tag=tag))

    async def search(self, words: str, **options: int) -> Found:
        return await search(self.database, SAM, words, **options)

    async def finds(self, words: str, **options: int) -> list[str]:
        return [self.names[row.id] for row in (await self.search(words, **options)).rows]

    async def entries(self) -> int:
        async with self.database.reading() as session:
            connection = await session.connection()
            return await connection.scalar(text("SELECT count(*) FROM fts_said")) or 0


@pytest.fixture
def archive(database: Database) -> Archive:
    return Archive(database)


async def test_words_are_found_in_any_order_and_only_together(archive: Archive) -> None:
    await archive.asks(ALICE, "My invoice of March is wrong")
    await archive.asks(BOB, "Where is the invoice?")

    assert await archive.finds("march invoice") == ["Alice"]
    assert await archive.finds("invoice") == ["Bob", "Alice"]
    assert await archive.finds("invoice april") == []


async def test_the_newest_activity_comes_first(archive: Archive) -> None:
    alices = await archive.asks(ALICE, "A refund, please")
    await archive.asks(BOB, "A refund, please")

    await says(archive.database, alices, "Hello?")

    assert await archive.finds("refund") == ["Alice", "Bob"]


async def test_the_last_word_may_be_unfinished_and_only_the_last(archive: Archive) -> None:
    await archive.asks(ALICE, "The subscription was renewed twice")

    assert await archive.finds("renewed subscr") == ["Alice"]
    assert await archive.finds("subscr renewed") == []
    assert await archive.finds("s") == []


async def test_case_and_accents_do_not_matter(archive: Archive) -> None:
    await archive.asks(ALICE, "Le café est fermé. ПРИВЕТ. Größe")

    for words in ("CAFE ferme", "café", "Привет", "größe"):
        assert await archive.finds(words) == ["Alice"], words


async def test_parts_of_japanese_sentences_are_found(archive: Archive) -> None:
    await archive.asks(ALICE, "請求書が間違っています。iPhoneの返金はいつですか。")
    await archive.asks(BOB, "返品したお金の請求について")

    for words in ("返金", "求書", "請求書が間違", "書", "返金 請求", "iPhoneの返金"):
        assert await archive.finds(words) == ["Alice"], words
    assert await archive.finds("請求") == ["Bob", "Alice"]
    assert await archive.finds("金返") == []


async def test_a_customer_is_found_by_name_account_and_any_part_of_the_address(archive: Archive) -> None:
    alices = await archive.asks(ALICE, "Hello?")
    await archive.introduces(alices, "Alice Jones", "alice.smith@example.com", account="u-4711")
    bobs = await archive.asks(BOB, "Hello?")
    await archive.introduces(bobs, "Bob", "bob@example.org")

    for words in ("alice.smith@example.com", "ALICE.SMITH", "example.com", "mith@exam", "smith", "u-4711"):
        assert await archive.finds(words) == ["Alice"], words
    assert await archive.finds("jones alice") == ["Alice"]


async def test_the_customers_name_and_what_they_said_may_be_combined(archive: Archive) -> None:
    alices = await archive.asks(ALICE, "I want a refund")
    await says(archive.database, alices, "It is about the seat in Lisbon")
    await archive.introduces(alices, "Alice Jones")
    await archive.asks(BOB, "I want a refund")

    assert await archive.finds("jones refund") == ["Alice"]
    assert await archive.finds("refund lisbon jones") == ["Alice"]
    assert await archive.finds("jones invoice") == []


async def test_words_over_a_conversation_are_found_also_when_one_of_them_stands_nearly_everywhere(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "MOST_HITS", 3)
    monkeypatch.setattr(search_index, "HITS_A_ROW", 0)
    alices = await archive.asks(ALICE, "I want a refund")
    await says(archive.database, alices, "For the seat in Lisbon")
    charlies = await archive.asks(CHARLIE, "I am in Lisbon")
    await archive.introduces(charlies, "Carla Costa")
    for _ in range(4):
        bobs = await archive.asks(BOB, "I want a refund, dear Costa")
    await archive.introduces(bobs, "Bob Costa")

    assert await archive.finds("lisbon refund") == ["Alice"]
    assert await archive.finds("costa lisbon") == ["Charlie"]
    assert await archive.finds("lisbon ref") == ["Alice"]
    assert await archive.finds("ref lisbon") == []
    assert (await archive.search("refund")).more


async def test_many_words_over_a_conversation_are_all_looked_for(archive: Archive) -> None:
    for customer, last in ((ALICE, "No more, thank you"), (BOB, "No less, thank you")):
        theirs = await archive.asks(customer, "The subscription of the accounting department")
        await says(archive.database, theirs, "Cancelled yesterday evening")
        await says(archive.database, theirs, last)

    assert await archive.finds("subscription accounting cancelled yesterday evening more") == ["Alice"]
    assert await archive.finds("subscription accounting cancelled yesterday evening most") == []


async def test_a_pasted_id_or_address_finds_the_conversation(archive: Archive) -> None:
    alices = await archive.asks(ALICE, "Hello?")
    await archive.asks(BOB, "Hello?")

    for pasted in (str(alices), alices.hex, f" https://desk.example.com/escalations/{alices}?x=1 "):
        assert await archive.finds(pasted) == ["Alice"], pasted
    assert await archive.finds(str(new_id())) == []


async def test_notes_replies_answers_and_tags_are_found(archive: Archive) -> None:
    alices = await archive.asks(ALICE, "Hello?")
    await archive.adds(alices, "A difficult supplier, be careful", role=Role.STAFF, kind=Kind.NOTE)
    await archive.adds(alices, "We have shipped a replacement", role=Role.STAFF)
    await archive.adds(alices, "Take the blue cable", role=Role.ASSISTANT)
    await archive.tags(alices, "wholesale")

    for words, whose in (
        ("supplier", "note"),
        ("replacement", "staff"),
        ("blue cable", "assistant"),
        ("wholes", "tag"),
        ("hello", "user"),
    ):
        (row,) = (await archive.search(words)).rows
        assert (row.id, row.snippet_from) == (alices, whose), words


async def test_a_running_answer_is_indexed_once_when_it_has_ended(archive: Archive) -> None:
    alices = await archive.asks(ALICE, "Which cable?")
    begun = await record.begin(archive.database, archive.live, alices, runner="r", assistant="a", model="m")
    assert begun is not None
    before = await archive.entries()

    await leases.save_partial(archive.database, begun.message.id, "Take the blue", Position("e", 1))
    assert (await archive.finds("blue"), await archive.entries()) == ([], before)

    tally = record.Tally(text="Take the blue one")
    await record.commit(archive.database, archive.live, begun, tally, MessageState.COMPLETE)
    assert (await archive.finds("blue"), await archive.entries()) == (["Alice"], before + 1)


async def test_what_was_taken_back_or_has_changed_is_not_found(archive: Archive) -> None:
    alices = await archive.asks(ALICE, "Which cable?")
    message_id = await archive.adds(alices, "Take the blue one", role=Role.ASSISTANT)
    await archive.tags(alices, "wholesale")
    await archive.introduces(alices, "Alice", "alice@example.com")
    async with archive.database.transaction() as session:
        (
            await session.exec(select(Message).where(Message.id == message_id))
        ).one().content = "Take the red one"
        (await session.exec(select(Conversation))).one().subject = "A cable"
        await session.delete((await session.exec(select(ConversationTag))).one())
    await archive.introduces(alices, "Alicia", "alicia@example.com")

    assert [await archive.finds(words) for words in ("blue", "wholesale", "alice")] == [[], [], []]
    assert [await archive.finds(words) for words in ("red", "alicia")] == [["Alice"], ["Alice"]]

    async with archive.database.transaction() as session:
        taken_back = (await session.exec(select(Message).where(Message.id == message_id))).one()
        taken_back.state = MessageState.SUPERSEDED
    assert await archive.finds("red") == []


async def test_what_happened_is_not_what_was_said(archive: Archive) -> None:
    alices = await archive.asks(ALICE, "Hello?")
    await archive.adds(alices, "Sam has joined the conversation.", role=Role.SYSTEM, kind=Kind.EVENT)

    assert await archive.finds("joined") == []


SIGNS = ("%", "_", "*", '"', "'", "\\", "(", "^", "#", ":*", "' | '#", "\x00", "\u202e", "🙂", "ต้", "\ud800")
SYNTAX = ("NEAR", 'NEAR("a" "b")', "in* OR", "words:invoice", "-invoice", "a AND", "invoi%ce", "inv_ice")


async def test_signs_and_syntax_are_plain_text(archive: Archive) -> None:
    await archive.asks(ALICE, "What about this?")

    for words in (*SIGNS, *SYNTAX):
        assert await archive.finds(words) == [], words


async def test_signs_around_words_only_separate_them(archive: Archive) -> None:
    await archive.asks(ALICE, 'The "near" order AB-1234 got 100% off')

    for words in ("NEAR", '"order"', "100%", "ab-1234", "AB 1234", "order* near"):
        assert await archive.finds(words) == ["Alice"], words


async def test_endless_and_odd_input_finds_nothing_and_harms_nothing(archive: Archive) -> None:
    await archive.asks(ALICE, "Hello?")

    for words in ("x" * 100_000, "a " * 50_000, "返" * 50_000, "e\u0301" * 50_000, "", "   "):
        assert await archive.finds(words) == []


async def test_a_snippet_shows_the_words_in_their_surroundings(archive: Archive) -> None:
    await archive.asks(
        ALICE, "Hello! " + "Some more words. " * 30 + "My Café\nbooking failed. " + "The end. " * 30
    )

    (row,) = (await archive.search("booking cafe")).rows

    assert "My Café booking failed." in row.snippet
    assert row.snippet.startswith("… ")
    assert row.snippet.endswith(" …")
    assert [row.snippet[a:b] for a, b in row.snippet_marks] == ["Café", "booking"]


async def test_a_snippet_of_an_answer_shows_its_words_without_signs(archive: Archive) -> None:
    alices = await archive.asks(ALICE, "How?")
    await archive.adds(
        alices, "## First\n\n- Open **Settings > Billing**, then `Refund`.", role=Role.ASSISTANT
    )

    (row,) = (await archive.search("billing")).rows

    assert row.snippet == row.last_words == "First Open Settings > Billing, then Refund."
    assert [row.snippet[a:b] for a, b in row.snippet_marks] == ["Billing"]


async def test_a_hit_by_name_shows_the_name_and_the_address(archive: Archive) -> None:
    alices = await archive.asks(ALICE, "Hello?")
    await archive.introduces(alices, "Alice Jones", "alice@example.com")

    (row,) = (await archive.search("jones")).rows
    (part,) = (await archive.search("ice@exam")).rows

    assert (row.snippet, row.snippet_from) == ("Alice Jones · alice@example.com", "customer")
    assert [part.snippet[a:b] for a, b in part.snippet_marks] == ["ice@exam"]


async def test_everything_is_searched_also_what_is_over_junk_or_put_off(archive: Archive) -> None:
    for customer in (ALICE, BOB):
        await archive.asks(customer, "Cheap watches")
    async with archive.database.transaction() as session:
        first, second = (await session.exec(select(Conversation).order_by(Conversation.id))).all()
        first.junk_at, second.snoozed_until = now(), now()

    rows = (await archive.search("watches")).rows

    assert [(row.junk, row.snoozed_until is not None) for row in rows] == [(False, True), (True, False)]
    assert {row.owner for row in rows} == {Owner.ASSISTANT}


async def test_no_more_than_asked_for_is_returned(archive: Archive) -> None:
    for customer in (ALICE, BOB, CHARLIE):
        await archive.asks(customer, "A refund, please")

    assert await archive.finds("refund", limit=2) == ["Charlie", "Bob"]
    assert (await archive.search("refund", limit=2)).more
    assert not (await archive.search("refund", limit=3)).more


async def test_a_deleted_conversation_leaves_nothing_behind(archive: Archive) -> None:
    alices = await archive.asks(ALICE, "Hello 返金?")
    await archive.tags(alices, "wholesale")
    async with archive.database.transaction() as session:
        connection = await session.connection()
        for table in ("message", "conversation_tag", "outcome", "conversation"):
            await connection.execute(text(f"DELETE FROM {table}"))

    assert await archive.entries() == 0
    for words in ("hello", "返金", "wholesale"):
        assert await archive.finds(words) == []
