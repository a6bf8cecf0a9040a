"""Where one writes. The field is the browser's own: no event leaves the page for a keystroke.

The page's script keeps the draft, names each message with a key, counts near the limit and sends on
Enter. The text leaves the field only when `accepted` shows that the server has stored it.
"""

from typing import Any

import reflex as rx

from supportbot.ui.components.button import icon_button
from supportbot.ui.components.notice import soon_and_late
from supportbot.ui.text import t


def composer(
    *,
    on_send: rx.EventHandler,
    draft: rx.Var[str] | str,
    accepted: rx.Var[str],
    limit: int,
    on_typing: rx.EventHandler | None = None,
    tells_typing: rx.Var[bool] | bool = False,
    hint: rx.Component | None = None,
    label: rx.Var[str] | None = None,
    placeholder: rx.Var[str] | None = None,
    class_name: str = "",
) -> rx.Component:
    """A form that sends `message`, `client_key`, `page` and `referrer`.

    Args:
        on_send: Takes the form.
        draft: Whose draft this is: a conversation's id, or "new".
        accepted: The key of the message stored last.
        limit: Characters that fit; the counter appears in the last tenth.
        on_typing: Tells the other side that somebody is writing, at most every three seconds.
        tells_typing: Whether it does so now.
        hint: A quiet line under the field.
        label: What assistive technology calls the field; "Message", if not given.
        placeholder: What stands in it while it is empty.
        class_name: For the form, if it has to look like something else.
    """
    return rx.el.form(
        origin_fields(),
        rx.el.input(type="hidden", name="client_key"),
        rx.el.div(
            rx.el.textarea(
                id="message",
                name="message",
                rows=1,
                dir="auto",
                placeholder=t("chat.placeholder") if placeholder is None else placeholder,
                aria_label=t("message.field") if label is None else label,
                aria_describedby="message-count",
                enter_key_hint="send",
                auto_complete="off",
            ),
            icon_button("send", t("message.send"), type="submit", class_name="send"),
            class_name="field",
        ),
        rx.el.div(
            hint or rx.fragment(),
            rx.el.span(
                soon_and_late(t("message.sending"), t("message.sending_late")),
                class_name="sending",
                aria_hidden="true",
            ),
            rx.el.span(
                id="message-count",
                class_name="count",
                custom_attrs={"data-left": t("message.left"), "data-over": t("message.over")},
            ),
            class_name="under-field",
        ),
        _typing_signal(on_typing),
        on_submit=on_send,
        class_name=f"composer {class_name}".strip(),
        custom_attrs={
            "data-composer": "",
            "data-draft": draft,
            # Changes once when the page has come alive, so that the script looks at the field again.
            "data-accepted": rx.cond(rx.State.is_hydrated, accepted, "-"),
            "data-limit": str(limit),
            "data-typing": rx.cond(tells_typing, "yes", "no"),
        },
    )


def origin_fields() -> rx.Component:
    """Hidden fields for where the customer comes from; the page's script fills them when a form is sent."""
    return rx.fragment(rx.el.input(type="hidden", name="page"), rx.el.input(type="hidden", name="referrer"))


def _typing_signal(on_typing: rx.EventHandler | None) -> rx.Component:
    """What the page's script presses while somebody writes."""
    if on_typing is None:
        return rx.fragment()
    props: dict[str, Any] = {"on_click": on_typing, "custom_attrs": {"data-typing-signal": ""}}
    return rx.el.button(type="button", hidden=True, tab_index=-1, aria_hidden="true", **props)
