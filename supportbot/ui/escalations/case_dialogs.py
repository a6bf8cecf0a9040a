"""The dialogs of a conversation's page: assign, hand back, put off, and a reply kept for use."""

import reflex as rx
from reflex_base.vars.function import FunctionStringVar

from supportbot.ui.components.button import button
from supportbot.ui.components.composer import origin_fields
from supportbot.ui.components.dialog import closes, dialog
from supportbot.ui.escalations.case_facts import Peer
from supportbot.ui.escalations.case_state import CaseState
from supportbot.ui.escalations.case_writing import Canned
from supportbot.ui.text import t

ASSIGN, HAND_BACK, SNOOZE, CANNED = "assign", "hand-back", "snooze", "canned"

# In the reader's own zone, which only their browser knows.
_LATER = FunctionStringVar.create(
    "((when) => {"
    " const at = new Date();"
    " if (when === 'today') at.setHours(at.getHours() + 3);"
    " else {"
    "  at.setDate(at.getDate() + (when === 'week' ? (8 - at.getDay()) % 7 || 7 : 1));"
    "  at.setHours(9, 0, 0, 0);"
    " }"
    " return at.toISOString();"
    " })"
)
_MOMENT = FunctionStringVar.create("((local) => (local ? new Date(local).toISOString() : ''))")

SEEK = """
const [sought, seek] = useState("");
const move = (event) => {
  const all = [...event.currentTarget.querySelectorAll("input, .canned-one")];
  const at = all.indexOf(document.activeElement), step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const next = step ? all[at + step] : null;
  if (next) next.focus();
  else if (at === 0 && event.key === "Enter") all[1]?.click();
  else return;
  event.preventDefault();
};
const fits = ({ title, body }) =>
  sought.toLowerCase().split(/\\s+/).every((word) => (title + " " + body).toLowerCase().includes(word));
"""


def dialogs() -> rx.Component:
    """All of them. Their forms begin anew in another conversation, and when one was taken in."""
    anew = CaseState.case + CaseState.taken.to(str)
    return rx.fragment(
        rx.fragment(_assign(), key="a" + anew),
        rx.fragment(_hand_back(), key="h" + anew),
        _snooze(),
        rx.fragment(_canned(), key="i" + anew),
    )


def _assign() -> rx.Component:
    return dialog(
        ASSIGN,
        t("desk.assign"),
        rx.el.form(
            origin_fields(),
            _labelled(
                t("desk.assign_to"),
                rx.el.select(
                    rx.el.option(t("desk.assign_choose"), value=""),
                    rx.foreach(CaseState.peers, _peer),
                    name="to",
                    required=True,
                    custom_attrs={"autofocus": ""},
                ),
            ),
            _labelled(
                t("desk.assign_note"),
                rx.el.textarea(name="note", rows=4, dir="auto", max_length=10_000),
                t("desk.assign_note_more"),
            ),
            _buttons(ASSIGN, t("desk.assign_do")),
            on_submit=CaseState.assign,
        ),
    )


def _peer(one: rx.Var[Peer]) -> rx.Component:
    how = rx.match(one.state, ("online", t("desk.online")), ("away", t("desk.away")), t("desk.offline"))
    return rx.el.option(one.name + " (" + how.to(str) + ")", value=one.id)


def _hand_back() -> rx.Component:
    return dialog(
        HAND_BACK,
        t("desk.hand_back"),
        rx.el.p(t("desk.hand_back_more"), class_name="soft"),
        rx.el.form(
            origin_fields(),
            _labelled(
                t("desk.hand_back_note"),
                rx.el.textarea(
                    name="note", rows=4, dir="auto", max_length=2_000, custom_attrs={"autofocus": ""}
                ),
                t("desk.hand_back_note_more"),
            ),
            _buttons(HAND_BACK, t("desk.hand_back_do")),
            on_submit=CaseState.hand_back,
        ),
    )


def _snooze() -> rx.Component:
    return dialog(
        SNOOZE,
        t("desk.snooze"),
        rx.el.p(t("desk.snooze_more"), class_name="soft"),
        rx.el.div(
            _later("today", autofocus=True),
            _later("tomorrow"),
            _later("week"),
            class_name="case-later",
        ),
        rx.el.form(
            origin_fields(),
            _labelled(
                t("desk.snooze_until"), rx.el.input(type="datetime-local", name="until", required=True)
            ),
            _buttons(SNOOZE, t("desk.snooze_do")),
            on_submit=lambda form: CaseState.snooze(_MOMENT.call(form.to(dict[str, str])["until"]).to(str)),
        ),
    )


def _later(when: str, *, autofocus: bool = False) -> rx.Component:
    marks = {"autofocus": ""} if autofocus else {}
    return button(
        t(f"desk.snooze.{when}"),
        on_click=CaseState.snooze(_LATER.call(when).to(str)),
        custom_attrs={"data-closes": SNOOZE, **marks},
    )


class _Seeking(rx.el.Div):
    """Its children may use `sought`, `seek`, `move` and `fits`: a list narrowed by what is typed."""

    def add_imports(self) -> dict[str, list[str]]:
        """React's hooks."""
        return {"react": ["useState"]}

    def add_hooks(self) -> list[str]:
        """See above."""
        return [SEEK]


@rx.memo
def _canned() -> rx.Component:
    found = rx.Var.create(CaseState.canned)
    fitting = FunctionStringVar.create("((all) => all.filter(fits))").call(found).to(list[Canned])
    return dialog(
        CANNED,
        t("desk.canned"),
        rx.cond(
            CaseState.canned.length() > 0,
            _Seeking.create(
                rx.el.input(
                    type="search",
                    aria_label=t("desk.canned_seek"),
                    placeholder=t("desk.canned_seek"),
                    auto_complete="off",
                    class_name="canned-seek",
                    custom_attrs={
                        "autofocus": "",
                        "onInput": rx.Var("(event) => seek(event.target.value)"),
                    },
                ),
                rx.el.ul(rx.foreach(fitting, _canned_one), role="list"),
                class_name="canned-list",
                custom_attrs={"onKeyDown": rx.Var("move")},
            ),
            rx.el.p(t("desk.canned_none"), class_name="soft"),
        ),
        class_name="canned",
    )


def _canned_one(one: rx.Var[Canned]) -> rx.Component:
    return rx.el.li(
        rx.el.button(
            rx.el.b(one.title, dir="auto"),
            rx.el.span(one.body, dir="auto"),
            type="button",
            on_click=CaseState.use_canned(one.id),
            class_name="canned-one",
            custom_attrs={"data-closes": CANNED},
        ),
        key=one.id,
    )


def _labelled(words: rx.Var[str], control: rx.Component, more: rx.Var[str] | None = None) -> rx.Component:
    return rx.el.label(
        rx.el.span(words),
        control,
        *([rx.el.small(more)] if more is not None else []),
        class_name="labelled",
    )


def _buttons(name: str, do: rx.Var[str]) -> rx.Component:
    return rx.el.div(
        closes(name, t("desk.cancel")), button(do, kind="primary", type="submit"), class_name="dialog-buttons"
    )
