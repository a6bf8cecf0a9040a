"""A link the browser follows by itself: Reflex's own asks its router, which knows no help page."""

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.inline import A

from supportbot.ui import routes


def help_link(words: rx.Var[str] | str, path: rx.Var[str] | str, **props: Any) -> rx.Component:
    """A link to one of our pages that are plain HTML."""
    return A.create(words, href=routes.backend("") + path, **props)


def anew(words: rx.Var[str] | str, path: str, **props: Any) -> rx.Component:
    """A link to a page of the app that loads it whole, also if only the query is another."""
    return A.create(words, href=path, **props)
