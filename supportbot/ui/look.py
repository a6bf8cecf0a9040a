"""Whose page this is: the names, words and colours that owners choose, filled in when a page loads.

The built pages hold none of them, so that a page never shows another company's name for a moment, and a
change needs no building. Every page of the app has `LookState.open` as the first thing it loads; it reads
memory only.
"""

import reflex as rx

from supportbot.desk import desk
from supportbot.house.colours import shades
from supportbot.house.pictures import logo_url


class LookState(rx.State):
    """What owners have set of the pages everybody sees. Blank until known."""

    company: str = ""
    assistant: str = ""
    title: str = ""
    """What the owner calls the page; empty for the company's name and "support"."""
    greeting: str = ""
    suggestions: list[str] = []
    logo: str = ""
    """Where the logo is; empty for the product's own mark."""
    colours: dict[str, str] = {}
    """Custom properties for the outermost element of a page, whose class is `branded`."""

    @rx.event
    def open(self):
        """Show what is in effect now; a page that has it already is sent nothing."""
        company, look = desk().house.company, desk().house.look
        self.company, self.assistant = company.name, company.assistant_name
        self.title, self.greeting = look.title, look.greeting
        self.suggestions = list(look.suggestions)
        self.logo = logo_url(look)
        self.colours = shades(look.colour).inline()
