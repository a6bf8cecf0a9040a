"""Notes among colleagues: no customer receives one, no model reads one, and nothing counts one."""

import asyncio
from uuid import uuid4

import pytest

from supportbot.conversations.events import DESK, CaseChanged, MessageAdded, staff_topic
from supportbot.conversations.live import MemoryLive
from supportbot.conversations.page import ConversationPage
from supportbot.conversations.transcript import past, read, since
from supportbot.errors import NotFound, Refused
from supportbot.escalations import handoff
from supportbot.escalations.brief import gather
from supportbot.escalations.notes import NOTE_CHARACTERS, note
from supportbot.escalations.queue import List, listed
from supportbot.models import Kind, Role, Staff
from supportbot.turns import record
from tests.escalations.case import Case
from tests.people import ALICE

pytestmark = pytest.mark.anyio

CANARY = "CANARY-4711: she is a friend of the boss."


async def test_a_note_is_kept_in_its_place_with_its_author(case: Case) -> None:
    said = await case.do(note, case.sam, CANARY, "n1")

    (kept,) = [one for one in await case.stored() if one.kind == Kind.NOTE]
    assert (kept.role, kept.content, kept.staff_id, kept.seq) == (Role.STAFF, CANARY, case.sam.id, 2)
    assert (said.staff_name, said.kind, said.seq) == ("Sam", Kind.NOTE, 2)


async def test_staff_read_it_in_the_transcript_and_customers_do_not(case: Case) -> None:
    await case.do(note, case.sam, CANARY, "n1")

    seen = await read(case.desk.database, case.desk.live, case.id, notes=True)

    assert [one.content for one in seen.messages] == ["How long?", CANARY]
    assert seen.messages[-1].staff_name == "Sam"
    assert await case.shown() == ["How long?"]


async def test_since_gives_notes_to_staff_alone(case: Case) -> None:
    await case.do(note, case.sam, CANARY, "n1")

    async with case.desk.database.reading() as session:
        theirs = await since(session, case.id, 0, limit=10)
        ours = await since(session, case.id, 0, limit=10, notes=True)

    assert [one.content for one in theirs] == ["How long?"]
    assert [one.content for one in ours] == ["How long?", CANARY]


async def test_it_is_told_to_the_staffs_topic_and_to_no_other(case: Case) -> None:
    before, desk = await case.news(), await case.news(DESK)

    await case.do(note, case.sam, CANARY, "n1")

    assert await case.news() == before
    added, changed = await case.news(staff_topic(case.id))
    assert isinstance(added, MessageAdded)
    assert (added.message.content, changed) == (CANARY, CaseChanged(case.id))
    assert await case.news(DESK) == [*desk, CaseChanged(case.id)]


async def test_the_staffs_topic_is_not_the_conversations(case: Case) -> None:
    assert staff_topic(case.id) not in (case.id, DESK)
    assert staff_topic(case.id) != staff_topic(uuid4())


async def test_a_customers_earlier_pages_have_no_holes_because_of_notes(case: Case) -> None:
    for number in range(30):
        await case.says(f"message {number}")
        await case.do(note, case.sam, f"{CANARY} {number}", f"n{number}")

    shown: list[str] = []
    before, more = None, True
    while more:
        page = await read(case.desk.database, case.desk.live, case.id, before=before, limit=7)
        assert len(page.messages) == 7 or not page.has_earlier
        shown = [one.content for one in page.messages] + shown
        before, more = page.messages[0].seq, page.has_earlier

    assert shown == ["How long?", *(f"message {number}" for number in range(30))]


async def test_a_page_of_nothing_but_notes_does_not_pretend_there_is_more(case: Case) -> None:
    for number in range(5):
        await case.do(note, case.sam, CANARY, f"n{number}")

    page = await read(case.desk.database, case.desk.live, case.id, limit=1)

    assert ([one.content for one in page.messages], page.has_earlier) == (["How long?"], False)


async def test_a_note_is_no_answer_of_people(case: Case) -> None:
    """The assistant answers what the customer said before somebody made a note of it."""
    await case.do(note, case.sam, CANARY, "n1")

    assert await record.anything_unanswered(case.desk.database, case.id)
    case.desk.assistant.says("Five days.")
    await case.desk.take_turn(case.id)

    assert (await case.shown())[-1] == "Five days."


