"""What stands beside the text of an article: how readers see it, its details, its versions."""

from typing import Any

import reflex as rx

from supportbot.ui import routes
from supportbot.ui.articles.editor_state import EditorState, VersionRow
from supportbot.ui.articles.languages import LANGUAGES
from supportbot.ui.articles.list_page import collection_name
from supportbot.ui.components.button import button
from supportbot.ui.components.time import clock, day
from supportbot.ui.text import t

MARKDOWN = (
    ("heading", "## How long it takes"),
    ("bold", "**ten days**"),
    ("link", "[Prices](/help/prices)"),
    ("list", "- by card"),
    ("steps", "1. Open Settings"),
    ("code", "`Ctrl S`"),
)


def preview() -> rx.Component:
    """The article as readers see it, in a frame where nothing can run; the script fills it."""
    return rx.el.iframe(
        title=t("editor.preview.frame"),
        class_name="editor-frame",
        custom_attrs={"sandbox": "allow-same-origin", "data-preview": ""},
    )


def details() -> rx.Component:
    """What is known of the article besides its text."""
    state = EditorState
    return rx.fragment(
        _field("description", rx.el.textarea, rows=3, dir="auto"),
        _field(
            "language",
            rx.el.select,
            *(rx.el.option(name, value=code, lang=code) for code, name in LANGUAGES.items()),
        ),
        _field(
            "slug",
            rx.el.input,
            type="text",
            dir="ltr",
            read_only=(state.state == "published") | (state.state == "retired"),
            help=rx.cond(
                (state.state == "published") | (state.state == "retired"),
                t("editor.slug.fixed"),
                t("editor.slug.help"),
            ),
        ),
        rx.cond(
            state.newest > 0,
            rx.el.section(
                rx.el.h2(t("editor.use")),
                rx.el.dl(
                    *(
                        rx.el.div(rx.el.dt(t(f"editor.use.{name}")), rx.el.dd(count))
                        for name, count in (("cited", state.cited), ("up", state.up), ("down", state.down))
                    ),
                    class_name="editor-use",
                ),
                rx.cond(
                    state.imported != "",
                    rx.el.p(
                        t("editor.imported", collection=collection_name(state.imported)),
                        class_name="field-help",
                    ),
                ),
            ),
        ),
        rx.el.details(
            rx.el.summary(t("editor.markdown")),
            rx.el.dl(
                *(
                    rx.el.div(rx.el.dt(rx.el.code(sample)), rx.el.dd(t(f"editor.markdown.{name}")))
                    for name, sample in MARKDOWN
                ),
                class_name="editor-markdown",
            ),
            rx.el.p(t("editor.markdown.left_out"), class_name="field-help"),
        ),
    )


def _field(name: str, control: Any, *content: Any, help: Any = None, **props: Any) -> rx.Component:
    return rx.el.div(
        rx.el.label(t(f"editor.{name}"), html_for=f"article-{name}"),
        control(*content, id=f"article-{name}", name=name, aria_describedby=f"article-{name}-help", **props),
        rx.el.p(
            t(f"editor.{name}.help") if help is None else help,
            id=f"article-{name}-help",
            class_name="field-help",
        ),
        class_name="editor-field",
    )


def versions() -> rx.Component:
    """Who left the article how and when, the newest first."""
    state = EditorState
    return rx.cond(
        state.versions.length() > 0,
        rx.el.ol(rx.foreach(state.versions, _version), role="list", class_name="editor-history"),
        rx.el.p(t("editor.version.none"), class_name="desk-soft"),
    )


def _version(one: rx.Var[VersionRow], place: rx.Var[int]) -> rx.Component:
    state = EditorState
    number = one.version.to_string()
    shown = state.compared == one.version
    return rx.el.li(
        rx.el.div(
            rx.el.span(t("editor.version", number=number), class_name="version-name"),
            rx.cond(place == 0, rx.el.span(t("editor.version.newest"), class_name="article-state")),
            rx.cond(
                (one.version == state.published) & (state.state == "published"),
                rx.el.span(
                    t("editor.version.now"),
                    class_name="article-state",
                    custom_attrs={"data-state": "published"},
                ),
            ),
            class_name="editor-version-name",
        ),
        rx.el.p(
            rx.cond(one.by != "", rx.fragment(rx.el.bdi(one.by), ", ")),
            day(one.at),
            ", ",
            clock(one.at),
            rx.match(
                one.origin,
                ("imported", rx.fragment(", ", t("editor.version.imported"))),
                ("drafted", rx.fragment(", ", t("editor.version.drafted"))),
                rx.fragment(),
            ),
            rx.cond(
                one.restored_from > 0,
                rx.fragment(", ", t("editor.version.restored", number=one.restored_from.to_string())),
            ),
            class_name="desk-soft",
        ),
        rx.cond(
            place > 0,
            rx.el.div(
                button(
                    rx.cond(shown, t("editor.version.hide"), t("editor.version.compare")),
                    kind="quiet",
                    on_click=state.compare(one.version),
                    aria_label=t("editor.version.compare_of", number=number),
                    aria_expanded=shown,
                    class_name="small",
                ),
                button(
                    t("editor.version.restore"),
                    on_click=state.restore(one.version),
                    aria_label=t("editor.version.restore_of", number=number),
                    class_name="small",
                    custom_attrs={"data-needs-saved": ""},
                ),
                class_name="editor-actions",
            ),
        ),
        rx.cond(shown & (place > 0), _comparison(one, number)),
        key=one.version,
    )


def _comparison(one: rx.Var[VersionRow], number: rx.Var[str]) -> rx.Component:
    state = EditorState
    address = (
        routes.backend("/staff/articles/")
        + state.article
        + "/compare?from="
        + number
        + "&to="
        + state.newest.to_string()
    )
    # A frame of its own for each address: to change one's address would be a step of the browser's history.
    return rx.el.iframe(
        src=address,
        key=address,
        title=t("editor.version.frame", number=number),
        class_name="editor-frame editor-compared",
        custom_attrs={"sandbox": "allow-same-origin"},
    )
