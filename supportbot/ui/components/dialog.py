"""A native dialog. The page's script opens and closes it; the browser keeps and returns the focus."""

from typing import Any

import reflex as rx

from supportbot.ui.components.button import Kind, button, icon_button
from supportbot.ui.text import t


def dialog(name: str, title: rx.Var[str] | str, *children: Any, **props: Any) -> rx.Component:
    """A modal dialog called `name`. A form inside it closes it when it is sent."""
    extra = props.pop("class_name", "")
    return rx.el.dialog(
        rx.el.header(
            rx.el.h2(title, id=f"{name}-title"),
            icon_button("close", t("shared.close"), custom_attrs={"data-closes": name}),
        ),
        *children,
        id=name,
        aria_labelledby=f"{name}-title",
        class_name=f"dialog {extra}".strip(),
        **props,
    )


def opens(name: str, words: rx.Var[str] | str, *, kind: Kind = "plain", **props: Any) -> rx.Component:
    """A button that opens the dialog of this name."""
    return button(words, kind=kind, aria_haspopup="dialog", custom_attrs={"data-opens": name}, **props)


def closes(name: str, words: rx.Var[str] | str, *, kind: Kind = "quiet") -> rx.Component:
    """A button that closes the dialog of this name without doing anything."""
    return button(words, kind=kind, custom_attrs={"data-closes": name})