async def test_no_prompt_and_no_brief_holds_it(case: Case) -> None:
    await case.do(note, case.sam, CANARY, "n1")
    case.desk.assistant.says("Five days.")
    await case.desk.take_turn(case.id)
    await case.escalate()

    (request,) = case.desk.assistant.requests
    async with case.desk.database.reading() as session:
        material = await gather(session, await case.row())
    assert "CANARY" not in str(request) + str(material) + (await case.handoffs())[0].brief


async def test_it_wakes_nobody(case: Case) -> None:
    case.desk.runner.start()
    await case.do(note, case.sam, CANARY, "n1")
    await asyncio.sleep(0.02)

    assert not case.desk.runner.is_running(case.id)
    assert case.desk.assistant.requests == []
    assert await case.desk.answers(case.id) == []


async def test_it_counts_nowhere(case: Case) -> None:
    before, counted = await case.row(), (await case.outcome()).staff_messages

    await case.do(note, case.sam, CANARY, "n1")

    after = await case.row()
    assert (await case.outcome()).staff_messages == counted == 0
    assert (after.updated_at, after.version, after.customer_seq, after.customer_seen_seq) == (
        before.updated_at,
        before.version,
        before.customer_seq,
        before.customer_seen_seq,
    )
    assert after.last_seq == before.last_seq + 1


async def test_it_is_nobodys_last_word_in_the_lists(case: Case) -> None:
    await case.do(note, case.sam, CANARY, "n1")

    (row,) = (await listed(case.desk.database, List.OPEN, case.sam.id)).rows
    assert (row.last_words, row.last_role) == ("How long?", "user")
    assert "CANARY" not in str(await past(case.desk.database, ALICE.token_hash))


async def test_sending_a_note_twice_is_keeping_it_once(case: Case) -> None:
    kept = await asyncio.gather(*(case.do(note, case.sam, CANARY, "n1") for _ in range(5)))

    assert len({one.id for one in kept}) == 1
    assert (await case.whispered()).count(CANARY) == 1


async def test_the_key_of_a_note_is_nobody_elses(case: Case) -> None:
    await case.do(handoff.take_over, case.sam)
    await case.reply(case.sam, "To the customer.", "same")

    assert (await case.do(note, case.sam, CANARY, "same")).content == CANARY


@pytest.mark.parametrize("state", ["waiting", "a colleague's", "resolved"])
async def test_anybody_at_the_desk_may_note_anything_anywhere(case: Case, state: str) -> None:
    if state == "waiting":
        await case.escalate()
    else:
        await case.do(handoff.take_over, case.alex)
    if state == "resolved":
        await case.do(handoff.resolve, case.alex)
    owner, shown = await case.owner(), await case.shown()

    await case.do(note, case.sam, CANARY, "n1")

    assert (await case.owner(), await case.shown()) == (owner, shown)


@pytest.mark.parametrize("text", ["", " \n ", "x" * (NOTE_CHARACTERS + 1), None, 7, ["a"], {}, "\ud800"])
async def test_what_is_no_text_is_no_note(case: Case, text: object) -> None:
    with pytest.raises(Refused):
        await case.do(note, case.sam, text, "n1")

    assert len(await case.stored()) == 1


async def test_a_note_is_cleaned_like_a_message(case: Case) -> None:
    kept = await case.do(note, case.sam, "  one\r\ntwo\x00\u202e ", "n1")

    assert kept.content == "one\ntwo"


async def test_someone_who_is_not_staff_notes_nothing(case: Case) -> None:
    stranger = Staff(id=uuid4(), email="charlie@example.com", name="Charlie", password_hash="!")

    with pytest.raises(Exception, match=r"(?i)foreign key"):
        await case.do(note, stranger, CANARY, "n1")

    assert len(await case.stored()) == 1


async def test_there_is_nothing_to_note_where_nothing_is(case: Case) -> None:
    with pytest.raises(NotFound):
        await note(case.desk.database, MemoryLive(), uuid4(), case.sam, CANARY, "n1")


async def test_a_page_of_staff_shows_it_once_and_in_its_place(case: Case) -> None:
    await case.do(note, case.sam, CANARY, "n1")
    await case.says("And now?")
    page = ConversationPage()
    page.load(await read(case.desk.database, case.desk.live, case.id, notes=True))

    for event in await case.news(staff_topic(case.id)):
        page.apply(event)

    assert [one.content for one in page.in_order] == ["How long?", CANARY, "And now?"]
