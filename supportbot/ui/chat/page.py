"""The customer's page: the start, and a conversation. Both have the same frame around them."""

import reflex as rx
from reflex_base.vars.function import FunctionStringVar

from supportbot.ui.chat.bar import bar, past_menu
from supportbot.ui.chat.foot import foot
from supportbot.ui.chat.person import person_dialog
from supportbot.ui.chat.start import loading, missing, welcome
from supportbot.ui.chat.state import ChatState
from supportbot.ui.chat.talk import talk
from supportbot.ui.look import LookState
from supportbot.ui.text import t

# While one navigates, the state still holds the page before: a conversation shows under its own address only.
_address_ends_with = FunctionStringVar.create(
    "((id) => !!id && typeof window !== 'undefined' && window.location.pathname.endsWith('/' + id))"
)
_conversation_in_address = rx.Var(
    "(typeof window === 'undefined' ? '' : window.location.pathname.split('/').pop())"
).to(str)


def start() -> rx.Component:
    """The first page: who answers, what can be asked, how to reach a person."""
    return _frame(
        _skip_link(), bar(in_conversation=False), welcome(), foot(draft="new", in_conversation=False)
    )


def conversation() -> rx.Component:
    """One conversation, live."""
    arrived = _address_ends_with.call(ChatState.conversation).to(bool)
    lost = ChatState.ready & ChatState.missing & ~arrived
    return _frame(
        rx.cond(lost, rx.fragment(), _skip_link()),
        bar(in_conversation=True),
        rx.cond(arrived, talk(), rx.cond(lost, missing(), loading())),
        rx.cond(lost, rx.fragment(), foot(draft=_conversation_in_address, in_conversation=True)),
    )


def _frame(
    skip: rx.Component, above: rx.Component, content: rx.Component, below: rx.Component
) -> rx.Component:
    """What both pages share. The transcript scrolls; the bar above and the field below stay."""
    return rx.el.div(
        skip,
        above,
        rx.el.main(
            rx.el.div(
                rx.el.div(content, class_name="column"),
                role="log",
                aria_live="off",
                aria_label=t("chat.log"),
                tab_index=0,
                class_name="scroller",
                custom_attrs={"data-log": ""},
            ),
            below,
        ),
        past_menu(),
        person_dialog(),
        class_name="page chat branded",
        custom_attrs={"style": LookState.colours},
    )


def _skip_link() -> rx.Component:
    return rx.el.a(t("chat.skip"), href="#message", class_name="skip")
