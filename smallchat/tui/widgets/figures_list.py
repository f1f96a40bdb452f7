"""The table of all answers on the screen: sorted by a heading, moved sideways where it is too wide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from smallchat.tui.endings import ending_of
from smallchat.tui.figures_layout import Layout, lay_out
from smallchat.tui.figures_table import COLUMNS, Row, sort_rows
from smallchat.tui.widgets.lines import Line
from smallchat.tui.widgets.pane_header import TONES
from smallchat.tui.widgets.row_list import RowList

MARGIN = 2  # cells before each row, where the cursor stands


class HeadLine(Line):
    """The headings; a click sorts by one."""

    DEFAULT_CSS = """
    HeadLine { padding: 0; }
    """

    @dataclass
    class Clicked(Message):
        """The user clicked into the headings, ``x`` cells from the left."""

        x: int

    def on_click(self, event: events.Click) -> None:
        """Tell where it was clicked."""
        self.post_message(self.Clicked(event.x - MARGIN))


class FiguresRows(RowList):
    """One line for each answer."""

    def __init__(self) -> None:
        super().__init__(id="figures-rows")
        self.rows: Sequence[Row] = ()
        self.columns = Layout((), ())

    @property
    def row_count(self) -> int:
        """How many answers there are."""
        return len(self.rows)

    def show(self, rows: Sequence[Row], columns: Layout) -> None:
        """Show ``rows`` in ``columns``."""
        self.rows, self.columns = rows, columns
        self.rows_changed()

    def render_row(self, index: int, width: int) -> Sequence[Content]:
        """Return the line of an answer."""
        row = self.rows[index]
        tone = TONES[ending_of(row.answer).tone] if row.answer.status != "ok" else "$foreground"
        text = self.columns.line([column.show(row) for column in COLUMNS])
        return [Content.styled(text, tone if row.chosen else "$quiet").truncate(width)]


class FiguresTable(Vertical):
    """Headings and rows, and by which column they are sorted."""

    @dataclass
    class Moved(Message):
        """Other columns are seen: ``before`` are out of sight at the left, ``after`` at the right."""

        before: int
        after: int

    def __init__(self) -> None:
        super().__init__(id="figures-table")
        self.head = HeadLine(id="figures-head")
        self.list = FiguresRows()
        self._rows: Sequence[Row] = ()
        self._column, self._descending = 0, True  # the last turn first
        self._first = 0

    def compose(self) -> ComposeResult:
        """Yield the headings and the rows."""
        yield self.head
        yield self.list

    @property
    def rows(self) -> Sequence[Row]:
        """The rows as they are sorted."""
        return self.list.rows

    @property
    def columns(self) -> Layout:
        """The columns that are seen."""
        return self.list.columns

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.list.cursor] if self.rows else None

    def show(self, rows: Sequence[Row]) -> None:
        """Show ``rows``, sorted."""
        self._rows = rows
        self._draw()

    def turn_to(self, turn: int) -> None:
        """Put the cursor on the first row of a turn."""
        for index, row in enumerate(self.rows):
            if row.turn == turn:
                self.list.cursor = index
                return

    def sort_by(self, step: int) -> None:
        """Sort by the next column, or by the one before."""
        self._column = (self._column + step) % len(COLUMNS)
        self._draw(reach=self._column)

    def reverse(self) -> None:
        """Sort the other way round."""
        self._descending = not self._descending
        self._draw()

    def scroll_columns(self, step: int) -> None:
        """Show the columns further right, or further left, as they are sorted."""
        self._first = max(0, self.columns.before + step)
        self._draw()

    def _draw(self, reach: int = 0) -> None:
        width = max(20, self.app.size.width - MARGIN - 2)
        rows = sort_rows(self._rows, self._column, descending=self._descending)
        columns = lay_out(rows, width, self._first, reach)
        self._first = columns.before
        arrow = "▼" if self._descending else "▲"
        headings = [
            f"{column.heading} {arrow}" if index == self._column else column.heading
            for index, column in enumerate(COLUMNS)
        ]
        line = Content.assemble(" " * MARGIN, (columns.line(headings), "$quiet"))
        self.head.say(line.truncate(width + MARGIN))
        self.list.show(rows, columns)
        self.post_message(self.Moved(columns.before, columns.after))

    def on_resize(self) -> None:
        """Lay out for another width."""
        self._draw()

    @on(HeadLine.Clicked)
    def _sort_clicked(self, message: HeadLine.Clicked) -> None:
        column = self.columns.column_at(message.x)
        if column == self._column:
            self.reverse()
        elif column is not None:
            self._column = column
            self._draw()

    # The wheel with Shift, or sideways

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Show the columns further right."""
        if event.shift:
            event.stop()
            self.scroll_columns(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Show the columns further left."""
        if event.shift:
            event.stop()
            self.scroll_columns(-1)

    def on_mouse_scroll_right(self, event: events.MouseScrollRight) -> None:
        """Show the columns further right."""
        event.stop()
        self.scroll_columns(1)

    def on_mouse_scroll_left(self, event: events.MouseScrollLeft) -> None:
        """Show the columns further left."""
        event.stop()
        self.scroll_columns(-1)
