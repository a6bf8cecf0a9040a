"""Below the transcript: what was refused, the field, and what floats above it."""

import reflex as rx

from supportbot.conversations.wording import MAX_CHARACTERS
from supportbot.ui.chat.state import ChatState
from supportbot.ui.components.button import button
from supportbot.ui.components.composer import composer
from supportbot.ui.components.notice import quiet_line, refusal
from supportbot.ui.text import t


def foot(*, draft: rx.Var[str] | str, in_conversation: bool) -> rx.Component:
    """The lower part of the page."""
    return rx.el.div(
        *([_floating()] if in_conversation else []),
        rx.el.div(
            quiet_line(t("chat.live_lost"), ChatState.live_lost),
            refusal(ChatState.notice, ChatState.notice_at, ChatState.dismiss),
            composer(
                on_send=ChatState.send,
                draft=draft,
                accepted=ChatState.accepted,
                limit=MAX_CHARACTERS,
                on_typing=ChatState.typing,
                tells_typing=(ChatState.owner != "assistant") & (ChatState.owner != "nobody"),
                hint=_hint() if in_conversation else _plain_hint(),
                placeholder=None
                if in_conversation
                else rx.cond(ChatState.about != "", t("chat.about.placeholder"), t("chat.placeholder")),
            ),
            class_name="column",
        ),
        class_name="foot",
    )


def _floating() -> rx.Component:
    """The way back to the end, and the way to end an answer."""
    return rx.el.div(
        rx.cond(
            ChatState.streaming,
            button(
                t("chat.stop"),
                icon_name="stop",
                on_click=ChatState.stop,
                title=t("chat.stop.label"),
                class_name="floating stop",
            ),
        ),
        button(
            t("chat.newest"),
            icon_name="newest",
            class_name="floating newest",
            custom_attrs={"data-newest": ""},
        ),
        class_name="floating-buttons",
    )


def _plain_hint() -> rx.Component:
    return rx.el.span(t("chat.hint.assistant"), class_name="hint")


def _hint() -> rx.Component:
    """Who reads what one writes here."""
    return rx.el.span(
        rx.match(
            ChatState.owner,
            ("waiting", t("chat.hint.waiting")),
            ("staff", t("chat.hint.staff", name=ChatState.staff_name)),
            ("nobody", t("chat.hint.closed")),
            t("chat.hint.assistant"),
        ),
        class_name="hint",
    )
