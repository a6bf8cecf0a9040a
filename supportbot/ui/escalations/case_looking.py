"""Who else has a conversation open: said again every few seconds by each page, forgotten when it is not."""

import time
from dataclasses import dataclass
from uuid import UUID

import reflex as rx

from supportbot.conversations.events import Looking, staff_topic
from supportbot.desk import desk
from supportbot.ids import parse_id

SAY_EVERY = 3.5
"""Seconds between two signs of a page."""
GONE_AFTER = 11.0
"""Seconds without a sign after which somebody has left; nearly three of them may get lost."""
WRITING_FOR = 5.0


@dataclass
class Onlooker:
    """A colleague who has the same conversation open."""

    name: str = ""
    writing: bool = False


class LookedAt(rx.State, mixin=True):
    """The colleagues on the same page."""

    onlookers: list[Onlooker] = []

    _heard: dict[str, tuple[str, float, float]] = {}
    """By id: the name, when they were heard last, and when they wrote last."""
    _said_at: float = 0.0

    async def _tell_looking(self, conversation_id: UUID, *, writing: bool = False) -> None:
        """Say that one is here, if it is time to. Whoever is signed in has been asked for before."""
        me = parse_id(self.my_id)
        if me is None or (not writing and time.monotonic() - self._said_at < SAY_EVERY):
            return
        self._said_at = time.monotonic()
        await desk().live.append(staff_topic(conversation_id), Looking(me, self.me, writing=writing))

    def _hear_looking(self, events: list[Looking]) -> None:
        """Take in who is here, and forget who has not been heard for a while."""
        at = time.monotonic()
        for event in events:
            if str(event.staff_id) != self.my_id:
                if str(event.staff_id) not in self._heard:
                    self._said_at = 0.0  # whoever has just come wants to know who is here
                wrote = at if event.writing else self._heard.get(str(event.staff_id), ("", 0.0, 0.0))[2]
                self._heard[str(event.staff_id)] = (event.name, at, wrote)
        self._heard = {who: one for who, one in self._heard.items() if at - one[1] < GONE_AFTER}
        here = [
            Onlooker(name, wrote > 0 and at - wrote < WRITING_FOR)
            for name, _, wrote in sorted(self._heard.values())
        ]
        if here != self.onlookers:
            self.onlookers = here
