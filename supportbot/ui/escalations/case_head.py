"""The head of a conversation's page: who this is, how it stands, who else looks, and what can be done."""

from typing import Any

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from supportbot.ui import routes
from supportbot.ui.components.button import Kind, button, icon_button
from supportbot.ui.components.icons import icon
from supportbot.ui.components.keys import key
from supportbot.ui.components.time import clock, day
from supportbot.ui.escalations.case_dialogs import ASSIGN, HAND_BACK, SNOOZE
from supportbot.ui.escalations.case_looking import Onlooker
from supportbot.ui.escalations.case_state import CaseState
from supportbot.ui.escalations.list_state import QueueState
from supportbot.ui.escalations.words import reason_chip, reopened_mark, status, waited, waits_for_person
from supportbot.ui.text import t

DOUBLE_CLICK_MS = 500
_KNOWN_TAGS = "known-tags"


def head() -> rx.Component:
    """All of it."""
    return rx.el.header(
        ReactRouterLink.create(
            icon("back"),
            rx.el.span(t("desk.back")),
            to=routes.ESCALATIONS + QueueState.query,
            class_name="case-back",
        ),
        rx.el.div(
            rx.el.div(
                rx.el.h1(CaseState.customer, dir="auto"),
                rx.el.ul(
                    rx.foreach(CaseState.onlookers, _onlooker), role="list", class_name="case-onlookers"
                ),
                class_name="case-name",
            ),
            rx.el.div(_standing(), _tags(), class_name="case-standing"),
            class_name="case-title",
        ),
        _actions(),
        class_name="case-head",
    )


def _standing() -> rx.Component:
    return rx.fragment(
        rx.cond(
            CaseState.junked,
            rx.el.span(t("desk.junked"), class_name="desk-status"),
            status(CaseState.owner, CaseState.staff_name, CaseState.mine),
        ),
        _waiting(),
        rx.cond(
            CaseState.snoozed_until != "",
            rx.el.span(
                t("desk.snoozed_until"),
                " ",
                day(CaseState.snoozed_until),
                ", ",
                clock(CaseState.snoozed_until),
                class_name="desk-chip case-snoozed",
            ),
        ),
        reason_chip(CaseState.reason),
        reopened_mark(CaseState.reopened),
    )


def _waiting() -> rx.Component:
    """Since when, as long as it matters."""
    return rx.cond(
        waits_for_person(CaseState.owner) & (CaseState.waiting_since != ""),
        waited(at=CaseState.waiting_since, waits=True, target=QueueState.target_minutes),
    )


def _onlooker(one: rx.Var[Onlooker]) -> rx.Component:
    return rx.el.li(
        icon("look"),
        rx.cond(one.writing, t("desk.onlooker_writes", name=one.name), t("desk.onlooker", name=one.name)),
        custom_attrs={"data-writing": one.writing},
    )


def _tags() -> rx.Component:
    """The tags, and a field for one more; what other conversations carry is suggested."""
    return rx.el.div(
        rx.foreach(CaseState.tags, _tag),
        rx.el.form(
            rx.el.input(
                name="tag",
                placeholder=t("desk.tag_add"),
                aria_label=t("desk.tag_add"),
                auto_complete="off",
                max_length=40,
                list=_KNOWN_TAGS,
                dir="auto",
                **key("t"),
            ),
            on_submit=CaseState.tag,
            reset_on_submit=True,
        ),
        rx.el.datalist(rx.foreach(CaseState.known_tags, lambda tag: rx.el.option(value=tag)), id=_KNOWN_TAGS),
        role="group",
        aria_label=t("desk.tags"),
        class_name="case-tags",
    )


def _tag(tag: rx.Var[str]) -> rx.Component:
    return rx.el.span(
        rx.el.bdi(tag),
        icon_button("close", t("desk.tag_remove", tag=tag), on_click=CaseState.untag(tag)),
        key=tag,
        class_name="case-tag",
    )


def _actions() -> rx.Component:
    """What this person may do now. New buttons take no click at first, so that none hits by accident."""
    waits = waits_for_person(CaseState.owner)
    mine = (CaseState.owner == "staff") & CaseState.mine
    answers = CaseState.owner == "assistant"
    over = CaseState.owner == "nobody"
    free = waits | mine | answers
    return rx.el.div(
        rx.cond(free, _opens("a", ASSIGN, t("desk.assign"))),
        rx.cond(
            mine,
            rx.fragment(
                rx.cond(
                    CaseState.snoozed_until != "",
                    _does("s", CaseState.wake, t("desk.wake")),
                    _opens("s", SNOOZE, t("desk.snooze")),
                ),
                _opens("h", HAND_BACK, t("desk.hand_back")),
            ),
        ),
        rx.cond(
            CaseState.junked,
            _does("!", CaseState.not_junk, t("desk.not_junk")),
            rx.cond(free | over, _does("!", CaseState.junk, t("desk.junk"))),
        ),
        rx.cond(waits, _does("c", CaseState.claim, t("desk.claim"), kind="primary")),
        rx.cond(answers, _does("c", CaseState.take_over, t("desk.take_over"), kind="primary")),
        rx.cond(mine, _does("e", CaseState.resolve, t("desk.resolve"), kind="primary")),
        rx.cond(over, _does("o", CaseState.reopen, t("desk.reopen"), kind="primary")),
        role="group",
        aria_label=t("desk.actions"),
        class_name="case-actions",
    )


def _does(letter: str, verb: rx.EventHandler, words: rx.Var[str], kind: Kind = "plain") -> rx.Component:
    return _action(letter, words, kind, on_click=verb.throttle(DOUBLE_CLICK_MS))


def _opens(letter: str, name: str, words: rx.Var[str]) -> rx.Component:
    return _action(letter, words, "plain", {"data-opens": name}, aria_haspopup="dialog")


def _action(
    letter: str, words: rx.Var[str], kind: Kind, marks: dict[str, Any] | None = None, **props: Any
) -> rx.Component:
    return button(words, kind=kind, **props, **key(letter, words, **(marks or {})))
