"""A conversation at the desk: what was said, who has it, and what is known about it."""

import reflex as rx
from reflex_base.vars.function import FunctionStringVar
from reflex_components_core.react_router.dom import ReactRouterLink

from supportbot.ui import routes
from supportbot.ui.components.button import button
from supportbot.ui.components.icons import icon
from supportbot.ui.components.notice import quiet_line, refusal
from supportbot.ui.escalations.case_context import context, folded_context
from supportbot.ui.escalations.case_state import CaseState
from supportbot.ui.escalations.case_talk import answering, newest, talk
from supportbot.ui.escalations.layout import desk_page
from supportbot.ui.escalations.words import (
    duration,
    reason_chip,
    reopened_mark,
    status,
    waits_for_person,
)
from supportbot.ui.text import t

DOUBLE_CLICK_MS = 1_000

# While one navigates, the state still holds the conversation before: it shows under its own address only.
_address_ends_with = FunctionStringVar.create(
    "((id) => !!id && typeof window !== 'undefined'"
    " && window.location.pathname.replace(/\\/+$/, '').endsWith('/' + id))"
)


def case() -> rx.Component:
    """The whole page."""
    arrived = CaseState.ready & _address_ends_with.call(CaseState.asked).to(bool)
    return desk_page(
        CaseState,
        rx.el.main(
            rx.cond(
                arrived,
                rx.cond(CaseState.missing, _not_found(), _conversation()),
                rx.el.p(t("desk.loading"), class_name="desk-loading"),
            ),
            class_name="case",
        ),
        class_name="desk-fixed",
    )


def _conversation() -> rx.Component:
    return rx.fragment(
        _head(),
        rx.el.div(
            rx.el.section(
                folded_context(),
                talk(),
                rx.el.div(
                    newest(),
                    rx.el.div(
                        quiet_line(t("desk.live_lost"), CaseState.live_lost),
                        refusal(CaseState.notice, CaseState.notice_at, CaseState.dismiss),
                        answering(),
                        class_name="column",
                    ),
                    class_name="case-foot",
                ),
                aria_label=t("desk.conversation"),
                class_name="case-talk",
            ),
            context(),
            class_name="case-panes",
        ),
    )


def _head() -> rx.Component:
    """Who this is, how it stands, and what can be done."""
    return rx.el.header(
        ReactRouterLink.create(
            icon("back"), rx.el.span(t("desk.back")), to=routes.ESCALATIONS, class_name="case-back"
        ),
        rx.el.div(
            rx.el.h1(CaseState.customer, dir="auto"),
            rx.el.p(
                status(CaseState.owner, CaseState.staff_name, CaseState.mine),
                _waiting(),
                reason_chip(CaseState.reason),
                reopened_mark(CaseState.reopened),
                class_name="case-standing",
            ),
            class_name="case-title",
        ),
        _actions(),
        class_name="case-head",
    )


def _waiting() -> rx.Component:
    """Since when, as long as it matters."""
    return rx.cond(
        waits_for_person(CaseState.owner) & (CaseState.waiting_since != ""),
        duration(at=CaseState.waiting_since, waits=True),
    )


def _actions() -> rx.Component:
    """What this person may do now. New buttons take no click at first, so that none hits by accident."""
    return rx.el.div(
        rx.match(
            CaseState.owner,
            ("waiting", _action("claim", CaseState.claim)),
            ("meanwhile", _action("claim", CaseState.claim)),
            ("assistant", _action("take_over", CaseState.take_over)),
            (
                "staff",
                rx.cond(
                    CaseState.mine,
                    rx.fragment(
                        _action("hand_back", CaseState.hand_back, kind="plain"),
                        _action("resolve", CaseState.resolve),
                    ),
                ),
            ),
            rx.fragment(),
        ),
        role="group",
        aria_label=t("desk.actions"),
        class_name="case-actions",
    )


def _action(name: str, verb: rx.EventHandler, kind: str = "primary") -> rx.Component:
    return button(t(f"desk.{name}"), kind=kind, key=name, on_click=verb.throttle(DOUBLE_CLICK_MS))


def _not_found() -> rx.Component:
    return rx.el.div(
        rx.el.h1(t("desk.missing")),
        rx.el.p(t("desk.missing_more"), class_name="desk-soft"),
        ReactRouterLink.create(t("desk.missing_back"), to=routes.ESCALATIONS, class_name="button plain"),
        class_name="desk-nothing",
    )
