"""What every page of the desk has around it."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from supportbot.ui import routes
from supportbot.ui.components.plain_form import plain_form
from supportbot.ui.session import StaffPage
from supportbot.ui.text import t


def desk_page(state: type[StaffPage], *content: rx.Component, class_name: str = "") -> rx.Component:
    """A page of the desk: the bar, then the content."""
    return rx.el.div(_bar(state), *content, class_name=f"desk {class_name}".strip())


def _bar(state: type[StaffPage]) -> rx.Component:
    """The product's name, who is signed in, and the way out."""
    return rx.el.header(
        ReactRouterLink.create(
            rx.el.strong(t("desk.product")),
            rx.el.span(t("desk.place")),
            to=routes.ESCALATIONS,
            class_name="desk-product",
        ),
        rx.el.div(
            rx.cond(
                state.is_admin,
                ReactRouterLink.create(t("outbox.heading"), to=routes.OUTBOX, class_name="desk-nav"),
            ),
            rx.cond(
                state.me,
                rx.el.span(
                    rx.el.span(t("desk.signed_in_as"), class_name="unseen"),
                    rx.el.bdi(state.me),
                    class_name="desk-me",
                ),
            ),
            plain_form(
                rx.el.button(t("desk.sign_out"), type="submit", class_name="desk-sign-out"),
                action="/staff/sign-out",
            ),
            class_name="desk-account",
        ),
        class_name="desk-bar",
    )
