"""What a list of the desk shows of a conversation, read for a whole page at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.engine import Row as RowOfColumns
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import Mapped
from sqlmodel import col

from supportbot.conversations.events import Owner
from supportbot.conversations.ownership import owner
from supportbot.escalations.plain_line import plain_line
from supportbot.models import (
    Conversation,
    ConversationTag,
    Handoff,
    Kind,
    Message,
    MessageState,
    Outcome,
    Role,
    Staff,
    StaffRead,
    Status,
    Visitor,
)

LAST_WORDS_CHARACTERS = 160
READ_CHARACTERS = 4 * LAST_WORDS_CHARACTERS
"""Read of a message for that: line breaks and indentation are left out later."""

_Found = RowOfColumns[Any]
_Said = tuple[Role, str]

# Columns and not whole records, which take five times as long to build and carry what no list shows.
_SHOWN: tuple[Mapped[Any] | ColumnElement[Any], ...] = (
    *(col(Conversation.id), col(Conversation.visitor_id), col(Conversation.status)),
    *(col(Conversation.subject), col(Conversation.language), col(Conversation.customer_seq)),
    *(col(Conversation.snoozed_until), col(Conversation.junk_at), col(Conversation.updated_at)),
    *(col(Visitor.name), col(Visitor.email)),
    *(col(Handoff.reason), col(Handoff.reopened), col(Handoff.requested_at)),
    *(col(Handoff.claimed_by), col(Handoff.assistant_meanwhile_at)),
    *(col(Outcome.handoff_reason), col(StaffRead.seq).label("read_seq")),
    *(col(Staff.id).label("staff_id"), col(Staff.name).label("staff_name")),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One conversation in a list of the desk.

    `unread` says that the customer has written since this person last looked, and that it is up to them:
    nobody has claimed the conversation, or they have. What the assistant answers, what a colleague takes
    care of and what is resolved asks nothing of them and is never unread.

    `since` is when the customer was promised a person, or else the last activity. `reason` is why they
    were; of a resolved conversation, why it went to people the first time.
    """

    id: UUID
    customer: str
    subject: str
    last_words: str
    last_role: str
    reason: str
    owner: Owner
    staff_id: UUID | None
    staff_name: str
    reopened: bool
    since: datetime
    updated_at: datetime
    unread: bool = False
    language: str = ""
    tags: tuple[str, ...] = ()
    snoozed_until: datetime | None = None
    junk: bool = False
    snippet: str = ""
    """What a search found, with the words in it; empty in a list."""
    snippet_marks: tuple[tuple[int, int], ...] = ()
    """Where the words begin and end in it."""
    snippet_from: str = ""
    """Whose it is: a role, `note`, `tag`, `subject`, or `customer` for a name or an address."""

    @property
    def assigned(self) -> bool:
        """Whether a person takes care of it."""
        return self.staff_id is not None


async def rows_of(connection: AsyncConnection, staff_id: UUID | None, ids: Sequence[UUID]) -> list[Row]:
    """These conversations as this member of staff sees them, in the order of `ids`."""
    if not ids:
        return []
    query = (
        select(*_SHOWN)
        .select_from(Conversation)
        .join(Visitor, col(Visitor.id) == Conversation.visitor_id)
        .outerjoin(Outcome, col(Outcome.conversation_id) == Conversation.id)
        .outerjoin(
            Handoff, (col(Handoff.conversation_id) == Conversation.id) & col(Handoff.closed_at).is_(None)
        )
        .outerjoin(
            StaffRead,
            (col(StaffRead.conversation_id) == Conversation.id) & (col(StaffRead.staff_id) == staff_id),
        )
        .outerjoin(Staff, col(Staff.id) == Conversation.assigned_staff_id)
        .where(col(Conversation.id).in_(ids))
    )
    found = {one.id: one for one in await connection.execute(query)}
    said = await _last_words(connection, ids)
    tags = await _tags(connection, ids)
    return [
        _row(found[one], said.get(one), tuple(tags.get(one, ())), staff_id) for one in ids if one in found
    ]


def customer_name(visitor: Visitor) -> str:
    """What the desk calls a customer: the name given, the address, or a short number."""
    return called(visitor.name, visitor.email, visitor.id)


def called(name: str | None, email: str | None, visitor_id: UUID) -> str:
    """The same from the facts alone."""
    return name or email or f"Visitor {visitor_id.hex[-5:]}"


async def _last_words(connection: AsyncConnection, conversations: Sequence[UUID]) -> dict[UUID, _Said]:
    # The newest of each conversation by its number, so that a long one costs no more than a short one.
    newest = (
        select(col(Message.id))
        .where(
            col(Message.conversation_id) == Conversation.id,
            col(Message.kind) == Kind.TEXT,
            col(Message.content) != "",
            col(Message.state).not_in([MessageState.SUPERSEDED, MessageState.STREAMING]),
        )
        .order_by(col(Message.seq).desc())
        .limit(1)
        .correlate(Conversation)
        .scalar_subquery()
    )
    these = select(newest).where(col(Conversation.id).in_(conversations))
    words = func.substr(col(Message.content), 1, READ_CHARACTERS)
    query = select(col(Message.conversation_id), col(Message.role), words).where(col(Message.id).in_(these))
    return {one: (role, said) for one, role, said in await connection.execute(query)}


async def _tags(connection: AsyncConnection, conversations: Sequence[UUID]) -> dict[UUID, list[str]]:
    query = select(col(ConversationTag.conversation_id), col(ConversationTag.tag)).where(
        col(ConversationTag.conversation_id).in_(conversations)
    )
    tags: dict[UUID, list[str]] = {}
    for conversation_id, tag in sorted(await connection.execute(query), key=lambda one: one.tag):
        tags.setdefault(conversation_id, []).append(tag)
    return tags


def _row(one: _Found, last: _Said | None, tags: tuple[str, ...], staff_id: UUID | None) -> Row:
    role, words = last or (Role.USER, "")
    handed_off = one.requested_at is not None
    reason = one.reason if handed_off else one.handoff_reason if one.status == Status.RESOLVED else None
    return Row(
        id=one.id,
        customer=called(one.name, one.email, one.visitor_id),
        subject=one.subject,
        last_words=(plain_line(words) if role == Role.ASSISTANT else " ".join(words.split()))[
            :LAST_WORDS_CHARACTERS
        ],
        last_role=str(role),
        reason=str(reason) if reason else "",
        owner=owner(
            one.status,
            handed_off=handed_off,
            claimed=one.claimed_by is not None,
            meanwhile=one.assistant_meanwhile_at is not None,
        ),
        staff_id=one.staff_id,
        staff_name=one.staff_name or "",
        reopened=bool(one.reopened),
        since=one.requested_at if handed_off else one.updated_at,
        updated_at=one.updated_at,
        unread=handed_off and one.claimed_by in (None, staff_id) and one.customer_seq > (one.read_seq or 0),
        language=one.language or "",
        tags=tags,
        snoozed_until=one.snoozed_until,
        junk=one.junk_at is not None,
    )
