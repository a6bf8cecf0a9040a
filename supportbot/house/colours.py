"""From one colour of the owner's to shades that can be read, in light and in dark. Pure.

WCAG 2.2 arithmetic. The colour keeps its hue and gets as dark or as light as it must be, and no more, so
that text on it and it as text have a contrast of at least 4.5:1 wherever the stylesheet puts them.
"""

from collections.abc import Mapping, Sequence
from colorsys import hls_to_rgb, rgb_to_hls
from dataclasses import dataclass
from functools import lru_cache

READABLE = 4.5
"""Contrast of text, as WCAG asks for at level AA."""

GROUNDS_LIGHT = ("#fbfaf8", "#ffffff", "#f3f2ee", "#e8efec")
GROUNDS_DARK = ("#121716", "#1a2120", "#0e1312", "#22302c")
"""What an accent may stand on: ground, surface, sunken, bubble of assets/supportbot.css; a test compares."""
INKS_LIGHT, INKS_DARK = ("#1d2524", "#5b6664"), ("#e6ebe9", "#a0aeaa")
"""What may stand on an accent's soft shade: ink and ink-soft."""
SOFT_LIGHT, SOFT_DARK = 0.12, 0.16
"""How much of the accent is in its soft shade, at most."""
STEP = 0.01
NAMES = ("--accent", "--accent-ink", "--accent-soft")

Rgb = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Shades:
    """The custom properties of the accent, for light and for dark."""

    light: Mapping[str, str]
    dark: Mapping[str, str]

    def inline(self) -> dict[str, str]:
        """As properties of one element: `--light-accent` and so on; a class `branded` chooses among them."""
        return {
            name.replace("--", f"--{mode}-"): colour
            for mode, shades in (("light", self.light), ("dark", self.dark))
            for name, colour in shades.items()
        }

    def stylesheet(self) -> str:
        """As a style sheet for the whole page."""
        light, dark = (
            "".join(f"{name}:{colour};" for name, colour in shades.items())
            for shades in (self.light, self.dark)
        )
        return f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"


OWN = Shades(
    dict(zip(NAMES, ("#0f6b5c", "#ffffff", "#e3f1ed"), strict=True)),
    dict(zip(NAMES, ("#5cc2ad", "#06211b", "#17332d"), strict=True)),
)
"""The product's own accent, as assets/supportbot.css has it."""


@lru_cache(maxsize=64)
def shades(colour: str) -> Shades:
    """The shades of a colour like #1d4ed8; of "", the product's own."""
    if not colour:
        return OWN
    return Shades(
        _readable(colour, GROUNDS_LIGHT, INKS_LIGHT, SOFT_LIGHT, -STEP),
        _readable(colour, GROUNDS_DARK, INKS_DARK, SOFT_DARK, STEP),
    )


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """The relative luminance of a colour, from 0 for black to 1 for white."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _rgb(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mixed(colour: str, ground: str, share: float) -> str:
    """So much of a colour on a ground, as `color-mix(in srgb, …)` does it."""
    red, green, blue = (
        part * share + under * (1 - share) for part, under in zip(_rgb(colour), _rgb(ground), strict=True)
    )
    return _hex((red, green, blue))


def _readable(
    colour: str, grounds: Sequence[str], inks: Sequence[str], share: float, step: float
) -> dict[str, str]:
    """The shade nearest to the colour that can be read on all grounds and on its own soft shade."""
    hue, lightness, saturation = rgb_to_hls(*_rgb(colour))
    while True:
        accent = _hex(hls_to_rgb(hue, lightness, saturation))
        soft = _soft(accent, grounds[1], inks, share)
        if all(contrast(accent, ground) >= READABLE for ground in (*grounds, soft)):
            return dict(zip(NAMES, (accent, _ink(accent), soft), strict=True))
        lightness = min(1.0, max(0.0, lightness + step))  # black and white can always be read


def _soft(accent: str, surface: str, inks: Sequence[str], share: float) -> str:
    """A ground with a touch of the accent, on which the inks can still be read."""
    while share > 0:
        soft = mixed(accent, surface, share)
        if all(contrast(ink, soft) >= READABLE for ink in inks):
            return soft
        share -= STEP
    return surface


def _ink(accent: str) -> str:
    """Text on the accent: white if that can be read, or else a near black of the same hue."""
    if contrast("#ffffff", accent) >= READABLE:
        return "#ffffff"
    hue, _, saturation = rgb_to_hls(*_rgb(accent))
    tinted = _hex(hls_to_rgb(hue, 0.08, min(saturation, 0.6)))
    return tinted if contrast(tinted, accent) >= READABLE else "#000000"


def _rgb(colour: str) -> Rgb:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(rgb: Rgb) -> str:
    return "#" + "".join(f"{round(min(1.0, max(0.0, part)) * 255):02x}" for part in rgb)
