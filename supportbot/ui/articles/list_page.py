"""The list of articles: what there is, how it stands, how it is used."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from supportbot.knowledge.shelf import Order
from supportbot.models import WRITTEN_HERE
from supportbot.ui import routes
from supportbot.ui.articles.list_state import ArticleRow, ArticlesState
from supportbot.ui.articles.tabs import tabs
from supportbot.ui.articles.view import STATES
from supportbot.ui.components.icons import icon
from supportbot.ui.components.keys import command
from supportbot.ui.components.time import clock, day
from supportbot.ui.escalations.layout import desk_page
from supportbot.ui.text import t


def articles() -> rx.Component:
    """The whole page."""
    state = ArticlesState
    return desk_page(
        state,
        rx.el.main(
            rx.el.div(rx.el.h1(t("articles.heading")), _new(), class_name="desk-list-head"),
            tabs("articles", state),
            rx.el.div(_search(), _filters(), class_name="shelf-tools"),
            _count(),
            rx.cond(
                state.ready,
                rx.cond(state.rows.length() > 0, _rows(), _nothing()),
                rx.el.p(t("desk.loading"), class_name="desk-loading"),
            ),
            class_name="desk-list",
        ),
        at=routes.ARTICLES,
    )


def state_chip(state: rx.Var[str]) -> rx.Component:
    """Draft, published or retired, in a word."""
    return rx.el.span(
        rx.match(state, *((one, t(f"articles.state.{one}")) for one in STATES), ""),
        class_name="article-state",
        custom_attrs={"data-state": state},
    )


def _new() -> rx.Component:
    return ReactRouterLink.create(
        icon("new"),
        rx.el.span(t("articles.new")),
        to=routes.ARTICLE_NEW,
        class_name="button primary small",
        **command(t("articles.new")),
    )


def _search() -> rx.Component:
    state = ArticlesState
    return rx.el.form(
        rx.el.label(
            rx.el.span(t("articles.search"), class_name="unseen"),
            icon("search"),
            rx.el.input(
                type="search",
                name="search",
                default_value=state.search,
                key=state.search,
                placeholder=t("articles.search"),
                auto_complete="off",
                max_length=200,
                custom_attrs={"data-key": "/", "data-command": t("articles.search")},
            ),
            class_name="desk-search",
        ),
        on_submit=state.find,
        role="search",
    )


def _filters() -> rx.Component:
    state = ArticlesState
    return rx.el.div(
        _select(
            "state", state.state, *(rx.el.option(t(f"articles.state.{one}"), value=one) for one in STATES)
        ),
        rx.cond(
            state.languages.length() > 1,
            _select(
                "language",
                state.language,
                rx.foreach(state.languages, lambda one: rx.el.option(one[1], value=one[0], key=one[0])),
            ),
        ),
        rx.cond(
            state.collections.length() > 1,
            _select(
                "collection",
                state.collection,
                rx.foreach(
                    state.collections, lambda one: rx.el.option(collection_name(one), value=one, key=one)
                ),
            ),
        ),
        rx.el.select(
            *(rx.el.option(t(f"articles.order.{order}"), value=str(order)) for order in Order),
            value=state.order,
            on_change=lambda to: state.narrow("order", to),
            aria_label=t("articles.order"),
            class_name="desk-select",
        ),
        rx.cond(
            state.narrowed,
            ReactRouterLink.create(t("articles.filter.none"), to=routes.ARTICLES, class_name="desk-unfilter"),
        ),
        class_name="desk-filters",
    )


def _select(name: str, chosen: rx.Var[str], *options: rx.Component) -> rx.Component:
    return rx.el.select(
        rx.el.option(t(f"articles.filter.{name}"), value=""),
        *options,
        value=chosen,
        on_change=lambda to: ArticlesState.narrow(name, to),
        aria_label=t(f"articles.filter.{name}"),
        class_name="desk-select",
        custom_attrs={"data-on": chosen != ""},
    )


def collection_name(collection: rx.Var[str]) -> rx.Var[str]:
    """A collection as people call it."""
    return rx.cond(collection == WRITTEN_HERE, t(f"articles.collection.{WRITTEN_HERE}"), collection).to(str)


def _count() -> rx.Component:
    state = ArticlesState
    words = rx.cond(
        state.total == 1, t("articles.count_one"), t("articles.count", count=state.total.to_string())
    )
    return rx.el.p(rx.cond(state.ready, words, ""), role="status", class_name="shelf-count")


def _rows() -> rx.Component:
    return rx.fragment(
        rx.el.ul(rx.foreach(ArticlesState.rows, _row), role="list", class_name="desk-rows shelf"),
        _pages(),
    )


def _row(row: rx.Var[ArticleRow]) -> rx.Component:
    return rx.el.li(
        ReactRouterLink.create(
            rx.el.span(row.title, dir="auto", class_name="shelf-title"),
            rx.el.span(
                state_chip(row.state),
                rx.cond(row.has_changes, state_chip(rx.Var.create("changed"))),
                class_name="shelf-states",
            ),
            rx.el.span(row.language, class_name="shelf-language"),
            rx.el.span(
                rx.el.span(day(row.at), " ", clock(row.at)),
                rx.el.span(
                    rx.cond(row.by != "", t("articles.by", name=row.by), t("articles.by_import")), dir="auto"
                ),
                class_name="shelf-changed",
            ),
            rx.el.span(
                rx.cond(
                    row.cited == 1,
                    t("articles.cited_once"),
                    t("articles.cited", count=row.cited.to_string()),
                ),
                title=t("articles.cited_help"),
                class_name="shelf-cited",
                custom_attrs={"data-none": row.cited == 0},
            ),
            rx.el.span(
                rx.cond(
                    row.up > 0,
                    rx.el.span(
                        icon("good"), row.up, rx.el.span(t("articles.up", count=""), class_name="unseen")
                    ),
                ),
                rx.cond(
                    row.down > 0,
                    rx.el.span(
                        icon("bad"),
                        row.down,
                        rx.el.span(t("articles.down", count=""), class_name="unseen"),
                        class_name="shelf-bad",
                    ),
                ),
                title=t("articles.cited_help"),
                class_name="shelf-rated",
            ),
            to=row.url,
            class_name="shelf-row",
            custom_attrs={"data-row": ""},
        ),
        key=row.id,
    )


def _pages() -> rx.Component:
    state = ArticlesState
    return rx.cond(
        state.pages > 1,
        rx.el.nav(
            rx.cond(
                state.previous != "",
                ReactRouterLink.create(t("articles.previous"), to=state.previous, class_name="button plain"),
            ),
            rx.el.span(
                t("articles.page", page=state.page.to_string(), pages=state.pages.to_string()),
                aria_current="page",
            ),
            rx.cond(
                state.following != "",
                ReactRouterLink.create(t("articles.next"), to=state.following, class_name="button plain"),
            ),
            aria_label=t("articles.page", page=state.page.to_string(), pages=state.pages.to_string()),
            class_name="shelf-pages",
        ),
    )


def _nothing() -> rx.Component:
    return rx.cond(
        ArticlesState.narrowed,
        _said("articles.nothing_found"),
        _said("articles.nothing"),
    )


def _said(key: str) -> rx.Component:
    return rx.el.div(
        rx.el.p(t(key)), rx.el.p(t(f"{key}_more"), class_name="desk-soft"), class_name="desk-nothing"
    )
