"""Words that mean the same in this house."""

import reflex as rx

from supportbot.house.sections import Search
from supportbot.ui.session import StaffPage
from supportbot.ui.settings.section_state import SectionPage


class SearchState(StaffPage, SectionPage, rx.State):
    """The form of the synonyms."""

    synonyms: str = ""

    def _section(self) -> str:
        return "search"

    def _show(self, section: Search) -> None:
        self.synonyms = section.synonyms
