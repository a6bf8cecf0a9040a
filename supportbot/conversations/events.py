"""What can happen in a conversation, as pages and the desk hear of it through the live log."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from supportbot.conversations.live import Position
from supportbot.models import Kind, MessageState, Role

DESK = UUID(int=0)
"""The topic of the staff desk: every change of ownership, in all conversations."""


def staff_topic(conversation_id: UUID) -> UUID:
    """The topic of what only staff may hear of a conversation: notes, and who else is looking at it."""
    return uuid5(DESK, conversation_id.hex)


class Owner(StrEnum):
    """Who answers now."""

    ASSISTANT = "assistant"
    WAITING = "waiting"
    MEANWHILE = "meanwhile"
    STAFF = "staff"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message as pages see it. `position` says up to where in the log `content` reaches.

    `links` are the addresses in an assistant's answer that may be clicked; other links in it are words.
    `found_nothing`: the articles had nothing about the question it answers.
    """

    id: UUID
    seq: int
    role: Role
    kind: Kind
    state: MessageState
    content: str
    created_at: datetime
    staff_name: str = ""
    notice: str = ""
    sources: tuple[dict[str, Any], ...] = ()
    rating: int = 0
    position: Position = field(default_factory=lambda: Position("", 0))
    staff_picture: UUID | None = None
    links: tuple[str, ...] = ()
    found_nothing: bool = False


@dataclass(frozen=True, slots=True)
class MessageAdded:
    """Somebody said something, or something happened that the history shows."""

    message: MessageView


@dataclass(frozen=True, slots=True)
class CustomerSaid(MessageAdded):
    """The customer's message is stored: this is its acknowledgement."""

    conversation_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Thinking:
    """The assistant has begun. `again` is set when it starts over because the customer wrote more."""

    message: MessageView
    again: bool = False


@dataclass(frozen=True, slots=True)
class TextArrived:
    """More of the running answer: `text` belongs at character `at` of it."""

    message_id: UUID
    at: int
    text: str


@dataclass(frozen=True, slots=True)
class SourcesFound:
    """What the running answer rests on."""

    message_id: UUID
    sources: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Escalated:
    """The conversation went to people."""

    conversation_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The answer is recorded: complete, stopped or superseded."""

    message: MessageView


@dataclass(frozen=True, slots=True)
class TurnFailed:
    """The answer broke; what was there is kept and the customer may try again."""

    message: MessageView


@dataclass(frozen=True, slots=True)
class OwnerChanged:
    """Somebody else answers from now on. `version` is the conversation's: a late one is known by it."""

    conversation_id: UUID
    owner: Owner
    staff_id: UUID | None = None
    staff_name: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class StopAsked:
    """The customer wants the running answer to end; whoever runs it hears this on the desk's topic."""

    conversation_id: UUID


@dataclass(frozen=True, slots=True)
class AnswerAsked:
    """The assistant has the conversation again, and what is unanswered in it is to be answered now.

    On the desk's topic. Every worker hears it; the database lets one of them answer.
    """

    conversation_id: UUID


@dataclass(frozen=True, slots=True)
class Rated:
    """The customer rated an answer."""

    message_id: UUID
    value: int


@dataclass(frozen=True, slots=True)
class Typing:
    """Somebody is writing. It fades by itself."""

    role: Role
    name: str


@dataclass(frozen=True, slots=True)
class Seen:
    """An open page of the customer has shown everything up to this message."""

    seq: int


@dataclass(frozen=True, slots=True)
class BriefChanged:
    """What whoever claims the conversation reads first has been written anew. On the desk's topic too."""

    brief: str
    by: str
    conversation_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Looking:
    """Somebody at the desk has this conversation open; said again every few seconds. On the staff's topic."""

    staff_id: UUID
    name: str
    writing: bool = False


@dataclass(frozen=True, slots=True)
class CaseChanged:
    """Something the desk's lists show has changed: a tag, a note, a snooze, junk.

    On the desk's topic, and on the staff's topic of the conversation.
    """

    conversation_id: UUID


@dataclass(frozen=True, slots=True)
class WaitsTooLong:
    """Nobody has claimed this hand-off within the desk's target. On the desk's topic."""

    conversation_id: UUID


@dataclass(frozen=True, slots=True)
class SettingsChanged:
    """A section of the settings has another version. On the desk's topic."""

    section: str
    version: int


TurnEvent = Thinking | TextArrived | SourcesFound | Escalated | TurnEnded | TurnFailed
