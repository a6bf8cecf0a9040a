"""The list at the desk."""

import reflex as rx

from supportbot.ui.escalations.list_state import QueueState


def escalations() -> rx.Component:
    """Temporary markup."""
    return rx.el.main(rx.foreach(QueueState.rows, lambda row: rx.el.a(row.customer, row.reason, row.last_words, href=row.url)))
