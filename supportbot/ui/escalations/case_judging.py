"""What the desk knows about the answers of a conversation, and what it says about them."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import reflex as rx

from supportbot import access
from supportbot.desk import desk
from supportbot.models import Staff
from supportbot.quality import answers
from supportbot.ui import routes
from supportbot.ui.escalations.case_acting import field_of


@dataclass
class Passage:
    """A passage that was found for an answer."""

    label: str = ""
    url: str = ""
    changed: bool = False
    """The article reads differently now."""


@dataclass
class Judged:
    """What is known about an answer."""

    complaint: str = ""
    comment: str = ""
    wrong: bool = False
    wrong_by: str = ""
    wrong_note: str = ""
    cited: list[Passage] = field(default_factory=list)
    found: list[Passage] = field(default_factory=list)


class Judging(rx.State, mixin=True):
    """Under the answers of a conversation's page. No customer's page has any of it."""

    judged: dict[str, Judged] = {}
    """By the answer's id, as far as there is anything to tell."""

    @rx.event
    async def mark_wrong(self, form: dict[str, Any]):
        """Say that an answer is wrong, and perhaps what is right."""

        async def mark(database: Any, live: Any, conversation_id: Any, staff: Staff) -> None:
            answer = await access.answer_for_staff(
                database, staff, conversation_id, field_of(form, "message")
            )
            await answers.mark_wrong(database, live, answer, staff, field_of(form, "note"))

        return await self._do(mark)

    @rx.event
    async def unmark_wrong(self, message: str):
        """Take that back."""

        async def unmark(database: Any, live: Any, conversation_id: Any, staff: Staff) -> None:
            answer = await access.answer_for_staff(database, staff, conversation_id, message)
            await answers.unmark_wrong(database, live, answer, staff)

        return await self._do(unmark)

    async def _show_judged(self, conversation_id: UUID) -> None:
        known = await answers.about_answers(desk().database, conversation_id)
        shown = {str(message_id): _judged(about) for message_id, about in known.items()}
        if shown != self.judged:
            self.judged = shown


def _judged(about: answers.AboutAnswer) -> Judged:
    return Judged(
        complaint=about.complaint,
        comment=about.comment,
        wrong=about.wrong_by is not None,
        wrong_by=about.wrong_by or "",
        wrong_note=about.wrong_note,
        cited=[_passage(one) for one in about.passages if one.cited],
        found=[_passage(one) for one in about.passages if not one.cited],
    )


def _passage(one: answers.Rested) -> Passage:
    label = f"{one.title}: {one.heading.rpartition(' > ')[2]}" if one.heading else one.title
    return Passage(label, routes.article(one.article_id), one.changed)
