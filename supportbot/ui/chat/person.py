"""Asking for a person."""

import reflex as rx

from supportbot.ui.chat.state import ChatState
from supportbot.ui.chat.waiting import when_back
from supportbot.ui.components.button import button
from supportbot.ui.components.composer import origin_fields
from supportbot.ui.components.dialog import closes, dialog
from supportbot.ui.text import t

PERSON_DIALOG = "ask-for-a-person"


def person_dialog() -> rx.Component:
    """The dialog behind "Talk to a person": what happens next, and who asks, if they want to say."""
    asked = (ChatState.owner == "waiting") | (ChatState.owner == "meanwhile") | (ChatState.owner == "staff")
    return dialog(
        PERSON_DIALOG,
        t("chat.person.title"),
        rx.cond(ChatState.away == "closed", rx.el.p(rx.el.strong(when_back(t("chat.away.closed"), "")))),
        rx.el.p(rx.cond(asked, t("chat.person.intro_waiting"), t("chat.person.intro"))),
        rx.el.form(
            origin_fields(),
            _field(t("chat.person.name"), rx.el.input(name="name", auto_complete="name", max_length=120)),
            _field(
                t("chat.person.email"),
                rx.el.input(name="email", type="email", auto_complete="email", max_length=254),
            ),
            rx.el.div(
                closes(PERSON_DIALOG, t("chat.person.cancel")),
                button(
                    rx.cond(asked, t("chat.person.pass_on"), t("chat.person.ask")),
                    kind="primary",
                    type="submit",
                ),
                class_name="dialog-buttons",
            ),
            on_submit=ChatState.ask_for_person,
        ),
    )


def _field(label: rx.Var[str], control: rx.Component) -> rx.Component:
    return rx.el.label(
        rx.el.span(label, " ", rx.el.small(t("chat.person.optional"))), control, class_name="labelled"
    )
