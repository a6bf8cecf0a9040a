"""Messages: who speaks, when, and what they said. The same on both sides of the desk."""

from typing import Any

import reflex as rx

from supportbot.ui import routes
from supportbot.ui.bubbles import Bubble, Source
from supportbot.ui.components.time import clock, day, other_day
from supportbot.ui.components.transcript import AnswerText
from supportbot.ui.text import t


def message(
    one: rx.Var[Bubble],
    *,
    customer: rx.Var[str] | str,
    waiting: rx.Component | rx.Var[str] | str,
    below: rx.Component | None = None,
    below_reply: rx.Component | None = None,
) -> rx.Component:
    """One line of a transcript, by its kind and its speaker, under a line for the day where one begins.

    Args:
        one: The message.
        customer: What the customer is called on this page.
        waiting: Words to show until an answer's first text is there.
        below: What belongs under an assistant's answer, such as its buttons.
        below_reply: What belongs under a person's.
    """
    return rx.fragment(
        day_line(one),
        rx.match(
            one.role,
            ("user", customers_words(one, customer)),
            ("staff", persons_reply(one, below_reply)),
            ("assistant", answer(one, below, waiting)),
            event_line(one),
        ),
    )


def day_line(one: rx.Var[Bubble]) -> rx.Component:
    """A quiet line with the day, where a new day begins."""
    return rx.cond(
        other_day(one.at, one.previous_at),
        rx.el.div(rx.el.span(day(one.at)), class_name="day-line"),
    )


def event_line(one: rx.Var[Bubble]) -> rx.Component:
    """Something that happened: somebody joined, the conversation was closed."""
    return rx.el.div(
        rx.html(one.html, dir="auto"),
        clock(one.at),
        class_name="event-line",
        custom_attrs=_marks(one, "event"),
    )


def customers_words(one: rx.Var[Bubble], name: rx.Var[str] | str) -> rx.Component:
    """What the customer wrote, in a soft bubble."""
    return rx.el.article(
        rx.el.header(speaker(name), clock(one.at), class_name="speaker"),
        rx.html(one.html, class_name="bubble", dir="auto"),
        class_name="message user",
        custom_attrs=_marks(one, "user"),
    )


def persons_reply(one: rx.Var[Bubble], below: rx.Component | None = None) -> rx.Component:
    """What a member of staff wrote: a name, a picture, a mark of its own."""
    return rx.el.article(
        rx.el.header(
            portrait(one.name, one.picture),
            speaker(one.name),
            rx.el.span(t("message.team"), class_name="mark person"),
            clock(one.at),
            class_name="speaker",
        ),
        rx.html(one.html, class_name="bubble", dir="auto"),
        below or rx.fragment(),
        class_name="message staff",
        custom_attrs=_marks(one, "staff"),
    )


def answer(
    one: rx.Var[Bubble], below: rx.Component | None, waiting: rx.Component | rx.Var[str] | str
) -> rx.Component:
    """An assistant's answer, as a document on the page's own ground, while it is written and afterwards.

    Args:
        one: The answer.
        below: What belongs under it when it has ended.
        waiting: Words to show until the first text is there.
    """
    running = one.state == "streaming"
    return rx.el.article(
        assistant_speaks(rx.cond(running, rx.fragment(), clock(one.at))),
        # That the articles stand in for the assistant one should know before reading; the rest, after it.
        rx.cond(one.quoted, rx.el.p(one.notice, class_name="remark quoted", dir="auto")),
        AnswerText.create(
            html=one.html, running=running, class_name="rx-Html doc", custom_attrs={"dir": "auto"}
        ),
        rx.cond(running, rx.el.p(rx.el.span(class_name="thinking-sign"), waiting, class_name="thinking")),
        rx.cond((one.notice != "") & ~one.quoted, rx.el.p(one.notice, class_name="remark", dir="auto")),
        sources(one.sources, one.cited),
        below or rx.fragment(),
        class_name=rx.cond(running, "message assistant running", "message assistant"),
        # The script takes an answer as said when it has its name.
        custom_attrs={
            "data-message": rx.cond(running, rx.Var("undefined"), one.id),
            "data-running": rx.cond(running, "", rx.Var("undefined")),
            "data-role": "assistant",
            "data-state": one.state,
        },
    )


def assistant_speaks(*more: rx.Component) -> rx.Component:
    """The assistant's name, always marked as an AI."""
    return rx.el.header(
        rx.el.span(t("message.assistant")[0], class_name="avatar ai", aria_hidden="true"),
        speaker(t("message.assistant")),
        rx.el.span(t("message.ai"), class_name="mark ai"),
        *more,
        class_name="speaker",
    )


def speaker(name: rx.Var[str] | str) -> rx.Component:
    """A speaker's name, as a heading: that is how a screen reader goes from message to message."""
    return rx.el.h2(name, class_name="name", dir="auto")


def avatar(name: rx.Var[str]) -> rx.Component:
    """A person's initial in a circle."""
    return rx.el.span(name[0].upper(), class_name="avatar person", aria_hidden="true")


def portrait(name: rx.Var[str], picture: rx.Var[str]) -> rx.Component:
    """A person's picture, or their initial where there is none. The name stands beside it."""
    return rx.cond(
        picture != "",
        rx.el.img(src=routes.backend("") + picture, alt="", class_name="avatar person picture"),
        avatar(name),
    )


def sources(found: rx.Var[list[Source]], cited: rx.Var[bool] | bool = True) -> rx.Component:
    """Small numbered chips that open the passages an answer cites, or those that were found for it."""
    return rx.cond(
        found.length() > 0,
        rx.el.div(
            rx.el.span(rx.cond(cited, t("message.sources"), t("message.found")), class_name="sources-title"),
            rx.el.ol(rx.foreach(found, lambda one: rx.el.li(_chip(one)))),
            class_name="sources",
        ),
    )


def _chip(one: rx.Var[Source]) -> rx.Component:
    return rx.el.a(
        rx.el.span(one.number, class_name="number"),
        rx.el.span(one.label, class_name="label", dir="auto"),
        href=routes.backend("") + one.url,
        target="_blank",
        rel="noopener",
        class_name="chip",
        title=one.label,
    )


def _marks(one: rx.Var[Bubble], role: str) -> dict[str, Any]:
    """What the page's script and the tests know a message by."""
    return {"data-message": one.id, "data-role": role, "data-state": one.state}
