"""What every page of the desk has around it: the bar, and what only its keys reach."""

import reflex as rx

from supportbot.ui import routes
from supportbot.ui.desk.bar import bar
from supportbot.ui.desk.palette import help_sheet, palette
from supportbot.ui.session import StaffPage


def desk_page(
    state: type[StaffPage], *content: rx.Component, at: str = routes.ESCALATIONS, class_name: str = ""
) -> rx.Component:
    """A page of the desk: the bar, then the content.

    Its `on_load` ends with its own `open` and `DeskState.open`, in this order.

    Args:
        state: The page's own state, which knows first who is signed in.
        content: The page.
        at: The page of the bar it belongs to.
        class_name: For the whole page.
    """
    return rx.el.div(
        bar(state, at), *content, palette(), help_sheet(), class_name=f"desk {class_name}".strip()
    )
