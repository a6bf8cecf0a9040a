"""The replies kept for use: a list to write, order and preview."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from supportbot.desk import desk
from supportbot.escalations.canned import filled, gaps
from supportbot.house.sections import MOST_REPLIES, Replies
from supportbot.ids import new_id
from supportbot.ui.session import StaffPage
from supportbot.ui.settings.section_state import Form, SectionPage, form_of

SAMPLE = "Mia Berger"
"""Whom the preview is written to."""


@dataclass
class ReplyRow:
    """One reply as it was when the row appeared, and how it would read."""

    id: str = ""
    title: str = ""
    body: str = ""
    preview: str = ""
    begun: bool = False
    """Added on this page: it is open for writing."""


class RepliesState(StaffPage, SectionPage, rx.State):
    """The page of the kept replies."""

    rows: list[ReplyRow] = []

    @rx.event
    async def add(self, form: dict[str, Any]):
        """Another reply, at the top."""
        return await self._change(form, self._add)

    @rx.event
    async def remove(self, row: str, form: dict[str, Any]):
        """One reply less; it is gone when the page is saved."""
        return await self._change(form, lambda: [one for one in self.rows if one.id != row])

    @rx.event
    async def move(self, row: str, by: int, form: dict[str, Any]):
        """Put a reply one place up or down."""
        return await self._change(form, lambda: moved(self.rows, row, by))

    async def _change(self, form: Any, change: Any):
        staff, gone = await self._enter()
        if staff is None or (typed := form_of(form)) is None:
            return gone
        self.rows = change()
        if self.standing != "meanwhile":
            self.standing, self.sentence, self.wrong = "unsaved", "", ""
        self._preview(typed)
        return None

    def _add(self) -> list[ReplyRow]:
        if len(self.rows) >= MOST_REPLIES:
            return self.rows
        return [ReplyRow(str(new_id()), begun=True), *self.rows]

    def _section(self) -> str:
        return "replies"

    def _show(self, section: Replies) -> None:
        self.rows = [
            ReplyRow(str(one.id), one.title, one.body, self._filled(one.body)) for one in section.replies
        ]

    def _content(self, typed: Form) -> dict[str, Any]:
        return {
            "replies": [
                {
                    "id": row.id,
                    "title": typed.get(f"title:{row.id}", row.title),
                    "body": typed.get(f"body:{row.id}", row.body),
                }
                for row in self.rows
            ]
        }

    def _preview(self, typed: Form) -> None:
        rows = [
            ReplyRow(
                row.id,
                row.title,
                row.body,
                self._filled(typed.get(f"body:{row.id}", row.body)),
                row.begun,
            )
            for row in self.rows
        ]
        if rows != self.rows:
            self.rows = rows

    def _filled(self, body: str) -> str:
        words = gaps(customer=SAMPLE, agent=self.me, company=desk().house.company.name)
        return filled(body[:4_000], words)


def moved(rows: list[ReplyRow], row: object, by: object) -> list[ReplyRow]:
    """The rows with one of them a place further up (-1) or down (1)."""
    at = next((number for number, one in enumerate(rows) if one.id == row), None)
    if at is None or by not in (-1, 1) or not 0 <= at + int(by == 1) * 2 - 1 < len(rows):
        return rows
    to = at + (1 if by == 1 else -1)
    ordered = list(rows)
    ordered[at], ordered[to] = ordered[to], ordered[at]
    return ordered
