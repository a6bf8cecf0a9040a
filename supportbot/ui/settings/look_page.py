"""The look: title, colour, logo, greeting and suggestions, beside a small page in light and in dark."""

from typing import Any

import reflex as rx

from supportbot.house.sections import MOST_SUGGESTIONS
from supportbot.ui.components.live_form import form_button, form_input
from supportbot.ui.components.upload import picture_field
from supportbot.ui.settings.look_state import LookPageState
from supportbot.ui.settings.parts import section_form, settings_page, text_field, wrong
from supportbot.ui.text import t


def look() -> rx.Component:
    """The whole page."""
    state = LookPageState
    return settings_page(
        state,
        "look",
        rx.el.div(
            section_form(
                state,
                "look",
                text_field(state, "title", "look.title", state.title, max_length=120, dir="auto"),
                _colour(),
                _logo(),
                text_field(state, "greeting", "look.greeting", state.greeting, max_length=120, dir="auto"),
                _suggestions(),
            ),
            rx.el.section(
                rx.el.h2(t("settings.look.preview")),
                _page("light", state.light),
                _page("dark", state.dark),
                rx.cond(state.adjusted, rx.el.p(t("settings.look.adjusted"), class_name="field-help")),
                class_name="look-previews",
            ),
            class_name="settings-split",
        ),
        wide=True,
    )


def _colour() -> rx.Component:
    state = LookPageState
    return rx.el.div(
        rx.el.label(t("settings.look.colour"), html_for="colour"),
        rx.el.div(
            form_input(
                type="color",
                name="picked",
                key=state.picked,
                default_value=state.picked,
                aria_label=t("settings.look.pick"),
                on_change=state.pick,
            ),
            rx.el.input(
                id="colour",
                name="colour",
                type="text",
                key=state.colour_filled,
                default_value=state.colour,
                placeholder="#0f6b5c",
                max_length=20,
                spell_check=False,
                aria_describedby="colour-help colour-wrong",
            ),
            form_button(
                rx.el.span(t("settings.look.own_colour")),
                kind="quiet",
                on_click=state.own_colour,
                class_name="small",
            ),
            class_name="colour-line",
        ),
        rx.el.p(t("settings.look.colour.help"), id="colour-help", class_name="field-help"),
        wrong(state, "colour"),
        class_name="settings-field",
    )


def _logo() -> rx.Component:
    state = LookPageState
    return rx.el.fieldset(
        rx.el.legend(t("settings.look.logo")),
        rx.el.div(
            rx.cond(state.shown_logo != "", rx.el.img(src=state.shown_logo, alt="", class_name="logo-shown")),
            picture_field("logo", state.logo, t("settings.look.choose_logo"), use="logo"),
            rx.cond(
                state.logo != "",
                form_button(
                    rx.el.span(t("settings.look.no_logo")),
                    kind="quiet",
                    on_click=state.no_logo,
                    class_name="small",
                ),
            ),
            class_name="picture-line",
        ),
        rx.el.p(t("settings.look.logo.help"), class_name="field-help"),
        wrong(state, "logo"),
        class_name="settings-field",
    )


def _suggestions() -> rx.Component:
    state = LookPageState
    return rx.el.fieldset(
        rx.el.legend(t("settings.look.suggestions")),
        rx.el.p(t("settings.look.suggestions.help"), class_name="field-help"),
        *(
            rx.el.input(
                name=f"suggestion:{at}",
                type="text",
                default_value=state.suggestions[at],
                max_length=120,
                dir="auto",
                aria_label=t("settings.look.suggestion", number=str(at + 1)),
            )
            for at in range(MOST_SUGGESTIONS)
        ),
        wrong(state, "suggestions"),
        class_name="settings-field",
    )


def _page(mode: str, colours: rx.Var[dict[str, str]]) -> rx.Component:
    """A customer's page in small."""
    state = LookPageState
    marks: dict[str, Any] = {"style": colours}
    return rx.el.div(
        rx.el.div(
            rx.cond(state.shown_logo != "", rx.el.img(src=state.shown_logo, alt="")),
            rx.el.b(
                rx.cond(
                    state.shown_title != "",
                    state.shown_title,
                    t("settings.look.page_of", name=state.shown_company),
                )
            ),
            rx.el.span(t("chat.person"), class_name="mini-person"),
            class_name="mini-bar",
        ),
        rx.el.p(state.shown_greeting, class_name="mini-greeting", dir="auto"),
        rx.foreach(
            state.shown_suggestions, lambda one: rx.el.p(one, class_name="mini-suggestion", dir="auto")
        ),
        rx.el.p(rx.el.span(t("message.send")), class_name="mini-send"),
        class_name=f"mini {mode}",
        role="img",
        aria_label=t(f"settings.look.preview_{mode}"),
        custom_attrs=marks,
    )
