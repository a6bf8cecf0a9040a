"""When people answer: a week of periods, holidays, and whether that is open right now."""

from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx
from pydantic import ValidationError

from supportbot.house.hours import is_open, next_opening
from supportbot.house.sections import MOST_HOLIDAYS, MOST_OPENINGS, Hours
from supportbot.ids import new_id, now
from supportbot.ui.session import StaffPage
from supportbot.ui.settings.section_state import Form, SectionPage, form_of

FIRST, LAST = "09:00", "17:00"
"""What a new period begins with."""


@dataclass
class OpeningRow:
    """One period of a day, as it was when the row appeared; what is typed stays in the browser."""

    id: str = ""
    opens: str = FIRST
    closes: str = LAST


@dataclass
class DayRow:
    """One day of the week with its periods."""

    weekday: int = 0
    rows: list[OpeningRow] = field(default_factory=list)


@dataclass
class HolidayRow:
    """One holiday."""

    id: str = ""
    day: str = ""
    name: str = ""


class HoursState(StaffPage, SectionPage, rx.State):
    """The page of the opening hours."""

    always_open: bool = True
    time_zone: str = "UTC"
    days: list[DayRow] = []
    holidays: list[HolidayRow] = []

    now_open: bool = False
    opens_at: str = ""
    """The next opening, as the clock of the house shows it, such as `1 09:00`: the weekday and the time."""
    opens_day: int = 0
    can_tell: bool = False

    @rx.event
    async def add_opening(self, weekday: int, form: dict[str, Any]):
        """Another period on a day."""
        return await self._change(form, lambda: self._add_opening(weekday))

    @rx.event
    async def remove_opening(self, row: str, form: dict[str, Any]):
        """One period less."""
        return await self._change(form, lambda: self._remove_opening(row))

    @rx.event
    async def add_holiday(self, form: dict[str, Any]):
        """Another holiday."""
        return await self._change(form, self._add_holiday)

    @rx.event
    async def remove_holiday(self, row: str, form: dict[str, Any]):
        """One holiday less."""
        return await self._change(form, lambda: self._remove_holiday(row))

    async def _change(self, form: Any, change: Any):
        staff, gone = await self._enter()
        if staff is None or (typed := form_of(form)) is None:
            return gone
        change()
        if self.standing != "meanwhile":
            self.standing = "unsaved"
        self._preview(typed)
        return None

    def _add_opening(self, weekday: object) -> None:
        if weekday in range(7) and sum(len(one.rows) for one in self.days) < MOST_OPENINGS:
            rows: list[OpeningRow] = next((one.rows for one in self.days if one.weekday == weekday), [])
            # After what there is: a second period is mostly the afternoon.
            row = OpeningRow(new_id().hex, *(("", "") if rows else (FIRST, LAST)))
            self.days = [
                DayRow(one.weekday, [*one.rows, row] if one.weekday == weekday else one.rows)
                for one in self.days
            ]

    def _remove_opening(self, row: object) -> None:
        self.days = [DayRow(day.weekday, [one for one in day.rows if one.id != row]) for day in self.days]

    def _add_holiday(self) -> None:
        if len(self.holidays) < MOST_HOLIDAYS:
            self.holidays = [*self.holidays, HolidayRow(new_id().hex)]

    def _remove_holiday(self, row: object) -> None:
        self.holidays = [one for one in self.holidays if one.id != row]

    def _section(self) -> str:
        return "hours"

    def _show(self, section: Hours) -> None:
        self.always_open, self.time_zone = section.always_open, section.time_zone
        self.days = [
            DayRow(
                day,
                [
                    OpeningRow(new_id().hex, f"{one.opens:%H:%M}", f"{one.closes:%H:%M}")
                    for one in section.week
                    if one.weekday == day
                ],
            )
            for day in range(7)
        ]
        self.holidays = [HolidayRow(new_id().hex, one.day.isoformat(), one.name) for one in section.holidays]
        self._tell(section)

    def _content(self, typed: Form) -> dict[str, Any]:
        return content(typed, self.days, self.holidays)

    def _preview(self, typed: Form) -> None:
        values = self._content(typed)
        self.always_open = values["always_open"]
        try:
            self._tell(Hours.model_validate(values))
        except ValidationError:
            self.can_tell = False

    def _tell(self, hours: Hours) -> None:
        at = now()
        self.can_tell, self.now_open = True, is_open(hours, at)
        opening = None if self.now_open else next_opening(hours, at)
        self.opens_at = ""
        if opening is not None:
            there = opening.astimezone(ZoneInfo(hours.time_zone))
            self.opens_day, self.opens_at = there.weekday(), f"{there:%H:%M}"
            if (opening - at).days >= 6:
                self.opens_at = f"{there:%H:%M, %-d %B}"


def content(typed: Form, days: list[DayRow], holidays: list[HolidayRow]) -> dict[str, Any]:
    """The section as it was typed. A holiday of which nothing was typed is none."""
    week = [
        {
            "weekday": day.weekday,
            "opens": typed.get(f"opens:{row.id}", row.opens),
            "closes": typed.get(f"closes:{row.id}", row.closes),
        }
        for day in days
        for row in day.rows
    ]
    named = [
        {"day": typed.get(f"day:{row.id}", row.day), "name": typed.get(f"holiday:{row.id}", row.name)}
        for row in holidays
    ]
    return {
        "always_open": typed.get("always_open", "yes") == "yes",
        "time_zone": typed.get("time_zone", ""),
        "week": week,
        "holidays": [one for one in named if one["day"] or one["name"].strip()],
    }
