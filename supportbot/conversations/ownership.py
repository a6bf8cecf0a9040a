"""Who owns a conversation: one pure rule that every writer asks before it writes."""

from supportbot.conversations.events import Owner
from supportbot.models import Conversation, Handoff, Status


def owner_of(conversation: Conversation, handoff: Handoff | None) -> Owner:
    """Who answers now.

    Args:
        conversation: The row, read in the caller's transaction.
        handoff: Its open handoff, if any.
    """
    if handoff is None:
        return owner(conversation.status)
    return owner(
        conversation.status,
        handed_off=True,
        claimed=handoff.claimed_by is not None,
        meanwhile=handoff.assistant_meanwhile_at is not None,
    )


def owner(
    status: Status, *, handed_off: bool = False, claimed: bool = False, meanwhile: bool = False
) -> Owner:
    """The same from the facts alone: whether there is an open handoff, claimed, or with the place kept."""
    if status == Status.RESOLVED:
        return Owner.NOBODY
    if status == Status.ACTIVE or not handed_off:
        return Owner.ASSISTANT
    if claimed:
        return Owner.STAFF
    return Owner.MEANWHILE if meanwhile else Owner.WAITING


def assistant_may_answer(owner: Owner) -> bool:
    """Whether an answer of the assistant may be committed."""
    return owner in (Owner.ASSISTANT, Owner.MEANWHILE)
