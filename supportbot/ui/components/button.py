"""Buttons: words, or an icon with words for those who do not see it."""

from typing import Any, Literal

import reflex as rx

from supportbot.ui.components.icons import icon

Kind = Literal["plain", "primary", "quiet"]


def button(
    words: rx.Var[str] | str, *, kind: Kind = "plain", icon_name: str = "", **props: Any
) -> rx.Component:
    """A button with words. Not a submit button unless `type="submit"` is given."""
    props.setdefault("type", "button")
    extra = props.pop("class_name", "")
    return rx.el.button(
        *([icon(icon_name)] if icon_name else []),
        rx.el.span(words),
        class_name=f"button {kind} {extra}".strip(),
        **props,
    )


def icon_button(icon_name: str, label: rx.Var[str] | str, **props: Any) -> rx.Component:
    """A button that shows an icon; its words are its accessible name, and its tooltip if none is given."""
    props.setdefault("type", "button")
    props.setdefault("title", label)
    extra = props.pop("class_name", "")
    return rx.el.button(
        icon(icon_name),
        aria_label=label,
        class_name=f"icon-button {extra}".strip(),
        **props,
    )
