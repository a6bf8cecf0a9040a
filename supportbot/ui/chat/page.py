"""The customer's page."""

import reflex as rx

from supportbot.ui.chat.state import ChatState


def chat() -> rx.Component:
    """The customer's page: temporary markup."""
    return rx.el.main(
        rx.el.p(ChatState.notice, role="alert"),
        rx.el.div(
            rx.foreach(
                ChatState.messages,
                lambda m: rx.el.article(
                    rx.html(m.html),
                    rx.el.small(m.notice),
                    rx.foreach(m.sources, lambda s: rx.el.a(s.label, href=s.url)),
                    custom_attrs={"data-role": m.role},
                ),
            ),
            rx.cond(
                ChatState.streaming,
                rx.el.article(
                    rx.foreach(ChatState.finished, rx.html),
                    rx.html(ChatState.tail),
                    custom_attrs={"data-role": "running"},
                ),
            ),
            rx.foreach(ChatState.later, lambda m: rx.el.article(rx.html(m.html))),
            role="log",
        ),
        rx.el.form(
            rx.el.textarea(name="message", aria_label="Message"),
            rx.el.input(name="client_key", type="hidden"),
            rx.el.button("Send"),
            on_submit=ChatState.send,
        ),
        rx.el.button("Stop", on_click=ChatState.stop, type="button"),
        rx.el.form(rx.el.button("Talk to a person"), on_submit=ChatState.ask_for_person),
    )
