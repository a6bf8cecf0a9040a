"""The list at the desk: who waits, since when and why, what was said last, and who has it."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from supportbot.escalations.queue import MOST_ROWS
from supportbot.ui.components.notice import quiet_line, refusal
from supportbot.ui.escalations.layout import desk_page
from supportbot.ui.escalations.list_state import ALL_OPEN, ESCALATED, QueueRow, QueueState
from supportbot.ui.escalations.troubles import troubles
from supportbot.ui.escalations.words import (
    duration,
    reason_chip,
    reopened_mark,
    status,
    waits_for_person,
)
from supportbot.ui.text import t


def escalations() -> rx.Component:
    """The whole page."""
    return desk_page(
        QueueState,
        rx.el.main(
            rx.el.div(rx.el.h1(t("desk.heading")), _tabs(), class_name="desk-list-head"),
            _said_aloud(),
            refusal(QueueState.notice, QueueState.notice_at, QueueState.dismiss),
            quiet_line(t("desk.live_lost"), QueueState.live_lost),
            troubles(QueueState),
            rx.cond(
                QueueState.ready,
                rx.cond(QueueState.rows.length() > 0, _rows(), _empty()),
                rx.el.p(t("desk.loading"), class_name="desk-loading"),
            ),
            class_name="desk-list",
        ),
    )


def _tabs() -> rx.Component:
    return rx.el.nav(
        _tab(ESCALATED, t("desk.escalated"), _waiting_count()),
        _tab(ALL_OPEN, t("desk.all_open")),
        aria_label=t("desk.lists"),
        class_name="desk-tabs",
    )


def _tab(shown: str, words: rx.Var[str], *more: rx.Component) -> rx.Component:
    return rx.el.button(
        words,
        *more,
        type="button",
        on_click=QueueState.show(shown),
        aria_current=rx.cond(QueueState.shown == shown, "page", "false"),
    )


def _waiting_count() -> rx.Component:
    """How many wait: the one figure the desk looks for."""
    return rx.cond(
        QueueState.waiting > 0,
        rx.el.span(
            rx.el.span(QueueState.waiting, aria_hidden="true"),
            rx.el.span(t("desk.waiting_count", count=QueueState.waiting.to(str)), class_name="unseen"),
            class_name="desk-count",
        ),
    )


def _said_aloud() -> rx.Component:
    """For screen readers: how many wait, whenever it changes."""
    count = t("desk.waiting_count", count=QueueState.waiting.to(str))
    return rx.el.p(
        rx.cond(QueueState.ready, rx.cond(QueueState.waiting > 0, count, t("desk.nobody_waiting")), ""),
        role="status",
        class_name="unseen",
    )


def _rows() -> rx.Component:
    return rx.fragment(
        rx.el.ul(rx.foreach(QueueState.rows, _row), role="list", class_name="desk-rows"),
        _not_all(),
    )


def _row(row: rx.Var[QueueRow]) -> rx.Component:
    """A conversation in two lines; all of it is one link."""
    return rx.el.li(
        ReactRouterLink.create(
            rx.el.span(
                rx.el.span(row.customer, dir="auto", class_name="desk-who"),
                rx.el.span(reason_chip(row.reason), reopened_mark(row.reopened), class_name="desk-why"),
                duration(at=row.since, waits=waits_for_person(row.owner)),
                class_name="desk-line",
            ),
            rx.el.span(
                _last_words(row),
                status(row.owner, row.staff_name, row.mine),
                class_name="desk-line",
            ),
            to=row.url,
            class_name="desk-row",
            custom_attrs={"data-waits": waits_for_person(row.owner)},
        ),
        key=row.id,
        custom_attrs={"data-conversation": row.id},
    )


def _last_words(row: rx.Var[QueueRow]) -> rx.Component:
    return rx.cond(
        row.last_words,
        rx.fragment(
            rx.el.span(_speaker(row.last_role), class_name="desk-speaker"),
            rx.el.span(row.last_words, dir="auto", class_name="desk-words"),
        ),
        rx.el.span(t("desk.no_words"), class_name="desk-words"),
    )


def _speaker(role: rx.Var[str]) -> rx.Component:
    return rx.match(
        role,
        ("user", t("desk.said_by_customer")),
        ("staff", t("desk.said_by_staff")),
        t("desk.said_by_assistant"),
    )


def _empty() -> rx.Component:
    """Nothing to do, said in words."""
    return rx.cond(
        QueueState.shown == ESCALATED,
        _nothing(t("desk.nobody_waiting"), t("desk.nobody_waiting_more")),
        _nothing(t("desk.nothing_open"), t("desk.nothing_open_more")),
    )


def _nothing(words: rx.Var[str], more: rx.Var[str]) -> rx.Component:
    return rx.el.div(rx.el.p(words), rx.el.p(more, class_name="desk-soft"), class_name="desk-nothing")


def _not_all() -> rx.Component:
    """A long list is cut, and says so."""
    shown = QueueState.rows.length()
    return rx.cond(
        QueueState.shown == ESCALATED,
        rx.cond(
            QueueState.waiting > shown,
            _cut(t("desk.only_longest", shown=shown.to(str), count=QueueState.waiting.to(str))),
        ),
        rx.cond(shown >= MOST_ROWS, _cut(t("desk.only_newest", shown=shown.to(str)))),
    )


def _cut(words: rx.Var[str]) -> rx.Component:
    return rx.el.p(words, class_name="desk-cut")
