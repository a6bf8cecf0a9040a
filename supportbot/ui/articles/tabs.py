"""The tabs that articles, gaps and the import share."""

from typing import Literal

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from supportbot.ui import routes
from supportbot.ui.session import StaffPage
from supportbot.ui.text import t

Tab = Literal["articles", "gaps", "import"]
TABS: tuple[tuple[Tab, str], ...] = (
    ("articles", routes.ARTICLES),
    ("gaps", routes.GAPS),
    ("import", routes.IMPORT),
)


def tabs(at: Tab, state: type[StaffPage]) -> rx.Component:
    """The row of tabs.

    Args:
        at: The page they stand on.
        state: That page's own state: it knows whether whoever is signed in may import.
    """
    return rx.el.nav(
        *(
            rx.cond(state.is_admin, _tab(tab, address, at)) if tab == "import" else _tab(tab, address, at)
            for tab, address in TABS
        ),
        aria_label=t("articles.tabs"),
        class_name="article-tabs",
    )


def _tab(tab: Tab, address: str, at: Tab) -> rx.Component:
    return ReactRouterLink.create(
        t(f"articles.tab.{tab}"),
        to=address,
        aria_current="page" if tab == at else "false",
        class_name="article-tab",
    )
