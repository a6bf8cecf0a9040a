"""What has a key or is in the palette. The page's script listens and presses; here they get their marks.

`button(t("desk.claim"), **key("c"))` is pressed by C, says so in its tooltip, and is in the palette.
`**command(t("…"))` is only in the palette. Every key is written down here, so that none is given twice and
the help sheet knows them all.
"""

from dataclasses import dataclass
from typing import Any, Literal

import reflex as rx

from supportbot.ui.text import t

Place = Literal["everywhere", "list", "case", "writing"]


@dataclass(frozen=True, slots=True)
class Key:
    """A key, or two pressed one after the other ("g e"), and the words for what it does."""

    letters: str
    words: str
    place: Place
    native: bool = False
    """It works by the script or the browser itself; no element carries it."""
    admins: bool = False
    """It leads where only admins may go."""


KEYS: tuple[Key, ...] = (
    Key("Ctrl K", "desk.key.palette", "everywhere", native=True),
    Key("?", "desk.key.help", "everywhere"),
    Key("/", "desk.key.search", "everywhere"),
    Key("g e", "desk.key.escalations", "everywhere"),
    Key("g k", "desk.key.articles", "everywhere"),
    Key("g o", "desk.key.outbox", "everywhere", admins=True),
    Key("g s", "desk.key.settings", "everywhere", admins=True),
    Key("g a", "desk.key.account", "everywhere"),
    Key("j", "desk.key.next", "list", native=True),
    Key("k", "desk.key.previous", "list", native=True),
    Key("Enter", "desk.key.open", "list", native=True),
    Key("c", "desk.key.claim", "case"),
    Key("a", "desk.key.assign", "case"),
    Key("h", "desk.key.hand_back", "case"),
    Key("e", "desk.key.resolve", "case"),
    Key("o", "desk.key.reopen", "case"),
    Key("s", "desk.key.snooze", "case"),
    Key("!", "desk.key.junk", "case"),
    Key("z", "desk.key.undo", "case"),
    Key("t", "desk.key.tag", "case"),
    Key("y", "desk.key.summarise", "case"),
    Key("r", "desk.key.reply", "writing"),
    Key("n", "desk.key.note", "writing"),
    Key("i", "desk.key.canned", "writing"),
    Key("d", "desk.key.draft", "writing"),
    Key("Enter", "desk.key.send", "writing", native=True),
    Key("Shift Enter", "desk.key.line", "writing", native=True),
    Key("Esc", "desk.key.leave", "writing", native=True),
)


def key(letters: str, words: rx.Var[str] | str | None = None, **marks: Any) -> dict[str, Any]:
    """Props for what is pressed by this key: its mark, its tooltip, its line in the palette.

    Args:
        letters: As in `KEYS`.
        words: What it does now, if that changes; else the words in `KEYS`.
        marks: Further custom attributes, since a component takes them only once: `**{"data-opens": "keys"}`.

    Raises:
        KeyError: while compiling, if the key is not written down.
    """
    known = {one.letters: one for one in KEYS if not one.native}[letters]
    said = t(known.words) if words is None else words
    props: dict[str, Any] = {
        "title": rx.Var.create(said).to(str) + f" ({letters})",
        "custom_attrs": {"data-key": letters, "data-command": said, **marks},
    }
    if " " not in letters:  # a sequence cannot be told to assistive technology
        props["aria_keyshortcuts"] = letters
    return props


def command(words: rx.Var[str] | str, **marks: Any) -> dict[str, Any]:
    """Props for what the palette offers by these words and no key presses."""
    return {"custom_attrs": {"data-command": words, **marks}}


def caps(letters: str) -> rx.Component:
    """A key as it is drawn: one cap for each press."""
    return rx.el.span(*(_cap(one) for one in letters.split()), class_name="caps")


def _cap(letter: str) -> rx.Component:
    if letter != "Ctrl":
        return rx.el.kbd(letter)
    # The page's script knows which keyboard this is.
    return rx.el.kbd(rx.el.span("Ctrl", class_name="not-mac"), rx.el.span("⌘", class_name="mac"))
