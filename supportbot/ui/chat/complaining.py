"""After a thumb down: what was wrong, if the customer wants to say. The thumb counts without it."""

from typing import Any

import reflex as rx

from supportbot import access
from supportbot.desk import desk
from supportbot.errors import SupportError
from supportbot.quality import ratings


class Complaining(rx.State, mixin=True):
    """The thumbs of a customer's page, and the question that follows one that points down."""

    asked_why: str = ""
    """The answer whose thumb went down on this page last, until its reason was given or declined."""
    thanked: str = ""
    """The answer for whose reason we say thanks: once, not when the page is loaded again."""

    @rx.event
    async def rate(self, message: str, value: int):
        """Thumbs up (1), down (-1) or taken back (0)."""
        try:
            answer = await access.answer_of_visitor(desk().database, self.visitor, self._here(), message)
            await desk().rate_limits.generic("rate", str(answer.conversation_id))
            await desk().intake.rate(answer, value)
        except SupportError as refusal:
            self._refuse(refusal)
            return
        self.asked_why = str(answer.id) if value == ratings.DOWN else ""
        self.thanked = ""

    @rx.event
    async def complain(self, form: dict[str, Any]):
        """Say what was wrong with an answer. What was typed stays in its field if it is refused."""
        if not isinstance(form, dict):
            return
        try:
            answer = await access.answer_of_visitor(
                desk().database, self.visitor, self._here(), form.get("message")
            )
            await desk().rate_limits.generic("rate", str(answer.conversation_id))
            await ratings.complain(
                desk().database, desk().live, answer, form.get("complaint"), form.get("comment")
            )
        except SupportError as refusal:
            self._refuse(refusal)
            return
        self.asked_why, self.thanked, self.notice = "", str(answer.id), ""

    @rx.event
    def ask_no_more(self):
        """The customer would rather not say."""
        self.asked_why = ""
