"""What somebody at the desk does with a conversation. Everything answers at once and can be taken back.

Each handler goes through `_do`, which asks the database who is signed in and finds the conversation.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import reflex as rx

from supportbot import access
from supportbot.conversations.wording import clean_line
from supportbot.desk import desk
from supportbot.errors import NotFound, NotSignedIn, Refused, SupportError
from supportbot.escalations import handoff, returning, sorting
from supportbot.ids import parse_id
from supportbot.models import Staff

Verb = Callable[..., Awaitable[Any]]

UNDO: dict[str, Verb] = {
    "resolve": returning.reopen,
    "hand_back": handoff.take_over,
    "snooze": sorting.wake,
    "junk": sorting.not_junk,
}
"""What takes back what."""


class Acting(rx.State, mixin=True):
    """The verbs of a conversation's page."""

    done: str = ""
    """What this person has just done here and may take back: a key of `UNDO`, or empty."""
    acted: int = 0
    """Counts what was done: the same thing done twice is offered back twice."""
    taken: int = 0
    """Counts the forms that were taken in: only then do they begin anew, not while one is filled in."""

    @rx.event
    async def claim(self):
        """Take the conversation; exactly one of two who try at once gets it."""
        return await self._do(handoff.claim)

    @rx.event
    async def take_over(self):
        """Take the conversation from the assistant, also in the middle of an answer."""
        return await self._do(handoff.take_over)

    @rx.event
    async def assign(self, form: dict[str, Any]):
        """Ask a colleague to take care of it, with a note for them."""
        to = parse_id(field_of(form, "to"))

        async def give(database: Any, live: Any, conversation_id: Any, staff: Staff) -> None:
            if to is None:
                raise Refused("Please choose a colleague.")
            await handoff.assign(database, live, conversation_id, staff, to, field_of(form, "note"))

        return await self._do(give, form=True)

    @rx.event
    async def hand_back(self, form: dict[str, Any]):
        """Give the conversation back to the assistant, with what it should know."""

        async def back(database: Any, live: Any, conversation_id: Any, staff: Staff) -> None:
            await returning.hand_back(database, live, conversation_id, staff, field_of(form, "note"))

        return await self._do(back, "hand_back", form=True)

    @rx.event
    async def resolve(self):
        """Close the conversation as done."""
        return await self._do(returning.resolve, "resolve")

    @rx.event
    async def reopen(self):
        """Open a resolved conversation again and take care of it."""
        return await self._do(returning.reopen)

    @rx.event
    async def snooze(self, until: str):
        """Put the conversation off until a moment, as the browser's clock spells it in ISO 8601."""

        async def off(database: Any, live: Any, conversation_id: Any, staff: Staff) -> None:
            await sorting.snooze(database, live, conversation_id, staff, _moment(until))

        return await self._do(off, "snooze")

    @rx.event
    async def wake(self):
        """Bring the conversation back."""
        return await self._do(sorting.wake)

    @rx.event
    async def junk(self):
        """Put the conversation away as junk; the customer is told nothing."""
        return await self._do(sorting.junk, "junk")

    @rx.event
    async def not_junk(self):
        """Take the conversation out of the junk."""
        return await self._do(sorting.not_junk)

    @rx.event
    async def undo(self):
        """Take back what was done last."""
        back = UNDO.get(self.done)
        return await self._do(back) if back else None

    @rx.event
    async def tag(self, form: dict[str, Any]):
        """Put a tag on the conversation."""

        async def put(database: Any, live: Any, conversation_id: Any, staff: Staff) -> None:
            await sorting.tag(database, live, conversation_id, staff, field_of(form, "tag"))

        return await self._do(put)

    @rx.event
    async def untag(self, tag: str):
        """Take a tag off the conversation."""

        async def take(database: Any, live: Any, conversation_id: Any, staff: Staff) -> None:
            await sorting.untag(database, live, conversation_id, staff, tag)

        return await self._do(take)

    async def _do(self, verb: Verb, done: str = "", *, form: bool = False):
        """Do something with the conversation in the address, or say why it was refused."""
        self.notice, self.done = "", ""
        try:
            staff = await self._staff()
            conversation = await access.conversation_for_staff(desk().database, staff, self._here())
        except NotSignedIn:
            return self._sign_in()
        except NotFound:
            self.missing = True
            return None
        try:
            await verb(desk().database, desk().live, conversation.id, staff)
        except SupportError as refusal:
            self._refuse(refusal)
            return None
        self.done, self.acted = done, self.acted + 1
        self.taken += int(form)
        return None


def field_of(form: Any, name: str) -> str:
    """What a form holds under a name, as far as it is text."""
    value = form.get(name) if isinstance(form, dict) else None
    return value if isinstance(value, str) else ""


def _moment(raw: object) -> datetime:
    try:
        moment = datetime.fromisoformat(clean_line(raw, limit=40))
        return moment.astimezone(UTC) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        raise Refused("Please choose a day and a time.") from None
