"""What somebody at the desk writes: replies to the customer, notes to colleagues, replies kept for use."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from supportbot import access
from supportbot.conversations.events import Typing
from supportbot.conversations.wording import clean, clean_line
from supportbot.desk import desk
from supportbot.errors import NotSignedIn, SupportError
from supportbot.escalations import canned, handoff, notes
from supportbot.ids import new_id
from supportbot.models import Role, Staff

LONGEST_REPLY = 10_000


@dataclass
class Canned:
    """A reply kept for use, in the list to choose from."""

    id: str = ""
    title: str = ""
    body: str = ""


class Writing(rx.State, mixin=True):
    """The composer of a conversation's page."""

    accepted: str = ""
    noted: str = ""
    """The keys of the reply and of the note stored last: each form waits for its own."""
    canned: list[Canned] = []
    inserted: str = ""
    """Words for the field; see "Putting words into the field" in docs/script.md."""
    insert_number: int = 0
    insert_mode: str = "add"
    drafted: bool = False
    """Whether they are a draft of the assistant's."""

    @rx.event
    async def reply(self, form: dict[str, Any]):
        """Answer the customer."""
        key = _key(form)

        async def say(database: Any, live: Any, conversation_id: Any, staff: Staff) -> None:
            text = clean(_words(form), limit=LONGEST_REPLY)
            await handoff.reply(database, live, conversation_id, staff, text, key)
            self.accepted = key

        return await self._do(say)

    @rx.event
    async def note(self, form: dict[str, Any]):
        """Write to colleagues; the customer never receives it."""
        key = _key(form)

        async def keep(database: Any, live: Any, conversation_id: Any, staff: Staff) -> None:
            await notes.note(database, live, conversation_id, staff, _words(form), key)
            self.noted = key

        return await self._do(keep)

    @rx.event
    async def use_canned(self, chosen: str):
        """Put a reply kept for use into the composer, its gaps filled in."""
        try:
            staff = await self._staff()
        except NotSignedIn:
            return self._sign_in()
        found = next((one for one in desk().house.replies.replies if str(one.id) == chosen), None)
        if found is not None:
            gaps = canned.gaps(customer=self.called, agent=staff.name, company=desk().house.company.name)
            self._insert(canned.filled(found.body, gaps))
        return None

    @rx.event
    async def typing(self):
        """This person is writing a reply: the customer may know, for a few seconds, and colleagues."""
        try:
            staff = await self._staff()
            conversation = await access.conversation_for_staff(desk().database, staff, self._here())
        except SupportError:
            return
        if conversation.assigned_staff_id == staff.id:
            await desk().live.append(conversation.id, Typing(Role.STAFF, staff.name))
        await self._tell_looking(conversation.id, writing=True)

    def _load_canned(self) -> None:
        kept = [Canned(str(one.id), one.title, one.body) for one in desk().house.replies.replies]
        if kept != self.canned:
            self.canned = kept

    def _insert(self, text: str, mode: str = "add", *, drafted: bool = False) -> None:
        self.inserted, self.insert_mode, self.drafted = text, mode, drafted
        self.insert_number += 1


def _words(form: Any) -> object:
    return form.get("message") if isinstance(form, dict) else None


def _key(form: Any) -> str:
    raw = form.get("client_key") if isinstance(form, dict) else None
    return clean_line(raw, limit=40) or str(new_id())
