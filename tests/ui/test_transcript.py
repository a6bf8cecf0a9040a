"""What a page is sent while a conversation goes on, by the state's own deltas: news, never the rest."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reflex_base.utils.format import json_dumps

from supportbot.conversations.events import (
    BriefChanged,
    CustomerSaid,
    MessageAdded,
    MessageView,
    Owner,
    Rated,
    Seen,
    TextArrived,
    Thinking,
    TurnEnded,
    Typing,
)
from supportbot.conversations.live import Position, Resync
from supportbot.conversations.page import ConversationPage
from supportbot.conversations.transcript import Transcript
from supportbot.models import Conversation, Kind, MessageState, Role
from supportbot.ui import transcript as transcripts
from supportbot.ui.chat.state import ChatState
from supportbot.ui.documents import document
from tests.ui.test_growing import LONG, markdown
from tests.ui.tree import Shown, read

NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)


def message(seq: int, role: Role = Role.USER, text: str = "How do I change my plan?") -> MessageView:
    return MessageView(UUID(int=seq), seq, role, Kind.TEXT, MessageState.COMPLETE, text, NOON)


def transcript(*messages: MessageView, earlier: bool = False) -> Transcript:
    conversation = Conversation(visitor_id=UUID(int=1))
    return Transcript(conversation, None, Owner.ASSISTANT, "", messages, earlier, Position("e", 0))


class Browser:
    """A page without a browser: a real state on the server's side, and what its script would keep."""

    def __init__(self, *messages: MessageView, has_earlier: bool = False) -> None:
        self.state = ChatState(_reflex_internal_init=True)  # type: ignore[call-arg]
        self.vars: dict[str, Any] = {}
        self.page = self.state._page = ConversationPage()
        transcript = Transcript(
            Conversation(visitor_id=UUID(int=1)),
            None,
            Owner.ASSISTANT,
            "",
            messages,
            has_earlier,
            Position("e", 0),
        )
        self.page.load(transcript)
        self.state._show_page(self.page)
        self.receive()

    def happens(self, *events: Any) -> int:
        """The page hears of it; returns how many bytes that sent."""
        for event in events:
            self.page.apply(event)
        self.state._show_events(self.page, list(events))
        return self.receive()

    def receive(self) -> int:
        """Take in what has changed; returns its bytes."""
        delta = json_dumps(self.state.get_delta())
        self.state._clean()
        for values in json.loads(delta).values():
            self.vars |= {name.removesuffix("_rx_state_"): value for name, value in values.items()}
        return len(delta.encode())

    @property
    def messages(self) -> dict[str, dict[str, Any]]:
        """The messages as the page's script has them, given every delta."""
        kept = {one["id"]: one for one in self.vars["messages"]}
        news = [self.vars.get(f"news_{turn}") or [0] for turn in range(4)]
        for number, *changed in sorted(news, key=lambda one: one[0]):
            if number > self.vars["loaded"]:
                for one in changed:
                    kept[one["id"]] = kept.get(one["id"], {}) | one
        return kept


def answered(page: Browser, seq: int, text: str, size: int = 13) -> tuple[int, str]:
    """An answer from its first sign to its end: the bytes it took, and what the page held just before."""
    running = replace(message(seq, Role.ASSISTANT, ""), state=MessageState.STREAMING)
    total, shown, at = page.happens(Thinking(running)), Shown(), page.vars["begun"][0]
    for start in range(0, len(text), size):
        total += page.happens(TextArrived(running.id, start, text[start : start + size]))
        pieces: list[Any] = []
        for number, *flat in sorted(page.vars.get(f"piece_{turn}") or [0] for turn in range(8)):
            if number > at:
                assert number == at + 1
                at, pieces = number, flat
        tail = page.vars.get("tail") or [0, ""]
        shown.take(list(zip(pieces[::2], pieces[1::2], strict=True)), (tail[0], tail[1]))
    total += page.happens(TurnEnded(replace(running, content=text, state=MessageState.COMPLETE)))
    return total, shown.html


@pytest.mark.parametrize("name", LONG)
def test_an_answers_bytes_grow_with_its_length(name: str) -> None:
    short, long = LONG[name][:900], LONG[name][:8000]
    few, _ = answered(Browser(), 1, short)
    many, _ = answered(Browser(), 1, long)

    # A frame's own envelope is in it: about 150 bytes for every 13 of the answer.
    assert many / len(long.encode()) <= 1.2 * max(few / len(short.encode()), 16)
    assert many <= 40 * len(long.encode())


@settings(max_examples=60, deadline=None)
@given(markdown, st.integers(3, 60))
@example("\n- \n  - \n\n- word ", 3)  # a list in the first item of a list with air
def test_any_answers_bytes_are_bounded_and_its_end_is_the_whole(text: str, size: int) -> None:
    page = Browser(message(1))
    frames = len(text) // size + 1
    total, _ = answered(page, 2, text, size)

    assert total <= 40 * len(text.encode()) + 450 * frames + 3000
    assert page.messages[str(UUID(int=2))]["html"] == document(text)


@pytest.mark.parametrize("name", ["a paragraph", "paragraphs", "code", "a list", "words without spaces"])
def test_what_is_shown_before_the_end_is_what_the_end_shows(name: str) -> None:
    # Up to where a sentence ends: what waits for more is shown by the end.
    _, shown = answered(Browser(), 1, LONG[name].strip())

    due = read(document(LONG[name].strip())).html
    assert re.sub(r"\s*(<[^>]*>)\s*", r"\1", shown) == re.sub(r"\s*(<[^>]*>)\s*", r"\1", due)


