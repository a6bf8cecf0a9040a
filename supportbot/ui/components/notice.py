"""Sentences about what happened: a refusal, a fault, a state of things."""

import reflex as rx

from supportbot.ui.components.button import icon_button
from supportbot.ui.text import t


def refusal(sentence: rx.Var[str], said: rx.Var[int], on_dismiss: rx.EventHandler) -> rx.Component:
    """Why something was not done, announced at once. `said` counts, so the same words are new again."""
    return rx.cond(
        sentence != "",
        rx.el.div(
            rx.el.p(sentence),
            icon_button("close", t("shared.dismiss"), on_click=on_dismiss),
            role="alert",
            key=said,
            class_name="notice refusal",
        ),
    )


def quiet_line(words: rx.Var[str] | str, shown: rx.Var[bool]) -> rx.Component:
    """A state of things that will pass, said without haste."""
    return rx.cond(shown, rx.el.p(words, role="status", class_name="notice quiet-line"))


def soon_and_late(soon: rx.Var[str] | str, late: rx.Var[str] | str) -> rx.Component:
    """Words for a wait, and the words that take their place when it becomes a long one."""
    return rx.fragment(rx.el.span(soon, class_name="soon"), rx.el.span(late, class_name="late"))
