"""What a page shows: every event may come twice, and what does not fit is a gap."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from supportbot.conversations.events import (
    CustomerSaid,
    Escalated,
    MessageAdded,
    MessageView,
    Owner,
    OwnerChanged,
    Rated,
    SourcesFound,
    TextArrived,
    Thinking,
    TurnEnded,
    TurnFailed,
    Typing,
)
from supportbot.conversations.live import Position
from supportbot.conversations.page import ConversationPage, Gap
from supportbot.conversations.transcript import PAGE, Transcript
from supportbot.models import Conversation, Kind, MessageState, Role

NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)
HERE = UUID(int=1)


def message(seq: int, role: Role = Role.USER, text: str = "hello", **fields: object) -> MessageView:
    state = fields.pop("state", MessageState.COMPLETE)
    return MessageView(UUID(int=seq), seq, role, Kind.TEXT, state, text, NOON, **fields)  # type: ignore[arg-type]


QUESTION = message(1)
RUNNING = message(2, Role.ASSISTANT, "", state=MessageState.STREAMING)
ANSWER = replace(RUNNING, content="Five days.", state=MessageState.COMPLETE)


def page(*messages: MessageView, owner: Owner = Owner.ASSISTANT) -> ConversationPage:
    shown = ConversationPage()
    shown.load(transcript(*messages, owner=owner))
    return shown


def transcript(*messages: MessageView, owner: Owner = Owner.ASSISTANT, earlier: bool = False) -> Transcript:
    conversation = Conversation(visitor_id=HERE)
    return Transcript(conversation, None, owner, "", messages, earlier, Position("epoch", 7))


def text(at: int, words: str) -> TextArrived:
    return TextArrived(RUNNING.id, at, words)


def test_an_answer_grows_and_becomes_a_message() -> None:
    shown = page(QUESTION)

    for event in (Thinking(RUNNING), text(0, "Five "), text(5, "days.")):
        assert shown.apply(event)
    assert (shown.running, shown.text, shown.in_order) == (RUNNING, "Five days.", [QUESTION])

    assert shown.apply(TurnEnded(ANSWER))
    assert (shown.running, shown.text, shown.in_order) == (None, "", [QUESTION, ANSWER])


@pytest.mark.parametrize(
    "event",
    [
        CustomerSaid(QUESTION),
        MessageAdded(QUESTION),
        Thinking(RUNNING),
        text(0, "Five"),
        text(2, "ve"),
        text(4, ""),
        text(0, ""),
    ],
)
def test_what_is_known_changes_nothing(event: object) -> None:
    shown = page(QUESTION, replace(RUNNING, content="Five"))

    assert not shown.apply(event)
    assert (shown.text, shown.in_order) == ("Five", [QUESTION])


def test_the_end_may_come_twice() -> None:
    shown = page(QUESTION, RUNNING)

    assert shown.apply(TurnEnded(ANSWER))
    assert not shown.apply(TurnEnded(ANSWER))
    assert not shown.apply(Thinking(RUNNING))
    assert not shown.apply(text(0, "Five"))
    assert (shown.running, shown.in_order) == (None, [QUESTION, ANSWER])


def test_a_whole_story_may_be_told_again_from_the_start() -> None:
    story = [CustomerSaid(QUESTION), Thinking(RUNNING), text(0, "Five "), text(5, "days."), TurnEnded(ANSWER)]
    shown = page(QUESTION, ANSWER)

    assert not any(shown.apply(event) for event in story)
    assert (shown.running, shown.text, shown.in_order) == (None, "", [QUESTION, ANSWER])


def test_a_piece_that_overlaps_adds_only_what_is_new() -> None:
    shown = page(QUESTION, replace(RUNNING, content="Five "))

    assert shown.apply(text(2, "ve days."))
    assert shown.text == "Five days."


def test_a_missing_piece_is_a_gap() -> None:
    shown = page(QUESTION, replace(RUNNING, content="Five "))

    with pytest.raises(Gap):
        shown.apply(text(6, "ays."))
    assert shown.text == "Five "


def test_text_of_another_answer_is_not_shown() -> None:
    shown = page(QUESTION, RUNNING)

    assert not shown.apply(TextArrived(UUID(int=99), 0, "Somebody else's"))
    assert not shown.apply(SourcesFound(UUID(int=99), ({"title": "Refunds"},)))
    assert shown.text == ""


def test_a_superseded_answer_disappears_and_the_next_one_says_why() -> None:
    shown = page(QUESTION, replace(RUNNING, content="They"))
    following = message(4, Role.ASSISTANT, "", state=MessageState.STREAMING)

    assert shown.apply(TurnEnded(replace(RUNNING, content="They", state=MessageState.SUPERSEDED)))
    assert (shown.running, shown.text, shown.in_order) == (None, "", [QUESTION])
    assert shown.apply(Thinking(following, again=True))
    assert shown.started_over


def test_a_failed_answer_stays_with_what_had_arrived() -> None:
    shown = page(QUESTION, replace(RUNNING, content="They take"))
    failed = replace(RUNNING, content="They", state=MessageState.FAILED, notice="It broke off.")

    shown.apply(TurnFailed(failed))

    assert (shown.running, shown.in_order) == (None, [QUESTION, failed])


def test_messages_said_while_an_answer_runs_keep_their_place() -> None:
    shown = page(QUESTION, RUNNING)
    later = message(3)

    shown.apply(CustomerSaid(later))
    shown.apply(TurnEnded(ANSWER))

    assert shown.in_order == [QUESTION, ANSWER, later]


def test_sources_arrive_with_the_running_answer() -> None:
    shown = page(QUESTION, RUNNING)

    assert shown.apply(SourcesFound(RUNNING.id, ({"title": "Refunds"},)))

    assert shown.running is not None
    assert shown.running.sources == ({"title": "Refunds"},)


def test_a_rating_is_shown_and_an_unknown_answers_is_not() -> None:
    shown = page(QUESTION, ANSWER)

    assert shown.apply(Rated(ANSWER.id, -1))
    assert not shown.apply(Rated(UUID(int=99), 1))
    assert shown.messages[ANSWER.id].rating == -1


def test_a_new_owner_is_shown() -> None:
    shown = page(QUESTION)

    shown.apply(OwnerChanged(HERE, Owner.STAFF, UUID(int=5), "Sam"))

    assert (shown.owner, shown.staff_name) == (Owner.STAFF, "Sam")


@pytest.mark.parametrize("event", [Escalated(HERE, "policy"), Typing(Role.STAFF, "Sam"), object(), None])
def test_other_news_changes_no_message(event: object) -> None:
    shown = page(QUESTION)

    assert not shown.apply(event)
    assert shown.in_order == [QUESTION]


def test_loading_replaces_everything() -> None:
    shown = page(QUESTION, replace(RUNNING, content="They"), owner=Owner.WAITING)
    shown.apply(CustomerSaid(message(3)))

    shown.load(transcript(QUESTION, ANSWER))

    assert (shown.running, shown.text, shown.in_order) == (None, "", [QUESTION, ANSWER])
    assert shown.owner == Owner.ASSISTANT


def test_only_what_a_page_would_begin_with_is_kept() -> None:
    shown = page()
    for seq in range(1, 2 * PAGE + 2):
        shown.apply(MessageAdded(message(seq)))

    assert [one.seq for one in shown.in_order] == list(range(PAGE + 2, 2 * PAGE + 2))
    assert shown.has_earlier
    assert shown.last == message(2 * PAGE + 1)
