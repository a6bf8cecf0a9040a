"""The card of somebody who waits: what they can expect, what was passed on, and how they may leave."""

from typing import Any

import reflex as rx

from supportbot.escalations.extracting import BRIEF_CHARACTERS
from supportbot.ui.chat.state import ChatState
from supportbot.ui.components.button import button
from supportbot.ui.components.time import AHEAD, EXACT, Ticking
from supportbot.ui.text import t


def waiting_card(*, meanwhile: bool) -> rx.Component:
    """One calm card. With the assistant's company it keeps to what one needs beside a conversation."""
    return rx.el.section(
        what_to_expect(),
        rx.el.p(t("chat.meanwhile.body") if meanwhile else t("chat.waiting.body")),
        where_to_write_to(quietly=meanwhile),
        folded(brief_title(), *brief()) if meanwhile else what_was_passed_on(),
        rx.el.div(
            *([] if meanwhile else [button(t("chat.waiting.keep"), on_click=ChatState.keep_place)]),
            button(
                t("chat.waiting.cancel"),
                kind="plain" if meanwhile else "quiet",
                on_click=ChatState.no_longer_needed,
            ),
            class_name="card-buttons",
        ),
        class_name="card waiting",
    )


def what_to_expect() -> rx.Component:
    """The place and the usual time; or, when nobody is there, that, and when they are back."""
    place = rx.match(
        ChatState.place,
        (0, t("chat.waiting.title")),
        (1, t("chat.waiting.next")),
        t("chat.waiting.place", place=ChatState.place.to_string()),
    )
    return rx.el.div(
        rx.el.h2(
            rx.match(
                ChatState.away,
                ("closed", when_back(t("chat.away.closed"), t("chat.waiting.title"))),
                ("nobody", rx.fragment(t("chat.away.nobody"))),
                rx.fragment(place),
            )
        ),
        rx.cond(ChatState.away == "", usual_time(), kept_place()),
        role="status",
        class_name="expect",
    )


def when_back(never: rx.Var[str], past: rx.Var[str] | str) -> rx.Component:
    """When people are back, in the reader's own zone and words.

    Args:
        never: Said when no opening is known.
        past: Said from the moment itself on, until the server has said how things stand.
    """
    return rx.cond(ChatState.back_at != "", back(at=ChatState.back_at, past=past), rx.fragment(never))


@rx.memo
def back(at: rx.Var[str], past: rx.Var[str]) -> rx.Component:
    """The sentence itself, kept true while the page is open. Call with `at=` and `past=`."""
    words = AHEAD.call(
        at, rx.Var("now"), t("chat.away.today"), t("chat.away.tomorrow"), t("chat.away.later"), past
    )
    return Ticking.create(words.to(str), date_time=at, title=EXACT.call(at).to(str))


def usual_time() -> rx.Component:
    """How long others have waited lately; nothing where that is not known."""
    low, high = ChatState.usual_low.to_string(), ChatState.usual_high.to_string()
    words = rx.match(
        ChatState.usual,
        ("minute", t("chat.expected.minute")),
        ("within_minutes", t("chat.expected.within_minutes", high=high)),
        ("minutes", t("chat.expected.minutes", low=low, high=high)),
        ("within_hours", t("chat.expected.within_hours", high=high)),
        ("hours", t("chat.expected.hours", low=low, high=high)),
        ("day", t("chat.expected.day")),
        ("longer", t("chat.expected.longer")),
        "",
    )
    return rx.cond(ChatState.usual != "", rx.el.p(words))


def kept_place() -> rx.Component:
    """The place of somebody who waits while nobody is there."""
    return rx.match(
        ChatState.place,
        (0, rx.fragment()),
        (1, rx.el.p(t("chat.away.next"))),
        rx.el.p(t("chat.away.place", place=ChatState.place.to_string())),
    )


def what_was_passed_on() -> rx.Component:
    """The brief under its title, set apart."""
    return rx.el.div(rx.el.h3(brief_title()), *brief(), class_name="passed-on")


def brief_title() -> rx.Var[str]:
    """What the brief is, and whose words it is in."""
    return rx.cond(ChatState.brief_by == "customer", t("chat.brief.yours"), t("chat.brief"))


def brief() -> tuple[rx.Component, ...]:
    """The brief as people read it, and a form in place to say it better."""
    said = ChatState.brief != ""
    return (
        rx.cond(
            said,
            rx.el.p(ChatState.brief, class_name="brief", dir="auto"),
            rx.el.p(t("chat.brief.none"), class_name="brief none"),
        ),
        confirmed(ChatState.corrected, t("chat.brief.sent")),
        folded(
            rx.cond(said, t("chat.brief.correct"), t("chat.brief.say")),
            rx.el.form(
                rx.el.textarea(
                    name="brief",
                    default_value=ChatState.brief,
                    aria_label=t("chat.brief.field"),
                    rows=3,
                    required=True,
                    max_length=BRIEF_CHARACTERS,
                    dir="auto",
                ),
                button(t("chat.brief.send"), type="submit"),
                on_submit=ChatState.correct_brief,
            ),
            anew=ChatState.corrected,
        ),
    )


def where_to_write_to(*, quietly: bool) -> rx.Component:
    """An address to write to: asked for when nobody is there, else, or `quietly`, offered in one line."""
    kept = rx.cond(
        ChatState.writes_mail,
        t("chat.address.kept", email=ChatState.email),
        t("chat.address.kept_by_hand", email=ChatState.email),
    )
    known = ChatState.email != ""
    asked = rx.Var.create(False) if quietly else (ChatState.away != "") & ~known
    return rx.el.div(
        rx.el.p(rx.cond(known, kept, ""), role="status", class_name="confirmed"),
        rx.cond(ChatState.begun_here, _address_field(known, asked)),
        class_name="write-to",
    )


def _address_field(known: rx.Var[bool], asked: rx.Var[bool]) -> rx.Component:
    return folded(
        rx.cond(known, t("chat.address.change"), t("chat.address.in_case")),
        rx.el.form(
            rx.el.label(
                rx.el.span(
                    t("chat.address"),
                    rx.el.small(
                        rx.cond(ChatState.writes_mail, t("chat.address.why"), t("chat.address.why_by_hand"))
                    ),
                ),
                rx.el.input(
                    name="email",
                    type="email",
                    default_value=ChatState.email,
                    auto_complete="email",
                    required=True,
                    max_length=254,
                ),
                class_name="labelled",
            ),
            button(t("chat.address.save"), type="submit"),
            on_submit=ChatState.leave_address,
            class_name="address",
        ),
        anew=ChatState.address_left,
        # The same form open and folded: what somebody is typing stays when people come back meanwhile.
        open=asked,
        class_name=rx.cond(asked, "folded asked", "folded"),
    )


def folded(
    words: rx.Var[str], *content: rx.Component, anew: rx.Var[int] | None = None, **props: Any
) -> rx.Component:
    """What opens on demand, in place. With another `anew` it is a fresh one, as at the beginning."""
    if anew is not None:
        props["key"] = anew
    props.setdefault("class_name", "folded")
    return rx.el.details(rx.el.summary(words), *content, **props)


def confirmed(times: rx.Var[int], words: rx.Var[str]) -> rx.Component:
    """A word that something has been done. It is there before, empty, so that it is heard when it comes."""
    return rx.el.p(rx.cond(times > 0, words, ""), role="status", class_name="confirmed")
