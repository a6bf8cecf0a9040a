"""The sign-in page. The form posts to `web/sign_in.py`, which answers with a cookie."""

import reflex as rx

from supportbot.ui.components.plain_form import plain_form
from supportbot.ui.sign_in.state import SignInState
from supportbot.ui.text import t


def sign_in() -> rx.Component:
    """One calm card."""
    return rx.el.main(
        rx.el.div(
            rx.el.p(t("desk.product"), class_name="sign-in-product"),
            rx.el.h1(t("sign_in.heading")),
            rx.el.p(t("sign_in.lead"), class_name="sign-in-lead"),
            rx.cond(SignInState.no_account, _no_account()),
            rx.cond(
                SignInState.problem, rx.el.p(SignInState.problem, role="alert", class_name="sign-in-problem")
            ),
            _form(),
            class_name="sign-in-card",
        ),
        class_name="sign-in",
    )


def _form() -> rx.Component:
    return plain_form(
        _field(
            t("sign_in.email"),
            rx.el.input(
                id="email",
                name="email",
                type="email",
                auto_complete="username",
                auto_focus=True,
                required=True,
                max_length=254,
                spell_check=False,
                auto_capitalize="none",
            ),
        ),
        _field(
            t("sign_in.password"),
            rx.el.input(
                id="password",
                name="password",
                type="password",
                auto_complete="current-password",
                required=True,
                max_length=1000,
            ),
        ),
        rx.el.input(type="hidden", name="next", value=SignInState.next_page, read_only=True),
        rx.el.button(t("sign_in.submit"), type="submit", class_name="button primary"),
        action="/staff/sign-in",
        class_name="sign-in-form",
    )


def _field(label: rx.Var[str], field: rx.Component) -> rx.Component:
    return rx.el.div(rx.el.label(label, html_for=str(field.id)), field, class_name="sign-in-field")


def _no_account() -> rx.Component:
    """What to do on a server nobody has an account on yet."""
    return rx.el.div(
        rx.el.p(t("sign_in.no_account")),
        rx.el.pre(rx.el.code(t("sign_in.no_account_command"))),
        rx.el.p(t("sign_in.no_account_then")),
        class_name="sign-in-first",
    )
