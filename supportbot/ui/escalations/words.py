"""Small signs that the list and the conversation share: who has it, why it is here, since when."""

import reflex as rx
from reflex_base.vars.function import FunctionStringVar

from supportbot.ui.components.icons import icon
from supportbot.ui.components.time import EXACT, LANGUAGE, Ticking
from supportbot.ui.text import t

TARGET_MINUTES = 10
"""How long a customer may wait for a person before the time is shown in colour."""

_LONG = FunctionStringVar.create(
    "((at, now) => {"
    " const minutes = Math.max(0, Math.floor((now - new Date(at)) / 6e4));"
    f" const say = (count, unit) => new Intl.NumberFormat({LANGUAGE},"
    " {style: 'unit', unit, unitDisplay: 'short'}).format(count);"
    f" const relative = new Intl.RelativeTimeFormat({LANGUAGE}, {{numeric: 'auto'}});"
    " if (minutes < 1) return relative.format(0, 'second');"
    " if (minutes < 60) return say(minutes, 'minute');"
    " if (minutes < 1440) return say(Math.floor(minutes / 60), 'hour');"
    " return say(Math.floor(minutes / 1440), 'day');"
    " })"
)
_LATE = FunctionStringVar.create(
    f"((waits, at, now) => waits && now - new Date(at) >= {TARGET_MINUTES} * 6e4)"
)

_PAST = FunctionStringVar.create("((waits, at, target, now) => waits && now - new Date(at) >= target * 6e4)")


@rx.memo
def duration(at: rx.Var[str], waits: rx.Var[bool]) -> rx.Component:
    """How long it has been, such as "4 min", kept true while the page is open.

    A wait past the target is marked, and only that. Call with `at=` and `waits=`.
    """
    now = rx.Var("now")
    return Ticking.create(
        _LONG.call(at, now).to(str),
        date_time=at,
        title=EXACT.call(at).to(str),
        class_name="desk-duration",
        custom_attrs={"data-late": _LATE.call(waits, at, now).to(bool)},
    )


@rx.memo
def waited(at: rx.Var[str], waits: rx.Var[bool], target: rx.Var[int]) -> rx.Component:
    """The same, marked past a target in minutes. Call with `at=`, `waits=` and `target=`."""
    now = rx.Var("now")
    return Ticking.create(
        _LONG.call(at, now).to(str),
        date_time=at,
        title=EXACT.call(at).to(str),
        class_name="desk-duration",
        custom_attrs={"data-late": _PAST.call(waits, at, target, now).to(bool)},
    )


def waits_for_person(owner: rx.Var[str]) -> rx.Var[bool]:
    """Whether nobody has claimed it yet, with or without the assistant's company."""
    return (owner == "waiting") | (owner == "meanwhile")


def status(owner: rx.Var[str], staff_name: rx.Var[str], mine: rx.Var[bool]) -> rx.Component:
    """Who has it, in two or three words."""
    return rx.el.span(
        rx.match(
            owner,
            ("waiting", t("desk.waiting")),
            ("meanwhile", t("desk.meanwhile")),
            ("staff", rx.cond(mine, t("desk.you_have_it"), _colleague(staff_name))),
            ("nobody", t("desk.resolved")),
            t("desk.assistant_answers"),
        ),
        class_name="desk-status",
        custom_attrs={"data-owner": owner, "data-mine": mine},
    )


def reason_chip(reason: rx.Var[str]) -> rx.Component:
    """Why the conversation came to people, if it did."""
    return rx.cond(reason, rx.el.span(reason, class_name="desk-chip"))


def reopened_mark(reopened: rx.Var[bool]) -> rx.Component:
    """The customer came back after it had been resolved."""
    return rx.cond(
        reopened,
        rx.el.span(
            icon("again"),
            rx.el.span(t("desk.reopened")),
            title=t("desk.reopened"),
            class_name="desk-chip desk-reopened",
        ),
    )


def _colleague(name: rx.Var[str]) -> rx.Var[str]:
    return rx.cond(name, t("desk.has_it", name=name), t("desk.somebody_has_it"))
