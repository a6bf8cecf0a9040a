"""A conversation at the desk."""

import reflex as rx

from supportbot.ui.escalations.case_state import CaseState


def case() -> rx.Component:
    """Temporary markup."""
    return rx.el.main(
        rx.foreach(CaseState.messages, lambda m: rx.html(m.html)),
        rx.el.button("Claim", on_click=CaseState.claim),
        rx.el.form(rx.el.textarea(name="message"), rx.el.button("Send"), on_submit=CaseState.reply),
    )
