"""The company and its assistant, with "Try it" beside them."""

import reflex as rx

from supportbot.ui import routes
from supportbot.ui.components.button import button
from supportbot.ui.components.live_form import TryForm
from supportbot.ui.settings.company_state import QUESTION, CompanyState
from supportbot.ui.settings.parts import choice, long_field, section_form, settings_page, text_field
from supportbot.ui.text import t

TONES = ("friendly", "neutral", "formal")


def company() -> rx.Component:
    """The whole page."""
    state = CompanyState
    return settings_page(
        state,
        "company",
        rx.el.div(
            section_form(
                state,
                "company",
                rx.el.div(
                    text_field(state, "name", "company.name", state.name),
                    text_field(state, "assistant_name", "company.assistant", state.assistant_name),
                    class_name="settings-pair",
                ),
                long_field(state, "facts", "company.facts", state.facts, 6),
                choice(
                    state,
                    "tone",
                    "company.tone",
                    state.tone,
                    {tone: t(f"settings.tone.{tone}") for tone in TONES},
                ),
                long_field(state, "instructions", "company.instructions", state.instructions, 5),
                long_field(state, "link_hosts", "company.links", state.link_hosts, 3),
            ),
            _try_it(),
            class_name="settings-split",
        ),
        wide=True,
    )


def _try_it() -> rx.Component:
    state = CompanyState
    return rx.el.section(
        rx.el.h2(t("settings.try")),
        rx.el.p(t("settings.try.lead"), class_name="field-help"),
        TryForm.create(
            rx.el.label(t("settings.try.question"), html_for=QUESTION, class_name="unseen"),
            rx.el.input(
                id=QUESTION,
                name=QUESTION,
                type="text",
                dir="auto",
                max_length=2_000,
                default_value=t("settings.try.sample"),
            ),
            button(t("settings.try.ask"), type="submit"),
            on_submit=state.try_it.prevent_default,
            class_name="try-form",
        ),
        rx.el.div(
            rx.cond(state.asked != "", _answer(), rx.el.p(t("settings.try.nothing"), class_name="try-empty")),
            class_name="try-answer",
            aria_live="polite",
            aria_busy=state.trying,
        ),
        class_name="try-it",
    )


def _answer() -> rx.Component:
    state = CompanyState
    return rx.fragment(
        rx.el.p(state.asked, class_name="try-asked", dir="auto"),
        rx.cond(
            state.tried_by != "",
            rx.el.p(
                rx.el.span(state.tried_by),
                " ",
                rx.el.span(t("message.ai"), class_name="mark ai"),
                class_name="try-who",
            ),
        ),
        rx.html(state.answer, class_name="doc", dir="auto"),
        rx.cond(
            state.trying & (state.answer == ""),
            rx.el.p(rx.el.span(class_name="thinking-sign"), t("chat.thinking"), class_name="thinking"),
        ),
        rx.cond(state.tried_escalates, rx.el.p(t("settings.try.escalates"), class_name="remark")),
        rx.cond(
            state.tried_sources.length() > 0,
            rx.el.ul(
                rx.foreach(
                    state.tried_sources,
                    lambda one: rx.el.li(
                        rx.el.a(one.title, href=routes.backend("") + one.url, target="_blank", rel="noopener")
                    ),
                ),
                class_name="try-sources",
            ),
        ),
        rx.cond(state.tried_notice != "", rx.el.p(state.tried_notice, class_name="remark")),
        rx.cond(state.try_refusal != "", rx.el.p(state.try_refusal, role="alert", class_name="field-wrong")),
    )
