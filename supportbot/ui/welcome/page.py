"""Choosing a password: for an account one was invited to, or again."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from supportbot.staff.passwords import LONGEST, SHORTEST
from supportbot.ui import routes
from supportbot.ui.components.plain_form import plain_form
from supportbot.ui.text import t
from supportbot.ui.welcome.state import WelcomeState

_LINK = "typeof window === 'undefined' ? '' : window.location.pathname.split('/').filter(Boolean).pop()"


def welcome() -> rx.Component:
    """One calm card, as for signing in."""
    state = WelcomeState
    return rx.el.main(
        rx.el.div(
            rx.el.p(t("desk.product"), class_name="sign-in-product"),
            rx.match(
                state.standing,
                ("invite", _card("invite")),
                ("reset", _card("reset")),
                ("over", _over()),
                rx.el.p(t("desk.loading"), class_name="desk-loading"),
            ),
            class_name="sign-in-card",
        ),
        class_name="sign-in",
    )


def _card(purpose: str) -> rx.Component:
    state = WelcomeState
    invited = purpose == "invite"
    return rx.fragment(
        rx.el.h1(t(f"welcome.{purpose}")),
        rx.el.p(t(f"welcome.{purpose}.lead", email=state.email), class_name="sign-in-lead"),
        rx.cond(state.problem != "", rx.el.p(state.problem, role="alert", class_name="sign-in-problem")),
        plain_form(
            rx.el.input(type="hidden", name="token", default_value=rx.Var(_LINK).to(str)),
            # Password managers keep a password by the name of the account.
            rx.el.input(
                type="email",
                name="email",
                default_value=state.email,
                read_only=True,
                tab_index=-1,
                auto_complete="username",
                aria_hidden="true",
                class_name="unseen",
            ),
            *(
                [_field("name", type="text", default_value=state.name, max_length=120, auto_complete="name")]
                if invited
                else []
            ),
            _field("password", type="password", min_length=SHORTEST, auto_complete="new-password"),
            _field("again", type="password", min_length=SHORTEST, auto_complete="new-password"),
            rx.el.p(t("welcome.password.help"), class_name="field-help"),
            rx.el.button(t(f"welcome.{purpose}.submit"), type="submit", class_name="button primary"),
            action="/staff/welcome",
            class_name="sign-in-form",
        ),
    )


def _field(name: str, **props: object) -> rx.Component:
    props.setdefault("max_length", LONGEST)
    return rx.el.div(
        rx.el.label(t(f"welcome.{name}"), html_for=name),
        rx.el.input(id=name, name=name, required=True, **props),
        class_name="sign-in-field",
    )


def _over() -> rx.Component:
    return rx.fragment(
        rx.el.h1(t("welcome.over")),
        rx.el.p(t("welcome.over.lead"), class_name="sign-in-lead"),
        ReactRouterLink.create(t("sign_in.heading"), to=routes.SIGN_IN, class_name="button"),
    )
