"""What is wrong behind the list, said quietly above it: mail that did not arrive, a model that refuses."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from supportbot import outbox
from supportbot.desk import desk
from supportbot.quality import alerts
from supportbot.ui import routes
from supportbot.ui.text import t


class Troubled(rx.State, mixin=True):
    """A page of the desk that says what only its people can mend."""

    undelivered: int = 0
    model_refusal: str = ""

    async def _load_troubles(self, admin: bool) -> None:
        """Look for both; the model is an admin's business."""
        self.undelivered = await outbox.failed_count(desk().database)
        asks = admin and desk().settings.has_model
        self.model_refusal = await alerts.refusal(desk().database) if asks else ""


def troubles(state: type[Troubled]) -> rx.Component:
    """The lines, or nothing. Said to screen readers when they come."""
    return rx.el.div(_model(state), _undelivered(state), role="status", class_name="desk-troubles")


def _model(state: type[Troubled]) -> rx.Component:
    known = [(code, t(f"desk.refused.{code}")) for code in alerts.CAUSES]
    why = rx.match(state.model_refusal, *known, t("desk.refused.otherwise"))
    return rx.cond(
        state.model_refusal,
        rx.el.p(t("desk.refused", why=why.to(str)), class_name="notice quiet-line"),
    )


def _undelivered(state: type[Troubled]) -> rx.Component:
    count = state.undelivered
    return rx.cond(
        count > 0,
        rx.el.p(
            rx.el.span(
                rx.cond(count == 1, t("desk.undelivered_one"), t("desk.undelivered", count=count.to(str))),
                " ",
                rx.cond(
                    state.is_admin,
                    ReactRouterLink.create(t("desk.undelivered_look"), to=routes.OUTBOX),
                    t("desk.undelivered_ask"),
                ),
            ),
            class_name="notice quiet-line",
        ),
    )
