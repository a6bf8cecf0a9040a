"""Where one answers: a reply to the customer, or a note to colleagues. Two forms, of which one is there.

Which of the two is the browser's own business: the next key must already go into the right field, and a note
can never be posted to the handler that replies, because its form knows only the other one.
"""

from typing import Any

import reflex as rx

from supportbot.escalations.notes import NOTE_CHARACTERS
from supportbot.ui.components.composer import composer
from supportbot.ui.components.icons import icon
from supportbot.ui.components.keys import key
from supportbot.ui.escalations.case_dialogs import CANNED
from supportbot.ui.escalations.case_state import CaseState
from supportbot.ui.escalations.case_writing import LONGEST_REPLY
from supportbot.ui.text import t

REPLY, NOTE = "reply", "note"

PICK = """
const [writes, setWrites] = useState("reply");
const [picked, setPicked] = useState(0);
const pick = (what) => {
  setWrites(what);
  setPicked((times) => times + 1);
};
useEffect(() => {
  if (picked) document.querySelector("[data-composer] textarea")?.focus();
}, [picked]);
"""


class _Picking(rx.el.Div):
    """Its children may use `writes`, what is written, and `pick(what)`, which also goes to the field."""

    def add_imports(self) -> dict[str, list[str]]:
        """React's hooks."""
        return {"react": ["useEffect", "useState"]}

    def add_hooks(self) -> list[str]:
        """See above."""
        return [PICK]


def answering() -> rx.Component:
    """The two modes and the field of the one that was picked. Another conversation begins with a reply."""
    return rx.fragment(_inserted(), rx.fragment(_answering(), key=CaseState.case))


@rx.memo
def _answering() -> rx.Component:
    notes = rx.Var("writes").to(str) == NOTE
    return _Picking.create(
        rx.el.div(
            rx.el.div(
                _mode(REPLY, "r", t("desk.reply_mode"), ~notes),
                _mode(NOTE, "n", t("desk.note_mode"), notes),
                role="group",
                aria_label=t("desk.modes"),
                class_name="case-modes",
            ),
            rx.cond(CaseState.mine, _helpers()),
            class_name="case-tools",
        ),
        rx.cond(notes, _note(), _reply()),
        class_name="case-answering",
        custom_attrs={"data-writes": rx.Var("writes")},
    )


def _mode(what: str, letter: str, words: rx.Var[str], on: rx.Var[bool]) -> rx.Component:
    return rx.el.button(
        words,
        type="button",
        aria_pressed=rx.cond(on, "true", "false"),
        class_name=f"case-mode {what}",
        **key(letter, **_picks(what)),
    )


def _picks(what: str) -> dict[str, Any]:
    """A click that is over before the next key comes; an event of Reflex's waits for its turn."""
    return {"onClick": rx.Var(f"() => pick('{what}')")}


def _helpers() -> rx.Component:
    """Replies kept for use, and a draft."""
    return rx.el.div(
        rx.el.button(
            icon("saved"),
            rx.el.span(t("desk.canned")),
            type="button",
            aria_haspopup="dialog",
            class_name="case-helper",
            **key("i", **{"data-opens": CANNED, **_picks(REPLY)}),
        ),
        rx.cond(
            CaseState.drafting,
            rx.el.button(
                icon("stop"),
                rx.el.span(t("desk.stop_draft")),
                type="button",
                on_click=CaseState.stop_draft,
                class_name="case-helper",
                **key("d", t("desk.stop_draft")),
            ),
            rx.el.button(
                icon("draft"),
                rx.el.span(t("desk.draft")),
                type="button",
                on_click=[CaseState.draft, rx.call_function(rx.Var("(() => pick('reply'))"))],
                class_name="case-helper",
                **key("d", t("desk.draft")),
            ),
        ),
        class_name="case-helpers",
    )


def _reply() -> rx.Component:
    """The field, if this person has the conversation; otherwise who has it."""
    return rx.match(
        CaseState.owner,
        ("waiting", _standing(t("desk.owner_waiting", name=CaseState.customer))),
        ("meanwhile", _standing(t("desk.owner_meanwhile", name=CaseState.customer))),
        (
            "assistant",
            _standing(rx.cond(CaseState.streaming, t("desk.owner_answering"), t("desk.owner_assistant"))),
        ),
        ("nobody", _standing(rx.cond(CaseState.junked, t("desk.owner_junk"), t("desk.owner_nobody")))),
        rx.cond(CaseState.mine, _reply_field(), _standing(_colleague())),
    )


def _reply_field() -> rx.Component:
    return composer(
        on_send=CaseState.reply,
        draft="desk:" + CaseState.case,
        accepted=CaseState.accepted,
        limit=LONGEST_REPLY,
        on_typing=CaseState.typing,
        tells_typing=True,
        placeholder=t("desk.reply_placeholder", name=CaseState.customer),
        hint=rx.el.span(
            rx.cond(CaseState.drafting, rx.el.span(t("desk.drafting"), role="status", class_name="drafting")),
            rx.cond(CaseState.drafted, rx.el.span(t("desk.drafted"), class_name="drafted")),
            rx.el.span(t("desk.composer_hint", name=CaseState.customer), class_name="hint"),
        ),
    )


def _note() -> rx.Component:
    return composer(
        on_send=CaseState.note,
        draft="desk:" + CaseState.case + ":note",
        accepted=CaseState.noted,
        limit=NOTE_CHARACTERS,
        label=t("desk.note_field"),
        placeholder=t("desk.note_placeholder"),
        hint=rx.el.span(t("desk.note_hint", name=CaseState.customer), class_name="hint"),
        class_name="notes",
    )


def _inserted() -> rx.Component:
    """Words for the reply's field; the page's script puts them in (docs/script.md)."""
    return rx.el.span(
        CaseState.inserted,
        hidden=True,
        custom_attrs={
            "data-insert": CaseState.insert_mode,
            "data-insert-number": CaseState.insert_number,
            "data-insert-into": "desk:" + CaseState.case,
        },
    )


def _colleague() -> rx.Var[str]:
    name = rx.cond(CaseState.staff_name != "", CaseState.staff_name, t("desk.a_colleague"))
    return t("desk.owner_colleague", name=name)


def _standing(words: rx.Var[str]) -> rx.Component:
    return rx.el.p(words, class_name="case-stands")
