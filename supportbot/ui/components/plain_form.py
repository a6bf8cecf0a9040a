"""A form the browser posts by itself: Reflex's own never does, and only a real answer sets a cookie."""

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.base import BaseHTML

from supportbot.ui import routes


class _PlainForm(BaseHTML):
    tag = "form"
    action: rx.Var[str]
    method: rx.Var[str]


def plain_form(*fields: rx.Component, action: str, **props: Any) -> rx.Component:
    """A form of ours.

    Args:
        fields: What is in it.
        action: The path of our backend it posts to.
        props: Further properties, such as `class_name`.
    """
    return _PlainForm.create(*fields, action=routes.backend(action), method="post", **props)
