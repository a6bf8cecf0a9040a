"""Thumbs under an answer, and under one that points down the quiet question what was wrong."""

import reflex as rx

from supportbot.models import Complaint
from supportbot.quality.ratings import COMMENT_CHARACTERS
from supportbot.ui.bubbles import Bubble
from supportbot.ui.chat.state import ChatState
from supportbot.ui.components.button import button, icon_button
from supportbot.ui.text import t


def thumbs(one: rx.Var[Bubble], asked_why: rx.Var[bool]) -> rx.Component:
    """Both thumbs; pressed again, each is taken back."""
    return rx.fragment(
        _thumb(one, "good", 1),
        _thumb(one, "bad", -1, aria_expanded=rx.cond(asked_why, "true", "false")),
    )


def _thumb(one: rx.Var[Bubble], name: str, value: int, **props: rx.Var[str]) -> rx.Component:
    pressed = one.rating == value
    return icon_button(
        name,
        t(f"message.{name}"),
        on_click=ChatState.rate(one.id, rx.cond(pressed, 0, value)),
        aria_pressed=rx.cond(pressed, "true", "false"),
        **props,
    )


def what_was_wrong(one: rx.Var[Bubble], asked_why: rx.Var[bool], thanked: rx.Var[bool]) -> rx.Component:
    """The question, or our thanks for the reply. It is there before it says anything, so that it is heard."""
    return rx.cond(
        one.rating == -1,
        rx.el.div(
            rx.cond(asked_why, _form(one)),
            rx.el.p(rx.cond(thanked, t("complaint.thanks"), ""), role="status"),
            class_name="complaint",
        ),
    )


def _form(one: rx.Var[Bubble]) -> rx.Component:
    return rx.el.form(
        rx.el.fieldset(
            rx.el.legend(t("complaint.title")),
            *(_choice(one, complaint) for complaint in Complaint),
        ),
        rx.el.input(
            name="comment",
            aria_label=t("complaint.comment"),
            placeholder=t("complaint.comment"),
            max_length=COMMENT_CHARACTERS,
            auto_complete="off",
            dir="auto",
        ),
        rx.el.input(type="hidden", name="message", value=one.id, read_only=True),
        rx.el.div(
            button(t("complaint.send"), type="submit"),
            button(t("complaint.not_now"), kind="quiet", on_click=ChatState.ask_no_more),
        ),
        on_submit=ChatState.complain,
    )


def _choice(one: rx.Var[Bubble], complaint: Complaint) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="radio", name="complaint", value=str(complaint)),
        rx.el.span(t(f"complaint.{complaint}")),
    )
