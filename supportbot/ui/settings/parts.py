"""The parts of every page of the settings: the side, a section's form, its fields, its foot."""

from typing import Any

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from supportbot.ui import routes
from supportbot.ui.components.button import button
from supportbot.ui.components.live_form import live_form
from supportbot.ui.components.time import clock, day
from supportbot.ui.escalations.layout import desk_page
from supportbot.ui.settings.section_state import Difference, SectionPage
from supportbot.ui.text import t

PAGES: tuple[tuple[str, str], ...] = (
    ("company", routes.SETTINGS),
    ("hours", routes.HOURS),
    ("replies", routes.REPLIES),
    ("search", routes.SEARCH),
    ("look", routes.LOOK),
    ("limits", routes.LIMITS),
    ("sending", routes.SENDING),
    ("people", routes.PEOPLE),
    ("versions", routes.VERSIONS),
)
"""The pages by the name of their words, in the order of the side."""


def settings_page(state: Any, name: str, *content: rx.Component, wide: bool = False) -> rx.Component:
    """A page of the settings: the side, a heading with one line of help, and the content for admins."""
    return desk_page(
        state,
        rx.el.div(
            _side(name),
            rx.el.main(
                rx.el.h1(t(f"settings.{name}")),
                rx.el.p(t(f"settings.{name}.lead"), class_name="settings-lead"),
                rx.cond(
                    state.ready,
                    rx.cond(state.allowed, rx.fragment(*content), _not_for_you()),
                    rx.el.p(t("desk.loading"), class_name="desk-loading"),
                ),
                class_name="settings-main wide" if wide else "settings-main",
            ),
            class_name="settings",
        ),
        at=routes.SETTINGS,
    )


def _side(name: str) -> rx.Component:
    return rx.el.nav(
        *(
            ReactRouterLink.create(
                t(f"settings.{one}"),
                to=address,
                aria_current="page" if one == name else "false",
                class_name="settings-link",
            )
            for one, address in PAGES
        ),
        aria_label=t("desk.settings"),
        class_name="settings-side",
    )


def _not_for_you() -> rx.Component:
    return rx.el.div(
        rx.el.p(t("settings.not_admin")),
        rx.el.p(t("settings.not_admin_more"), class_name="desk-soft"),
        class_name="desk-nothing",
    )


def section_form(
    state: type[SectionPage], name: str, *fields: rx.Component, on_touched: rx.EventHandler | None = None
) -> rx.Component:
    """The form of a section: its fields, and below them the button and how it stands.

    What is typed is told to the state; a form that holds secrets tells `on_touched` only that something is.
    """
    return live_form(
        rx.el.div(*fields, key=state.loaded, class_name="settings-fields"),
        _foot(state, name),
        on_save=state.save,
        on_typed=state.typed if on_touched is None else None,
        on_touched=on_touched,
        id=f"settings-{name}",
        class_name="settings-form",
    )


def field(
    state: type[SectionPage],
    name: str,
    key: str,
    control: type[rx.Component] | Any = rx.el.input,
    *content: Any,
    **props: Any,
) -> rx.Component:
    """A labelled field with its line of help, and what is wrong with it.

    Args:
        state: The page's.
        name: Of the field in the section.
        key: Of its words: `settings.<key>` and `settings.<key>.help`.
        control: What to type or choose in.
        content: Of the control.
        props: Of the control.
    """
    help_id, wrong_id = f"{name}-help", f"{name}-wrong"
    is_wrong = state.wrong == name
    attrs = {"aria-invalid": is_wrong, **props.pop("custom_attrs", {})}
    return rx.el.div(
        rx.el.label(t(f"settings.{key}"), html_for=name),
        control(
            *content,
            id=name,
            name=name,
            aria_describedby=f"{help_id} {wrong_id}",
            custom_attrs=attrs,
            **props,
        ),
        rx.el.p(t(f"settings.{key}.help"), id=help_id, class_name="field-help"),
        wrong(state, name, wrong_id),
        class_name="settings-field",
    )


