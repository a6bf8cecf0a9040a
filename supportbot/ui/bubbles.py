"""Messages as components show them: rendered, named, and small."""

from dataclasses import dataclass, field
from datetime import datetime

from supportbot import rendering
from supportbot.conversations.events import MessageView
from supportbot.house.pictures import picture_url
from supportbot.models import Kind, MessageState, Role
from supportbot.turns import record
from supportbot.turns.grounds import CITED
from supportbot.ui.documents import document


@dataclass
class Source:
    """A chip under an answer."""

    number: int = 0
    label: str = ""
    url: str = ""


@dataclass
class Bubble:
    """One message. `html` is sanitised. The page fills in `previous_at`, to draw a line between two days."""

    id: str = ""
    seq: int = 0
    role: str = ""
    kind: str = ""
    state: str = ""
    name: str = ""
    picture: str = ""
    """Of a member of staff; empty without one."""
    html: str = ""
    at: str = ""
    previous_at: str = ""
    notice: str = ""
    quoted: bool = False
    """The articles answered because the assistant could not."""
    again: bool = False
    """A running answer that began anew because the customer wrote more."""
    rating: int = 0
    sources: list[Source] = field(default_factory=list)
    cited: bool = True
    """Whether the answer cites its sources; else they are what was found for the question."""


def bubble(message: MessageView) -> Bubble:
    """One message: the assistant writes Markdown, people write plain text.

    The text of an answer that is still being written comes in pieces of its own.
    """
    streaming = message.state == MessageState.STREAMING
    rich = message.role == Role.ASSISTANT
    content = "" if streaming else message.content
    return Bubble(
        id=str(message.id),
        seq=message.seq,
        role=str(message.role),
        kind="event" if message.kind == Kind.EVENT else str(message.kind),
        state=str(message.state),
        name=message.staff_name,
        picture=picture_url(message.staff_picture),
        html=document(content, frozenset(message.links)) if rich else rendering.plain(content),
        at=iso(message.created_at),
        notice=message.notice,
        quoted=is_quoted(message),
        rating=message.rating,
        sources=[] if streaming else sources(message.sources),
        cited=all(one.get("kind", CITED) == CITED for one in message.sources),
    )


def is_quoted(message: MessageView) -> bool:
    """Whether the articles answered because the assistant could not."""
    return message.notice == record.BUSY


def iso(moment: datetime) -> str:
    """A moment as the page's own script reads it."""
    return moment.isoformat(timespec="seconds")


def sources(found: tuple[dict[str, str], ...]) -> list[Source]:
    """The chips, numbered from one."""
    return [Source(number, _label(one), one.get("url", "")) for number, one in enumerate(found, start=1)]


def _label(source: dict[str, str]) -> str:
    title, heading = source.get("title", ""), source.get("heading", "")
    last = heading.rpartition(" > ")[2]
    return f"{title}: {last}" if last and last != title else title
