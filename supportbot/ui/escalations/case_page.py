"""A conversation at the desk: what was said, who has it, and what is known about it."""

import reflex as rx
from reflex_base.vars.function import FunctionStringVar
from reflex_components_core.react_router.dom import ReactRouterLink

from supportbot.ui import routes
from supportbot.ui.components.notice import quiet_line, refusal
from supportbot.ui.escalations.case_answering import answering
from supportbot.ui.escalations.case_context import context, folded_context
from supportbot.ui.escalations.case_dialogs import dialogs
from supportbot.ui.escalations.case_head import head
from supportbot.ui.escalations.case_state import CaseState
from supportbot.ui.escalations.case_talk import newest, talk
from supportbot.ui.escalations.case_undo import undo_line
from supportbot.ui.escalations.layout import desk_page
from supportbot.ui.escalations.list_page import queue_pane
from supportbot.ui.text import t

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
        head(),
        rx.el.div(
            queue_pane(CaseState.case),
            rx.el.section(
                folded_context(),
                talk(),
                rx.el.div(
                    newest(),
                    rx.el.div(
                        quiet_line(t("desk.live_lost"), CaseState.live_lost),
                        undo_line(),
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
        dialogs(),
    )


def _not_found() -> rx.Component:
    return rx.el.div(
        rx.el.h1(t("desk.missing")),
        rx.el.p(t("desk.missing_more"), class_name="desk-soft"),
        ReactRouterLink.create(t("desk.missing_back"), to=routes.ESCALATIONS, class_name="button plain"),
        class_name="desk-nothing",
    )
