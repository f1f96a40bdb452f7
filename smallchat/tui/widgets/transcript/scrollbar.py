"""A scrollbar that moves with every line at little cost."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip


class QuickScrollBar(ScrollBar):
    """Textual's scrollbar, painted as what it is: two or three sorts of row.

    Three panes that scroll with each frame spend more on the general way, a renderable laid out row by row,
    than on all their text.
    """

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the rows of the bar."""
        bar = self.render()
        size = self.size
        if not isinstance(bar, ScrollBarRender) or not isinstance(bar.style, Style) or not size:
            return super().render_lines(crop)
        assert bar.style.bgcolor is not None
        assert bar.style.color is not None
        rows = bar.render_bar(
            size=size.height,
            virtual_size=bar.virtual_size,
            window_size=bar.window_size,
            position=bar.position,
            thickness=size.width,
            back_color=bar.style.bgcolor,
            bar_color=bar.style.color,
        ).segments
        background = self.background_colors[1]
        filters = self.get_line_filters()
        strips: dict[int, Strip] = {}
        for row in rows:
            if id(row) not in strips:
                strip = Strip([Segment(row.text, row.style)], size.width)
                for line_filter in filters:
                    strip = strip.apply_filter(line_filter, background)
                strips[id(row)] = strip
        return [strips[id(rows[y])].crop(*crop.column_span) for y in crop.line_range if y < len(rows)]
