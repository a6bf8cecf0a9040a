"""A conversation as the customer sees it: the transcript, the running answer, and how things stand."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from supportbot.ui import routes
from supportbot.ui.bubbles import Bubble
from supportbot.ui.chat.person import PERSON_DIALOG
from supportbot.ui.chat.state import ChatState
from supportbot.ui.chat.thumbs import thumbs, what_was_wrong
from supportbot.ui.chat.waiting import waiting_card
from supportbot.ui.components.button import button
from supportbot.ui.components.dialog import opens
from supportbot.ui.components.icons import icon
from supportbot.ui.components.message import message, portrait
from supportbot.ui.components.notice import soon_and_late
from supportbot.ui.components.transcript import transcript
from supportbot.ui.text import t


def talk() -> rx.Component:
    """Everything that was said, and what is being said."""
    return rx.fragment(
        rx.el.h1(t("chat.heading"), class_name="unseen"),
        everything_said(),
        ways_on(),
        how_things_stand(),
        typing_sign(),
        seen_signal(),
    )


@rx.memo
def everything_said() -> rx.Component:
    """The messages: a component of its own, so that a frame of an answer leaves all else alone."""
    return transcript(
        ChatState,
        lambda one: rx.fragment(
            said(one=one, asked_why=ChatState.asked_why == one.id, thanked=ChatState.thanked == one.id),
            key=one.id,
        ),
        earlier=t("chat.earlier"),
    )


@rx.memo
def said(one: rx.Var[Bubble], asked_why: rx.Var[bool], thanked: rx.Var[bool]) -> rx.Component:
    """One message. Kept as it is while others change."""
    return message(
        one,
        customer=t("message.you"),
        waiting=rx.cond(
            one.again,
            rx.el.span(t("chat.reading")),
            rx.el.span(soon_and_late(t("chat.thinking"), t("chat.thinking.late"))),
        ),
        below=rx.fragment(answer_buttons(one, asked_why), what_was_wrong(one, asked_why, thanked)),
    )


def answer_buttons(one: rx.Var[Bubble], asked_why: rx.Var[bool]) -> rx.Component:
    """Copy and thumbs, for an answer that came to its end. They wait for the reader's attention."""
    return rx.cond(
        (one.state == "complete") & (one.html != ""),
        rx.el.div(
            rx.el.button(
                icon("copy"),
                icon("done"),
                rx.el.span(t("message.copied"), class_name="copied"),
                type="button",
                aria_label=t("message.copy"),
                title=t("message.copy"),
                class_name="icon-button copy",
                custom_attrs={"data-copy": t("message.copied")},
            ),
            thumbs(one, asked_why),
            class_name="answer-buttons",
        ),
    )


def ways_on() -> rx.Component:
    """Under the last word, if it is an answer that broke off, was stopped, found nothing, or was only quoted.

    Trying again is offered where half an answer or none stands; a person, wherever the assistant could not.
    """
    last = ChatState.last_state
    the_assistants = (ChatState.owner == "assistant") | (ChatState.owner == "meanwhile")
    unfinished = (last == "failed") | (last == "stopped")
    not_answered = (last == "failed") | ChatState.last_quoted | ChatState.last_found_nothing
    let_down = not_answered & (ChatState.owner == "assistant")
    return rx.cond(
        ~ChatState.streaming & the_assistants & (unfinished | let_down),
        rx.el.div(
            rx.cond(unfinished, button(t("chat.try_again"), icon_name="again", on_click=ChatState.try_again)),
            rx.cond(let_down, opens(PERSON_DIALOG, t("chat.person"))),
            class_name="ways-on",
        ),
    )


def typing_sign() -> rx.Component:
    """A person is writing. It fades by itself; the number makes it begin anew."""
    return rx.cond(
        ChatState.typing_name != "",
        rx.el.p(
            t("chat.typing", name=ChatState.typing_name), key=ChatState.typing_count, class_name="typing"
        ),
    )


def seen_signal() -> rx.Component:
    """What the page's script presses while somebody looks at a person's words; see docs/script.md.

    It is there only while there is something to tell.
    """
    return rx.cond(
        ChatState.to_see > 0,
        rx.el.button(
            type="button",
            hidden=True,
            tab_index=-1,
            aria_hidden="true",
            on_click=ChatState.seen,
            custom_attrs={"data-seen-signal": ""},
        ),
    )


def how_things_stand() -> rx.Component:
    """While people own the conversation, or nobody: one calm card with what holds and what one can do."""
    return rx.match(
        ChatState.owner,
        ("waiting", waiting_card(meanwhile=False)),
        ("meanwhile", waiting_card(meanwhile=True)),
        ("staff", staff_card()),
        ("nobody", closed_card()),
        rx.fragment(),
    )


def staff_card() -> rx.Component:
    """Who is here, until one of the two has said something."""
    return rx.cond(
        ChatState.last_role == "system",
        rx.el.section(
            portrait(ChatState.staff_name, ChatState.picture),
            rx.el.div(
                rx.el.h2(
                    t("chat.staff.title", name=ChatState.staff_name),
                    rx.el.span(t("message.team"), class_name="mark person"),
                    dir="auto",
                ),
                rx.el.p(t("chat.staff.body")),
            ),
            role="status",
            class_name="card with-person",
        ),
    )


def closed_card() -> rx.Component:
    """A conversation that a person has resolved."""
    return rx.el.section(
        rx.el.h2(t("chat.closed.title")),
        rx.el.p(t("chat.closed.body")),
        rx.el.div(
            ReactRouterLink.create(t("chat.new"), to=routes.HOME, class_name="button plain"),
            class_name="card-buttons",
        ),
        class_name="card closed",
    )
