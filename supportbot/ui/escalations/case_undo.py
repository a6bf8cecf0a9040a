"""What was just done, and the way back, for some seconds: instead of asking whether one is sure."""

import reflex as rx

from supportbot.ui.components.button import button
from supportbot.ui.components.keys import key
from supportbot.ui.components.time import clock, day
from supportbot.ui.escalations.case_state import CaseState
from supportbot.ui.text import t

OFFERED_MS = 15_000

GO = f"""
const [gone, setGone] = useState(false);
useEffect(() => {{
  const later = setTimeout(() => setGone(true), {OFFERED_MS});
  return () => clearTimeout(later);
}}, []);
"""


class _Passing(rx.el.Div):
    """Its children may use `gone`, which becomes true after a while."""

    def add_imports(self) -> dict[str, list[str]]:
        """React's hooks."""
        return {"react": ["useEffect", "useState"]}

    def add_hooks(self) -> list[str]:
        """See above."""
        return [GO]


def undo_line() -> rx.Component:
    """The line, or nothing. What is done again is offered again."""
    return rx.cond(CaseState.done != "", rx.fragment(_undo(), key=CaseState.acted))


@rx.memo
def _undo() -> rx.Component:
    return _Passing.create(
        rx.cond(
            ~rx.Var("gone").to(bool),
            rx.el.div(
                rx.el.p(_said()),
                button(t("desk.undo"), kind="quiet", on_click=CaseState.undo, **key("z")),
                class_name="notice case-undo",
            ),
        ),
        role="status",
    )


def _said() -> rx.Component:
    return rx.match(
        CaseState.done,
        ("resolve", rx.fragment(t("desk.done.resolve"))),
        ("hand_back", rx.fragment(t("desk.done.hand_back"))),
        ("junk", rx.fragment(t("desk.done.junk"))),
        rx.fragment(
            t("desk.done.snooze"),
            " ",
            day(CaseState.snoozed_until),
            ", ",
            clock(CaseState.snoozed_until),
            ".",
        ),
    )
