"""Who owns a conversation: one pure rule that every writer asks before it writes."""

from supportbot.conversations.events import Owner
from supportbot.models import Conversation, Handoff, Status


def owner_of(conversation: Conversation, handoff: Handoff | None) -> Owner:
    """Who answers now.

    Args:
        conversation: The row, read in the caller's transaction.
        handoff: Its open handoff, if any.
    """
    if conversation.status == Status.RESOLVED:
        return Owner.NOBODY
    if conversation.status == Status.ACTIVE or handoff is None:
        return Owner.ASSISTANT
    if handoff.claimed_by is not None:
        return Owner.STAFF
    return Owner.MEANWHILE if handoff.assistant_meanwhile_at is not None else Owner.WAITING


def assistant_may_answer(owner: Owner) -> bool:
    """Whether an answer of the assistant may be committed."""
    return owner in (Owner.ASSISTANT, Owner.MEANWHILE)
