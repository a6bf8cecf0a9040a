"""Reading a conversation: in pages, without what is nobody's business, and from where to follow."""

import asyncio
from uuid import UUID, uuid4

import pytest
from sqlmodel import func, select

from supportbot.conversations.changes import changing
from supportbot.conversations.events import DESK, CustomerSaid, OwnerChanged
from supportbot.conversations.live import MemoryLive, Position
from supportbot.conversations.transcript import PAGE, first_language, past, read
from supportbot.conversations.visitors import introduce, visitor_of
from supportbot.database import Database
from supportbot.errors import NotFound, Refused
from supportbot.escalations import handoff
from supportbot.models import Conversation, Kind, Message, MessageState, Rating, Role, Status, Visitor
from supportbot.turns import leases, record
from tests.people import ALICE, BOB, conversation_of, sam, says

pytestmark = pytest.mark.anyio


@pytest.fixture
def live() -> MemoryLive:
    return MemoryLive()


@pytest.fixture
async def alices(database: Database) -> UUID:
    return (await conversation_of(database, ALICE)).id


async def add(database: Database, live: MemoryLive, conversation_id: UUID, **fields: object) -> Message:
    async with changing(database, live, conversation_id) as change:
        return await change.add(Message(conversation_id=conversation_id, seq=0, **fields))


async def test_the_newest_page_comes_first_and_says_that_there_is_more(
    database: Database, live: MemoryLive, alices: UUID
) -> None:
    for number in range(PAGE + 20):
        await says(database, alices, f"message {number}")

    newest = await read(database, live, alices)
    earlier = await read(database, live, alices, before=newest.messages[0].seq)

    assert [one.content for one in newest.messages] == [f"message {n}" for n in range(20, PAGE + 20)]
    assert [one.content for one in earlier.messages] == [f"message {n}" for n in range(20)]
    assert (newest.has_earlier, earlier.has_earlier) == (True, False)


async def test_a_page_that_is_exactly_full_has_nothing_before_it(
    database: Database, live: MemoryLive, alices: UUID
) -> None:
    for number in range(5):
        await says(database, alices, f"message {number}")

    assert not (await read(database, live, alices, limit=5)).has_earlier
    assert (await read(database, live, alices, limit=4)).has_earlier
    assert (await read(database, live, alices, before=1)).messages == ()


async def test_notes_and_superseded_answers_are_not_read(
    database: Database, live: MemoryLive, alices: UUID
) -> None:
    await says(database, alices, "Hello?")
    await add(database, live, alices, role=Role.STAFF, kind=Kind.NOTE, content="CANARY note")
    await add(
        database, live, alices, role=Role.ASSISTANT, state=MessageState.SUPERSEDED, content="CANARY text"
    )

    assert [one.content for one in (await read(database, live, alices)).messages] == ["Hello?"]


async def test_staff_speak_by_name_and_answers_carry_their_rating(
    database: Database, live: MemoryLive, alices: UUID
) -> None:
    staff = await sam(database)
    await says(database, alices, "Hello?")
    await handoff.take_over(database, live, alices, staff)
    reply = await handoff.reply(database, live, alices, staff, "Hello, Alice.", "key")
    async with database.transaction() as session:
        session.add(Rating(message_id=reply.id, conversation_id=alices, value=1))

    transcript = await read(database, live, alices)

    assert (transcript.messages[-1].staff_name, transcript.messages[-1].rating) == ("Sam", 1)
    assert transcript.staff_name == "Sam"


async def test_what_does_not_exist_is_not_found(database: Database, live: MemoryLive) -> None:
    with pytest.raises(NotFound):
        await read(database, live, uuid4())
    with pytest.raises(NotFound):
        async with changing(database, live, uuid4()):
            pass
    with pytest.raises(NotFound):
        await visitor_of(database, uuid4())


async def test_nothing_said_between_reading_and_following_is_missed(
    database: Database, live: MemoryLive, alices: UUID
) -> None:
    await says(database, alices, "one", live=live)
    transcript = await read(database, live, alices)
    await says(database, alices, "two", live=live)

    batch = await anext(live.follow(alices, transcript.follow_from))

    assert [entry.event.message.content for entry in batch] == ["two"]


async def test_a_running_answer_is_followed_from_where_its_text_ends(
    database: Database, live: MemoryLive, alices: UUID
) -> None:
    begun = await _running(database, live, alices)
    saved = await live.append(alices, "a piece that is stored")
    await leases.save_partial(database, begun.message.id, "They take", saved)
    await live.append(alices, "a piece that is not stored yet")

    transcript = await read(database, live, alices)

    assert transcript.messages[-1].content == "They take"
    assert transcript.follow_from == saved


async def test_a_log_that_has_forgotten_the_answer_is_followed_from_its_end(
    database: Database, live: MemoryLive, alices: UUID
) -> None:
    begun = await _running(database, live, alices)
    await leases.save_partial(database, begun.message.id, "They take", Position("before the restart", 900))
    end = await live.append(alices, "something new")

    assert (await read(database, live, alices)).follow_from == end


async def test_a_conversation_is_read_as_of_one_moment(database: Database, alices: UUID) -> None:
    count = select(func.count()).select_from(Message)

    async with database.reading() as session:
        before = (await session.exec(count)).one()
        await says(database, alices, "Hello?")
        assert (await session.exec(count)).one() == before
    async with database.reading() as session:
        assert (await session.exec(count)).one() == before + 1


