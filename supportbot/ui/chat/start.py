"""The start, and the pages where no conversation is: one that is loading, one that is not there."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from supportbot.ui import routes
from supportbot.ui.chat.bar import past_list
from supportbot.ui.chat.state import ChatState
from supportbot.ui.components.composer import origin_fields
from supportbot.ui.components.notice import soon_and_late
from supportbot.ui.components.plain_link import anew, help_link
from supportbot.ui.look import LookState
from supportbot.ui.text import t

FEW = 3
"""Past conversations the start shows; the menu has them all."""


def welcome() -> rx.Component:
    """Who answers, what one can ask, and that a person can be reached."""
    return rx.el.div(
        rx.el.h1(LookState.greeting),
        rx.el.div(
            rx.el.span(t("message.assistant")[0], class_name="avatar ai", aria_hidden="true"),
            rx.el.p(
                rx.el.strong(t("message.assistant")),
                rx.el.span(t("message.ai"), class_name="mark ai"),
                rx.el.br(),
                t("chat.who"),
            ),
            class_name="who",
        ),
        rx.cond(ChatState.about != "", _about()),
        rx.cond(
            ChatState.searched != "",
            rx.fragment(
                rx.el.h2(t("chat.searched"), class_name="small-heading"),
                rx.el.ul(_suggestion(ChatState.searched), class_name="suggestions"),
            ),
        ),
        rx.cond(
            # Whoever comes from an article asks about that.
            (LookState.suggestions.length() > 0) & (ChatState.about == ""),
            rx.fragment(
                rx.el.h2(t("chat.suggestions"), class_name="small-heading"),
                rx.el.ul(rx.foreach(LookState.suggestions, _suggestion), class_name="suggestions"),
            ),
        ),
        rx.cond(
            ChatState.past.length() > 0,
            rx.el.section(
                rx.el.h2(t("chat.past"), class_name="small-heading"),
                past_list(ChatState.past[:FEW]),
                class_name="recent",
            ),
        ),
        rx.el.p(help_link(t("chat.help"), "/help"), class_name="browse"),
        class_name="welcome",
    )


def _about() -> rx.Component:
    """The article that a question here is about, and the way to ask about anything else."""
    return rx.el.p(
        t("chat.about"),
        " ",
        help_link(ChatState.about, ChatState.about_url, dir="auto"),
        anew(t("chat.about.other"), routes.HOME, class_name="other"),
        class_name="about",
    )


def missing() -> rx.Component:
    """An address that leads to no conversation of this visitor."""
    return rx.el.div(
        rx.el.h1(t("chat.missing.title"), tab_index=-1),
        rx.el.p(t("chat.missing.body")),
        ReactRouterLink.create(t("chat.missing.start"), to=routes.HOME, class_name="button primary"),
        class_name="missing",
    )


def loading() -> rx.Component:
    """Nothing to see for a moment; words only if it takes longer."""
    return rx.el.p(soon_and_late(t("chat.loading"), t("chat.loading.late")), class_name="loading")


def _suggestion(question: rx.Var[str]) -> rx.Component:
    """A question as a button: a form of its own that says it at once."""
    return rx.el.li(
        rx.el.form(
            origin_fields(),
            rx.el.input(type="hidden", name="client_key"),
            rx.el.input(type="hidden", name="message", value=question, read_only=True),
            rx.el.button(question, type="submit"),
            on_submit=ChatState.send,
        )
    )
