"""The conversation itself, as the desk reads it, and where this person answers."""

import reflex as rx

from supportbot.ui.bubbles import Bubble
from supportbot.ui.components.button import button
from supportbot.ui.components.composer import composer
from supportbot.ui.components.icons import icon
from supportbot.ui.components.message import message
from supportbot.ui.components.transcript import transcript
from supportbot.ui.escalations.case_state import LONGEST_REPLY, CaseState
from supportbot.ui.text import t


def talk() -> rx.Component:
    """Everything that was said, and what is being said. It scrolls by itself; the rest stays."""
    return rx.el.div(
        rx.el.div(
            _everything_said(),
            _typing_sign(),
            class_name="column",
        ),
        role="log",
        aria_live="off",
        aria_label=t("desk.transcript"),
        tab_index=0,
        class_name="scroller",
        # The script reads out what others say; a colleague's words are no news either.
        custom_attrs={"data-log": "staff"},
    )


def answering() -> rx.Component:
    """The field, if this person has the conversation; otherwise who has it."""
    return rx.match(
        CaseState.owner,
        ("waiting", _standing(t("desk.owner_waiting", name=CaseState.customer))),
        ("meanwhile", _standing(t("desk.owner_meanwhile", name=CaseState.customer))),
        (
            "assistant",
            _standing(rx.cond(CaseState.streaming, t("desk.owner_answering"), t("desk.owner_assistant"))),
        ),
        ("nobody", _standing(t("desk.owner_nobody"))),
        rx.cond(CaseState.mine, _field(), _standing(_colleague())),
    )


def _field() -> rx.Component:
    return composer(
        on_send=CaseState.reply,
        draft="desk:" + CaseState.case,
        accepted=CaseState.accepted,
        limit=LONGEST_REPLY,
        on_typing=CaseState.typing,
        tells_typing=True,
        hint=rx.el.span(t("desk.composer_hint", name=CaseState.customer), class_name="hint"),
    )


def _colleague() -> rx.Var[str]:
    name = rx.cond(CaseState.staff_name != "", CaseState.staff_name, t("desk.a_colleague"))
    return t("desk.owner_colleague", name=name)


def _standing(words: rx.Var[str]) -> rx.Component:
    return rx.el.p(words, class_name="case-stands")


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
    return rx.fragment(_kept(one=one, customer=CaseState.customer), key=one.id)


@rx.memo
def _kept(one: rx.Var[Bubble], customer: rx.Var[str]) -> rx.Component:
    """One message. Left as it is while others change."""
    return message(
        one,
        customer=customer,
        waiting=rx.cond(one.again, t("chat.reading"), t("desk.assistant_is_answering")),
        below=_rating(one),
    )


def _rating(one: rx.Var[Bubble]) -> rx.Component:
    """What the customer thought of an answer, if they said."""
    return rx.match(
        one.rating,
        (1, _thumb("good", t("desk.rated_up"))),
        (-1, _thumb("bad", t("desk.rated_down"))),
        rx.fragment(),
    )


def _thumb(name: str, words: rx.Var[str]) -> rx.Component:
    return rx.el.p(icon(name), words, class_name=f"case-rating {name}")
