"""The bar: where one can go, who waits, whether one is there, and one's own menu.

It also carries what the page's script watches (`data-waiting`, `data-alert` …): see docs/script.md.
"""

from typing import Any

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from supportbot.ui import routes
from supportbot.ui.chat.bar import logo
from supportbot.ui.components.button import icon_button
from supportbot.ui.components.icons import icon
from supportbot.ui.components.keys import caps, command, key
from supportbot.ui.components.plain_form import plain_form
from supportbot.ui.desk.palette import PALETTE, SHEET
from supportbot.ui.desk.state import Colleague, DeskState
from supportbot.ui.session import StaffPage
from supportbot.ui.text import t

_MENU = "desk-menu"


def bar(state: type[StaffPage], at: str) -> rx.Component:
    """The header of every page of the desk; see `desk_page`."""
    return rx.el.header(
        _product(),
        _pages(state, at),
        rx.el.div(_presence(), _palette(), _sounds(), _help(), _opens_menu(state), class_name="desk-tools"),
        _menu(state),
        class_name="desk-bar",
        custom_attrs=_watched(),
    )


def _watched() -> dict[str, Any]:
    """What the script turns into a title, an icon, a sound and a notification."""
    who, why = DeskState.alert_who, DeskState.alert_reason
    return {
        "data-waiting": DeskState.waiting,
        # Empty until the desk has looked once: what was there before is no news.
        "data-alert": rx.cond(DeskState.ready, DeskState.alert.to(str), ""),
        "data-alert-text": rx.match(
            DeskState.alert_cause,
            ("late", t("desk.alert.late", name=who, reason=why)),
            ("yours", t("desk.alert.yours", name=who, reason=why)),
            ("wrote", t("desk.alert.wrote", name=who)),
            t("desk.alert.waits", name=who, reason=why),
        ),
        "data-alert-url": DeskState.alert_url,
        "data-sounds": rx.cond(DeskState.sounds, "yes", "no"),
        "data-quiet": rx.cond(DeskState.away, "yes", "no"),
    }


def _product() -> rx.Component:
    return ReactRouterLink.create(
        logo(),
        rx.el.span(t("desk.product"), class_name="desk-product-name"),
        to=routes.ESCALATIONS,
        aria_label=t("desk.product"),
        class_name="desk-product",
    )


def _pages(state: type[StaffPage], at: str) -> rx.Component:
    return rx.el.nav(
        _page(t("desk.heading"), routes.ESCALATIONS, "g e", at, _waiting()),
        _page(t("articles.nav"), routes.ARTICLES, "g k", at, class_name="desk-wide"),
        rx.cond(
            state.is_admin,
            rx.fragment(
                _page(t("outbox.heading"), routes.OUTBOX, "g o", at, class_name="desk-wide"),
                _page(t("desk.settings"), routes.SETTINGS, "g s", at, class_name="desk-wide"),
            ),
        ),
        aria_label=t("desk.nav"),
        class_name="desk-pages",
    )


def _page(
    words: rx.Var[str], address: str, letters: str, at: str, *more: rx.Component, class_name: str = ""
) -> rx.Component:
    return ReactRouterLink.create(
        words,
        *more,
        to=address,
        aria_current="page" if address == at else "false",
        class_name=f"desk-nav {class_name}".strip(),
        **key(letters),
    )


def _waiting() -> rx.Component:
    """How many wait: the one figure the desk looks for, on every page."""
    return rx.cond(
        DeskState.waiting > 0,
        rx.el.span(
            rx.el.span(DeskState.waiting, aria_hidden="true"),
            rx.el.span(t("desk.waiting_count", count=DeskState.waiting.to(str)), class_name="unseen"),
            class_name="desk-count",
        ),
    )


def _presence() -> rx.Component:
    change = rx.cond(DeskState.away, t("desk.come_back"), t("desk.go_away"))
    return rx.el.button(
        rx.cond(DeskState.away, t("desk.away"), t("desk.online")),
        rx.el.span(". ", change, class_name="unseen"),
        type="button",
        title=change,
        on_click=DeskState.set_away(~DeskState.away),
        class_name="desk-presence",
        **command(change, **{"data-away": DeskState.away}),
    )


