"""The palette (what one can do here, found by typing) and the help sheet (every key).

The page's script opens both and fills the palette.
"""

import reflex as rx

from supportbot.ui import routes
from supportbot.ui.components.dialog import dialog
from supportbot.ui.components.keys import KEYS, Key, Place, caps
from supportbot.ui.desk.state import DeskState
from supportbot.ui.text import t

PALETTE, SHEET = "palette", "keys"
_PLACES: tuple[Place, ...] = ("everywhere", "list", "case", "writing")


def palette() -> rx.Component:
    """A field and the list of what fits what is typed; a combobox to assistive technology."""
    listed = f"{PALETTE}-list"
    return rx.el.dialog(
        rx.el.input(
            type="text",
            role="combobox",
            placeholder=t("desk.palette.placeholder"),
            aria_label=t("desk.palette.placeholder"),
            aria_expanded="true",
            aria_controls=listed,
            aria_autocomplete="list",
            auto_complete="off",
            spell_check=False,
        ),
        rx.el.ul(
            id=listed,
            role="listbox",
            aria_label=t("desk.palette"),
            custom_attrs={
                "data-find": t("desk.palette.find"),
                "data-search": f"{routes.ESCALATIONS}?search=",
            },
        ),
        id=PALETTE,
        aria_label=t("desk.palette"),
        class_name="palette",
        custom_attrs={"data-palette": ""},
    )


def help_sheet() -> rx.Component:
    """Every key, by where it works."""
    return dialog(
        SHEET,
        t("desk.keys"),
        rx.el.div(*(_place(place) for place in _PLACES if _of(place)), class_name="keys-places"),
        class_name="keys",
    )


def _place(place: Place) -> rx.Component:
    return rx.el.section(
        rx.el.h3(t(f"desk.keys.{place}")),
        rx.el.dl(
            *(rx.cond(DeskState.is_admin, _line(one)) if one.admins else _line(one) for one in _of(place)),
        ),
    )


def _line(one: Key) -> rx.Component:
    return rx.el.div(rx.el.dt(t(one.words)), rx.el.dd(caps(one.letters)))


def _of(place: Place) -> list[Key]:
    return [one for one in KEYS if one.place == place]
