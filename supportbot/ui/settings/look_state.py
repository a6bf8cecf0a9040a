"""How the customer's page looks and greets, with a preview of what is typed."""

from typing import Any

import reflex as rx

from supportbot.desk import desk
from supportbot.house.checks import long_colour
from supportbot.house.colours import OWN, shades
from supportbot.house.pictures import picture_url
from supportbot.house.sections import MOST_SUGGESTIONS, Look
from supportbot.ids import parse_id
from supportbot.ui.session import StaffPage
from supportbot.ui.settings.section_state import Form, SectionPage, form_of


class LookPageState(StaffPage, SectionPage, rx.State):
    """The page of the look."""

    title: str = ""
    colour: str = ""
    """What the field of the colour begins with; `colour_filled` changes when it begins anew."""
    colour_filled: int = 0
    picked: str = ""
    """What the browser's own choice of colours begins with."""
    logo: str = ""
    greeting: str = ""
    suggestions: list[str] = []

    shown_title: str = ""
    shown_company: str = ""
    shown_greeting: str = ""
    shown_suggestions: list[str] = []
    shown_logo: str = ""
    light: dict[str, str] = {}
    dark: dict[str, str] = {}
    adjusted: bool = False
    """Whether the colour had to become darker or lighter to be read on a light page."""

    @rx.event
    async def pick(self, form: dict[str, Any]):
        """Take the colour of the browser's own choice into the field."""
        return await self._recoloured(form, "picked")

    @rx.event
    async def own_colour(self, form: dict[str, Any]):
        """Go back to the product's own colour."""
        return await self._recoloured(form, "")

    @rx.event
    async def no_logo(self, form: dict[str, Any]):
        """Show the product's own mark instead of a logo."""
        staff, gone = await self._enter()
        if staff is None or (typed := form_of(form)) is None:
            return gone
        self.logo = ""
        self._unsaved({**typed, "logo": ""})
        return None

    async def _recoloured(self, form: Any, name: str):
        staff, gone = await self._enter()
        if staff is None or (typed := form_of(form)) is None:
            return gone
        try:
            self.colour = long_colour(typed.get(name, ""))
        except ValueError:
            return None
        self.colour_filled += 1
        self._unsaved({**typed, "colour": self.colour})
        return None

    def _section(self) -> str:
        return "look"

    def _show(self, section: Look) -> None:
        self.title, self.colour, self.greeting = section.title, section.colour, section.greeting
        self.colour_filled += 1
        self.logo = str(section.logo or "")
        room = [""] * (MOST_SUGGESTIONS - len(section.suggestions))
        self.suggestions = [*section.suggestions, *room]
        self._preview(
            {
                "title": section.title,
                "colour": section.colour,
                "greeting": section.greeting,
                "logo": self.logo,
                **{f"suggestion:{at}": words for at, words in enumerate(section.suggestions)},
            }
        )

    def _content(self, typed: Form) -> dict[str, Any]:
        return content(typed)

    def _preview(self, typed: Form) -> None:
        values = content(typed)
        self.shown_company = desk().house.company.name
        self.shown_title, self.shown_greeting = values["title"], values["greeting"]
        self.shown_suggestions = [one for one in values["suggestions"] if one.strip()]
        self.shown_logo = picture_url(parse_id(values["logo"]))
        self.logo = values["logo"]
        try:
            colour = long_colour(values["colour"])
        except ValueError:
            return  # what is shown stays until there is a colour again
        made = shades(colour)
        self.picked = colour or OWN.light["--accent"]
        self.light, self.dark = dict(made.light), dict(made.dark)
        self.adjusted = colour not in ("", made.light["--accent"])


def content(typed: Form) -> dict[str, Any]:
    """The section as it was typed."""
    suggestions = [typed.get(f"suggestion:{at}", "") for at in range(MOST_SUGGESTIONS)]
    plain = {name: typed.get(name, "") for name in ("title", "colour", "greeting", "logo")}
    return {**plain, "suggestions": suggestions}
