"""The outbox: what, to whom, how often tried, what went wrong, and the two things one can do about it."""

import reflex as rx

from supportbot.ui import routes
from supportbot.ui.components.button import button
from supportbot.ui.components.notice import quiet_line, refusal
from supportbot.ui.components.time import clock
from supportbot.ui.escalations.layout import desk_page
from supportbot.ui.outbox.state import OutboxRow, OutboxState
from supportbot.ui.text import ENGLISH, t

STANDINGS = ("failed", "sending", "due", "closed")
ERRORS = tuple(key.removeprefix("outbox.error.") for key in ENGLISH if key.startswith("outbox.error."))


def outbox() -> rx.Component:
    """The whole page."""
    return desk_page(
        OutboxState,
        rx.el.main(
            rx.el.div(
                rx.el.div(
                    rx.el.h1(t("outbox.heading")),
                    rx.el.p(t("outbox.lead"), class_name="desk-soft outbox-lead"),
                ),
                _all_again(),
                class_name="desk-list-head",
            ),
            refusal(OutboxState.notice, OutboxState.notice_at, OutboxState.dismiss),
            quiet_line(t("desk.live_lost"), OutboxState.live_lost),
            _undo(),
            rx.cond(
                OutboxState.ready,
                rx.cond(OutboxState.rows.length() > 0, _rows(), _nothing()),
                rx.el.p(t("desk.loading"), class_name="desk-loading"),
            ),
            class_name="desk-list",
        ),
        at=routes.OUTBOX,
    )


def _all_again() -> rx.Component:
    """After an outage there may be hundreds."""
    return rx.cond(
        OutboxState.failed > 1,
        button(t("outbox.all_again"), on_click=OutboxState.send_all_again, class_name="outbox-button"),
    )


def _undo() -> rx.Component:
    what = rx.cond(
        OutboxState.dropped_event,
        t("outbox.webhook", event=OutboxState.dropped_event),
        OutboxState.dropped,
    )
    return rx.el.div(
        rx.cond(
            (OutboxState.dropped != "") | (OutboxState.dropped_event != ""),
            rx.el.div(
                rx.el.p(t("outbox.dropped", what=what.to(str)), dir="auto"),
                button(t("outbox.undo"), kind="quiet", on_click=OutboxState.undo, class_name="outbox-button"),
                class_name="notice outbox-undo",
            ),
        ),
        role="status",
    )


def _rows() -> rx.Component:
    shown, count = OutboxState.rows.length(), OutboxState.failed + OutboxState.waiting
    return rx.fragment(
        rx.el.p(_counts(), class_name="outbox-counts"),
        rx.el.ul(rx.foreach(OutboxState.rows, _row), role="list", class_name="desk-rows"),
        rx.cond(
            count > shown,
            rx.el.p(t("outbox.only_some", shown=shown.to(str), count=count.to(str)), class_name="desk-cut"),
        ),
    )


def _counts() -> rx.Component:
    failed, waiting = OutboxState.failed, OutboxState.waiting
    return rx.fragment(
        rx.cond(failed > 0, rx.el.span(t("outbox.failed", count=failed.to(str)))),
        rx.cond(waiting > 0, rx.el.span(t("outbox.waiting", count=waiting.to(str)))),
    )


def _row(row: rx.Var[OutboxRow]) -> rx.Component:
    """Two lines about the message, and its buttons."""
    return rx.el.li(
        rx.el.div(
            rx.el.div(
                rx.el.span(_what(row), dir="auto", class_name="desk-who"),
                _standing(row),
                class_name="desk-line outbox-first",
            ),
            rx.el.div(
                rx.el.span(_to(row), class_name="outbox-to"),
                rx.el.span(_tried(row)),
                rx.cond(row.error, rx.el.span(_error(row))),
                class_name="outbox-facts",
            ),
            class_name="outbox-about",
        ),
        rx.cond(row.standing != "sending", _actions(row)),
        key=row.id,
        class_name="outbox-row",
        custom_attrs={"data-message": row.id, "data-standing": row.standing},
    )


def _actions(row: rx.Var[OutboxRow]) -> rx.Component:
    again = rx.cond(row.standing == "failed", t("outbox.again"), t("outbox.now"))
    return rx.el.div(
        button(
            again,
            on_click=OutboxState.send_again(row.id),
            aria_label=again.to(str) + ": " + _what(row).to(str),
            class_name="outbox-button",
        ),
        button(
            t("outbox.drop"),
            kind="quiet",
            on_click=OutboxState.drop(row.id),
            aria_label=t("outbox.drop") + ": " + _what(row).to(str),
            class_name="outbox-button",
        ),
        class_name="outbox-actions",
    )


def _what(row: rx.Var[OutboxRow]) -> rx.Var:
    return rx.cond(row.event, t("outbox.webhook", event=row.event), row.subject)


def _to(row: rx.Var[OutboxRow]) -> rx.Var:
    return rx.cond(row.recipient, t("outbox.to", recipient=row.recipient), t("outbox.to_webhook"))


def _standing(row: rx.Var[OutboxRow]) -> rx.Component:
    return rx.el.span(
        rx.match(
            row.standing,
            *((standing, rx.fragment(t(f"outbox.standing.{standing}"))) for standing in STANDINGS),
            rx.fragment(t("outbox.next_try"), " ", clock(row.next_try)),
        ),
        class_name="outbox-standing",
    )


def _tried(row: rx.Var[OutboxRow]) -> rx.Var:
    return rx.match(
        row.attempts,
        (0, t("outbox.tried_never")),
        (1, t("outbox.tried_once")),
        t("outbox.tried", count=row.attempts.to(str)),
    )


def _error(row: rx.Var[OutboxRow]) -> rx.Var:
    """In our own words; a code nobody has words for is a fault of ours."""
    known = [(code, t(f"outbox.error.{code}")) for code in ERRORS]
    return rx.match(row.error, *known, t("outbox.error.internal"))


def _nothing() -> rx.Component:
    return rx.cond(
        OutboxState.allowed,
        rx.cond(
            OutboxState.can_send,
            _said(t("outbox.nothing"), t("outbox.nothing_more")),
            _said(t("outbox.no_channel"), t("outbox.no_channel_more")),
        ),
        _said(t("outbox.not_admin"), t("outbox.not_admin_more")),
    )


def _said(words: rx.Var[str], more: rx.Var[str]) -> rx.Component:
    return rx.el.div(rx.el.p(words), rx.el.p(more, class_name="desk-soft"), class_name="desk-nothing")
