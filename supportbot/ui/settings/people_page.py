"""The people: inviting one, the link to hand over, and a row for everybody with what can be done."""

import reflex as rx

from supportbot.ui.components.button import button
from supportbot.ui.components.message import portrait
from supportbot.ui.components.notice import refusal
from supportbot.ui.settings.parts import moment, settings_page
from supportbot.ui.settings.people_state import PeopleState, PersonRow
from supportbot.ui.text import t

_LINK = "new-link"
ROLES = ("agent", "admin")


def people() -> rx.Component:
    """The whole page."""
    state = PeopleState
    return settings_page(
        state,
        "people",
        refusal(state.notice, state.notice_at, state.dismiss),
        rx.cond(state.link != "", _link()),
        rx.el.ul(rx.foreach(state.rows, _person), role="list", class_name="people"),
        rx.el.h2(t("settings.people.invite"), class_name="settings-part"),
        _invite(),
    )


def _invite() -> rx.Component:
    state = PeopleState
    return rx.el.form(
        rx.el.div(
            _field(
                "email",
                rx.el.input(id="email", name="email", type="email", auto_complete="off", max_length=254),
            ),
            _field(
                "name", rx.el.input(id="name", name="name", type="text", auto_complete="off", max_length=120)
            ),
            _field(
                "role",
                rx.el.select(
                    *(rx.el.option(t(f"settings.role.{role}"), value=role) for role in ROLES),
                    id="role",
                    name="role",
                ),
            ),
            key=state.invited,
            class_name="settings-fields",
        ),
        rx.el.div(button(t("settings.people.make_link"), kind="primary", type="submit")),
        on_submit=state.invite,
        class_name="settings-form people-invite",
        custom_attrs={"noValidate": True},
    )


def _field(name: str, control: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.label(t(f"settings.people.{name}"), html_for=name),
        control,
        rx.el.p(t(f"settings.people.{name}.help"), class_name="field-help"),
        class_name="settings-field",
    )


def _link() -> rx.Component:
    """Shown once: it is stored as a hash."""
    state = PeopleState
    return rx.el.div(
        rx.el.p(
            rx.cond(
                state.link_purpose == "invite",
                t("settings.people.link_invite", email=state.link_for),
                t("settings.people.link_reset", email=state.link_for),
            ),
            " ",
            rx.cond(state.link_mailed, t("settings.people.mailed"), t("settings.people.not_mailed")),
        ),
        rx.el.div(
            rx.el.input(
                id=_LINK, type="text", value=state.link, read_only=True, aria_label=t("settings.people.link")
            ),
            button(
                t("settings.people.copy"),
                on_click=rx.call_function(
                    rx.Var(
                        f"(() => {{ const field = document.getElementById('{_LINK}'); field.select();"
                        " navigator.clipboard?.writeText(field.value); })"
                    ).to(str)
                ),
                class_name="small",
            ),
            class_name="link-line",
        ),
        role="status",
        class_name="notice settings-done people-link",
    )


def _person(one: rx.Var[PersonRow]) -> rx.Component:
    return rx.el.li(
        portrait(one.name, one.picture),
        rx.el.div(
            rx.el.p(
                rx.el.bdi(one.name, class_name="person-name"),
                rx.cond(one.is_me, rx.el.span(t("settings.people.you"), class_name="desk-soft")),
                rx.el.span(
                    rx.cond(one.role == "admin", t("settings.role.admin"), t("settings.role.agent")),
                    class_name="settings-chip",
                ),
                rx.match(
                    one.standing,
                    ("invited", rx.el.span(t("settings.people.invited"), class_name="settings-chip waits")),
                    ("closed", rx.el.span(t("settings.people.closed"), class_name="settings-chip waits")),
                    rx.fragment(),
                ),
                class_name="person-line",
            ),
            rx.el.p(
                rx.el.span(one.email),
                rx.cond(
                    one.there,
                    rx.el.span(t("settings.people.there")),
                    rx.cond(
                        one.seen_at != "",
                        rx.el.span(t("settings.people.seen"), " ", moment(one.seen_at)),
                    ),
                ),
                class_name="person-facts",
            ),
            class_name="person-about",
        ),
        rx.el.details(
            rx.el.summary(
                t("settings.people.change"),
                rx.el.span(" ", one.name, class_name="unseen"),
                class_name="button quiet small",
            ),
            rx.el.div(_actions(one), class_name="person-actions"),
            class_name="person-more",
        ),
        key=one.id,
        class_name="member",
        custom_attrs={"data-standing": one.standing},
    )


def _actions(one: rx.Var[PersonRow]) -> rx.Component:
    state = PeopleState
    return rx.cond(
        one.standing == "closed",
        button(t("settings.people.open"), on_click=state.open_account(one.id), class_name="small"),
        rx.fragment(
            rx.cond(
                one.role == "admin",
                button(
                    t("settings.people.make_agent"),
                    on_click=state.set_role(one.id, "agent"),
                    class_name="small",
                ),
                button(
                    t("settings.people.make_admin"),
                    on_click=state.set_role(one.id, "admin"),
                    class_name="small",
                ),
            ),
            rx.cond(
                one.standing == "invited",
                button(t("settings.people.again"), on_click=state.invite_again(one.id), class_name="small"),
                button(t("settings.people.reset"), on_click=state.reset_password(one.id), class_name="small"),
            ),
            button(
                t("settings.people.close"), on_click=state.close_account(one.id), class_name="small danger"
            ),
        ),
    )
