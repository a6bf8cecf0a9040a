"""One's own account, a short form for each thing."""

from typing import Any

import reflex as rx

from supportbot.staff.passwords import LONGEST
from supportbot.ui import routes
from supportbot.ui.account.state import AccountState
from supportbot.ui.components.button import button
from supportbot.ui.components.live_form import live_form
from supportbot.ui.components.message import portrait
from supportbot.ui.components.upload import picture_field
from supportbot.ui.desk.state import DeskState
from supportbot.ui.escalations.layout import desk_page
from supportbot.ui.text import t


def account() -> rx.Component:
    """The whole page."""
    state = AccountState
    return desk_page(
        state,
        rx.el.main(
            rx.el.h1(t("desk.account")),
            rx.el.p(state.email, class_name="settings-lead"),
            rx.cond(
                state.ready,
                rx.fragment(_name(), _picture(), _password(), _sounds(), _sessions()),
                rx.el.p(t("desk.loading"), class_name="desk-loading"),
            ),
            class_name="settings-main account",
        ),
        at=routes.ACCOUNT,
    )


def _part(about: str, *content: Any) -> rx.Component:
    return rx.el.section(rx.el.h2(t(f"account.{about}"), class_name="settings-part"), *content, _said(about))


def _said(about: str) -> rx.Component:
    state = AccountState
    return rx.cond(
        (state.about == about) & (state.sentence != ""),
        rx.el.p(
            state.sentence,
            key=state.said,
            role=rx.cond(state.done, "status", "alert"),
            class_name=rx.cond(state.done, "field-done", "field-wrong"),
        ),
    )


def _name() -> rx.Component:
    state = AccountState
    return _part(
        "name",
        live_form(
            rx.el.div(
                rx.el.label(t("account.name.label"), html_for="name"),
                rx.el.div(
                    rx.el.input(
                        id="name",
                        name="name",
                        type="text",
                        default_value=state.me,
                        key=state.loaded,
                        max_length=120,
                        auto_complete="name",
                        aria_describedby="name-help",
                    ),
                    button(t("settings.save"), type="submit"),
                    class_name="input-line",
                ),
                rx.el.p(t("account.name.help"), id="name-help", class_name="field-help"),
                class_name="settings-field",
            ),
            on_save=state.rename,
        ),
    )


def _picture() -> rx.Component:
    state = AccountState
    return _part(
        "picture",
        live_form(
            rx.el.div(
                portrait(state.me, state.picture),
                picture_field("picture", state.picture_id, t("account.picture.choose"), use="portrait"),
                rx.cond(
                    state.picture != "",
                    button(
                        t("account.picture.remove"),
                        kind="quiet",
                        on_click=state.no_picture,
                        class_name="small",
                    ),
                ),
                class_name="picture-line",
            ),
            rx.el.p(t("account.picture.help"), class_name="field-help"),
            on_save=state.choose_picture,
            on_typed=state.choose_picture,
        ),
    )


def _password() -> rx.Component:
    state = AccountState
    return _part(
        "password",
        live_form(
            rx.el.div(
                _secret("present", "current-password"),
                _secret("password", "new-password", t("account.password.help")),
                _secret("again", "new-password"),
                key=state.passwords,
                class_name="settings-fields",
            ),
            rx.el.div(button(t("account.password.change"), type="submit")),
            on_save=state.change_password,
            class_name="settings-form",
        ),
    )


def _secret(name: str, auto_complete: str, note: rx.Var[str] | None = None) -> rx.Component:
    return rx.el.div(
        rx.el.label(t(f"account.password.{name}"), html_for=name),
        rx.el.input(
            id=name,
            name=name,
            type="password",
            max_length=LONGEST,
            custom_attrs={"autoComplete": auto_complete},
        ),
        rx.el.p(note, class_name="field-help") if note is not None else rx.fragment(),
        class_name="settings-field",
    )


def _sounds() -> rx.Component:
    return _part(
        "sounds",
        rx.el.div(
            button(
                rx.cond(DeskState.sounds, t("desk.turn_sounds_off"), t("desk.turn_sounds_on")),
                on_click=DeskState.set_sounds(~DeskState.sounds),
                class_name="small",
            ),
            rx.el.p(
                rx.cond(DeskState.sounds, t("account.sounds.on"), t("account.sounds.off")),
                class_name="field-help",
            ),
            class_name="test-line",
        ),
    )


def _sessions() -> rx.Component:
    state = AccountState
    return _part(
        "sessions",
        rx.cond(
            state.elsewhere > 0,
            rx.el.div(
                button(t("account.sessions.end"), on_click=state.sign_out_elsewhere, class_name="small"),
                rx.el.p(
                    rx.cond(
                        state.elsewhere == 1,
                        t("account.sessions.one"),
                        t("account.sessions.several", count=state.elsewhere.to(str)),
                    ),
                    class_name="field-help",
                ),
                class_name="test-line",
            ),
            rx.el.p(t("account.sessions.none"), class_name="field-help"),
        ),
    )
