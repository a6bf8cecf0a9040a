"""A live transcript as state: what the customer's page and the desk's pane have in common.

`messages` changes only when a message is added. While an answer streams, each frame changes `tail`
alone, and now and then moves a block that can no longer change from `tail` to `finished`.
"""

from typing import Any

import reflex as rx

from supportbot import rendering
from supportbot.conversations.events import TextArrived, Typing
from supportbot.conversations.live import Resync
from supportbot.conversations.page import ConversationPage
from supportbot.ui.bubbles import Bubble, bubbles, iso
from supportbot.ui.documents import document, growing


class LiveTranscript(rx.State, mixin=True):
    """The vars of a live transcript and how they follow a `ConversationPage`."""

    messages: list[Bubble] = []
    """Everything up to the running answer, or everything."""
    later: list[Bubble] = []
    """What was said while an answer runs: it belongs below it."""
    streaming: bool = False
    started_over: bool = False
    finished: list[str] = []
    tail: str = ""
    owner: str = "assistant"
    staff_name: str = ""
    has_earlier: bool = False
    typing_name: str = ""
    typing_count: int = 0
    live_lost: bool = False

    _settled: int = 0
    """Characters of the running answer that are in `finished`."""

    def _show_page(self, page: ConversationPage) -> None:
        """Show everything anew."""
        seq = page.running.seq if page.running else None
        ordered = page.in_order
        self.messages = bubbles([one for one in ordered if seq is None or one.seq < seq])
        self.later = bubbles(
            [one for one in ordered if seq is not None and one.seq > seq],
            before=iso(page.running.created_at) if page.running else "",
        )
        self.streaming, self.started_over = page.running is not None, page.started_over
        self.owner, self.staff_name = str(page.owner), page.staff_name
        self.has_earlier = page.has_earlier
        self.finished, self.tail, self._settled = [], "", 0
        self._show_running(page)

    def _show_events(self, page: ConversationPage, events: list[Any]) -> None:
        """Show what a batch of events changed."""
        for event in events:
            if isinstance(event, Typing):
                self._show_typing(event)
        if all(isinstance(event, TextArrived | Typing) for event in events):
            self._show_running(page)
        else:
            if any(not isinstance(event, Resync) for event in events):
                self.typing_name = ""
            self._show_page(page)

    def _show_running(self, page: ConversationPage) -> None:
        running = page.text[self._settled :]
        done, rest = rendering.split(running)
        if done:
            self.finished = [*self.finished, *(document(block) for block in done)]
            self._settled += len(running) - len(rest)
        self.tail = growing(rest) if rest else ""

    def _show_typing(self, event: Typing) -> None:
        self.typing_name = event.name
        # The sign fades by itself in the browser; a new number starts it again.
        self.typing_count += 1
