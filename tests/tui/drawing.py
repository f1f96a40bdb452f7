"""What a widget has drawn, and a click on the words that are meant."""

from __future__ import annotations

from typing import Any

from rich.cells import cell_len
from textual.pilot import Pilot
from textual.widget import Widget


def drawn_lines(widget: Widget) -> list[str]:
    """Return what ``widget`` has drawn, its border and padding too, a line for each row."""
    return [strip.text for strip in widget.render_lines(widget.region.reset_offset)]


async def click_words(pilot: Pilot[Any], widget: str | type[Widget] | Widget, words: str) -> None:
    """Click ``widget`` where it has drawn ``words``, on whichever row: they are on one alone."""
    target = widget if isinstance(widget, Widget) else pilot.app.screen.query_one(widget)
    lines = drawn_lines(target)
    (row,) = (row for row, line in enumerate(lines) if words in line)
    at = cell_len(lines[row][: lines[row].index(words)])
    await pilot.click(target, offset=(at, row))
    await pilot.pause()
