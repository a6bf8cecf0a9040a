"""Charlie at every door: what is not his, and what does not exist, are not found alike."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event
from sqlmodel import select

from supportbot import access
from supportbot.conversations.changes import changing
from supportbot.conversations.guests import let_in
from supportbot.conversations.live import MemoryLive
from supportbot.conversations.transcript import conversation_with, past
from supportbot.database import Database
from supportbot.errors import NotFound, NotSignedIn, Refused
from supportbot.ids import new_id, now
from supportbot.models import Channel, Conversation, Gap, Kind, Message, Outbox, Role, Staff, StaffSession
from supportbot.staff.sign_in import PLAIN_COOKIE
from tests.people import ALICE, BOB, CHARLIE, Customer, alex, conversation_of, sam, says, signed_in

pytestmark = pytest.mark.anyio

NOT_TOKENS: list[Any] = [
    None,
    "",
    7,
    True,
    b"a" * 43,
    ["a" * 43],
    {"token": "a" * 43},
    "a" * 42,
    "a" * 87,
    "a" * 43 + "\n",
    " " + "a" * 43,
    "a" * 42 + "é",
    "a" * 42 + "=",
    "a" * 42 + "\x00",
    "\ud800" * 43,
    "\u0430" * 43,
    "' OR 1=1 --".ljust(43, "x"),
    "x" * 1_000_000,
]
NOT_IDS: list[Any] = [
    None,
    "",
    0,
    7,
    1.5,
    True,
    b"x" * 16,
    [],
    {},
    {"id": "x"},
    "nonsense",
    "\x00" * 36,
    "\ud800" * 32,
    "0" * 36,
    "%",
    "' OR 1=1 --",
    "0" * 1_000_000,
    "6f1c24a7-8a3e-4f0e-9c1d-3c5e0c0f7b11",
    UUID("2b0d5b5e-51d8-4c5c-8f60-6a3c5f2a9d40"),
    UUID(int=0),
    "00000000-0000-0000-0000-000000000000",
]


@pytest.fixture
async def alices(database: Database) -> UUID:
    conversation = await conversation_of(database, ALICE)
    await says(database, conversation.id, "CANARY", key="visitor:alices key")
    return conversation.id


async def answered(
    database: Database, conversation_id: UUID, role: Role = Role.ASSISTANT, kind: Kind = Kind.TEXT
) -> UUID:
    async with changing(database, MemoryLive(), conversation_id) as change:
        message = Message(conversation_id=conversation_id, seq=0, role=role, kind=kind, content="CANARY")
        return (await change.add(message)).id


# Customers


async def test_alice_finds_her_own(database: Database, alices: UUID) -> None:
    for identity in (alices, str(alices), alices.hex):
        assert (await access.conversation_of_visitor(database, ALICE.token, identity)).id == alices


@pytest.mark.parametrize("stranger", [BOB, CHARLIE])
async def test_a_strangers_token_finds_nothing_of_hers(
    database: Database, alices: UUID, stranger: Customer
) -> None:
    await conversation_of(database, BOB)
    answer = await answered(database, alices)

    with pytest.raises(NotFound):
        await access.conversation_of_visitor(database, stranger.token, str(alices))
    with pytest.raises(NotFound):
        await access.answer_of_visitor(database, stranger.token, str(alices), str(answer))
    assert await past(database, stranger.token_hash) == []
    assert await conversation_with(database, stranger.token_hash, "visitor:alices key") is None


@pytest.mark.parametrize("token", NOT_TOKENS, ids=lambda token: repr(token)[:20])
async def test_what_is_no_token_finds_nothing(database: Database, alices: UUID, token: Any) -> None:
    with pytest.raises(NotFound):
        await access.conversation_of_visitor(database, token, str(alices))
    with pytest.raises(NotFound):
        access.token_hash(token)


@pytest.mark.parametrize("identity", NOT_IDS, ids=lambda identity: repr(identity)[:20])
async def test_what_is_no_id_finds_nothing(database: Database, alices: UUID, identity: Any) -> None:
    with pytest.raises(NotFound):
        await access.conversation_of_visitor(database, ALICE.token, identity)
    with pytest.raises(NotFound):
        await access.answer_of_visitor(database, ALICE.token, str(alices), identity)
    with pytest.raises(NotFound):
        await access.answer_of_visitor(database, ALICE.token, identity, identity)
    with pytest.raises(NotFound):
        await access.conversation_for_staff(database, await sam(database), identity)


async def test_what_is_missing_and_what_is_anothers_are_told_in_the_same_words(
    database: Database, alices: UUID
) -> None:
    sentences = set()
    for token, identity in (
        (CHARLIE.token, alices),
        (CHARLIE.token, uuid4()),
        (None, alices),
        (ALICE.token, 7),
    ):
        with pytest.raises(NotFound) as refusal:
            await access.conversation_of_visitor(database, token, identity)
        sentences.add(refusal.value.sentence)

    assert sentences == {"We could not find this conversation."}


async def test_what_is_missing_and_what_is_anothers_cost_the_same_work(
    database: Database, alices: UUID
) -> None:
    work: list[int] = []
    for identity in (alices, uuid4()):
        with QueriesOf(database) as queries, pytest.raises(NotFound):
            await access.conversation_of_visitor(database, CHARLIE.token, identity)
        work.append(queries.count)

    assert work[0] == work[1] == 1


async def test_a_message_of_bob_is_not_found_inside_alices_conversation(
    database: Database, alices: UUID
) -> None:
    bobs = (await conversation_of(database, BOB)).id
    answer = await answered(database, bobs)

    with pytest.raises(NotFound):
        await access.answer_of_visitor(database, ALICE.token, str(alices), str(answer))
    with pytest.raises(NotFound):
        await access.answer_of_visitor(database, ALICE.token, str(bobs), str(answer))
    assert (await access.answer_of_visitor(database, BOB.token, str(bobs), str(answer))).id == answer


@pytest.mark.parametrize(
    ("role", "kind"),
    [(Role.USER, Kind.TEXT), (Role.SYSTEM, Kind.EVENT), (Role.STAFF, Kind.NOTE), (Role.ASSISTANT, Kind.NOTE)],
)
async def test_only_what_was_said_to_her_is_hers_to_rate(
    database: Database, alices: UUID, role: Role, kind: Kind
) -> None:
    message = await answered(database, alices, role, kind)

    with pytest.raises(NotFound):
        await access.answer_of_visitor(database, ALICE.token, str(alices), str(message))


@pytest.mark.parametrize("role", [Role.ASSISTANT, Role.STAFF])
async def test_what_was_said_to_her_is(database: Database, alices: UUID, role: Role) -> None:
    message = await answered(database, alices, role)

    found = await access.answer_of_visitor(database, ALICE.token, str(alices), str(message))
    assert found.id == message


async def test_only_the_tokens_hash_is_stored(database: Database, alices: UUID) -> None:
    assert ALICE.token not in ALICE.token_hash
    assert len(ALICE.token_hash) == 64
    assert access.token_hash(BOB.token) != ALICE.token_hash


# Guests


async def let_into(database: Database, conversation_id: UUID, customer: Customer) -> None:
    """As the code from a mail does."""
    async with database.transaction() as session:
        conversation = await session.get_one(Conversation, conversation_id)
        await let_in(session, conversation, customer.token_hash, "alice@example.com", now())


async def test_a_guest_uses_the_conversation_like_the_one_who_began_it(
    database: Database, alices: UUID
) -> None:
    answer = await answered(database, alices)
    await let_into(database, alices, BOB)

    for guest in (BOB, ALICE):
        assert (await access.conversation_of_visitor(database, guest.token, str(alices))).id == alices
        found = await access.answer_of_visitor(database, guest.token, str(alices), str(answer))
        assert found.id == answer
        assert [one.id for one in await past(database, guest.token_hash)] == [alices]


async def test_a_guest_is_let_into_one_conversation_and_nobody_with_them(
    database: Database, alices: UUID
) -> None:
    other = await conversation_of(database, ALICE)
    await says(database, other.id, "Not for guests")
    await let_into(database, alices, BOB)

    with pytest.raises(NotFound):
        await access.conversation_of_visitor(database, BOB.token, str(other.id))
    for token, identity in ((CHARLIE.token, alices), (CHARLIE.token, uuid4()), (BOB.token, uuid4())):
        with QueriesOf(database) as queries, pytest.raises(NotFound):
            await access.conversation_of_visitor(database, token, identity)
        assert queries.count == 1
    assert await past(database, CHARLIE.token_hash) == []
    assert [one.id for one in await past(database, BOB.token_hash)] == [alices]


async def test_a_guests_own_conversations_stay_in_the_order_of_time(database: Database, alices: UUID) -> None:
    await let_into(database, alices, BOB)
    await let_into(database, alices, BOB)
    bobs = await conversation_of(database, BOB)
    await says(database, bobs.id, "Mine")
    assert [one.id for one in await past(database, BOB.token_hash)] == [bobs.id, alices]
    await says(database, alices, "Hers again")

    assert [one.id for one in await past(database, BOB.token_hash)] == [alices, bobs.id]
    assert [one.id for one in await past(database, BOB.token_hash, limit=1)] == [alices]
    assert [one.id for one in await past(database, ALICE.token_hash)] == [alices]


# Staff


async def test_sam_is_known_by_the_cookie(database: Database, alices: UUID) -> None:
    staff = await sam(database)
    cookie = await signed_in(database, staff)

    assert (await access.staff_member(database, cookie, secure=False)).id == staff.id
    assert await access.is_staff(database, cookie, secure=False)
    assert (await access.conversation_for_staff(database, staff, str(alices))).id == alices


@pytest.mark.parametrize(
    "cookie",
    [None, "", 7, {}, [], b"supportbot_staff=x", "supportbot_staff=", "a=b", "x" * 100_000, "\ud800"],
)
async def test_nobody_is_known_by_anything_else(database: Database, cookie: Any) -> None:
    with pytest.raises(NotSignedIn):
        await access.staff_member(database, cookie, secure=False)
    assert not await access.is_staff(database, cookie, secure=False)


async def test_a_customers_token_is_no_cookie(database: Database, alices: UUID) -> None:
    await sam(database)

    with pytest.raises(NotSignedIn):
        await access.staff_member(database, f"supportbot_staff={ALICE.token}", secure=False)


async def test_whoever_is_disabled_or_signed_out_is_out_with_the_next_event(database: Database) -> None:
    people = [await sam(database), await alex(database)]
    cookies = [await signed_in(database, one) for one in people]
    async with database.transaction() as session:
        (await session.get_one(Staff, people[0].id)).disabled_at = now()
        for row in await _sessions_of(session, people[1].id):
            row.revoked_at = now()

    for cookie in cookies:
        with pytest.raises(NotSignedIn):
            await access.staff_member(database, cookie, secure=False)


async def test_a_session_that_has_expired_is_over(database: Database) -> None:
    cookie = await signed_in(database, await sam(database), hours=-0.001)

    with pytest.raises(NotSignedIn):
        await access.staff_member(database, cookie, secure=False)


async def test_the_cookie_of_the_other_scheme_is_not_accepted(database: Database) -> None:
    cookie = await signed_in(database, await sam(database))

    with pytest.raises(NotSignedIn):
        await access.staff_member(database, cookie, secure=True)


class QueriesOf:
    """Counts what is asked of a database."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine.sync_engine
        self.count = 0

    def __enter__(self) -> "QueriesOf":
        event.listen(self._engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *exception: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._note)

    def _note(self, connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        self.count += statement.startswith("SELECT")


async def _sessions_of(session: Any, staff_id: UUID) -> list[StaffSession]:
    return list(await session.exec(select(StaffSession).where(StaffSession.staff_id == staff_id)))


# The outbox


async def test_only_an_admin_passes_as_one(database: Database) -> None:
    owner, agent = await sam(database), await alex(database)

    passed = await access.admin(database, await signed_in(database, owner), secure=False)

    assert passed.id == owner.id
    with pytest.raises(Refused):
        await access.admin(database, await signed_in(database, agent), secure=False)
    for cookie in (None, "", 17, {}, f"{PLAIN_COOKIE}={'x' * 43}"):
        with pytest.raises(NotSignedIn):
            await access.admin(database, cookie, secure=False)


async def test_an_admin_finds_a_message_that_has_not_been_sent(database: Database) -> None:
    owner, agent = await sam(database), await alex(database)
    waiting = Outbox(key="a", channel=Channel.WEBHOOK, topic="t")
    sent = Outbox(key="b", channel=Channel.WEBHOOK, topic="t", sent_at=now())
    async with database.transaction() as session:
        session.add_all([waiting, sent])

    assert (await access.outgoing_for_admin(database, owner, str(waiting.id))).id == waiting.id
    with pytest.raises(NotFound):
        await access.outgoing_for_admin(database, agent, str(waiting.id))
    for identity in (str(sent.id), str(new_id()), "x", None, {"a": 1}, 17, [str(waiting.id)]):
        with pytest.raises(NotFound):
            await access.outgoing_for_admin(database, owner, identity)


async def test_staff_judge_answers_of_the_assistant_alone_and_in_their_own_conversation(
    database: Database, alices: UUID
) -> None:
    staff, bobs = await sam(database), (await conversation_of(database, BOB)).id
    answer = await answered(database, alices)
    found = await access.answer_for_staff(database, staff, str(alices), str(answer))
    assert found.id == answer

    others = [await answered(database, alices, role) for role in (Role.USER, Role.STAFF, Role.SYSTEM)]
    for conversation, message in (
        *((alices, other) for other in others),
        (bobs, answer),
        (uuid4(), answer),
        (alices, uuid4()),
        *((alices, identity) for identity in NOT_IDS),
    ):
        with pytest.raises(NotFound):
            await access.answer_for_staff(database, staff, conversation, message)


async def test_a_gap_is_found_by_its_id_and_by_nothing_else(database: Database) -> None:
    staff, gap = await sam(database), Gap(question="Where?", terms="where")
    async with database.transaction() as session:
        session.add(gap)

    assert (await access.gap_for_staff(database, staff, str(gap.id))).id == gap.id
    for identity in (uuid4(), *NOT_IDS):
        with pytest.raises(NotFound):
            await access.gap_for_staff(database, staff, identity)
