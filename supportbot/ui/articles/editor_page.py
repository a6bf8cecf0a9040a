"""Where articles are written: the text on one side, what belongs to it on the other.

`assets/supportbot.js` fills the fields, keeps what is typed, and saves; docs/script.md says by which marks.
"""

import reflex as rx
from reflex_components_core.el.elements.base import BaseHTML
from reflex_components_core.react_router.dom import ReactRouterLink

from supportbot.ui import routes
from supportbot.ui.articles.editor_parts import details, preview, versions
from supportbot.ui.articles.editor_state import EditorState
from supportbot.ui.articles.list_page import state_chip
from supportbot.ui.components.button import button
from supportbot.ui.components.dialog import closes, dialog, opens
from supportbot.ui.components.icons import icon
from supportbot.ui.components.keys import command
from supportbot.ui.components.notice import refusal
from supportbot.ui.escalations.layout import desk_page
from supportbot.ui.text import t

RETIRING = "retire-article"
TEXTS = routes.backend("/staff/articles/")
STANDINGS = ("loading", "saving", "saved", "published", "unsaved", "kept", "refused", "offline", "unread")
PANES = ("write", "preview", "details", "versions")


class _Form(BaseHTML):
    tag = "form"


def editor() -> rx.Component:
    """The whole page."""
    state = EditorState
    return desk_page(
        state,
        rx.el.main(
            rx.cond(
                state.ready,
                rx.cond(state.missing, _missing(), _form()),
                rx.el.p(t("desk.loading"), class_name="desk-loading"),
            ),
            class_name="editor",
        ),
        _retiring(),
        at=routes.ARTICLES,
    )


def _missing() -> rx.Component:
    return rx.el.div(
        rx.el.h1(t("editor.missing")),
        rx.el.p(t("editor.missing_more"), class_name="desk-soft"),
        ReactRouterLink.create(t("editor.back"), to=routes.ARTICLES, class_name="button plain"),
        class_name="desk-nothing",
    )


def _form() -> rx.Component:
    state = EditorState
    return _Form.create(
        _head(),
        refusal(state.notice, state.notice_at, state.dismiss),
        rx.el.p(hidden=True, role="alert", class_name="notice refusal", custom_attrs={"data-problem": ""}),
        _meanwhile(),
        _standing_of_readers(),
        rx.el.div(_text(), _side(), class_name="editor-body"),
        rx.el.button(
            hidden=True, type="button", on_click=state.saved, custom_attrs={"data-saved-signal": ""}
        ),
        class_name="editor-form",
        custom_attrs={
            "noValidate": True,
            "autoComplete": "off",
            "data-article": state.article,
            "data-draft": state.draft,
            "data-version": state.newest,
            "data-texts": TEXTS,
            "data-page": routes.ARTICLES + "/",
            "data-save-first": t("editor.save_first"),
        },
    )


def _head() -> rx.Component:
    state = EditorState
    return rx.el.header(
        ReactRouterLink.create(
            icon("back"),
            rx.el.span(t("editor.back"), class_name="unseen"),
            to=routes.ARTICLES,
            title=t("editor.back"),
            class_name="icon-button",
        ),
        rx.el.h1(rx.cond(state.newest > 0, state.title, t("editor.new")), class_name="unseen"),
        rx.cond(state.newest > 0, state_chip(state.state)),
        rx.el.p(
            role="status",
            class_name="editor-standing",
            custom_attrs={"data-standing": "", **{f"data-{one}": t(f"editor.{one}") for one in STANDINGS}},
        ),
        rx.el.button(
            t("editor.kept.drop"),
            hidden=True,
            type="button",
            class_name="link-button",
            custom_attrs={"data-drop": ""},
        ),
        rx.el.div(
            rx.cond(
                state.state == "published",
                rx.el.a(
                    t("editor.read"),
                    href=state.url,
                    target="_blank",
                    class_name="editor-read",
                ),
            ),
            rx.cond(
                (state.newest > 0) & (state.state != "retired"),
                opens(RETIRING, t("editor.retire"), kind="quiet", class_name="small editor-retire"),
            ),
            button(
                t("editor.save"),
                type="submit",
                class_name="small",
                title=t("editor.save.help"),
                aria_keyshortcuts="Control+S Meta+S",
                **command(t("editor.save"), **{"data-how": "save"}),
            ),
            button(
                rx.match(
                    state.state,
                    ("retired", t("editor.publish_again")),
                    (
                        "published",
                        rx.cond(state.has_changes, t("editor.publish_changes"), t("editor.publish")),
                    ),
                    t("editor.publish"),
                ).to(str),
                kind="primary",
                type="submit",
                class_name="small",
                title=t("editor.publish.help"),
                **command(t("editor.publish"), **{"data-how": "publish"}),
            ),
            class_name="editor-actions",
        ),
        class_name="editor-head",
    )


