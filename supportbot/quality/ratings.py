"""A customer's thumb on an answer, and what was wrong with it."""

from sqlmodel import col, select

from supportbot.conversations.changes import Change, changing
from supportbot.conversations.events import Rated
from supportbot.conversations.live import LiveLog
from supportbot.conversations.wording import clean
from supportbot.database import Database
from supportbot.errors import Refused
from supportbot.ids import now
from supportbot.models import Complaint, Message, Rating

UP, DOWN, NONE = 1, -1, 0
COMMENT_CHARACTERS = 500
NOTHING_SAID = "Please choose what was wrong, or write a sentence about it."
NOT_DOWN = "This answer is not marked as unhelpful any more. Press thumbs down first, then say why."


async def rate(database: Database, live: LiveLog, message: Message, value: object) -> None:
    """Record a thumb; the last one counts, and 0 takes it back. The caller has checked whose it is.

    What was said to be wrong belongs to the thumb down, and goes with it.

    Raises:
        Refused: if `value` is not 1, -1 or 0.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value not in (UP, DOWN, NONE):
        raise Refused("Please choose thumbs up or thumbs down.")
    async with changing(database, live, message.conversation_id) as change:
        rating = await _rating(change, message)
        if rating is None:
            rating = Rating(message_id=message.id, conversation_id=message.conversation_id, value=value)
            change.session.add(rating)
        elif rating.value != value:
            rating.changed_at = now()
        if value != DOWN and (rating.complaint or rating.comment):
            rating.complaint, rating.comment = None, ""
            change.note_case()
        rating.value = value
        change.outcome.rating = value or await _another(change, message)
        change.events.append(Rated(message.id, value))


async def complain(
    database: Database, live: LiveLog, message: Message, complaint: object, comment: object
) -> None:
    """Keep what the customer found wrong with an answer they gave a thumb down; the last word counts.

    Only the desk hears of it. A sentence without a choice is something else.

    Raises:
        Refused: if there is neither a choice nor a sentence, the sentence is too long, or the thumb is
            no longer down.
    """
    chosen = next((one for one in Complaint if one.value == complaint), None)
    said = clean(comment, limit=COMMENT_CHARACTERS) if isinstance(comment, str) and comment.strip() else ""
    if chosen is None and not said:
        raise Refused(NOTHING_SAID)
    async with changing(database, live, message.conversation_id) as change:
        rating = await _rating(change, message)
        if rating is None or rating.value != DOWN:
            raise Refused(NOT_DOWN)
        rating.complaint, rating.comment = chosen or Complaint.OTHER, said
        change.note_case()


async def _rating(change: Change, message: Message) -> Rating | None:
    return (await change.session.exec(select(Rating).where(Rating.message_id == message.id))).first()


async def _another(change: Change, taken_back: Message) -> int | None:
    """The newest thumb that remains in the conversation, if one does."""
    query = (
        select(Rating.value)
        .where(
            Rating.conversation_id == taken_back.conversation_id,
            Rating.message_id != taken_back.id,
            Rating.value != NONE,
        )
        .order_by(col(Rating.created_at).desc())
        .limit(1)
    )
    return (await change.session.exec(query)).first()
