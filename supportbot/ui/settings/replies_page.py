"""The kept replies: each a title and a text that unfold, and how it reads for a customer."""

import reflex as rx

from supportbot.escalations.canned import GAPS
from supportbot.ui.components.icons import icon
from supportbot.ui.components.live_form import form_button
from supportbot.ui.settings.parts import section_form, settings_page
from supportbot.ui.settings.replies_state import RepliesState, ReplyRow
from supportbot.ui.text import t


def replies() -> rx.Component:
    """The whole page."""
    state = RepliesState
    return settings_page(
        state,
        "replies",
        section_form(
            state,
            "replies",
            rx.el.details(
                rx.el.summary(t("settings.replies.gaps")),
                rx.el.dl(
                    *(
                        rx.el.div(rx.el.dt("{" + gap + "}"), rx.el.dd(t(f"settings.gap.{gap}")))
                        for gap in GAPS
                    ),
                    class_name="gaps",
                ),
                class_name="settings-more",
            ),
            rx.el.div(
                form_button(
                    icon("new"),
                    rx.el.span(t("settings.replies.add")),
                    on_click=state.add,
                    class_name="small",
                )
            ),
            rx.cond(
                state.rows.length() > 0,
                rx.el.ol(rx.foreach(state.rows, _reply), role="list", class_name="replies"),
                rx.el.p(t("settings.replies.none"), class_name="settings-none"),
            ),
        ),
    )


def _reply(row: rx.Var[ReplyRow], number: rx.Var[int]) -> rx.Component:
    state = RepliesState
    is_wrong = (state.wrong == "replies") & (state.wrong_row == number) & (state.sentence != "")
    return rx.el.li(
        rx.el.details(
            rx.el.summary(
                rx.cond(row.title != "", rx.el.bdi(row.title), t("settings.replies.untitled")),
                class_name="reply-title",
            ),
            rx.el.div(
                rx.el.label(t("settings.replies.title"), html_for="title:" + row.id),
                rx.el.input(
                    id="title:" + row.id,
                    name="title:" + row.id,
                    type="text",
                    default_value=row.title,
                    max_length=60,
                    dir="auto",
                ),
                rx.el.label(t("settings.replies.body"), html_for="body:" + row.id),
                rx.el.textarea(
                    id="body:" + row.id,
                    name="body:" + row.id,
                    default_value=row.body,
                    rows=5,
                    dir="auto",
                ),
                rx.cond(
                    row.preview != "",
                    rx.el.div(
                        rx.el.p(t("settings.replies.preview"), class_name="field-help"),
                        rx.el.p(row.preview, class_name="reply-preview", dir="auto"),
                    ),
                ),
                class_name="settings-field",
            ),
            custom_attrs={"open": row.begun},
        ),
        rx.cond(is_wrong, rx.el.p(state.sentence, role="alert", key=state.said, class_name="field-wrong")),
        rx.el.div(
            _button("up", t("settings.replies.up"), state.move(row.id, -1)),
            _button("newest", t("settings.replies.down"), state.move(row.id, 1)),
            _button("close", t("settings.replies.remove"), state.remove(row.id)),
            class_name="reply-actions",
        ),
        key=row.id,
        class_name="kept-reply",
    )


def _button(sign: str, words: rx.Var[str], on_click: rx.event.EventSpec) -> rx.Component:
    return form_button(
        icon(sign),
        rx.el.span(words, class_name="unseen"),
        kind="quiet",
        on_click=on_click,
        class_name="small bare",
        title=words,
    )
