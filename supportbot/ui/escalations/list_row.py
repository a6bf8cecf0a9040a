"""One conversation in two lines; all of it is one link."""

from typing import Any

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from supportbot.ui.components.time import clock, day
from supportbot.ui.escalations.list_rows import Part, QueueRow
from supportbot.ui.escalations.words import (
    reason_chip,
    reopened_mark,
    status,
    waited,
    waits_for_person,
)
from supportbot.ui.text import t


def row(
    one: rx.Var[QueueRow], target_minutes: rx.Var[int], current: rx.Var[bool] | None = None
) -> rx.Component:
    """The row of a list.

    Args:
        one: The row.
        target_minutes: How long somebody may wait before the time is marked.
        current: Whether it is the conversation that is open beside the list.
    """
    props: dict[str, Any] = {}
    if current is not None:
        props["aria_current"] = rx.cond(current, "true", "false")
    return ReactRouterLink.create(
        rx.el.span(
            _unread(one),
            rx.el.span(one.customer, dir="auto", class_name="desk-who"),
            rx.el.span(
                reason_chip(one.reason),
                reopened_mark(one.reopened),
                rx.cond(one.language, rx.el.span(one.language, class_name="desk-chip desk-language")),
                class_name="desk-why",
            ),
            _when(one, target_minutes),
            class_name="desk-line",
        ),
        rx.el.span(_words(one), _tags(one), _standing(one), class_name="desk-line"),
        to=one.url,
        class_name="desk-row",
        custom_attrs={
            "data-row": "",
            "data-waits": waits_for_person(one.owner),
            "data-unread": one.unread,
        },
        **props,
    )


def _unread(one: rx.Var[QueueRow]) -> rx.Component:
    return rx.cond(
        one.unread,
        rx.el.span(rx.el.span(t("desk.unread"), class_name="unseen"), class_name="desk-dot"),
    )


def _when(one: rx.Var[QueueRow], target_minutes: rx.Var[int]) -> rx.Component:
    return rx.cond(
        one.snoozed_until != "",
        rx.el.span(
            t("desk.until"),
            " ",
            day(one.snoozed_until),
            ", ",
            clock(one.snoozed_until),
            class_name="desk-duration",
        ),
        waited(at=one.since, waits=waits_for_person(one.owner), target=target_minutes),
    )


def _words(one: rx.Var[QueueRow]) -> rx.Component:
    """The last words, or what a search has found."""
    return rx.cond(
        one.parts.length() > 0,
        rx.fragment(
            _speaker(one.found_in),
            rx.el.span(rx.foreach(one.parts, _part), dir="auto", class_name="desk-words"),
        ),
        rx.cond(
            one.last_words,
            rx.fragment(
                _speaker(one.last_role),
                rx.el.span(one.last_words, dir="auto", class_name="desk-words"),
            ),
            rx.el.span(t("desk.no_words"), class_name="desk-words"),
        ),
    )


def _part(part: rx.Var[Part]) -> rx.Component:
    return rx.cond(part.hit, rx.el.mark(part.text), rx.el.span(part.text))


def _speaker(who: rx.Var[str]) -> rx.Component:
    words = rx.match(
        who,
        ("user", t("desk.said_by_customer")),
        ("staff", t("desk.said_by_staff")),
        ("assistant", t("desk.said_by_assistant")),
        ("note", t("desk.said_in_note")),
        ("tag", t("desk.said_in_tag")),
        ("subject", ""),
        ("customer", ""),
        "",
    )
    return rx.cond(words != "", rx.el.span(words, class_name="desk-speaker"))


def _tags(one: rx.Var[QueueRow]) -> rx.Component:
    return rx.cond(
        one.tags.length() > 0,
        rx.el.span(
            rx.foreach(one.tags, lambda tag: rx.el.span(tag, class_name="desk-tag")), class_name="desk-tags"
        ),
    )


def _standing(one: rx.Var[QueueRow]) -> rx.Component:
    return rx.cond(
        one.junk,
        rx.el.span(t("desk.list.junk"), class_name="desk-status", custom_attrs={"data-owner": "nobody"}),
        status(one.owner, one.staff_name, one.mine),
    )
