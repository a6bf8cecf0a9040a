"""Whether a conversation goes to people: the facts put together, for the policy to decide.

Asked when the customer writes, when an answer is rated, and when a turn ends, as it should or not.
"""

from dataclasses import replace
from uuid import UUID

from supportbot.conversations.changes import open_handoff
from supportbot.conversations.events import Owner
from supportbot.conversations.live import LiveLog
from supportbot.conversations.ownership import owner_of
from supportbot.database import Database
from supportbot.escalations import policy
from supportbot.escalations.acknowledging import Opens
from supportbot.escalations.handoff import escalate
from supportbot.escalations.policy import Decision, Situation
from supportbot.models import Conversation, MessageState, Reason, Trigger
from supportbot.turns.standing import Ended, Standing, standing


async def of_words(database: Database, conversation_id: UUID, said: str) -> Decision | None:
    """The customer has written this, and the assistant has not read it yet."""
    async with database.reading() as session:
        now = await standing(session, conversation_id)
    return policy.decide(replace(_so_far(now), words=said))


async def escalate_by_record(
    database: Database, live: LiveLog, conversation_id: UUID, opens: Opens | None
) -> bool:
    """An answer was rated, or died with its server: if it is not the first, people take the conversation.

    One that people have, or have resolved, is left as it is.

    Returns:
        Whether it was queued by this call.
    """
    async with database.reading() as session:
        conversation = await session.get(Conversation, conversation_id)
        handoff = await open_handoff(session, conversation_id)
        if conversation is None or owner_of(conversation, handoff) != Owner.ASSISTANT:
            return False
        now = await standing(session, conversation_id)
    decision = policy.decide(replace(_so_far(now), answers=0, faults_in_a_row=now.let_down))
    return decision is not None and await escalate(
        database,
        live,
        conversation_id,
        reason=decision.reason,
        trigger=decision.trigger,
        version=conversation.version,
        opens=opens,
    )


async def of_turn(
    database: Database,
    conversation_id: UUID,
    ended: Ended,
    *,
    asked_by_model: Reason | None,
    unanswered: bool,
    outage: bool,
    failed_tools: int,
) -> Decision | None:
    """A turn is about to end like this; what went before is read from the record.

    Args:
        database: Where it is.
        conversation_id: Whose turn it is.
        ended: How it ends.
        asked_by_model: Why the assistant called for people, if it did.
        unanswered: Whether the customer is left without an answer.
        outage: Whether the model was not asked at all, being known to be away.
        failed_tools: How often the assistant wanted something done that could not be done.
    """
    if asked_by_model is not None:
        return Decision(asked_by_model, Trigger.MODEL)
    if not failed_tools and not ended.lets_down:
        return None
    async with database.reading() as session:
        before = await standing(session, conversation_id)
    failed = ended.state == MessageState.FAILED
    fault = bool(ended.lets_down) and ended.error_code is not None
    in_a_row = before.let_down + 1 if ended.lets_down else 0
    so_far = before.since.failed_answers + failed
    return policy.decide(
        replace(
            _so_far(before),
            # How long it has taken is for the next message to decide, not for an answer.
            answers=0,
            # A model that refuses to answer is not broken, and helps nobody.
            failed_answers=so_far if fault else max(so_far, in_a_row),
            fault=fault,
            articles_answered=not failed and not unanswered,
            partial=failed and not unanswered,
            outage=outage,
            faults_in_a_row=in_a_row if fault else 0,
            failed_tools=failed_tools,
        )
    )


def _so_far(now: Standing) -> Situation:
    return Situation(
        answers=now.since.assistant_answers,
        failed_answers=now.since.failed_answers,
        thumbs_down=now.since.thumbs_down,
    )
