"""Words with something filled in, and the small signs the list and the conversation share."""

import reflex as rx

from supportbot.ui.text import t


def say(key: str, **values: rx.Var) -> rx.Var[str]:
    """The words for a key with `{name}` and the like replaced, in the browser."""
    words = t(key)
    for name, value in values.items():
        words = words.replace("{" + name + "}", value.to_string() if value._var_type is int else value)
    return words


def who_has_it(owner: rx.Var[str], staff_name: rx.Var[str], mine: rx.Var[bool]) -> rx.Var[str]:
    """The state of a conversation in two or three words."""
    return rx.match(
        owner,
        ("waiting", t("desk.waiting")),
        ("meanwhile", t("desk.meanwhile")),
        ("staff", rx.cond(mine, t("desk.you_have_it"), _colleague(staff_name))),
        ("nobody", t("desk.resolved")),
        t("desk.assistant_answers"),
    )


def status(owner: rx.Var[str], staff_name: rx.Var[str], mine: rx.Var[bool]) -> rx.Component:
    """Who has it, with a mark whose shape and colour follow."""
    return rx.el.span(
        who_has_it(owner, staff_name, mine),
        class_name="desk-status",
        custom_attrs={"data-owner": owner, "data-mine": mine},
    )


def reason_chip(reason: rx.Var[str]) -> rx.Component:
    """Why the conversation came to people, if it did."""
    return rx.cond(reason, rx.el.span(reason, class_name="desk-chip"))


def reopened_mark(reopened: rx.Var[bool]) -> rx.Component:
    """The customer came back after it had been resolved."""
    return rx.cond(reopened, rx.el.span(t("desk.reopened"), class_name="desk-chip desk-reopened"))


def _colleague(name: rx.Var[str]) -> rx.Var[str]:
    return rx.cond(name, say("desk.has_it", name=name), t("desk.somebody_has_it"))
