"""Where the assistant's memory begins anew: after people have had a conversation, old words settle nothing.

What was said until then stands in a paragraph, an extract written at once; the model's own version takes
its place later (`turns/summaries.py`). So a request for a person that a person has seen to neither keeps
the assistant silent nor sends the conversation back to people.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.conversations.changes import Change
from supportbot.conversations.context import extract, newest_summary, starts_after
from supportbot.conversations.events import MessageView
from supportbot.conversations.transcript import since
from supportbot.database import Database
from supportbot.models import ClosedAs, Handoff, Kind, Message, MessageState, Staff, Summary

SETTLED = "Earlier requests for a person are settled."
READ = 500
"""Messages an extract is made of at most, the newest: a talk with people can be long."""
RETURN_NOTE_CHARACTERS = 1_000
_NOTE = "'s note to you: "


@dataclass(frozen=True, slots=True)
class Rewordable:
    """A paragraph as it was extracted, and what the model may word it better from."""

    summary_id: UUID
    before: str
    messages: tuple[MessageView, ...]
    ending: str
    """How the people's time ended, and their note: kept word for word."""


def notes_in(paragraph: str) -> list[str]:
    """What colleagues noted for the assistant, of the paragraph with which its context begins."""
    return [line.partition(_NOTE)[2] for line in paragraph.splitlines() if _NOTE in line]


def without_notes(paragraph: str) -> str:
    """The same paragraph without what colleagues noted for the assistant."""
    return "\n".join(line for line in paragraph.splitlines() if _NOTE not in line)


async def begin_after(change: Change, line: Message) -> None:
    """Begin the context after this line of the history, with a paragraph about everything up to it."""
    change.conversation.context_starts_after = line.id
    known = await newest_summary(change.session, change.conversation.id)
    if known is not None and known.through_seq >= line.seq:
        return
    through = known.through_seq if known else 0
    said = await since(change.session, change.conversation.id, through, limit=READ)
    earlier = _without_ending(known.text) if known else ""
    text = extract(earlier, [one for one in said if one.seq <= line.seq])
    ending = await _ending_of(change.session, change.conversation.id)
    summary = Summary(
        conversation_id=change.conversation.id, through_seq=line.seq, text=_with_ending(text, ending)
    )
    change.session.add(summary)
    await change.session.flush()


async def begin_anew(change: Change, before: int) -> None:
    """The same for a conversation that is opened again: after the last line in front of this number."""
    line = await change.session.exec(
        select(Message)
        .where(
            Message.conversation_id == change.conversation.id,
            Message.seq < before,
            Message.kind != Kind.NOTE,
            Message.state != MessageState.SUPERSEDED,
        )
        .order_by(col(Message.seq).desc())
        .limit(1)
    )
    if (last := line.first()) is not None:
        await begin_after(change, last)


async def rewordable(session: AsyncSession, conversation_id: UUID) -> Rewordable | None:
    """The paragraph the context begins with, if it is an extract and still what counts."""
    starts = (await session.exec(select(starts_after(conversation_id)))).one()
    newest = await newest_summary(session, conversation_id)
    if newest is None or newest.through_seq != starts or newest.written_by:
        return None
    query = select(Summary).where(Summary.conversation_id == conversation_id, Summary.through_seq < starts)
    before = (await session.exec(query.order_by(col(Summary.through_seq).desc()).limit(1))).first()
    said = await since(session, conversation_id, before.through_seq if before else 0, limit=READ)
    return Rewordable(
        newest.id,
        _without_ending(before.text) if before else "",
        tuple(one for one in said if one.seq <= starts),
        _ending_in(newest.text),
    )


async def reword(database: Database, extracted: Rewordable, text: str, by: str) -> bool:
    """Put what the model wrote in the place of an extract; whoever is quicker has it.

    Returns:
        Whether it was.
    """
    async with database.transaction() as session:
        done = await session.exec(
            update(Summary)
            .where(col(Summary.id) == extracted.summary_id, col(Summary.written_by) == "")
            .values(text=_with_ending(text, extracted.ending), written_by=by)
        )
    return bool(done.rowcount == 1)


async def _ending_of(session: AsyncSession, conversation_id: UUID) -> str:
    """How the people's time with the conversation ended, as the assistant is told, with their note to it."""
    query = (
        select(Handoff, Staff)
        .outerjoin(Staff, col(Staff.id) == Handoff.claimed_by)
        .where(Handoff.conversation_id == conversation_id, col(Handoff.closed_at).is_not(None))
        .order_by(col(Handoff.closed_at).desc())
        .limit(1)
    )
    found = (await session.exec(query)).first()
    if found is None:
        return ""
    handoff, staff = found
    name = f"Colleague {staff.name}" if staff else "A colleague"
    if handoff.closed_as != ClosedAs.HANDED_BACK:
        return f"The conversation was then resolved and opened again. {SETTLED}"
    lines = [f"{name} then handed the conversation back to you. {SETTLED}"]
    if words := " ".join(handoff.return_note.split()):
        lines.append(f"{name}{_NOTE}{words}")
    return "\n".join(lines)


def _with_ending(text: str, ending: str) -> str:
    """The paragraph: what was said, then how it ended."""
    lines = text.splitlines()
    return "\n".join([*lines, *(line for line in ending.splitlines() if line not in lines)])


def _ending_in(paragraph: str) -> str:
    lines = paragraph.splitlines()
    ends = [at for at, line in enumerate(lines) if line.endswith(SETTLED)]
    return "\n".join(lines[ends[-1] :]) if ends else ""


def _without_ending(paragraph: str) -> str:
    """An earlier paragraph without how it ended, which would pile up; what colleagues noted stays."""
    return "\n".join(line for line in paragraph.splitlines() if not line.endswith(SETTLED))
