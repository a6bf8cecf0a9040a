"""Sending: the mail server and the receiver of webhooks, each with a test."""

import reflex as rx

from supportbot.ui.components.live_form import form_button
from supportbot.ui.settings.parts import choice, field, section_form, settings_page, text_field
from supportbot.ui.settings.sending_state import SendingState
from supportbot.ui.text import t

SECURITIES = ("starttls", "tls", "none")
SECRET_BYTES = 32


def sending() -> rx.Component:
    """The whole page."""
    state = SendingState
    return settings_page(
        state,
        "sending",
        section_form(
            state,
            "sending",
            rx.el.h2(t("settings.sending.mail"), class_name="settings-part"),
            rx.el.div(
                text_field(state, "mail_host", "sending.host", state.mail_host, spell_check=False),
                text_field(
                    state,
                    "mail_port",
                    "sending.port",
                    state.mail_port,
                    input_mode="numeric",
                    max_length=5,
                    class_name="number",
                ),
                class_name="settings-pair uneven",
            ),
            choice(
                state,
                "mail_security",
                "sending.security",
                state.mail_security,
                {one: t(f"settings.security.{one}") for one in SECURITIES},
            ),
            rx.el.div(
                text_field(state, "mail_user", "sending.user", state.mail_user, spell_check=False),
                _secret("mail_password", "sending.password", state.has_password),
                class_name="settings-pair",
            ),
            text_field(state, "mail_from", "sending.from", state.mail_from, spell_check=False),
            _test(t("settings.sending.test_mail"), state.try_mail, state.mail_sent, state.mail_tried),
            rx.el.h2(t("settings.sending.webhooks"), class_name="settings-part"),
            text_field(state, "webhook_url", "sending.url", state.webhook_url, spell_check=False),
            _secret("webhook_secret", "sending.secret", state.has_secret),
            rx.el.div(
                rx.el.button(
                    rx.el.span(t("settings.sending.generate")),
                    type="button",
                    on_click=[rx.call_function(_generated()), state.touched],
                    class_name="button plain small",
                ),
            ),
            _test(
                t("settings.sending.test_webhook"),
                state.try_webhook,
                state.webhook_sent,
                state.webhook_tried,
            ),
            on_touched=state.touched,
        ),
    )


def _secret(name: str, key: str, known: rx.Var[bool]) -> rx.Component:
    """A field that is only ever written: it is empty again when it was saved."""
    state = SendingState
    return rx.el.div(
        field(
            state,
            name,
            key,
            rx.el.input,
            type="password",
            placeholder=rx.cond(known, t("settings.sending.kept"), ""),
            custom_attrs={"autoComplete": "new-password"},
        ),
        key=state.version,
    )


def _test(
    words: rx.Var[str], on_click: rx.EventHandler, sent: rx.Var[bool], tried: rx.Var[str]
) -> rx.Component:
    return rx.el.div(
        form_button(rx.el.span(words), on_click=on_click, class_name="small"),
        rx.el.p(
            tried,
            role="status",
            class_name="tried",
            custom_attrs={"data-sent": sent},
        ),
        class_name="test-line",
    )


def _generated() -> rx.Var[str]:
    """A secret is made in the browser and shown there: the server sees it first when it is saved."""
    return rx.Var(
        "(() => { const field = document.getElementById('webhook_secret');"
        f" const bytes = crypto.getRandomValues(new Uint8Array({SECRET_BYTES}));"
        " field.value = 'whsec_' + btoa(String.fromCharCode(...bytes));"
        " field.type = 'text'; field.focus(); field.select(); })"
    ).to(str)
