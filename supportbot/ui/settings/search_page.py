"""How questions find articles: words that mean the same, a line each."""

import reflex as rx

from supportbot.ui.settings.parts import long_field, section_form, settings_page
from supportbot.ui.settings.search_state import SearchState
from supportbot.ui.text import t


def search() -> rx.Component:
    """The whole page."""
    state = SearchState
    return settings_page(
        state,
        "search",
        section_form(
            state,
            "search",
            long_field(
                state,
                "synonyms",
                "search.synonyms",
                state.synonyms,
                12,
                placeholder=t("settings.search.sample"),
            ),
        ),
    )
