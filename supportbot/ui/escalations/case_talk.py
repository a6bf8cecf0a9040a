"""The conversation itself, as the desk reads it: what was said, noted, seen, and is being written."""

import reflex as rx

from supportbot.ui.bubbles import Bubble
from supportbot.ui.components.button import button
from supportbot.ui.components.icons import icon
from supportbot.ui.components.message import day_line, message, portrait, speaker
from supportbot.ui.components.time import clock
from supportbot.ui.components.transcript import transcript
from supportbot.ui.escalations.case_judged import judged
from supportbot.ui.escalations.case_judging import Judged
from supportbot.ui.escalations.case_state import CaseState
from supportbot.ui.text import t


def talk() -> rx.Component:
    """Everything that was said, and what is being said. It scrolls by itself; the rest stays."""
    return rx.el.div(
        rx.el.div(_everything_said(), _typing_sign(), class_name="column"),
        _read_signal(),
        role="log",
        aria_live="off",
        aria_label=t("desk.transcript"),
        tab_index=0,
        class_name="scroller",
        # The script reads out what others say; a colleague's words are no news either.
        custom_attrs={"data-log": "staff"},
    )


def newest() -> rx.Component:
    """The way back to the end."""
    return rx.el.div(
        button(
            t("chat.newest"),
            icon_name="newest",
            class_name="floating newest",
            custom_attrs={"data-newest": ""},
        ),
        class_name="floating-buttons",
    )


def _read_signal() -> rx.Component:
    """What the page's script presses when the customer's words have been shown to somebody who looks."""
    return rx.el.button(
        type="button",
        hidden=True,
        tab_index=-1,
        aria_hidden="true",
        on_click=CaseState.read,
        custom_attrs={"data-seen-signal": "user"},
    )


def _typing_sign() -> rx.Component:
    """The customer is writing. It fades by itself; the number makes it begin anew."""
    return rx.cond(
        CaseState.typing_name != "",
        rx.el.p(
            t("desk.customer_writes", name=CaseState.typing_name),
            key=CaseState.typing_count,
            class_name="typing",
        ),
    )


@rx.memo
def _everything_said() -> rx.Component:
    """The messages: a component of its own, so that a frame of an answer leaves all else alone."""
    return transcript(CaseState, _said, earlier=t("desk.load_earlier"))


def _said(one: rx.Var[Bubble]) -> rx.Component:
    return rx.fragment(
        _kept(
            one=one,
            customer=CaseState.customer,
            seen=CaseState.seen_id == one.id,
            boundary=CaseState.boundary == one.id,
            about=CaseState.judged[one.id],
        ),
        key=one.id,
    )


@rx.memo
def _kept(
    one: rx.Var[Bubble],
    customer: rx.Var[str],
    seen: rx.Var[bool],
    boundary: rx.Var[bool],
    about: rx.Var[Judged],
) -> rx.Component:
    """One message. Left as it is while others change."""
    return rx.fragment(
        rx.cond(
            one.kind == "note",
            rx.fragment(day_line(one), _note(one)),
            message(
                one,
                customer=customer,
                waiting=rx.cond(one.again, t("chat.reading"), t("desk.assistant_is_answering")),
                below=judged(one, about),
                below_reply=rx.cond(seen, rx.el.p(icon("done"), t("desk.seen"), class_name="case-seen")),
            ),
        ),
        rx.cond(boundary, rx.el.p(t("desk.boundary"), class_name="case-boundary")),
    )


def _note(one: rx.Var[Bubble]) -> rx.Component:
    """What a colleague noted: on a ground of its own, so that nobody takes it for something said."""
    return rx.el.article(
        rx.el.header(
            portrait(one.name, one.picture),
            speaker(one.name),
            rx.el.span(t("desk.note_mark"), class_name="mark noted"),
            clock(one.at),
            class_name="speaker",
        ),
        rx.html(one.html, class_name="bubble", dir="auto"),
        class_name="message note",
        custom_attrs={"data-message": one.id, "data-role": "staff", "data-kind": "note"},
    )
