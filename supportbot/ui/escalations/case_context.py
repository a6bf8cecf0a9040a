"""What is known about a conversation: what it is about, who the customer is, and what was before."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from supportbot.ui.components.button import button, icon_button
from supportbot.ui.components.keys import command, key
from supportbot.ui.components.message import sources
from supportbot.ui.components.time import clock, day
from supportbot.ui.escalations.case_facts import Before, Other
from supportbot.ui.escalations.case_state import CaseState
from supportbot.ui.escalations.words import duration, waits_for_person
from supportbot.ui.text import t


def context() -> rx.Component:
    """The pane beside the conversation."""
    return rx.el.aside(
        rx.el.h2(t("desk.context"), class_name="unseen"),
        _brief(),
        _summary(),
        _known(),
        aria_label=t("desk.context"),
        class_name="case-context",
    )


def folded_context() -> rx.Component:
    """The same on a phone, folded away above the conversation."""
    return rx.el.details(
        rx.el.summary(t("desk.context")), _brief(), _summary(), _known(), class_name="case-fold"
    )


def _known() -> rx.Component:
    return rx.fragment(_facts(), _befores(), _others(), _used(), _article())


def _brief() -> rx.Component:
    """What the assistant, or the customer, wrote for whoever reads this first. It stays afterwards."""
    return rx.cond(
        CaseState.brief != "",
        rx.el.section(
            rx.el.h3(t("desk.brief")),
            rx.el.p(CaseState.brief, dir="auto", class_name="brief"),
            rx.el.p(
                rx.match(
                    CaseState.brief_by,
                    ("customer", t("desk.brief_by.customer")),
                    ("model", t("desk.brief_by.assistant")),
                    ("assistant", t("desk.brief_by.assistant")),
                    t("desk.brief_by.extract"),
                ),
                class_name="case-by",
            ),
        ),
    )


def _summary() -> rx.Component:
    """What the conversation is about, written on request; it is kept only as a note."""
    return rx.el.section(
        rx.cond(
            CaseState.summary != "",
            rx.el.div(
                rx.el.header(
                    rx.el.h3(t("desk.summary")),
                    icon_button("close", t("desk.summary_drop"), on_click=CaseState.drop_summary),
                ),
                rx.el.p(CaseState.summary, dir="auto", class_name="brief"),
                button(t("desk.summary_keep"), on_click=CaseState.keep_summary),
                role="status",
                class_name="case-summary",
            ),
            button(
                rx.cond(CaseState.summarising, t("desk.summarising"), t("desk.summarise")),
                on_click=CaseState.summarise,
                aria_disabled=CaseState.summarising,
                **key("y", t("desk.summarise")),
            ),
        ),
        class_name="case-summarise",
    )


def _facts() -> rx.Component:
    return rx.el.section(
        rx.el.h3(t("desk.customer")),
        rx.el.dl(
            _fact(t("desk.name"), rx.el.span(CaseState.customer, dir="auto")),
            _fact(t("desk.email"), _email()),
            _fact_if(
                CaseState.waiting_since,
                rx.cond(waits_for_person(CaseState.owner), t("desk.waiting_since"), t("desk.escalated_at")),
                _moment(CaseState.waiting_since, duration(at=CaseState.waiting_since, waits=False)),
            ),
            _fact_if(CaseState.started_at, t("desk.started"), _moment(CaseState.started_at)),
            _fact_if(CaseState.language, t("desk.language"), rx.el.span(CaseState.language)),
            _fact_if(CaseState.page, t("desk.page"), _address(CaseState.page)),
            _fact_if(CaseState.referrer, t("desk.referrer"), _address(CaseState.referrer)),
            _fact_if(CaseState.browser, t("desk.browser"), rx.el.span(CaseState.browser)),
        ),
    )


def _befores() -> rx.Component:
    """The times people had the conversation before."""
    return rx.cond(
        CaseState.befores.length() > 0,
        rx.el.section(
            rx.el.h3(t("desk.befores")),
            rx.el.ul(rx.foreach(CaseState.befores, _before), role="list", class_name="case-befores"),
        ),
    )


def _before(one: rx.Var[Before]) -> rx.Component:
    ended = rx.match(
        one.ended,
        ("handed_back", t("desk.ended.handed_back")),
        ("cancelled", t("desk.ended.cancelled")),
        t("desk.ended.resolved"),
    )
    return rx.el.li(
        rx.el.span(one.reason),
        rx.el.span(
            _moment(one.at), rx.cond(one.name != "", ", " + one.name, ""), ". ", ended, class_name="desk-soft"
        ),
        rx.cond(one.told != "", rx.el.p(t("desk.told"), " ", one.told, dir="auto", class_name="case-told")),
    )


def _others() -> rx.Component:
    """What else the customer has talked to us about."""
    return rx.cond(
        CaseState.others.length() > 0,
        rx.el.section(
            rx.el.h3(t("desk.others")),
            rx.el.ul(rx.foreach(CaseState.others, _other), role="list", class_name="case-others"),
        ),
    )


def _other(one: rx.Var[Other]) -> rx.Component:
    standing = rx.match(
        one.owner,
        ("nobody", t("desk.resolved")),
        ("assistant", t("desk.assistant_answers")),
        ("staff", t("desk.with_people")),
        t("desk.waiting"),
    )
    return rx.el.li(
        ReactRouterLink.create(
            rx.el.span(rx.cond(one.subject != "", one.subject, t("chat.past.untitled")), dir="auto"),
            to=one.url,
        ),
        rx.el.span(_moment(one.at), ". ", standing, class_name="desk-soft"),
    )


def _used() -> rx.Component:
    """The articles the assistant's answers rest on."""
    return rx.cond(
        CaseState.used.length() > 0,
        rx.el.section(rx.el.h3(t("desk.used")), sources(CaseState.used), class_name="case-used"),
    )


def _article() -> rx.Component:
    """What a colleague replied may become an article: the next customer finds it."""
    return rx.cond(
        CaseState.replied,
        rx.el.section(
            rx.el.h3(t("judged.article")),
            rx.el.p(t("judged.draft_more"), class_name="desk-soft"),
            button(
                rx.cond(CaseState.drafting_article, t("judged.drafting"), t("judged.draft")),
                on_click=CaseState.draft_article,
                aria_disabled=CaseState.drafting_article,
                **command(t("judged.draft")),
            ),
            class_name="case-summarise judged-draft",
        ),
    )


def _fact(name: rx.Var[str], value: rx.Component) -> rx.Component:
    return rx.el.div(rx.el.dt(name), rx.el.dd(value))


def _fact_if(known: rx.Var[str], name: rx.Var[str], value: rx.Component) -> rx.Component:
    return rx.cond(known != "", _fact(name, value))


def _email() -> rx.Component:
    return rx.cond(
        CaseState.email != "",
        rx.el.span(
            CaseState.email,
            rx.cond(CaseState.verified, rx.el.span(" ", t("desk.verified"), class_name="desk-soft")),
        ),
        rx.el.span(t("desk.no_email"), class_name="desk-soft"),
    )


def _moment(at: rx.Var[str], *more: rx.Component) -> rx.Component:
    return rx.el.span(rx.el.span(day(at), ", "), clock(at), *more, class_name="case-moment")


def _address(url: rx.Var[str]) -> rx.Component:
    """Where the customer was, as their browser told: a link only if it can be nothing else."""
    web = url.startswith("https://") | url.startswith("http://")
    return rx.cond(
        web,
        rx.el.a(url, href=url, title=url, target="_blank", rel="noopener noreferrer", class_name="case-url"),
        rx.el.span(url, title=url, class_name="case-url"),
    )
