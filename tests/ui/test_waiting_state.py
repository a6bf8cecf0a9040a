"""What a page that waits takes in from the live log."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from supportbot.conversations.events import BriefChanged, MessageAdded, MessageView, Seen
from supportbot.conversations.live import MemoryLive
from supportbot.conversations.page import ConversationPage
from supportbot.database import Database
from supportbot.desk import open_desk
from supportbot.escalations import handoff
from supportbot.escalations.extracting import NOTHINGS
from supportbot.models import Conversation, Kind, MessageState, Reason, Role, Trigger
from supportbot.settings import Settings
from supportbot.ui.chat.state import ChatState
from supportbot.ui.chat.waiting_state import LOOK_EVERY
from tests.people import ALICE, BOB, Customer, conversation_of

NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)


@pytest.fixture
def page() -> ChatState:
    """A customer's page that shows nothing yet."""
    state = ChatState(_reflex_internal_init=True)  # type: ignore[call-arg]
    state._page = ConversationPage()
    state._begin_to_see(Conversation(visitor_id=UUID(int=1)))
    state.begun_here = True
    return state


def hears(page: ChatState, *events: object) -> None:
    for event in events:
        page._page.apply(event)
    page._hear(list(events))


def said(seq: int, role: Role) -> MessageAdded:
    return MessageAdded(
        MessageView(UUID(int=seq), seq, role, Kind.TEXT, MessageState.COMPLETE, "Hello.", NOON)
    )


def test_a_brief_that_is_written_anew_is_shown(page: ChatState) -> None:
    hears(page, BriefChanged("Paid twice in October.", "model"))

    assert (page.brief, page.brief_by) == ("Paid twice in October.", "model")


@pytest.mark.parametrize("nothing", NOTHINGS)
def test_that_nothing_was_said_yet_is_left_to_the_page_to_say(page: ChatState, nothing: str) -> None:
    hears(page, BriefChanged(f"{nothing}\nKnown: Alice", ""))

    assert page.brief == ""


def test_a_guest_does_not_read_who_began_the_conversation(page: ChatState) -> None:
    brief = "Wanted: “One payment back.”\nTried: nothing yet.\nKnown: Alice; alice@example.com"
    hears(page, BriefChanged(brief, "model"))
    assert page.brief == brief

    page.begun_here = False
    hears(page, BriefChanged(brief, "model"))
    assert page.brief == "Wanted: “One payment back.”\nTried: nothing yet."
    hears(page, BriefChanged("Known: what I wrote myself", "customer"))
    assert page.brief == "Known: what I wrote myself"


def test_a_persons_newest_words_wait_to_be_seen(page: ChatState) -> None:
    hears(page, said(1, Role.USER), said(2, Role.STAFF), said(3, Role.STAFF), said(4, Role.USER))

    assert page.to_see == 3


def test_what_another_page_has_shown_need_not_be_told_again(page: ChatState) -> None:
    hears(page, said(1, Role.STAFF))
    hears(page, Seen(1))

    assert page.to_see == 0


def test_an_answer_of_the_assistant_is_nobodys_to_see(page: ChatState) -> None:
    hears(page, said(1, Role.USER), said(2, Role.ASSISTANT))

    assert page.to_see == 0


def test_a_page_knows_what_was_seen_before_it_opened(page: ChatState) -> None:
    page._begin_to_see(Conversation(visitor_id=UUID(int=1), customer_seen_seq=2))
    hears(page, said(1, Role.STAFF), said(2, Role.STAFF))

    assert page.to_see == 0


@pytest.mark.anyio
async def test_the_place_moves_up_by_itself_and_is_asked_for_seldom(
    page: ChatState, settings: Settings, database: Database
) -> None:
    live = MemoryLive()
    bobs = await waits(database, BOB)
    alices = await waits(database, ALICE)
    async with open_desk(settings.model_copy(update={"sample_articles": False})):
        page.visitor, page.owner = ALICE.token, "waiting"
        await page._show_request(alices)
        assert page.place == 2

        await handoff.no_longer_needed(database, live, bobs)
        await page._keep_true(alices)
        assert page.place == 2

        page._looked -= LOOK_EVERY
        await page._keep_true(alices)
        assert page.place == 1


async def waits(database: Database, customer: Customer) -> UUID:
    conversation = await conversation_of(database, customer)
    await handoff.escalate(
        database,
        MemoryLive(),
        conversation.id,
        reason=Reason.ASKED_FOR_PERSON,
        trigger=Trigger.CUSTOMER,
    )
    return conversation.id
