"""Opening hours: always, or a week of periods; the time zone, the holidays, and "right now"."""

import reflex as rx

from supportbot.house.checks import WEEKDAYS
from supportbot.house.sections import time_zones
from supportbot.ui.components.icons import icon
from supportbot.ui.components.live_form import form_button
from supportbot.ui.settings.hours_state import DayRow, HolidayRow, HoursState, OpeningRow
from supportbot.ui.settings.parts import field, section_form, settings_page, wrong
from supportbot.ui.text import t

_ZONES = "time-zones"


def hours() -> rx.Component:
    """The whole page."""
    state = HoursState
    return settings_page(
        state,
        "hours",
        section_form(
            state,
            "hours",
            _right_now(),
            _always(),
            rx.el.div(
                field(
                    state,
                    "time_zone",
                    "hours.zone",
                    rx.el.input,
                    type="text",
                    list=_ZONES,
                    default_value=state.time_zone,
                    spell_check=False,
                ),
                rx.el.datalist(*(rx.el.option(value=zone) for zone in time_zones()), id=_ZONES),
                _week(),
                _holidays(),
                class_name="settings-fields",
                hidden=state.always_open,
            ),
        ),
    )


def _right_now() -> rx.Component:
    state = HoursState
    day = rx.match(
        state.opens_day,
        *((number, t(f"settings.day.{number}")) for number in range(6)),
        t("settings.day.6"),
    )
    return rx.el.p(
        rx.cond(
            state.can_tell,
            rx.cond(
                state.now_open,
                t("settings.hours.open_now"),
                rx.cond(
                    state.opens_at != "",
                    t("settings.hours.closed_now", day=day.to(str), time=state.opens_at),
                    t("settings.hours.closed_long"),
                ),
            ),
            t("settings.hours.cannot_tell"),
        ),
        role="status",
        class_name="right-now",
        custom_attrs={"data-open": state.can_tell & state.now_open},
    )


def _always() -> rx.Component:
    state = HoursState
    return rx.el.fieldset(
        rx.el.legend(t("settings.hours.when")),
        *(
            rx.el.label(
                rx.el.input(
                    type="radio",
                    name="always_open",
                    value=value,
                    custom_attrs={"defaultChecked": state.always_open == (value == "yes")},
                ),
                rx.el.span(t(f"settings.hours.{words}")),
                class_name="settings-option",
            )
            for value, words in (("yes", "always"), ("no", "week"))
        ),
        class_name="settings-field",
    )


def _week() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(t("settings.hours.week_legend")),
        rx.el.p(t("settings.hours.week_help"), class_name="field-help"),
        rx.foreach(HoursState.days, _day),
        wrong(HoursState, "week"),
        class_name="settings-field week",
    )


def _day(day: rx.Var[DayRow]) -> rx.Component:
    name = rx.match(
        day.weekday, *((n, t(f"settings.day.{n}")) for n in range(len(WEEKDAYS) - 1)), t("settings.day.6")
    ).to(str)
    return rx.el.div(
        rx.el.span(name, class_name="week-day"),
        rx.el.div(
            rx.cond(
                day.rows.length() > 0,
                rx.foreach(day.rows, lambda row: _period(row, name)),
                rx.el.span(t("settings.hours.closed"), class_name="week-closed"),
            ),
            class_name="week-periods",
        ),
        form_button(
            icon("new"),
            rx.el.span(t("settings.hours.add_on", day=name), class_name="unseen"),
            kind="quiet",
            on_click=HoursState.add_opening(day.weekday),
            class_name="small bare",
            title=t("settings.hours.add_on", day=name),
        ),
        class_name="week-row",
        key=day.weekday,
    )


def _period(row: rx.Var[OpeningRow], day: rx.Var[str]) -> rx.Component:
    return rx.el.span(
        rx.el.input(
            type="time",
            name="opens:" + row.id,
            default_value=row.opens,
            aria_label=t("settings.hours.opens_on", day=day),
        ),
        rx.el.span("–", aria_hidden="true"),
        rx.el.input(
            type="time",
            name="closes:" + row.id,
            default_value=row.closes,
            aria_label=t("settings.hours.closes_on", day=day),
        ),
        form_button(
            icon("close"),
            rx.el.span(t("settings.hours.remove_on", day=day), class_name="unseen"),
            kind="quiet",
            on_click=HoursState.remove_opening(row.id),
            class_name="small bare",
            title=t("settings.hours.remove_on", day=day),
        ),
        key=row.id,
        class_name="week-period",
    )


def _holidays() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(t("settings.hours.holidays")),
        rx.el.p(t("settings.hours.holidays_help"), class_name="field-help"),
        rx.foreach(HoursState.holidays, _holiday),
        wrong(HoursState, "holidays"),
        form_button(
            icon("new"),
            rx.el.span(t("settings.hours.add_holiday")),
            kind="plain",
            on_click=HoursState.add_holiday,
            class_name="small",
        ),
        class_name="settings-field holidays",
    )


def _holiday(row: rx.Var[HolidayRow]) -> rx.Component:
    return rx.el.div(
        rx.el.input(
            type="date",
            name="day:" + row.id,
            default_value=row.day,
            aria_label=t("settings.hours.holiday_day"),
        ),
        rx.el.input(
            type="text",
            name="holiday:" + row.id,
            default_value=row.name,
            placeholder=t("settings.hours.holiday_name"),
            aria_label=t("settings.hours.holiday_name"),
            max_length=120,
            dir="auto",
        ),
        form_button(
            icon("close"),
            rx.el.span(t("settings.hours.remove_holiday"), class_name="unseen"),
            kind="quiet",
            on_click=HoursState.remove_holiday(row.id),
            class_name="small bare",
            title=t("settings.hours.remove_holiday"),
        ),
        key=row.id,
        class_name="holiday",
    )
