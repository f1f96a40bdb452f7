"""Whether what the shipped themes colour can be read, by anybody."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import Theme

from smallchat.tui.theme import load_theme, shipped_themes

THEMES = sorted(shipped_themes().glob("*.toml"))
INKS = ("foreground", "primary", "secondary", "accent", "success", "warning", "error", "quiet")
GROUNDS = ("background", "surface", "panel")


def colour(theme: Theme, name: str) -> Color:
    return Color.parse(theme.variables.get(name) or getattr(theme, name))


def luminance(color: Color) -> float:
    """Return the relative luminance, 0 to 1, as WCAG 2 defines it."""
    parts = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in color.normalized
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: Color, other: Color) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("path", THEMES, ids=lambda path: path.stem)
def test_every_ink_can_be_read_on_every_ground(path: Path) -> None:
    theme = load_theme(path)
    least = 7.0 if "contrast" in path.stem else 4.5
    for ink in INKS:
        for ground in GROUNDS:
            found = contrast(colour(theme, ink), colour(theme, ground))
            assert found >= least, f"{ink} on {ground}: {found:.1f}"


# Of linear light, for people without red, green or blue cones: Viénot, Brettel and Mollon 1999.
_BLINDNESS = {
    "protanopia": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    "deuteranopia": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
}


@pytest.mark.parametrize("kind", _BLINDNESS)
def test_colours_of_state_differ_for_every_kind_of_colour_vision(kind: str) -> None:
    theme = load_theme(shipped_themes() / "smallchat-colorblind.toml")

    def seen(name: str) -> tuple[float, ...]:
        linear = [value**2.2 for value in colour(theme, name).normalized]
        mixed = (sum(a * b for a, b in zip(row, linear, strict=True)) for row in _BLINDNESS[kind])
        return tuple(max(0.0, value) ** (1 / 2.2) for value in mixed)

    for one, other in combinations(("success", "warning", "error"), 2):
        distance = sum((a - b) ** 2 for a, b in zip(seen(one), seen(other), strict=True)) ** 0.5
        assert distance > 0.25, f"{one} and {other}: {distance:.2f}"
