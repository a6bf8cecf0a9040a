"""A live transcript as state: what the customer's page and the desk's pane have in common.

A delta carries the whole value of each changed var, so what a var holds is only ever news: a message that
came or changed, a piece of the running answer, its tail. The page keeps the rest; see
`components/transcript.py`.
News are numbered and go into their vars by turns: a page that takes in several at once finds them all, and
one that has missed some asks for `catch_up`.
"""

from collections.abc import Iterable
from random import randrange
from typing import Any
from uuid import UUID

import reflex as rx

from supportbot.conversations.events import (
    BriefChanged,
    MessageAdded,
    MessageView,
    Rated,
    Seen,
    Thinking,
    TurnEnded,
    TurnFailed,
    Typing,
)
from supportbot.conversations.live import Resync
from supportbot.conversations.page import ConversationPage
from supportbot.conversations.transcript import Transcript
from supportbot.models import MessageState
from supportbot.ui.bubbles import Bubble, bubble, is_quoted
from supportbot.ui.growing import Growing, Piece

_NEWS, _PIECES = 4, 8
"""How many vars take turns. At twenty frames a second, eight pieces are half a second at the very least."""
_UNSAID = (Typing, Seen, BriefChanged)
"""What happens while somebody writes, and does not mean that they are done."""
_LIVES = 100_000
"""Where a state may begin to count."""


class LiveTranscript(rx.State, mixin=True):
    """The vars of a live transcript and how they follow a `ConversationPage`."""

    messages: list[Bubble] = []
    """What was there when the page was loaded; `loaded` is the number the news begin after."""
    loaded: int = 0
    news_0: list[Any] = []
    news_1: list[Any] = []
    news_2: list[Any] = []
    news_3: list[Any] = []
    """A number, then messages that came or changed; also a page of older ones."""
    begun: list[Any] = []
    """A number, then what is settled of the running answer: depth, HTML, depth, HTML…"""
    piece_0: list[Any] = []
    piece_1: list[Any] = []
    piece_2: list[Any] = []
    piece_3: list[Any] = []
    piece_4: list[Any] = []
    piece_5: list[Any] = []
    piece_6: list[Any] = []
    piece_7: list[Any] = []
    """A number, then what has been settled since, in the same form."""
    tail: list[Any] = []
    """Depth and HTML of what may still change."""
    streaming: bool = False
    last_role: str = ""
    last_state: str = ""
    last_quoted: bool = False
    last_found_nothing: bool = False
    """Of the last message that has ended; `last_quoted`: the articles answered in the assistant's place."""
    owner: str = "assistant"
    staff_name: str = ""
    has_earlier: bool = False
    oldest: int = 0
    """The number of the oldest message that was sent to the page."""
    typing_name: str = ""
    typing_count: int = 0

    _page: ConversationPage = ConversationPage()
    _number: int = 0
    _piece: int = 0
    _growing: Growing | None = None
    _running: UUID | None = None
    _fed: int = 0
    """Characters of the running answer that `_growing` has."""

    def _show_page(self, page: ConversationPage) -> None:
        """Show everything anew."""
        shown = [*page.in_order, *([page.running] if page.running else [])]
        shown.sort(key=lambda message: message.seq)
        if not self._number:
            # A server that has restarted, or another worker, must not count as the last one did: what the
            # browser still holds would pass for what it is now sent.
            self._number = self._piece = randrange(1, _LIVES)  # noqa: S311 (not a secret)
        self._number += 1
        self.loaded = self._number
        self.messages = [self._bubble(message) for message in shown]
        self.oldest = shown[0].seq if shown else 0
        self.has_earlier = page.has_earlier
        self._running = None
        self._show_running(page)
        self._show_standing(page)

    def _show_events(self, page: ConversationPage, events: list[Any]) -> None:
        """Show what a batch of events changed."""
        if any(isinstance(event, Resync) for event in events):
            self._show_page(page)
            return
        changed: dict[UUID, Any] = {}
        for event in events:
            if isinstance(event, Typing):
                self._show_typing(event)
            elif isinstance(event, MessageAdded | Thinking | TurnEnded | TurnFailed):
                changed[event.message.id] = event.message
            elif isinstance(event, Rated):
                changed.setdefault(event.message_id, event)
        if changed:
            self._tell([self._change(page, identity, event) for identity, event in changed.items()])
        self._show_running(page)
        if any(not isinstance(event, _UNSAID) for event in events) and (changed or not page.running):
            self.typing_name = ""
        if len(changed) or not self.streaming or self.owner != page.owner:
            self._show_standing(page)

    def _show_earlier(self, older: Transcript) -> None:
        """Show a page of older messages above the others."""
        known = {message.id for message in self._page.in_order}
        news = [self._bubble(one) for one in older.messages if one.id not in known]
        self.has_earlier = older.has_earlier
        if older.messages:
            self.oldest = older.messages[0].seq
            self._tell(news)

    def _tell(self, news: Iterable[Any]) -> None:
        self._number += 1
        setattr(self, f"news_{self._number % _NEWS}", [self._number, *news])

    def _change(self, page: ConversationPage, identity: UUID, event: MessageView | Rated) -> Any:
        if page.running and page.running.id == identity:
            return self._bubble(page.running)
        if identity in page.messages:
            return self._bubble(page.messages[identity])
        if isinstance(event, Rated):
            # Too old for this page's memory, but perhaps still in the browser's.
            return {"id": str(identity), "rating": event.value}
        return {"id": str(identity), "state": "superseded"}

    def _bubble(self, message: MessageView) -> Bubble:
        shown = bubble(message)
        shown.again = self._page.started_over and message.state == MessageState.STREAMING
        return shown

    def _show_running(self, page: ConversationPage) -> None:
        running = page.running
        if running is None:
            if self._running is not None or self.tail:
                self._running, self._growing, self.tail = None, None, []
            return
        if running.id != self._running or self._growing is None:
            self._running, self._growing, self._fed = running.id, Growing(), 0
            # Also when it is the same answer anew: by its number the page knows that it has to begin again.
            self._piece += 1
            self.begun = [self._piece, *_flat(self._growing.feed(page.text))]
        elif pieces := self._growing.feed(page.text[self._fed :]):
            self._piece += 1
            setattr(self, f"piece_{self._piece % _PIECES}", [self._piece, *_flat(pieces)])
        self._fed = len(page.text)
        tail = self._growing.tail
        if self.tail != (news := list(tail) if tail[1] else []):
            self.tail = news

    def _show_standing(self, page: ConversationPage) -> None:
        """Whatever the page shows besides messages, where it has changed."""
        last = page.last
        due = {
            "streaming": page.running is not None,
            "owner": str(page.owner),
            "staff_name": page.staff_name,
            "last_role": str(last.role) if last else "",
            "last_state": str(last.state) if last else "",
            "last_quoted": last is not None and is_quoted(last),
            "last_found_nothing": last is not None and last.found_nothing,
        }
        for name, value in due.items():
            if getattr(self, name) != value:
                setattr(self, name, value)

    def _show_typing(self, event: Typing) -> None:
        self.typing_name = event.name
        # The sign fades by itself in the browser; a new number starts it again.
        self.typing_count += 1


def _flat(pieces: list[Piece]) -> list[Any]:
    return [part for piece in pieces for part in piece]
