"""The lists at the desk: what to look at on the left, and what there is of it, live."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from supportbot.escalations.lists import List
from supportbot.ui import routes
from supportbot.ui.components.button import button
from supportbot.ui.components.icons import icon
from supportbot.ui.components.keys import command
from supportbot.ui.components.notice import quiet_line, refusal
from supportbot.ui.escalations import labels
from supportbot.ui.escalations.layout import desk_page
from supportbot.ui.escalations.list_row import row
from supportbot.ui.escalations.list_state import AT_MOST, QueueState
from supportbot.ui.escalations.troubles import troubles
from supportbot.ui.escalations.view import View
from supportbot.ui.text import t


def escalations() -> rx.Component:
    """The whole page."""
    return desk_page(
        QueueState,
        rx.el.div(
            rail(),
            rx.el.main(
                rx.el.div(rx.el.h1(_heading()), _search(), class_name="desk-list-head"),
                _said_aloud(),
                refusal(QueueState.notice, QueueState.notice_at, QueueState.dismiss),
                quiet_line(t("desk.live_lost"), QueueState.live_lost),
                troubles(QueueState),
                rx.cond(QueueState.search == "", _filters()),
                rx.cond(
                    QueueState.ready,
                    rx.cond(QueueState.rows.length() > 0, _rows(), _empty()),
                    rx.el.p(t("desk.loading"), class_name="desk-loading"),
                ),
                class_name="desk-list",
            ),
            class_name="desk-lists",
        ),
    )


def rail() -> rx.Component:
    """The lists, each with how many stand in it; a row of tabs where the page is narrow."""
    return rx.el.nav(*(_list(which) for which in List), aria_label=t("desk.lists"), class_name="desk-rail")


def _list(which: List) -> rx.Component:
    name = t(f"desk.list.{which}")
    here = (QueueState.which == str(which)) & (QueueState.search == "")
    return ReactRouterLink.create(
        rx.el.span(name),
        _count(which),
        to=View(which).address,
        aria_current=rx.cond(here, "page", "false"),
        class_name="desk-rail-item",
        **command(name),
    )


def _count(which: List) -> rx.Component:
    """How many; what waits, and what has news for oneself, is marked."""
    count = QueueState.counts[str(which)]
    news = {List.WAITING: count > 0, List.MINE: QueueState.unread > 0}.get(which, rx.Var.create(False))
    return rx.cond(
        count > 0,
        rx.el.span(
            rx.cond(count >= 1_000, "1,000+", count.to(str)),
            rx.cond(
                (which == List.MINE) & (QueueState.unread > 0),
                rx.el.span(t("desk.unread_count", count=QueueState.unread.to(str)), class_name="unseen"),
            ),
            class_name="desk-rail-count",
            custom_attrs={"data-news": news},
        ),
    )


def _heading() -> rx.Var[str]:
    return rx.cond(
        QueueState.search != "",
        t("desk.found", words=QueueState.search),
        rx.match(
            QueueState.which,
            *((str(which), t(f"desk.list.{which}")) for which in List),
            t("desk.heading"),
        ),
    ).to(str)


def _search() -> rx.Component:
    return rx.el.form(
        rx.el.label(
            rx.el.span(t("desk.search"), class_name="unseen"),
            icon("search"),
            rx.el.input(
                type="search",
                name="search",
                default_value=QueueState.search,
                key=QueueState.search,
                placeholder=t("desk.search"),
                auto_complete="off",
                max_length=200,
                custom_attrs={"data-key": "/", "data-command": t("desk.search")},
            ),
            class_name="desk-search",
        ),
        on_submit=QueueState.find,
        role="search",
    )


def _filters() -> rx.Component:
    """What narrows the list, and what it is narrowed to."""
    return rx.el.div(
        _filter("tag", QueueState.tag, QueueState.tags),
        _reasons(),
        _filter("language", QueueState.language, QueueState.languages),
        rx.cond(
            (QueueState.tag != "") | (QueueState.reason != "") | (QueueState.language != ""),
            ReactRouterLink.create(
                t("desk.filter.none"),
                to=rx.cond(
                    QueueState.which == str(List.WAITING),
                    routes.ESCALATIONS,
                    f"{routes.ESCALATIONS}?list=" + QueueState.which,
                ),
                class_name="desk-unfilter",
            ),
        ),
        class_name="desk-filters",
    )


def _filter(name: str, chosen: rx.Var[str], choices: rx.Var[list[str]]) -> rx.Component:
    return rx.cond(
        choices.length() > 0,
        _select(
            name,
            chosen,
            rx.foreach(choices, lambda one: rx.el.option(one, value=one, key=one)),
        ),
    )


def _reasons() -> rx.Component:
    known = [rx.el.option(words, value=code) for code, words in labels.REASONS.items()]
    return _select("reason", QueueState.reason, *known)


def _select(name: str, chosen: rx.Var[str], *options: rx.Component) -> rx.Component:
    return rx.el.select(
        rx.el.option(t(f"desk.filter.{name}"), value=""),
        *options,
        value=chosen,
        on_change=lambda to: QueueState.narrow(name, to),
        aria_label=t(f"desk.filter.{name}"),
        class_name="desk-select",
        custom_attrs={"data-on": chosen != ""},
    )


def _said_aloud() -> rx.Component:
    """For screen readers: how many there are, whenever it changes."""
    shown = t("desk.rows_shown", count=QueueState.rows.length().to(str))
    return rx.el.p(rx.cond(QueueState.ready, shown, ""), role="status", class_name="unseen")


def _rows() -> rx.Component:
    return rx.fragment(
        rx.el.ul(rx.foreach(QueueState.rows, lambda one: _item(one)), role="list", class_name="desk-rows"),
        rx.cond(
            QueueState.more, button(t("desk.more"), on_click=QueueState.show_more, class_name="desk-more")
        ),
        rx.cond(QueueState.full, rx.el.p(t("desk.only_first", shown=f"{AT_MOST}"), class_name="desk-cut")),
    )


def _item(one) -> rx.Component:
    waits = (one.owner == "waiting") | (one.owner == "meanwhile")
    return rx.el.li(
        row(one, QueueState.target_minutes),
        rx.cond(
            waits,
            button(
                t("desk.claim"),
                on_click=QueueState.claim(one.id).throttle(1_000),
                aria_label=t("desk.claim_of", name=one.customer),
                class_name="desk-claim",
            ),
        ),
        key=one.id,
        custom_attrs={"data-conversation": one.id},
    )


def _empty() -> rx.Component:
    """Nothing to do, said in words."""
    narrowed = (QueueState.tag != "") | (QueueState.reason != "") | (QueueState.language != "")
    return rx.cond(
        QueueState.search != "",
        _nothing(t("desk.nothing_found"), t("desk.nothing_found_more")),
        rx.cond(
            narrowed,
            _nothing(t("desk.nothing_narrowed"), t("desk.nothing_narrowed_more")),
            rx.match(
                QueueState.which,
                *(
                    (str(which), _nothing(t(f"desk.nothing.{which}"), t(f"desk.nothing.{which}_more")))
                    for which in List
                ),
                rx.fragment(),
            ),
        ),
    )


def _nothing(words: rx.Var[str], more: rx.Var[str]) -> rx.Component:
    return rx.el.div(rx.el.p(words), rx.el.p(more, class_name="desk-soft"), class_name="desk-nothing")


def queue_pane(current: rx.Var[str]) -> rx.Component:
    """The list one came from, beside an open conversation; shown where the page is wide enough.

    Args:
        current: The id of the open conversation. The page's `on_load` has `QueueState.open` in it.
    """
    return rx.el.aside(
        rx.el.header(
            rx.el.h2(_heading()),
            ReactRouterLink.create(
                icon("back"),
                rx.el.span(t("desk.back_to_list"), class_name="unseen"),
                to=f"{routes.ESCALATIONS}" + QueueState.query,
                title=t("desk.back_to_list"),
                class_name="icon-button",
            ),
            class_name="queue-head",
        ),
        rx.el.ul(
            rx.foreach(
                QueueState.rows,
                lambda one: rx.el.li(
                    row(one, QueueState.target_minutes, current=one.id == current), key=one.id
                ),
            ),
            role="list",
            class_name="queue-rows",
        ),
        rx.cond(
            QueueState.ready & (QueueState.rows.length() == 0),
            rx.el.p(t("desk.nothing_here"), class_name="desk-soft queue-empty"),
        ),
        rx.cond(
            QueueState.more, button(t("desk.more"), on_click=QueueState.show_more, class_name="desk-more")
        ),
        aria_label=t("desk.lists"),
        class_name="queue-pane",
    )
