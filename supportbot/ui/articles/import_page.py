"""Bringing articles in: what to choose, how far it is, what would change, and what has."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from supportbot.models import ImportState as State
from supportbot.ui import routes
from supportbot.ui.articles.import_choosing import choosing
from supportbot.ui.articles.import_plan import outcome, plan
from supportbot.ui.articles.import_state import ImportPageState
from supportbot.ui.articles.import_view import RecentRow
from supportbot.ui.articles.tabs import tabs
from supportbot.ui.components.button import button
from supportbot.ui.components.notice import quiet_line, refusal
from supportbot.ui.components.time import clock, day
from supportbot.ui.escalations.layout import desk_page
from supportbot.ui.text import t

_SHOWN = tuple(State)


def article_import() -> rx.Component:
    """The whole page."""
    state = ImportPageState
    return desk_page(
        state,
        rx.el.main(
            rx.el.div(rx.el.h1(t("import.heading")), class_name="desk-list-head"),
            tabs("import", state),
            rx.el.div(
                refusal(state.notice, state.notice_at, state.dismiss),
                quiet_line(t("desk.live_lost"), state.live_lost),
                rx.cond(
                    state.ready,
                    rx.cond(state.allowed, rx.cond(state.run.id != "", _run(), _begin()), _not_for_you()),
                    rx.el.p(t("desk.loading"), class_name="desk-loading"),
                ),
                class_name="import settings-main",
            ),
            class_name="desk-list",
        ),
        at=routes.ARTICLES,
    )


def _not_for_you() -> rx.Component:
    return rx.el.div(
        rx.el.p(t("import.not_admin")),
        rx.el.p(t("import.not_admin_more"), class_name="desk-soft"),
        class_name="desk-nothing",
    )


def _begin() -> rx.Component:
    return rx.fragment(
        rx.el.p(t("import.lead"), class_name="import-lead"),
        choosing(),
        rx.cond(ImportPageState.recent.length() > 0, _recent()),
    )


def _run() -> rx.Component:
    return rx.match(
        ImportPageState.run.state,
        (State.READING.value, _progress(_reading(), cancel=True)),
        (State.IMPORTING.value, _progress(_importing(), cancel=False)),
        (State.PLANNED.value, plan()),
        outcome(),
    )


def _progress(words: rx.Component, *, cancel: bool) -> rx.Component:
    run = ImportPageState.run
    # Without a value the browser shows that something happens, and not how far it is.
    return rx.el.section(
        rx.el.p(words, id="import-far", role="status", class_name="import-far"),
        rx.cond(
            run.total > 0,
            rx.el.progress(value=run.done.to(str), max=run.total.to(str), aria_labelledby="import-far"),
            rx.el.progress(aria_labelledby="import-far"),
        ),
        rx.el.p(t("import.leave"), class_name="field-help"),
        rx.el.div(button(t("import.cancel"), on_click=ImportPageState.discard, class_name="small"))
        if cancel
        else rx.fragment(),
        class_name="import-card",
    )


def _reading() -> rx.Component:
    run = ImportPageState.run
    return rx.cond(
        run.total == 0,
        t("import.waiting"),
        rx.cond(
            run.done < run.total,
            t("import.reading", done=(run.done + 1).to(str), total=run.total.to(str)),
            t("import.comparing"),
        ),
    )


def _importing() -> rx.Component:
    run = ImportPageState.run
    return rx.cond(
        run.total > 0,
        t("import.importing", done=run.done.to(str), total=run.total.to(str)),
        t("import.importing.begins"),
    )


def _recent() -> rx.Component:
    return rx.el.section(
        rx.el.h2(t("import.recent"), class_name="settings-part"),
        rx.el.ul(rx.foreach(ImportPageState.recent, _recent_row), role="list", class_name="import-recent"),
    )


def _recent_row(one: rx.Var[RecentRow]) -> rx.Component:
    return rx.el.li(
        ReactRouterLink.create(
            rx.el.bdi(one.collection, class_name="import-name"),
            rx.el.span(
                rx.match(
                    one.state,
                    *((state.value, t(f"import.state.{state.value}")) for state in _SHOWN),
                    "",
                ),
                class_name="import-state",
                custom_attrs={"data-state": one.state},
            ),
            to=f"{routes.IMPORT}?run=" + one.id,
        ),
        rx.el.p(
            rx.cond(
                one.counted,
                rx.el.span(
                    t(
                        "import.counts",
                        added=one.added.to(str),
                        updated=one.updated.to(str),
                        retired=one.retired.to(str),
                    )
                ),
            ),
            rx.cond(one.by != "", rx.el.bdi(one.by)),
            rx.el.span(day(one.at), ", ", clock(one.at)),
            class_name="import-facts",
        ),
        key=one.id,
    )
