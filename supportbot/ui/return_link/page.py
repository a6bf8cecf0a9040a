"""The page a link in a mail opens: for most people a moment on the way into their conversation."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from supportbot.ui import routes
from supportbot.ui.chat.bar import brand
from supportbot.ui.components.button import button
from supportbot.ui.components.notice import quiet_line, refusal, soon_and_late
from supportbot.ui.look import LookState
from supportbot.ui.return_link.state import ReturnLinkState
from supportbot.ui.text import t

_HINT = "code-hint"


def return_link() -> rx.Component:
    """One calm column: who asks, for what, and why."""
    return rx.el.div(
        rx.el.header(brand(), class_name="bar"),
        rx.el.main(
            quiet_line(t("chat.live_lost"), ReturnLinkState.live_lost),
            rx.match(
                ReturnLinkState.standing,
                ("asks", _asks()),
                ("over", _over()),
                rx.el.p(soon_and_late(t("return.loading"), t("chat.loading.late")), class_name="loading"),
            ),
            class_name="column",
        ),
        class_name="page return branded",
        custom_attrs={"style": LookState.colours},
    )


def _asks() -> rx.Component:
    """A browser that has to prove that it reads the mail."""
    return rx.el.section(
        rx.el.h1(t("return.title")),
        rx.cond(ReturnLinkState.code_sent, _code(), _offer()),
        rx.el.p(t("return.not_you"), class_name="soft"),
    )


def _offer() -> rx.Component:
    return rx.fragment(
        rx.el.p(_with_address("return.why")),
        _refusal(),
        button(t("return.send"), kind="primary", on_click=ReturnLinkState.send_code),
    )


def _code() -> rx.Component:
    """The field takes what a phone offers from the mail, and the focus when it appears."""
    return rx.fragment(
        rx.el.p(_with_address("return.sent"), key=ReturnLinkState.sent, role="status", id=_HINT),
        rx.el.form(
            rx.el.label(
                rx.el.span(t("return.code")),
                rx.el.input(
                    name="code",
                    type="text",
                    input_mode="numeric",
                    auto_complete="one-time-code",
                    auto_focus=True,
                    required=True,
                    max_length=20,
                    spell_check=False,
                    aria_describedby=_HINT,
                    aria_invalid=ReturnLinkState.notice != "",
                    class_name="code",
                ),
                class_name="labelled",
            ),
            _refusal(),
            rx.el.div(
                button(t("return.enter"), kind="primary", type="submit"),
                rx.cond(
                    ReturnLinkState.codes_left > 0,
                    button(t("return.send_again"), kind="quiet", on_click=ReturnLinkState.send_code),
                ),
                class_name="return-buttons",
            ),
            on_submit=ReturnLinkState.enter_code,
        ),
    )


def _over() -> rx.Component:
    """A link that has done its work."""
    return rx.el.section(
        rx.el.h1(t("return.over.title")),
        rx.el.p(t("return.over.body")),
        _refusal(),
        ReactRouterLink.create(t("return.over.start"), to=routes.HOME, class_name="button primary"),
    )


def _refusal() -> rx.Component:
    return refusal(ReturnLinkState.notice, ReturnLinkState.notice_at, ReturnLinkState.dismiss)


def _with_address(key: str) -> rx.Var[str]:
    return t(key, address=ReturnLinkState.address)
