"""Targets of the desk and limits of use: two short forms."""

import reflex as rx

from supportbot.ui.settings.limits_state import LimitsState, TargetsState
from supportbot.ui.settings.parts import section_form, settings_page, text_field
from supportbot.ui.settings.section_state import SectionPage
from supportbot.ui.text import t


def limits() -> rx.Component:
    """The whole page."""
    return settings_page(
        LimitsState,
        "limits",
        rx.cond(
            TargetsState.ready,
            rx.fragment(
                rx.el.h2(t("settings.targets"), class_name="settings-part"),
                section_form(
                    TargetsState,
                    "targets",
                    _number(TargetsState, "claim_within_minutes", "targets.claim", TargetsState.claim),
                    _number(TargetsState, "reopen_to_staff_hours", "targets.reopen", TargetsState.reopen),
                    _number(
                        TargetsState, "reply_mail_after_minutes", "targets.mail", TargetsState.reply_mail
                    ),
                ),
                rx.el.h2(t("settings.limits_heading"), class_name="settings-part"),
                section_form(
                    LimitsState,
                    "limits",
                    _number(LimitsState, "messages_per_minute", "limits.messages", LimitsState.messages),
                    _number(
                        LimitsState,
                        "messages_per_minute_address",
                        "limits.address",
                        LimitsState.messages_address,
                    ),
                    _number(LimitsState, "model_calls_per_minute", "limits.calls", LimitsState.calls),
                ),
            ),
        ),
    )


def _number(state: type[SectionPage], name: str, key: str, value: rx.Var[int]) -> rx.Component:
    return text_field(
        state, name, key, value.to(str), input_mode="numeric", max_length=9, class_name="number"
    )
