"""Under an answer: what the customer thought of it, what it rests on, and whether it is wrong."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from supportbot.models import Complaint
from supportbot.quality.answers import NOTE_CHARACTERS
from supportbot.ui.bubbles import Bubble
from supportbot.ui.components.button import button
from supportbot.ui.components.icons import icon
from supportbot.ui.escalations.case_judging import Judged, Passage
from supportbot.ui.escalations.case_state import CaseState
from supportbot.ui.text import t


def judged(one: rx.Var[Bubble], about: rx.Var[Judged]) -> rx.Component:
    """All of it. `about` is undefined where nothing is known."""
    ended = (one.state != "streaming") & (one.html != "")
    return rx.fragment(
        _rating(one, about),
        _marked(one, about),
        rx.cond(
            ended,
            rx.el.div(_rests_on(about), rx.cond(about.wrong, rx.fragment(), _mark(one)), class_name="judged"),
        ),
    )


def _rating(one: rx.Var[Bubble], about: rx.Var[Judged]) -> rx.Component:
    """The customer's thumb, and what was wrong in their view."""
    return rx.match(
        one.rating,
        (1, rx.el.p(icon("good"), t("desk.rated_up"), class_name="case-rating good")),
        (
            -1,
            rx.fragment(
                rx.el.p(
                    icon("bad"),
                    rx.el.span(t("desk.rated_down"), rx.cond(about.complaint, _complaint(about))),
                    class_name="case-rating bad",
                ),
                rx.cond(
                    about.comment,
                    rx.el.blockquote(about.comment, dir="auto", class_name="judged-comment"),
                ),
            ),
        ),
        rx.fragment(),
    )


def _complaint(about: rx.Var[Judged]) -> rx.Component:
    words = ((str(one), rx.fragment(t(f"judged.complaint.{one}"))) for one in Complaint)
    return rx.fragment(": ", rx.match(about.complaint, *words, rx.fragment()))


def _marked(one: rx.Var[Bubble], about: rx.Var[Judged]) -> rx.Component:
    who = rx.cond(about.wrong_by != "", t("judged.marked", name=about.wrong_by), t("judged.marked_by_nobody"))
    return rx.cond(
        about.wrong,
        rx.el.div(
            rx.el.p(
                icon("close"),
                rx.el.span(who),
                button(t("judged.unmark"), kind="quiet", on_click=CaseState.unmark_wrong(one.id)),
            ),
            rx.cond(about.wrong_note, rx.el.p(about.wrong_note, dir="auto", class_name="judged-note")),
            class_name="judged-wrong",
        ),
    )


def _mark(one: rx.Var[Bubble]) -> rx.Component:
    """Folded away until somebody wants it; what was typed stays if it is refused."""
    return rx.el.details(
        rx.el.summary(t("judged.mark")),
        rx.el.form(
            rx.el.label(
                rx.el.span(t("judged.note")),
                rx.el.textarea(name="note", rows=2, max_length=NOTE_CHARACTERS, dir="auto"),
            ),
            rx.el.input(type="hidden", name="message", value=one.id, read_only=True),
            button(t("judged.mark"), type="submit"),
            on_submit=CaseState.mark_wrong,
        ),
        class_name="judged-mark",
    )


def _rests_on(about: rx.Var[Judged]) -> rx.Component:
    """The passages, each with the way to its article: what was cited, and what was merely found."""
    return rx.cond(
        (about.cited.length() > 0) | (about.found.length() > 0),
        rx.el.details(
            rx.el.summary(t("judged.rests_on")),
            _passages(t("judged.cited"), about.cited),
            _passages(t("judged.found"), about.found),
            class_name="judged-evidence",
        ),
    )


def _passages(words: rx.Var[str], found: rx.Var[list[Passage]]) -> rx.Component:
    return rx.cond(
        found.length() > 0,
        rx.fragment(
            rx.el.p(words),
            rx.el.ul(
                rx.foreach(
                    found,
                    lambda one: rx.el.li(
                        ReactRouterLink.create(one.label, to=one.url, dir="auto"),
                        rx.cond(one.changed, rx.el.span(" (", t("judged.changed"), ")")),
                    ),
                ),
            ),
        ),
    )
