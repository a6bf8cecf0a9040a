"""A customer's thumb on an answer."""

from sqlmodel import col, select

from supportbot.conversations.changes import Change, changing
from supportbot.conversations.events import Rated
from supportbot.conversations.live import LiveLog
from supportbot.database import Database
from supportbot.errors import Refused
from supportbot.models import Message, Rating

UP, DOWN, NONE = 1, -1, 0


async def rate(database: Database, live: LiveLog, message: Message, value: object) -> None:
    """Record a thumb; the last one counts, and 0 takes it back. The caller has checked whose it is.

    Raises:
        Refused: if `value` is not 1, -1 or 0.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value not in (UP, DOWN, NONE):
        raise Refused("Please choose thumbs up or thumbs down.")
    async with changing(database, live, message.conversation_id) as change:
        found = await change.session.exec(select(Rating).where(Rating.message_id == message.id))
        rating = found.first()
        if rating is None:
            rating = Rating(message_id=message.id, conversation_id=message.conversation_id, value=value)
            change.session.add(rating)
        rating.value = value
        change.outcome.rating = value or await _another(change, message)
        change.events.append(Rated(message.id, value))


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
