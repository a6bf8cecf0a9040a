"""A row of the desk's lists as a page shows it."""

from dataclasses import dataclass, field

from supportbot.escalations import queue, rows
from supportbot.models import Role
from supportbot.ui import routes
from supportbot.ui.escalations import labels


@dataclass
class Part:
    """A piece of a line; `hit` if it is what was searched for."""

    text: str = ""
    hit: bool = False


@dataclass
class QueueRow:
    """A conversation in two lines."""

    id: str = ""
    url: str = ""
    customer: str = ""
    last_words: str = ""
    last_role: str = ""
    parts: list[Part] = field(default_factory=list)
    """What a search found, in place of the last words."""
    found_in: str = ""
    reason: str = ""
    owner: str = ""
    staff_name: str = ""
    mine: bool = False
    reopened: bool = False
    unread: bool = False
    junk: bool = False
    language: str = ""
    tags: list[str] = field(default_factory=list)
    since: str = ""
    snoozed_until: str = ""


def shown(row: queue.Row, my_id: str, query: str = "") -> QueueRow:
    """The row for somebody at the desk.

    Args:
        row: As the queue has it.
        my_id: Who looks at it.
        query: Of the list it stands in, so that the conversation's page knows where one came from.
    """
    return QueueRow(
        id=str(row.id),
        url=routes.escalation(row.id) + query,
        customer=row.customer,
        last_words=labels.words(row.last_words) if row.last_role == Role.ASSISTANT else row.last_words,
        last_role=row.last_role,
        parts=parts(row),
        found_in=row.snippet_from,
        reason=labels.reason(row.reason) if row.reason else "",
        owner=str(row.owner),
        staff_name=row.staff_name,
        mine=str(row.staff_id) == my_id,
        reopened=row.reopened,
        unread=row.unread,
        junk=row.junk,
        # English is what most write here; naming it on each row would say nothing.
        language=(row.language or "").upper() if row.language not in ("", "en") else "",
        tags=list(row.tags),
        since=row.since.isoformat(timespec="seconds"),
        snoozed_until=row.snoozed_until.isoformat(timespec="seconds") if row.snoozed_until else "",
    )


def parts(row: rows.Row) -> list[Part]:
    """The snippet of a search, cut where what was searched for begins and ends."""
    cut, at = [], 0
    for begin, end in row.snippet_marks:
        cut += [Part(row.snippet[at:begin]), Part(row.snippet[begin:end], hit=True)]
        at = end
    if row.snippet:
        cut.append(Part(row.snippet[at:]))
    return [part for part in cut if part.text]
