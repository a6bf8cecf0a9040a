"""The bar above: whose support this is, past conversations, a new one, and the way to a person."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from supportbot.ui import routes
from supportbot.ui.chat.person import PERSON_DIALOG
from supportbot.ui.chat.state import ChatState, Past
from supportbot.ui.components.dialog import opens
from supportbot.ui.components.icons import icon
from supportbot.ui.components.time import day
from supportbot.ui.look import LookState
from supportbot.ui.text import t

_PAST = "past-conversations"


def bar(*, in_conversation: bool) -> rx.Component:
    """The page's header."""
    return rx.el.header(
        brand(),
        _opens_past(),
        *([new_conversation()] if in_conversation else []),
        opens(PERSON_DIALOG, t("chat.person"), class_name="person-button"),
        class_name="bar",
    )


def brand() -> rx.Component:
    """Whose support this is, and the way to the start."""
    return ReactRouterLink.create(
        logo(),
        rx.cond(
            LookState.title != "",
            rx.el.span(LookState.title),
            rx.el.span(t("chat.company"), rx.el.span(" ", t("chat.support"), class_name="brand-support")),
        ),
        to=routes.HOME,
        aria_label=t("chat.home"),
        class_name="brand",
    )


def logo() -> rx.Component:
    """The owner's logo, or the product's mark: two people talking, one answer under way."""
    mark = rx.el.svg(
        rx.el.path(d="M5 4h14a3 3 0 0 1 3 3v8a3 3 0 0 1-3 3h-7l-5 4v-4H5a3 3 0 0 1-3-3V7a3 3 0 0 1 3-3z"),
        rx.el.path(d="M7.5 9.5h9M7.5 13h5", class_name="logo-lines"),
        view_box="0 0 24 24",
        class_name="logo",
        aria_hidden="true",
    )
    return rx.cond(LookState.logo != "", rx.el.img(src=LookState.logo, alt="", class_name="logo"), mark)


def new_conversation() -> rx.Component:
    """A link to the start."""
    return ReactRouterLink.create(
        icon("new"), rx.el.span(t("chat.new")), to=routes.HOME, class_name="button quiet bar-link"
    )


def past_menu() -> rx.Component:
    """The visitor's conversations, in a native popover."""
    return rx.el.nav(
        rx.el.h2(t("chat.past")),
        rx.cond(
            ChatState.past.length() > 0,
            past_list(ChatState.past),
            rx.el.p(t("chat.past.none"), class_name="soft"),
        ),
        id=_PAST,
        aria_label=t("chat.past"),
        class_name="popover",
        custom_attrs={"popover": "auto"},
    )


def past_list(past: rx.Var[list[Past]]) -> rx.Component:
    """Conversations, each with what it was about, when, and the way back into it."""
    return rx.el.ul(rx.foreach(past, _past_line), class_name="past")


def _opens_past() -> rx.Component:
    return rx.el.button(
        icon("past"),
        rx.el.span(t("chat.past")),
        type="button",
        class_name="button quiet bar-link",
        custom_attrs={"popoverTarget": _PAST},
    )


def _past_line(one: rx.Var[Past]) -> rx.Component:
    return rx.el.li(
        ReactRouterLink.create(
            rx.el.span(
                rx.cond(one.subject != "", one.subject, t("chat.past.untitled")),
                class_name="subject",
                dir="auto",
            ),
            rx.el.span(
                day(one.at),
                rx.match(
                    one.status,
                    ("escalated", rx.el.span(t("chat.past.escalated"), class_name="status")),
                    ("resolved", rx.el.span(t("chat.past.resolved"), class_name="status")),
                    rx.fragment(),
                ),
                class_name="when",
            ),
            rx.el.span(t("chat.past.continue"), icon("forward"), class_name="continue"),
            to=one.url,
        )
    )
