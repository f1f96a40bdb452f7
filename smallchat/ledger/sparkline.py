"""A row of bars in one line of text."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

BARS = "▁▂▃▄▅▆▇█"
NOTHING = "·"


def draw_sparkline(values: Sequence[Decimal]) -> str:
    """Return one bar for each of ``values``, the largest at full height, a dot for nothing."""
    most = max(values, default=Decimal(0))
    return "".join(BARS[_height(value, most)] if value > 0 else NOTHING for value in values)


def _height(value: Decimal, most: Decimal) -> int:
    return min(len(BARS) - 1, int(value / most * len(BARS)))
