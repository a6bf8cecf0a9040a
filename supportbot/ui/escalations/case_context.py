"""What is known about a conversation: who, why, since when, from where."""

import reflex as rx

from supportbot.ui.components.time import clock, day
from supportbot.ui.escalations.case_state import CaseState
from supportbot.ui.escalations.words import duration, waits_for_person
from supportbot.ui.text import t


def context() -> rx.Component:
    """The pane beside the conversation. Notes and drafts will have their place under the facts."""
    return rx.el.aside(
        rx.el.h2(t("desk.context")), _facts(), aria_label=t("desk.context"), class_name="case-context"
    )


def folded_context() -> rx.Component:
    """The same on a phone, folded away above the conversation."""
    return rx.el.details(rx.el.summary(t("desk.context")), _facts(), class_name="case-fold")


def _facts() -> rx.Component:
    return rx.el.dl(
        _fact(t("desk.customer"), rx.el.span(CaseState.customer, dir="auto")),
        _fact(t("desk.email"), _email()),
        _fact_if(CaseState.reason, t("desk.reason"), rx.el.span(CaseState.reason)),
        _fact_if(CaseState.brief, t("desk.brief"), rx.el.p(CaseState.brief, dir="auto", class_name="brief")),
        _fact_if(
            CaseState.waiting_since,
            rx.cond(waits_for_person(CaseState.owner), t("desk.waiting_since"), t("desk.escalated_at")),
            _moment(CaseState.waiting_since, duration(at=CaseState.waiting_since, waits=False)),
        ),
        _fact_if(CaseState.started_at, t("desk.started"), _moment(CaseState.started_at)),
        _fact_if(CaseState.page, t("desk.page"), _address(CaseState.page)),
        _fact_if(CaseState.referrer, t("desk.referrer"), _address(CaseState.referrer)),
        _fact_if(CaseState.browser, t("desk.browser"), rx.el.span(CaseState.browser)),
    )


def _fact(name: rx.Var[str], value: rx.Component) -> rx.Component:
    return rx.el.div(rx.el.dt(name), rx.el.dd(value))


def _fact_if(known: rx.Var[str], name: rx.Var[str], value: rx.Component) -> rx.Component:
    return rx.cond(known != "", _fact(name, value))


def _email() -> rx.Component:
    return rx.cond(
        CaseState.email != "",
        rx.el.span(CaseState.email),
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