async def test_what_a_reader_changes_is_not_kept(database: Database, alices: UUID) -> None:
    async with database.reading() as session:
        (await session.get_one(Conversation, alices)).subject = "changed"
        await session.flush()

    async with database.reading() as session:
        assert (await session.get_one(Conversation, alices)).subject == ""


async def test_pages_hear_of_nothing_that_was_not_stored(
    database: Database, live: MemoryLive, alices: UUID
) -> None:
    start, desk = await live.position(alices), await live.position(DESK)

    with pytest.raises(ZeroDivisionError):
        async with changing(database, live, alices) as change:
            await change.own(Status.ESCALATED, None)
            await change.add(Message(conversation_id=alices, seq=0, role=Role.USER, content="lost"))
            raise ZeroDivisionError

    assert (await live.position(alices), await live.position(DESK)) == (start, desk)
    assert (await read(database, live, alices)).messages == ()


async def test_changes_of_one_conversation_queue(database: Database, live: MemoryLive, alices: UUID) -> None:
    async def change_subject() -> None:
        async with changing(database, live, alices) as change:
            seen = change.conversation.version
            await asyncio.sleep(0.001)
            change.conversation.version = seen + 1

    await asyncio.gather(*(change_subject() for _ in range(12)))

    async with database.reading() as session:
        assert (await session.get_one(Conversation, alices)).version == 12


async def test_the_desk_hears_of_every_message_and_change_of_owner(
    database: Database, live: MemoryLive, alices: UUID
) -> None:
    start = await live.position(DESK)
    await says(database, alices, "Hello?", live=live)
    await handoff.take_over(database, live, alices, await sam(database))

    batch = await anext(live.follow(DESK, start))

    assert [type(entry.event) for entry in batch] == [CustomerSaid, OwnerChanged]


async def test_past_conversations_are_the_visitors_own_newest_first(database: Database) -> None:
    for text in ("first", "second"):
        conversation = await conversation_of(database, ALICE)
        await says(database, conversation.id, text)
    await conversation_of(database, ALICE)
    bobs = await conversation_of(database, BOB)
    await says(database, bobs.id, "Bob's")

    assert [line.subject for line in await past(database, ALICE.token_hash)] == ["second", "first"]
    assert [line.subject for line in await past(database, BOB.token_hash)] == ["Bob's"]
    assert await past(database, "nobody") == []
    assert len(await past(database, ALICE.token_hash, limit=1)) == 1


# What visitors say about themselves


@pytest.mark.parametrize(
    ("name", "email", "kept"),
    [
        ("Alice", "alice@example.com", ("Alice", "alice@example.com")),
        (" Alice \n Liddell ", "", ("Alice Liddell", None)),
        (None, None, (None, None)),
        ({"a": 1}, ["b"], (None, None)),
        ("x" * 10_000, "", ("x" * 120, None)),
        ("<script>", "", ("<script>", None)),
    ],
)
async def test_a_visitor_introduces_themselves(
    database: Database, alices: UUID, name: object, email: object, kept: tuple[str | None, str | None]
) -> None:
    visitor = await visitor_of(database, alices)

    await introduce(database, visitor.id, name, email)

    known = await visitor_of(database, alices)
    assert (known.name, known.email) == kept


@pytest.mark.parametrize(
    "email",
    [
        "alice",
        "alice@",
        "@example.com",
        "a@b",
        "a b@example.com",
        "a@example.com, b@example.com",
        "a@example.com\r\nBcc: everybody@example.com",
        "<a@example.com>",
        "a@@example.com",
        "@" * 254,
    ],
)
async def test_what_cannot_be_an_address_is_refused(database: Database, alices: UUID, email: str) -> None:
    visitor = await visitor_of(database, alices)

    with pytest.raises(Refused):
        await introduce(database, visitor.id, "Alice", email)

    assert (await visitor_of(database, alices)).name is None


async def test_a_new_address_has_to_be_verified_again(database: Database, alices: UUID) -> None:
    visitor = await visitor_of(database, alices)
    await introduce(database, visitor.id, "", "alice@example.com")
    async with database.transaction() as session:
        (await session.get_one(Visitor, visitor.id)).email_verified_at = visitor.created_at

    await introduce(database, visitor.id, "Alice", "alice@example.com")
    assert (await visitor_of(database, alices)).email_verified_at is not None
    await introduce(database, visitor.id, "", "mallory@example.com")
    assert (await visitor_of(database, alices)).email_verified_at is None


async def _running(database: Database, live: MemoryLive, conversation_id: UUID) -> record.Begun:
    await says(database, conversation_id, "How long?", live=live)
    begun = await record.begin(database, live, conversation_id, runner="r", assistant="claude", model="")
    assert begun is not None
    return begun


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de-DE,de;q=0.9,en;q=0.8", "de"),
        ("EN", "en"),
        (" pt-BR", "pt"),
        ("fil,en", "fil"),
        ("*", None),
        ("", None),
        ("x" * 100, None),
    ],
)
def test_the_first_language_of_a_browser(header: str, language: str | None) -> None:
    assert first_language(header) == language