def _standing_of_readers() -> rx.Component:
    """What readers have, where it is not what stands below."""
    state = EditorState
    return rx.el.div(
        rx.cond(
            state.restored > 0,
            rx.el.p(t("editor.version.restored_done", number=state.restored.to_string())),
        ),
        rx.cond(
            state.has_changes,
            rx.el.p(
                t("editor.changes", published=state.published.to_string(), newest=state.newest.to_string())
            ),
        ),
        rx.cond(state.state == "retired", rx.el.p(t("editor.retired"))),
        role="status",
        class_name="editor-readers",
    )


def _meanwhile() -> rx.Component:
    """Somebody was quicker: what is different, and both ways out. The script shows it."""
    return rx.el.section(
        rx.el.p(role="alert", custom_attrs={"data-meanwhile-sentence": ""}),
        rx.el.iframe(
            title=t("editor.meanwhile.frame"),
            class_name="editor-frame editor-theirs",
            custom_attrs={"sandbox": "allow-same-origin", "data-theirs": ""},
        ),
        rx.el.div(
            button(t("editor.meanwhile.mine"), kind="primary", custom_attrs={"data-over": ""}),
            button(t("editor.meanwhile.theirs"), custom_attrs={"data-give-up": ""}),
            class_name="editor-actions",
        ),
        hidden=True,
        aria_label=t("editor.meanwhile"),
        class_name="notice refusal editor-meanwhile",
        custom_attrs={"data-meanwhile": ""},
    )


def _text() -> rx.Component:
    return rx.el.div(
        rx.el.label(t("editor.title"), html_for="article-title", class_name="unseen"),
        rx.el.input(
            id="article-title",
            name="title",
            type="text",
            dir="auto",
            placeholder=t("editor.title.placeholder"),
            read_only=True,
            class_name="editor-title",
        ),
        rx.el.label(t("editor.body"), html_for="article-body", class_name="unseen"),
        rx.el.textarea(
            id="article-body",
            name="body",
            dir="auto",
            placeholder=t("editor.body.placeholder"),
            read_only=True,
            spell_check=True,
            class_name="editor-text",
        ),
        class_name="editor-writing",
    )


def _side() -> rx.Component:
    return rx.el.div(
        rx.el.fieldset(
            rx.el.legend(t("editor.side"), class_name="unseen"),
            *(_pane_button(pane) for pane in PANES),
            class_name="editor-panes",
        ),
        rx.el.div(preview(), class_name="editor-pane editor-preview"),
        rx.el.div(details(), class_name="editor-pane editor-details"),
        rx.el.div(versions(), class_name="editor-pane editor-versions"),
        class_name="editor-side",
    )


def _pane_button(pane: str) -> rx.Component:
    # Radios of the browser's own: what is shown is a matter of style alone.
    return rx.el.label(
        rx.el.input(
            type="radio",
            id=f"pane-{pane}",
            name="pane",
            value=pane,
            default_checked=pane == "write",
            class_name="unseen",
        ),
        rx.el.span(t(f"editor.pane.{pane}")),
        class_name=f"editor-to-{pane}",
    )


def _retiring() -> rx.Component:
    return dialog(
        RETIRING,
        t("editor.retire.title"),
        rx.el.p(
            rx.cond(EditorState.state == "draft", t("editor.retire.draft_body"), t("editor.retire.body"))
        ),
        rx.el.div(
            closes(RETIRING, t("editor.retire.keep")),
            button(
                t("editor.retire"),
                kind="primary",
                on_click=EditorState.retire,
                custom_attrs={"data-closes": RETIRING},
            ),
            class_name="editor-actions",
        ),
        class_name="editor-retiring",
    )
