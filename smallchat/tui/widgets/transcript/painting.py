"""Painting rows: from lines to strips in the colours of the theme, with what is selected and found."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from smallchat.tui.widgets.transcript.lines import TEXT, Look
from smallchat.tui.widgets.transcript.palette import Palette

if TYPE_CHECKING:
    from textual.widget import Widget

    from smallchat.tui.widgets.transcript.document import Document
    from smallchat.tui.widgets.transcript.search import Search

MARGIN = 1  # cells left and right of the text
FOUND = Look("found")
_MOST_PAINTED = 300  # rows, a few screens; a strip takes kilobytes


class Painter:
    """Paints rows of a document and keeps them until they change."""

    def __init__(self, widget: Widget, document: Document, search: Search) -> None:
        self._widget = widget
        self._document = document
        self._search = search
        self._palette = Palette(widget)
        self._painted: dict[int, Strip] = {}
        self._end = 0
        self._width = 0

    def forget(self, first: int = 0, top: int = 0) -> None:
        """Forget the rows from ``first`` on; and those above row ``top``, when there are many."""
        painted = self._painted
        if first == 0:
            painted.clear()
        for y in range(first, self._end):
            painted.pop(y, None)
        self._end = min(first, self._end)
        if len(painted) > _MOST_PAINTED:
            for y in [y for y in painted if y < top]:
                del painted[y]

    def forget_colours(self) -> None:
        """Forget all rows and the theme they were painted in."""
        self._palette.clear()
        self.forget()

    def paint_rows(self, first: int, count: int, width: int) -> list[Strip]:
        """Return rows as they go to the screen, ``width`` cells wide."""
        if width != self._width:
            self._width = width
            self.forget()
        painted = self._painted
        missing = [y for y in range(first, first + count) if y not in painted]
        if missing:
            background = self._widget.background_colors[1]
            filters = self._widget.get_line_filters()
            for y in missing:
                strip = Strip(self._segments(y, width), width)
                for line_filter in filters:
                    strip = strip.apply_filter(line_filter, background)
                painted[y] = strip
            self._end = max(self._end, missing[-1] + 1)
        return [painted[y] for y in range(first, first + count)]

    def paint_for_mouse(self, y: int, width: int) -> Strip:
        """Return a row whose segments know their place in it."""
        margin, *segments = self._segments(y, width)
        strip = Strip(segments).apply_offsets(0, y)
        style = (margin.style or Style()) + Style.from_meta({"offset": (0, y)})
        return Strip([Segment(margin.text, style), *strip], width)

    def _segments(self, y: int, width: int) -> list[Segment]:
        """Return row ``y`` as segments of ``width`` cells, the first of which is the margin."""
        palette = self._palette
        blank = palette[TEXT]
        margin = Segment(" " * MARGIN, blank)
        line = self._document.rows.line(y)
        if line is None:
            return [margin, Segment(" " * (width - MARGIN), blank)]
        segments = [Segment(text, palette[look]) for text, look in line.spans if text]
        for found in self._search.found_on(y):
            segments = paint_over(segments, found.start, found.end, palette[FOUND])
        selection = self._widget.text_selection
        if selection is not None and (span := selection.get_span(y)) is not None:
            selected = self._widget.screen.get_component_rich_style("screen--selection")
            segments = paint_over(segments, *span, selected)
        inner = max(0, min(self._document.width, width - 2 * MARGIN))  # narrower until laid out again
        room = inner - sum(cell_len(segment.text) for segment in segments)
        if room > 0:
            segments.append(Segment(" " * room, blank if line.fill is None else palette[line.fill]))
        elif room < 0:
            segments = list(Strip(segments).crop(0, inner))
        return [margin, *segments, Segment(" " * (width - MARGIN - inner), blank)]


def paint_over(segments: Iterable[Segment], start: int, end: int, style: Style) -> list[Segment]:
    """Return ``segments`` with characters ``start`` to ``end`` in ``style``; an ``end`` of -1 is the last."""
    painted: list[Segment] = []
    position = 0
    for segment in segments:
        text, own, _ = segment
        stop = position + len(text)
        first = max(start, position) - position
        last = (stop if end < 0 else min(end, stop)) - position
        if first >= last:
            painted.append(segment)
        else:
            for piece, look in (
                (text[:first], own),
                (text[first:last], (own or Style()) + style),
                (text[last:], own),
            ):
                if piece:
                    painted.append(Segment(piece, look))
        position = stop
    return painted
