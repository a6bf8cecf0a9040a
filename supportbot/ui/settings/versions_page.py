"""Who changed what, and back: a section's versions, the newest at the top."""

import reflex as rx

from supportbot.house.sections import NAMES
from supportbot.ui.components.button import button
from supportbot.ui.components.notice import refusal
from supportbot.ui.settings.parts import changes, moment, settings_page
from supportbot.ui.settings.versions_state import VersionRow, VersionsState
from supportbot.ui.text import t


def versions() -> rx.Component:
    """The whole page."""
    state = VersionsState
    return settings_page(
        state,
        "versions",
        rx.el.div(
            *(
                rx.el.button(
                    t(f"settings.section.{name}"),
                    type="button",
                    on_click=state.show(name),
                    aria_pressed=state.of == name,
                    class_name="version-section",
                )
                for name in NAMES
            ),
            role="group",
            aria_label=t("settings.versions.sections"),
            class_name="version-sections",
        ),
        refusal(state.notice, state.notice_at, state.dismiss),
        rx.el.div(
            rx.cond(
                state.restored >= 0,
                rx.el.p(
                    rx.cond(
                        state.restored > 0,
                        t("settings.versions.restored", number=state.restored.to(str)),
                        t("settings.versions.restored_first"),
                    ),
                    class_name="notice settings-done",
                ),
            ),
            role="status",
        ),
        rx.el.ol(rx.foreach(state.rows, _version), role="list", class_name="versions"),
    )


def _version(one: rx.Var[VersionRow], number: rx.Var[int]) -> rx.Component:
    state = VersionsState
    return rx.el.li(
        rx.el.div(
            rx.el.div(
                rx.el.span(
                    rx.cond(
                        one.version > 0,
                        t("settings.versions.number", number=one.version.to(str)),
                        t("settings.versions.first"),
                    ),
                    class_name="version-name",
                ),
                rx.cond(number == 0, rx.el.span(t("settings.versions.now"), class_name="settings-chip")),
                rx.cond(
                    one.restored_from >= 0,
                    rx.el.span(
                        rx.cond(
                            one.restored_from > 0,
                            t("settings.versions.from", number=one.restored_from.to(str)),
                            t("settings.versions.from_first"),
                        ),
                        class_name="desk-soft",
                    ),
                ),
                rx.cond(
                    one.by != "",
                    rx.el.span(rx.el.bdi(one.by), ", ", moment(one.at), class_name="version-by"),
                ),
                class_name="version-about",
            ),
            rx.cond(
                number > 0,
                rx.el.div(
                    button(
                        rx.cond(
                            state.compared == one.version,
                            t("settings.versions.hide"),
                            t("settings.versions.compare"),
                        ),
                        kind="quiet",
                        on_click=state.compare(one.version),
                        aria_expanded=state.compared == one.version,
                        class_name="small",
                    ),
                    button(
                        t("settings.versions.restore"),
                        on_click=state.restore(one.version),
                        class_name="small",
                    ),
                    class_name="version-actions",
                ),
            ),
            class_name="version-line",
        ),
        rx.cond(
            (state.compared == one.version) & (number > 0),
            rx.cond(
                state.changes.length() > 0,
                changes(state.changes, t("settings.then"), t("settings.now")),
                rx.el.p(t("settings.versions.same"), class_name="field-help"),
            ),
        ),
        key=one.version,
    )
