"""A document in a pane: it is given time, its rows are kept in view and painted."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter_ns
from typing import Any

from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip
from textual.timer import Timer

from smallchat.tui.widgets.transcript.document import Document
from smallchat.tui.widgets.transcript.painting import MARGIN, Painter
from smallchat.tui.widgets.transcript.rows import Anchor
from smallchat.tui.widgets.transcript.scrollbar import QuickScrollBar
from smallchat.tui.widgets.transcript.search import Search

_SLICE_NS = 7_000_000  # work in one go; three panes in a row stay below a frame
_PAUSE_S = 0.005  # between slices, for keys and the other panes
_SPECIAL_RULES = (
    "hatch",
    "outline_top",
    "outline_right",
    "outline_bottom",
    "outline_left",
    "tint",
    "text_opacity",
)


class TranscriptView(ScrollView):
    """Lays its document out a slice at a time and shows the end of it, or the place that is read."""

    follow: reactive[bool] = reactive(True, repaint=False, init=False)
    """Whether the end stays in view as text arrives."""

    @dataclass
    class FollowChanged(Message, namespace="transcript"):
        """The transcript began or stopped following its end."""

        follow: bool

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(name=name, id=id, classes=classes)
        self._document = Document()
        self._earlier: Document | None = None
        self._search = Search()
        self._painter = Painter(self, self._document, self._search)
        self._pending: Timer | None = None
        self._placing = False
        self._anchor: Anchor | None = None

    # Working and following

    @property
    def busy(self) -> bool:
        """Whether text waits to be laid out."""
        return self._pending is not None

    def _go_on(self) -> None:
        """Do a slice of work, unless slices are already under way."""
        if self._pending is None and self.is_attached:
            self._work()

    def _work(self) -> None:
        self._pending = None
        until = perf_counter_ns() + _SLICE_NS
        busy = self._document.work(until) or self._work_above(until)
        self._show_changes()
        if busy:
            self._pending = self.set_timer(_PAUSE_S, self._work)

    def _work_above(self, until: int) -> bool:
        """Work on what is to be shown above; tell whether some of it is left."""
        if self._earlier is None or (self.is_attached and self.text_selection is not None):
            return False  # what is selected goes by the number of its row
        if self._earlier.work(until):
            return True
        if not self.follow and self._anchor is None:
            self._anchor = self._document.rows.anchor(self.scroll_offset.y)
        self._document.put_above(self._earlier)
        self._earlier = None
        self._search.rows_came_above(self._document.rows.lines())
        return False

    def _show_changes(self) -> None:
        document = self._document
        first = document.rows.take_changed()
        if first is None:
            return
        self._painter.forget(first, self.scroll_offset.y)
        if self.virtual_size.height != document.rows.height:
            self.virtual_size = Size(document.width, document.rows.height)
        if self.follow:
            self._place(self.max_scroll_y)
        elif self._anchor is not None:
            self._place(document.rows.row_of(self._anchor))
        bottom = self.scroll_offset.y + self.size.height
        if first < bottom:
            self.refresh_lines(max(first, self.scroll_offset.y), bottom - max(first, self.scroll_offset.y))

    def _place(self, y: int) -> None:
        self._placing = True
        try:
            self._scroll_to(y=y, animate=False)
        finally:
            self._placing = False

    def scroll_to(self, x: float | None = None, y: float | None = None, **options: Any) -> None:
        """Scroll at once: text that glides while more arrives can not be read."""
        super().scroll_to(x, y, **{**options, "animate": False})

    def action_scroll_end(self) -> None:
        """Show the end, and follow it."""
        self.follow = True

    def watch_follow(self, follow: bool) -> None:
        """Go to the end; tell the pane."""
        if follow:
            self._anchor = None
            self._place(self.max_scroll_y)
        self.post_message(self.FollowChanged(follow))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The user who scrolls up wants to read; at the end again, to follow."""
        super().watch_scroll_y(old_value, new_value)
        if not self._placing:
            self._anchor = None
            self.follow = round(new_value) >= self.max_scroll_y

    def on_resize(self) -> None:
        """Lay out again for the new width, what is seen first."""
        width = self.scrollable_content_region.width - 2 * MARGIN
        if width > 0 and width != self._document.width:
            if not self.follow and self._anchor is None:
                self._anchor = self._document.rows.anchor(self.scroll_offset.y)
            self._document.resize(width, self.scroll_offset.y)
            if self._earlier is not None:
                self._earlier.resize(width, 0)
            if self.text_selection is not None:
                self.screen.clear_selection()
            self._search.clear()
        elif self.follow:
            self._place(self.max_scroll_y)
        self._go_on()

    @property
    def vertical_scrollbar(self) -> ScrollBar:
        """The scrollbar, made when first asked for as any widget's."""
        if self._vertical_scrollbar is None:
            bar = QuickScrollBar(vertical=True, name="vertical", thickness=self.scrollbar_size_vertical)
            bar.display = False
            self._vertical_scrollbar = bar
            self.app._start_widget(self, bar)
        return self._vertical_scrollbar

    # Painting

    def notify_style_update(self) -> None:
        """Paint again with the colours of another theme."""
        super().notify_style_update()
        self._painter.forget_colours()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return visible rows, each painted once.

        Textual's own cache goes by rows of the screen: with every line that scrolls in, it paints all of them
        again. Rows keep their place in the document, so the painter keeps them by that.
        """
        styles = self.styles
        if styles.gutter.totals != (0, 0) or styles.has_any_rules(*_SPECIAL_RULES) or self.opacity != 1.0:
            return super().render_lines(crop)
        top = self.scroll_offset.y
        strips = self._painter.paint_rows(top + crop.y, crop.height, self.outer_size.width)
        if crop.column_span != (0, self.outer_size.width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        """Return a visible row that knows which characters are where, for the mouse."""
        return self._painter.paint_for_mouse(self.scroll_offset.y + y, self.scrollable_content_region.width)
