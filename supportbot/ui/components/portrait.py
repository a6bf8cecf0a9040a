"""A person's picture, or their initial in a circle."""

import reflex as rx

from supportbot.ui import routes


def portrait(name: rx.Var[str], picture: rx.Var[str], class_name: str = "") -> rx.Component:
    """A small round picture. The name stands beside it, so it has no words of its own."""
    return rx.cond(
        picture != "",
        rx.el.img(src=routes.backend("") + picture, alt="", class_name=f"portrait {class_name}".strip()),
        rx.el.span(name[0].upper(), aria_hidden="true", class_name=f"portrait {class_name}".strip()),
    )
