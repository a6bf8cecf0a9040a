"""Messages as components show them."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from supportbot.conversations.events import MessageView
from supportbot.models import Kind, MessageState, Role
from supportbot.ui.bubbles import bubble, sources


def said(role: Role, content: str, *, minute: int = 0, kind: Kind = Kind.TEXT) -> MessageView:
    return MessageView(
        id=uuid4(),
        seq=minute + 1,
        role=role,
        kind=kind,
        state=MessageState.COMPLETE,
        content=content,
        created_at=datetime(2026, 3, 4, 12, minute, tzinfo=UTC),
    )


def test_the_assistant_writes_markdown_and_people_write_words() -> None:
    assert bubble(said(Role.ASSISTANT, "**Yes**")).html == "<p><strong>Yes</strong></p>\n"
    assert bubble(said(Role.USER, "**Yes**\n<b>no</b>")).html == "**Yes**<br>&lt;b&gt;no&lt;/b&gt;"
    assert bubble(said(Role.STAFF, "*Yes*")).html == "*Yes*"


def test_the_text_of_a_running_answer_comes_in_pieces_instead() -> None:
    running = replace(said(Role.ASSISTANT, "They take **fi"), state=MessageState.STREAMING, sources=({},))
    shown = bubble(running)
    assert (shown.html, shown.sources, shown.state, shown.seq) == ("", [], "streaming", 1)


def test_a_chip_names_the_article_and_the_part() -> None:
    found = (
        {"title": "Refunds", "heading": "Billing > How long it takes", "url": "/help/refunds#long"},
        {"title": "Refunds", "heading": "Refunds", "url": "/help/refunds"},
        {"title": "Plans", "url": "/help/plans"},
    )
    assert [(one.number, one.label) for one in sources(found)] == [
        (1, "Refunds: How long it takes"),
        (2, "Refunds"),
        (3, "Plans"),
    ]
