"""A form whose values reach the state while they are typed, and the buttons that send them along.

The fields are the browser's own; nothing the server says changes what is in them.
"""

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.base import BaseHTML

TYPING_PAUSE = 400
"""Milliseconds without a key before the values are sent."""

Values = dict[str, str]


def _values(event: rx.Var[Any]) -> tuple[rx.Var[Values]]:
    return (rx.Var(f"Object.fromEntries(new FormData({event}.currentTarget))").to(Values),)


def _values_around(event: rx.Var[Any]) -> tuple[rx.Var[Values]]:
    return (rx.Var(f"Object.fromEntries(new FormData({event}.currentTarget.form))").to(Values),)


class _Form(BaseHTML):
    tag = "form"
    on_submit: rx.EventHandler[_values]
    on_input: rx.EventHandler[_values]
    on_change: rx.EventHandler[rx.event.no_args_event_spec]


class _Button(BaseHTML):
    tag = "button"
    type: rx.Var[str]
    disabled: rx.Var[bool]
    on_click: rx.EventHandler[_values_around]


def live_form(
    *fields: rx.Component,
    on_save: rx.EventHandler,
    on_typed: rx.EventHandler | None = None,
    on_touched: rx.EventHandler | None = None,
    **props: Any,
) -> rx.Component:
    """A form.

    Args:
        fields: What is in it.
        on_save: Takes its values when it is sent.
        on_typed: Takes them after a pause in typing.
        on_touched: Hears after a pause that something was typed, and not what.
        props: Further properties.
    """
    if on_typed is not None:
        props["on_input"] = on_typed.debounce(TYPING_PAUSE)
    if on_touched is not None:
        props["on_change"] = on_touched.debounce(TYPING_PAUSE)
    # Refusals are ours, in words: the browser's own bubbles say less, in another place.
    return _Form.create(
        *fields,
        on_submit=on_save.prevent_default,
        custom_attrs={"noValidate": True, "autoComplete": "off"},
        **props,
    )


def form_button(*content: Any, on_click: Any, kind: str = "plain", **props: Any) -> rx.Component:
    """A button inside a form that sends the form's values along, after its own arguments."""
    extra = props.pop("class_name", "")
    return _Button.create(
        *content, type="button", on_click=on_click, class_name=f"button {kind} {extra}".strip(), **props
    )


def _with(other: str) -> Any:
    """The values of another form of the page, and over them those of the one that is sent."""

    def values(event: rx.Var[Any]) -> tuple[rx.Var[Values]]:
        form = f"document.getElementById('{other}')"
        return (
            rx.Var(
                f"Object.fromEntries([...new FormData({form}), ...new FormData({event}.currentTarget)])"
            ).to(Values),
        )

    return values


class TryForm(BaseHTML):
    """A form that is sent together with what is typed into the section's form beside it."""

    tag = "form"
    on_submit: rx.EventHandler[_with("settings-company")]


class _Input(BaseHTML):
    tag = "input"
    type: rx.Var[str]
    name: rx.Var[str]
    default_value: rx.Var[str]
    on_change: rx.EventHandler[_values_around]


def form_input(*, on_change: rx.EventHandler, **props: Any) -> rx.Component:
    """A field that sends the values of its whole form when it changes."""
    return _Input.create(on_change=on_change.debounce(TYPING_PAUSE // 4), **props)