def test_a_message_sends_itself_and_not_the_transcript() -> None:
    long_ago = [message(seq, text="word " * 400) for seq in range(1, 21)]
    page = Browser(*long_ago)

    assert page.happens(CustomerSaid(message(21))) < 700
    assert page.happens(Rated(UUID(int=3), 1)) < 2_600  # that one message again
    assert len(page.messages) == 21


def test_the_end_of_an_answer_sends_that_answer_once() -> None:
    text = LONG["paragraphs"]
    running = replace(message(2, Role.ASSISTANT, ""), state=MessageState.STREAMING)
    page = Browser(*(message(1, text="word " * 400) for _ in range(1)))
    page.happens(Thinking(running), TextArrived(running.id, 0, text))

    sent = page.happens(TurnEnded(replace(running, content=text, state=MessageState.COMPLETE)))

    assert len(document(text)) < sent < 1.2 * len(document(text)) + 700


def test_older_messages_come_alone_and_are_not_kept_on_the_server() -> None:
    page = Browser(*(message(seq, text="word " * 400) for seq in range(51, 71)), has_earlier=True)
    assert page.vars["has_earlier"] is True
    older = tuple(message(seq, text="older") for seq in range(1, 51))

    page.state._show_earlier(
        Transcript(
            Conversation(visitor_id=UUID(int=1)), None, Owner.ASSISTANT, "", older, False, Position("e", 0)
        )
    )

    assert page.receive() < 50 * 350
    assert (page.vars["has_earlier"], page.vars["oldest"]) == (False, 1)
    assert len(page.messages) == 70
    assert len(page.page.messages) == 20


def test_a_thumb_on_a_message_the_server_no_longer_holds_still_shows() -> None:
    page = Browser(message(50))
    page.happens(Rated(UUID(int=7), -1))
    assert page.messages[str(UUID(int=7))] == {"id": str(UUID(int=7)), "rating": -1}


def test_an_answer_that_begins_anew_takes_the_first_attempt_away() -> None:
    page = Browser(message(1))
    first = replace(message(2, Role.ASSISTANT, ""), state=MessageState.STREAMING)
    again = replace(first, id=UUID(int=4), seq=4)
    page.happens(Thinking(first), TextArrived(first.id, 0, "One "))
    page.happens(
        CustomerSaid(message(3)),
        TurnEnded(replace(first, state=MessageState.SUPERSEDED)),
        Thinking(again, again=True),
        TextArrived(again.id, 0, "Two"),
    )

    assert page.messages[str(first.id)]["state"] == "superseded"
    assert (page.messages[str(again.id)]["state"], page.messages[str(again.id)]["again"]) == (
        "streaming",
        True,
    )
    assert page.vars["tail"] == [0, "<p>Two</p>\n"]
    assert page.vars["streaming"] is True


def test_what_was_lost_is_shown_anew() -> None:
    page = Browser(message(1))
    running = replace(message(2, Role.ASSISTANT, ""), state=MessageState.STREAMING)
    page.happens(Thinking(running), TextArrived(running.id, 0, LONG["paragraphs"]))
    page.happens(Resync())

    assert list(page.messages) == [str(UUID(int=1)), str(UUID(int=2))]
    assert page.vars["begun"][0] == page.state._piece
    assert "You can change your plan" in page.vars["begun"][2]


def test_a_page_shown_anew_in_the_middle_is_given_the_answer_under_a_number_of_its_own() -> None:
    """Its script knows by this number what it has put into its page already, which the text stays in."""
    page = Browser(message(1))
    running = replace(message(2, Role.ASSISTANT, ""), state=MessageState.STREAMING)
    page.happens(Thinking(running), TextArrived(running.id, 0, "You can"))
    numbers = [page.vars["begun"][0]]

    # Without Redis a page reads the database each second, and every time the answer has grown.
    for text in (LONG["paragraphs"][:900], LONG["paragraphs"]):
        page.page.load(transcript(message(1), replace(running, content=text)))
        page.state._show_events(page.page, [Resync()])
        page.receive()
        numbers.append(page.vars["begun"][0])
        assert page.vars["begun"][1:]

    assert len(set(numbers)) == 3
    at = numbers[-1]
    page.happens(TextArrived(running.id, len(LONG["paragraphs"]), "\n\n" + LONG["paragraphs"]))
    newer = [one[0] for turn in range(8) if (one := page.vars.get(f"piece_{turn}")) and one[0] > at]
    assert newer == [at + 1]


def test_a_page_whose_server_restarted_is_not_counted_for_like_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lives = iter((7, 50_000))
    monkeypatch.setattr(transcripts, "randrange", lambda *_: next(lives))
    running = replace(message(2, Role.ASSISTANT, "You can"), state=MessageState.STREAMING)
    before, after = Browser(message(1), running), Browser(message(1), running)

    assert before.vars["loaded"] != after.vars["loaded"]
    assert before.vars["begun"][0] != after.vars["begun"][0]


def test_who_is_writing_goes_on_writing_while_something_is_only_seen_or_noted() -> None:
    page = Browser(message(1), message(2, Role.STAFF))
    page.happens(Typing(Role.STAFF, "Sam"))

    page.happens(Seen(2))
    page.happens(BriefChanged("A brief", "model"))
    assert page.vars["typing_name"] == "Sam"

    page.happens(MessageAdded(message(3, Role.STAFF)))
    assert page.vars["typing_name"] == ""
