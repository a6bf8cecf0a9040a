"""What customers ask and the articles do not answer: by what is asked, with the way to an article."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from supportbot.knowledge.collecting import Cause
from supportbot.knowledge.gaps import GapState
from supportbot.ui import routes
from supportbot.ui.components.button import button
from supportbot.ui.components.keys import command
from supportbot.ui.components.notice import quiet_line, refusal
from supportbot.ui.components.time import clock, day
from supportbot.ui.escalations.layout import desk_page
from supportbot.ui.gaps.state import Asked, GapLine, GapsState, Known
from supportbot.ui.gaps.view import GapView
from supportbot.ui.text import t


def gaps() -> rx.Component:
    """The whole page."""
    return desk_page(
        GapsState,
        rx.el.main(
            rx.el.div(
                rx.el.div(
                    rx.el.h1(t("gaps.heading")),
                    rx.el.p(t("gaps.lead"), class_name="desk-soft"),
                ),
                class_name="desk-list-head",
            ),
            refusal(GapsState.notice, GapsState.notice_at, GapsState.dismiss),
            quiet_line(t("desk.live_lost"), GapsState.live_lost),
            rx.el.div(_states(), _filters(), class_name="gaps-head"),
            _undo(),
            _said_aloud(),
            rx.cond(
                GapsState.ready,
                rx.cond(GapsState.rows.length() > 0, _rows(), _empty()),
                rx.el.p(t("desk.loading"), class_name="desk-loading"),
            ),
            class_name="desk-list",
        ),
        at=routes.GAPS,
    )


def _states() -> rx.Component:
    return rx.el.nav(
        *(_state(one) for one in GapState), aria_label=t("gaps.states"), class_name="gaps-states"
    )


def _state(one: GapState) -> rx.Component:
    name, count = t(f"gaps.state.{one}"), GapsState.counts[str(one)]
    return ReactRouterLink.create(
        rx.el.span(name),
        rx.cond(
            count > 0,
            rx.el.span(rx.cond(count >= 1_000, "1,000+", count.to(str)), class_name="desk-rail-count"),
        ),
        to=GapView(one).address,
        aria_current=rx.cond(GapsState.shown == str(one), "page", "false"),
        class_name="desk-rail-item",
        **command(name),
    )


def _filters() -> rx.Component:
    causes = [rx.el.option(t(f"gaps.cause.{one}"), value=str(one)) for one in Cause]
    languages = rx.foreach(GapsState.languages, lambda one: rx.el.option(one, value=one, key=one))
    return rx.el.div(
        _select("cause", GapsState.cause, *causes),
        rx.cond(GapsState.languages.length() > 1, _select("language", GapsState.language, languages)),
        class_name="desk-filters",
    )


def _select(name: str, chosen: rx.Var[str], *options: rx.Component) -> rx.Component:
    return rx.el.select(
        rx.el.option(t(f"gaps.filter.{name}"), value=""),
        *options,
        value=chosen,
        on_change=lambda to: GapsState.narrow(name, to),
        aria_label=t(f"gaps.filter.{name}"),
        class_name="desk-select",
        custom_attrs={"data-on": chosen != ""},
    )


def _undo() -> rx.Component:
    return rx.el.div(
        rx.cond(
            GapsState.put_away_question != "",
            rx.el.div(
                rx.el.p(t("gaps.dismissed", question=GapsState.put_away_question), dir="auto"),
                button(t("gaps.undo"), kind="quiet", on_click=GapsState.undo, class_name="outbox-button"),
                class_name="notice outbox-undo",
            ),
        ),
        role="status",
    )


def _said_aloud() -> rx.Component:
    """For screen readers: how many there are, whenever it changes."""
    shown = t("gaps.shown", count=GapsState.rows.length().to(str))
    return rx.el.p(rx.cond(GapsState.ready, shown, ""), role="status", class_name="unseen")


def _rows() -> rx.Component:
    return rx.fragment(
        rx.el.ul(rx.foreach(GapsState.rows, _row), role="list", class_name="desk-rows"),
        rx.cond(GapsState.more, button(t("desk.more"), on_click=GapsState.show_more, class_name="desk-more")),
    )


def _row(row: rx.Var[GapLine]) -> rx.Component:
    """What is asked, how often and how we know; then the questions, and what can be done."""
    return rx.el.li(
        rx.el.div(
            rx.el.h2(row.question, dir="auto"),
            rx.el.p(
                _how_often(row),
                rx.foreach(row.causes, _cause),
                rx.cond(row.language, rx.el.span(row.language, class_name="desk-chip")),
                class_name="gap-facts",
            ),
            _article(row),
            rx.el.details(
                rx.el.summary(t("gaps.questions")),
                rx.el.ul(rx.foreach(row.asked, _asked), role="list"),
            ),
            class_name="gap-about",
        ),
        _actions(row),
        key=row.id,
        class_name="gap",
        custom_attrs={"data-gap": row.id, "data-state": row.state},
    )


def _how_often(row: rx.Var[GapLine]) -> rx.Component:
    often = rx.cond(row.customers == 1, t("gaps.customer"), t("gaps.customers", count=row.customers.to(str)))
    return rx.el.span(often, " ", day(row.at), ", ", clock(row.at))


def _cause(one: rx.Var[Known]) -> rx.Component:
    words = ((str(cause), rx.fragment(t(f"gaps.cause.{cause}"))) for cause in Cause)
    return rx.el.span(
        rx.match(one.cause, *words, rx.fragment()),
        rx.cond(one.count > 1, rx.fragment(" ", rx.el.b(one.count))),
        class_name="desk-chip",
        custom_attrs={"data-cause": one.cause},
    )


def _article(row: rx.Var[GapLine]) -> rx.Component:
    """The article drafted for it, and that it did not help."""
    again = rx.cond(row.since == 1, t("gaps.again_once"), t("gaps.again", count=row.since.to(str)))
    standing = rx.match(
        row.article_state,
        ("draft", rx.fragment(t("gaps.article.draft"))),
        ("published", rx.fragment(rx.cond(row.since > 0, again, t("gaps.article.published")))),
        rx.fragment(t("gaps.article.retired")),
    )
    return rx.cond(
        row.article_url,
        rx.el.p(
            standing,
            " ",
            ReactRouterLink.create(row.article, to=row.article_url, dir="auto"),
            class_name=rx.cond(row.since > 0, "gap-article gap-again", "gap-article"),
        ),
    )


def _asked(one: rx.Var[Asked]) -> rx.Component:
    return rx.el.li(
        ReactRouterLink.create(one.text, to=one.url, dir="auto"),
        " ",
        rx.el.span(day(one.at), class_name="desk-soft"),
    )


def _actions(row: rx.Var[GapLine]) -> rx.Component:
    goes_on = (row.article_url != "") & (row.article_state != "retired")
    return rx.el.div(
        rx.cond(
            row.state == "dismissed",
            button(
                t("gaps.bring_back"),
                on_click=GapsState.bring_back(row.id),
                aria_label=t("gaps.bring_back_of", question=row.question),
                class_name="outbox-button",
            ),
            rx.fragment(
                rx.cond(
                    goes_on,
                    rx.fragment(),
                    button(
                        rx.cond(GapsState.drafting == row.id, t("gaps.drafting"), t("gaps.draft")),
                        on_click=GapsState.draft(row.id),
                        aria_label=t("gaps.draft_of", question=row.question),
                        aria_disabled=GapsState.drafting != "",
                        class_name="outbox-button",
                    ),
                ),
                rx.cond(
                    row.state == "open",
                    button(
                        t("gaps.dismiss"),
                        kind="quiet",
                        on_click=GapsState.put_away(row.id),
                        aria_label=t("gaps.dismiss_of", question=row.question),
                        class_name="outbox-button",
                    ),
                ),
            ),
        ),
        class_name="outbox-actions",
    )


def _empty() -> rx.Component:
    """Nothing to write, said in words."""
    narrowed = (GapsState.cause != "") | (GapsState.language != "")
    return rx.cond(
        narrowed,
        rx.el.div(
            rx.el.p(t("gaps.nothing.narrowed")),
            rx.el.p(t("gaps.nothing.narrowed_more"), class_name="desk-soft"),
            ReactRouterLink.create(t("gaps.filter.none"), to=routes.GAPS, class_name="button plain"),
            class_name="desk-nothing",
        ),
        rx.match(
            GapsState.shown,
            *(
                (str(one), _nothing(t(f"gaps.nothing.{one}"), t(f"gaps.nothing.{one}_more")))
                for one in GapState
            ),
            rx.fragment(),
        ),
    )


def _nothing(words: rx.Var[str], more: rx.Var[str]) -> rx.Component:
    return rx.el.div(rx.el.p(words), rx.el.p(more, class_name="desk-soft"), class_name="desk-nothing")