def _palette() -> rx.Component:
    return rx.el.button(
        icon("search"),
        rx.el.span(t("desk.palette"), class_name="desk-wide"),
        caps("Ctrl K"),
        type="button",
        aria_label=t("desk.palette"),
        title=t("desk.palette"),
        aria_haspopup="dialog",
        aria_keyshortcuts="Control+K Meta+K",
        class_name="desk-palette",
        custom_attrs={"data-opens": PALETTE, "data-key": "/"},
    )


def _sounds() -> rx.Component:
    change = rx.cond(DeskState.sounds, t("desk.turn_sounds_off"), t("desk.turn_sounds_on"))
    return rx.cond(
        DeskState.sounds,
        icon_button(
            "sound",
            t("desk.sounds_on"),
            on_click=DeskState.set_sounds(False),
            title=change,
            **command(change),
        ),
        icon_button(
            "silent",
            t("desk.sounds_off"),
            on_click=DeskState.set_sounds(True),
            title=change,
            **command(change),
        ),
    )


def _help() -> rx.Component:
    return icon_button(
        "help",
        t("desk.keys"),
        aria_haspopup="dialog",
        class_name="desk-help",
        **key("?", **{"data-opens": SHEET}),
    )


def _opens_menu(state: type[StaffPage]) -> rx.Component:
    return rx.el.button(
        rx.el.span(t("desk.signed_in_as"), " ", class_name="unseen"),
        rx.el.bdi(state.me, class_name="desk-me"),
        icon("more"),
        type="button",
        title=t("desk.menu"),
        class_name="desk-opens-menu",
        custom_attrs={"popoverTarget": _MENU},
    )


def _menu(state: type[StaffPage]) -> rx.Component:
    """One's own menu, in a native popover; on a phone the other pages are in it too."""
    return rx.el.div(
        _colleagues(),
        rx.el.button(
            t("desk.notify"),
            type="button",
            class_name="desk-item",
            **command(t("desk.notify"), **{"data-notify": ""}),
        ),
        rx.el.p(t("desk.notify_denied"), class_name="desk-denied desk-soft"),
        _item(t("articles.nav"), routes.ARTICLES, "desk-narrow", **key("g k")),
        rx.cond(
            state.is_admin,
            rx.fragment(
                _item(t("outbox.heading"), routes.OUTBOX, "desk-narrow", **key("g o")),
                _item(t("desk.settings"), routes.SETTINGS, "desk-narrow", **key("g s")),
            ),
        ),
        _item(t("desk.account"), routes.ACCOUNT, **key("g a")),
        rx.el.button(
            t("desk.keys"),
            type="button",
            class_name="desk-item desk-narrow",
            **key("?", **{"data-opens": SHEET}),
        ),
        plain_form(
            rx.el.button(
                t("desk.sign_out"), type="submit", class_name="desk-item", **command(t("desk.sign_out"))
            ),
            action="/staff/sign-out",
        ),
        id=_MENU,
        aria_label=t("desk.menu"),
        role="group",
        class_name="popover desk-menu",
        custom_attrs={"popover": "auto"},
    )


def _item(words: rx.Var[str], address: str, class_name: str = "", **props: Any) -> rx.Component:
    return ReactRouterLink.create(words, to=address, class_name=f"desk-item {class_name}".strip(), **props)


def _colleagues() -> rx.Component:
    """Who else is there: whom one can ask, and whom one can give a conversation to."""
    return rx.el.section(
        rx.el.h2(t("desk.colleagues")),
        rx.cond(
            DeskState.colleagues.length() > 0,
            rx.el.ul(rx.foreach(DeskState.colleagues, _colleague), role="list"),
            rx.el.p(t("desk.nobody_else"), class_name="desk-soft"),
        ),
    )


def _colleague(one: rx.Var[Colleague]) -> rx.Component:
    return rx.el.li(
        rx.el.bdi(one.name),
        rx.el.span(
            rx.cond(one.state == "away", t("desk.away"), t("desk.online")),
            class_name="desk-presence",
            custom_attrs={"data-away": one.state == "away"},
        ),
    )