def wrong(state: type[SectionPage], name: str, identity: str = "") -> rx.Component:
    """The sentence about this field, announced at once."""
    return rx.cond(
        (state.wrong == name) & (state.sentence != ""),
        rx.el.p(
            state.sentence,
            id=identity or f"{name}-wrong",
            key=state.said,
            role="alert",
            class_name="field-wrong",
        ),
    )


def text_field(
    state: type[SectionPage], name: str, key: str, value: rx.Var[Any], **props: Any
) -> rx.Component:
    """A line to type."""
    props.setdefault("type", "text")
    return field(state, name, key, rx.el.input, default_value=value, **props)


def long_field(
    state: type[SectionPage], name: str, key: str, value: rx.Var[str], rows: int = 5, **props: Any
) -> rx.Component:
    """Several lines to type."""
    return field(state, name, key, rx.el.textarea, default_value=value, rows=rows, dir="auto", **props)


def choice(
    state: type[SectionPage], name: str, key: str, value: rx.Var[str], options: dict[str, rx.Var[str]]
) -> rx.Component:
    """One of a few."""
    return field(
        state,
        name,
        key,
        rx.el.select,
        *(rx.el.option(words, value=option) for option, words in options.items()),
        custom_attrs={"defaultValue": value},
    )


def _foot(state: type[SectionPage], name: str) -> rx.Component:
    return rx.el.div(
        rx.cond(
            state.standing == "meanwhile",
            _meanwhile(state),
            rx.cond(
                (state.sentence != "") & (state.wrong == ""),
                rx.el.p(state.sentence, key=state.said, role="alert", class_name="notice refusal"),
            ),
        ),
        rx.el.div(
            button(
                rx.cond(state.standing == "meanwhile", t("settings.save_over"), t("settings.save")),
                kind="primary",
                type="submit",
            ),
            rx.el.p(
                rx.match(
                    state.standing,
                    ("unsaved", t("settings.unsaved")),
                    ("saved", t("settings.saved")),
                    ("refused", t("settings.refused")),
                    ("meanwhile", t("settings.refused")),
                    "",
                ),
                role="status",
                class_name="settings-standing",
                custom_attrs={"data-standing": state.standing},
            ),
            _who(state, name),
            class_name="settings-foot-line",
        ),
        class_name="settings-foot",
    )


def _meanwhile(state: type[SectionPage]) -> rx.Component:
    """Somebody was quicker: what they changed, and both ways out."""
    return rx.el.div(
        rx.el.p(state.sentence),
        changes(state.theirs, t("settings.before"), t("settings.theirs")),
        button(t("settings.take_theirs"), on_click=state.take_theirs, class_name="small"),
        key=state.said,
        role="alert",
        class_name="notice refusal settings-meanwhile",
    )


def _who(state: type[SectionPage], name: str) -> rx.Component:
    return rx.el.p(
        rx.cond(
            state.version > 0,
            rx.fragment(t("settings.saved_by", who=state.saved_by), " ", moment(state.saved_at)),
            t("settings.never_saved"),
        ),
        " ",
        ReactRouterLink.create(t("settings.earlier"), to=f"{routes.VERSIONS}?of={name}"),
        class_name="settings-who",
    )


def moment(at: rx.Var[str]) -> rx.Component:
    """A day and the time of day."""
    return rx.el.span(day(at), ", ", clock(at), class_name="settings-moment")


def changes(rows: rx.Var[list[Difference]], before: rx.Var[str], after: rx.Var[str]) -> rx.Component:
    """What is different, field by field."""
    return rx.el.dl(
        rx.foreach(
            rows,
            lambda one: rx.el.div(
                rx.el.dt(one.field),
                rx.el.dd(rx.el.span(before, class_name="change-when"), rx.el.span(one.before, dir="auto")),
                rx.el.dd(rx.el.span(after, class_name="change-when"), rx.el.span(one.after, dir="auto")),
                class_name="change",
            ),
        ),
        class_name="changes",
    )
