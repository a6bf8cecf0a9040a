"""Where the assistant's memory begins anew: after people have had a conversation, old words settle nothing.

What was said until then stands in a paragraph, an extract written at once; the model's own version takes
its place later (`turns/summaries.py`). So a request for a person that a person has seen to neither keeps
the assistant silent nor sends the conversation back to people.
"""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.conversations.changes import Change
from supportbot.conversations.context import extract, newest_summary
from supportbot.conversations.transcript import since
from supportbot.models import ClosedAs, Handoff, Kind, Message, MessageState, Staff, Summary

SETTLED = "Earlier requests for a person are settled."
READ = 500
"""Messages an extract is made of at most, the newest: a talk with people can be long."""
RETURN_NOTE_CHARACTERS = 1_000


async def begin_after(change: Change, line: Message) -> None:
    """Begin the context after this line of the history, with a paragraph about everything up to it."""
    change.conversation.context_starts_after = line.id
    known = await newest_summary(change.session, change.conversation.id)
    if known is not None and known.through_seq >= line.seq:
        return
    through = known.through_seq if known else 0
    said = await since(change.session, change.conversation.id, through, limit=READ)
    text = extract(
        _without_endings(known.text if known else ""), [one for one in said if one.seq <= line.seq]
    )
    ending = await ending_of(change.session, change.conversation.id)
    summary = Summary(
        conversation_id=change.conversation.id, through_seq=line.seq, text=with_ending(text, ending)
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


async def ending_of(session: AsyncSession, conversation_id: UUID) -> str:
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
        lines.append(f"{name}'s note to you: {words}")
    return "\n".join(lines)


def with_ending(text: str, ending: str) -> str:
    """The paragraph: what was said, then how it ended."""
    lines = text.splitlines()
    return "\n".join([*lines, *(line for line in ending.splitlines() if line not in lines)])


def _without_endings(summary: str) -> str:
    """Earlier notes without their endings, which would pile up; what colleagues noted stays."""
    return "\n".join(line for line in summary.splitlines() if not line.endswith(SETTLED))
