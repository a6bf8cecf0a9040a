"""Messages as components show them: rendered, named, and small."""

from dataclasses import dataclass, field
from datetime import datetime

from supportbot import rendering
from supportbot.conversations.events import MessageView
from supportbot.models import Kind, MessageState, Role
from supportbot.turns import record
from supportbot.ui.documents import document


@dataclass
class Source:
    """A chip under an answer."""

    number: int = 0
    label: str = ""
    url: str = ""


@dataclass
class Bubble:
    """One message. `html` is sanitised; `previous_at` lets the page draw a line between two days."""

    id: str = ""
    role: str = ""
    kind: str = ""
    state: str = ""
    name: str = ""
    html: str = ""
    at: str = ""
    previous_at: str = ""
    notice: str = ""
    quoted: bool = False
    """The articles answered because the assistant could not."""
    rating: int = 0
    sources: list[Source] = field(default_factory=list)


def bubbles(messages: list[MessageView], *, before: str = "") -> list[Bubble]:
    """A transcript, in order; `before` is the time of what is shown above it."""
    shown: list[Bubble] = []
    for message in messages:
        shown.append(bubble(message, previous_at=before))
        before = shown[-1].at
    return shown


def bubble(message: MessageView, *, previous_at: str = "") -> Bubble:
    """One message: the assistant writes Markdown, people write plain text."""
    rich = message.role == Role.ASSISTANT
    return Bubble(
        id=str(message.id),
        role=str(message.role),
        kind="event" if message.kind == Kind.EVENT else str(message.kind),
        state=str(message.state),
        name=message.staff_name,
        html=document(message.content) if rich else rendering.plain(message.content),
        at=iso(message.created_at),
        previous_at=previous_at,
        notice=message.notice,
        quoted=message.notice == record.BUSY,
        rating=message.rating,
        sources=sources(message.sources) if message.state != MessageState.STREAMING else [],
    )


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
