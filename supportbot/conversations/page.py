"""What a page shows of a conversation, kept in step with the live log. Pure: no browser, no database.

A page loads a transcript and applies what the log says after it. Applying is idempotent: a message is
known by its id and a piece of text by its place in the answer, so nothing shows twice; and a piece that
does not fit exactly is a `Gap`, upon which the page loads again.
"""

from dataclasses import replace
from typing import Any
from uuid import UUID

from supportbot.conversations.events import (
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
)
from supportbot.conversations.transcript import PAGE, Transcript
from supportbot.models import MessageState


class Gap(Exception):
    """A piece of the running answer is missing: load the transcript again."""


class ConversationPage:
    """The messages of one conversation as a page shows them."""

    def __init__(self) -> None:
        self.messages: dict[UUID, MessageView] = {}
        self.running: MessageView | None = None
        self.text = ""
        self.started_over = False
        self.owner = Owner.ASSISTANT
        self.staff_name = ""
        self.version = 0
        self.has_earlier = False

    def load(self, transcript: Transcript) -> None:
        """Show a transcript instead of whatever was shown."""
        self.messages = {
            message.id: message for message in transcript.messages if message.state != MessageState.STREAMING
        }
        running = [one for one in transcript.messages if one.state == MessageState.STREAMING]
        known = (self.running.id, self.text) if self.running else None
        self.running = running[-1] if running else None
        self.text = self.running.content if self.running else ""
        if known and self.running and known[0] == self.running.id and known[1].startswith(self.text):
            # The database is up to a second behind what is shown; words once shown do not vanish again.
            self.text = known[1]
        self.started_over = False
        self.owner, self.staff_name = transcript.owner, transcript.staff_name
        self.version = transcript.conversation.version
        self.has_earlier = transcript.has_earlier

    @property
    def in_order(self) -> list[MessageView]:
        """The messages that have ended, by number; the running one is `running`."""
        return sorted(self.messages.values(), key=lambda message: message.seq)

    @property
    def last(self) -> MessageView | None:
        """The last message that has ended."""
        return max(self.messages.values(), key=lambda message: message.seq, default=None)

    def apply(self, event: Any) -> bool:
        """Take in what the log says.

        Returns:
            Whether what the page shows has changed.

        Raises:
            Gap: if a piece of the running answer is missing.
        """
        if isinstance(event, TextArrived):
            return self._text_arrived(event)
        if isinstance(event, MessageAdded):
            return self._added(event.message)
        if isinstance(event, Thinking):
            return self._thinking(event)
        if isinstance(event, TurnEnded | TurnFailed):
            return self._ended(event.message)
        if isinstance(event, SourcesFound):
            return self._sources_found(event)
        if isinstance(event, Rated) and event.message_id in self.messages:
            self.messages[event.message_id] = replace(self.messages[event.message_id], rating=event.value)
            return True
        if isinstance(event, OwnerChanged):
            return self._owner_changed(event)
        return False

    def _owner_changed(self, event: OwnerChanged) -> bool:
        # Two workers may announce in another order than they committed.
        if event.version < self.version:
            return False
        self.owner, self.staff_name, self.version = event.owner, event.staff_name, event.version
        return True

    def _added(self, message: MessageView) -> bool:
        if message.id in self.messages:
            return False
        self._keep(message)
        return True

    def _keep(self, message: MessageView) -> None:
        self.messages[message.id] = message
        if len(self.messages) > 2 * PAGE:
            # The browser keeps what it was given; here only what a page shown anew would begin with.
            self.messages = {one.id: one for one in self.in_order[-PAGE:]}
            self.has_earlier = True

    def _thinking(self, event: Thinking) -> bool:
        if event.message.id in self.messages or (self.running and self.running.seq >= event.message.seq):
            return False
        self.running, self.text, self.started_over = event.message, "", event.again
        return True

    def _text_arrived(self, event: TextArrived) -> bool:
        if self.running is None or event.message_id != self.running.id:
            return False
        known = len(self.text)
        if event.at > known:
            raise Gap
        news = event.text[known - event.at :]
        self.text += news
        return bool(news)

    def _sources_found(self, event: SourcesFound) -> bool:
        if self.running is None or event.message_id != self.running.id:
            return False
        self.running = replace(self.running, sources=event.sources)
        return True

    def _ended(self, message: MessageView) -> bool:
        if self.running is not None and self.running.id == message.id:
            self.running, self.text = None, ""
        if message.state == MessageState.SUPERSEDED:
            return True
        if self.messages.get(message.id) == message:
            return False
        self._keep(message)
        return True
