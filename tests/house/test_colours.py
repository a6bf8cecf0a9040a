"""Whatever colour an owner chooses, everything can be read, in light and in dark."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.house import colours
from supportbot.house.colours import (
    GROUNDS_DARK,
    GROUNDS_LIGHT,
    INKS_DARK,
    INKS_LIGHT,
    READABLE,
    contrast,
    mixed,
    shades,
)
from supportbot.migrations import ROOT

ANY = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
LIGHT, DARK = (GROUNDS_LIGHT, INKS_LIGHT), (GROUNDS_DARK, INKS_DARK)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#777777", "#ffffff", 4.48),
        ("#767676", "#ffffff", 4.54),
        ("#0000ff", "#ffffff", 8.59),
        ("#ff0000", "#ffffff", 4.0),
        ("#1d4ed8", "#1d4ed8", 1.0),
    ],
)
def test_contrast_is_what_the_guidelines_say(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == contrast(other, one)
    assert round(contrast(one, other), 2) == ratio


@given(ANY)
def test_every_colour_becomes_shades_that_can_be_read(colour: str) -> None:
    found = shades(colour)

    for (grounds, inks), mode in ((LIGHT, found.light), (DARK, found.dark)):
        accent, ink, soft = (mode[name] for name in colours.NAMES)
        assert contrast(ink, accent) >= READABLE
        assert all(contrast(accent, ground) >= READABLE for ground in (*grounds, soft))
        assert all(contrast(text, soft) >= READABLE for text in inks)


@given(ANY)
def test_text_on_a_button_can_be_read_while_the_pointer_is_on_it(colour: str) -> None:
    found = shades(colour)

    for (_, (ink, _)), mode in ((LIGHT, found.light), (DARK, found.dark)):
        assert contrast(mode["--accent-ink"], mixed(mode["--accent"], ink, 0.88)) >= READABLE


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    assert shades("#1d4ed8").light["--accent"] == "#1d4ed8"
    assert shades("#7dd3fc").dark["--accent"] == "#7dd3fc"


def test_the_grounds_and_our_own_accent_are_those_of_the_stylesheet() -> None:
    light, dark = re.split(r"@media \(prefers-color-scheme: dark\)", _tokens(), maxsplit=1)
    own = shades("")

    for sheet, (grounds, inks), accent in ((light, LIGHT, own.light), (dark, DARK, own.dark)):
        tokens = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", sheet))
        assert tuple(tokens[name] for name in ("ground", "surface", "sunken", "bubble")) == grounds
        assert (tokens["ink"], tokens["ink-soft"]) == inks
        assert {name: tokens[name.removeprefix("--")] for name in colours.NAMES} == accent


def test_shades_become_properties_and_a_style_sheet() -> None:
    found = shades("#1d4ed8")

    assert found.inline()["--light-accent"] == "#1d4ed8"
    assert set(found.inline()) == {
        f"--{mode}-{name}" for mode in ("light", "dark") for name in ("accent", "accent-ink", "accent-soft")
    }
    assert found.stylesheet().startswith(":root{--accent:#1d4ed8;")


def _tokens() -> str:
    sheet = (ROOT / "assets" / "supportbot.css").read_text()
    return sheet[: sheet.index("/* The owner's colour")]
