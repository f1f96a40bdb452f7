"""The figures screen: every answer of the session in a table, models by their medians, a turn in bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from smallchat.metering.ranking import find_leads, stand
from smallchat.tui.bars import describe_standings, draw_turn
from smallchat.tui.figures_table import (
    COLUMNS,
    Layout,
    Row,
    TextKind,
    Timelines,
    lay_out,
    read_rows,
    sort_rows,
    write_table,
)
from smallchat.tui.latest import LatestOnly
from smallchat.tui.phase_tracking import ending_of
from smallchat.tui.screens.base import SmallchatScreen
from smallchat.tui.widgets.key_bar import KeyBar
from smallchat.tui.widgets.lines import Line
from smallchat.tui.widgets.pane_header import TONES
from smallchat.tui.widgets.row_list import RowList
from smallchat.tui.widgets.vim_keys import TextScroll

if TYPE_CHECKING:
    from smallchat.tui.backend import Backend

View = Literal["table", "models", "turn"]
VIEWS: dict[View, str] = {"table": "table", "models": "models", "turn": "bars"}
MARGIN = 2  # cells before each row, where the cursor stands


class HeadLine(Line):
    """The headings; a click sorts by one."""

    @dataclass
    class Clicked(Message):
        """The user clicked into the headings, ``x`` cells from the left."""

        x: int

    def on_click(self, event: events.Click) -> None:
        """Tell where it was clicked."""
        self.post_message(self.Clicked(event.x - MARGIN))


class FiguresTable(RowList):
    """One line for each answer."""

    def __init__(self) -> None:
        super().__init__(id="figures-table")
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


class FiguresScreen(SmallchatScreen):
    """Shows what was measured in one session."""

    CSS_PATH = "figures.tcss"
    HELP = "Arrow keys choose the column to sort by; a click on its heading does it too."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,alt+i", "leave", "Back", id="leave_figures", tooltip="Go back to the panes"),
        Binding("tab,v", "turn_view(1)", "View", id="next_figures", tooltip="Turn to table, models, bars"),
        Binding("shift+tab", "turn_view(-1)", "View before", id="previous_figures", show=False,
                tooltip="Turn to the view before"),
        Binding("right,l", "sort_by(1)", "Sort by", id="sort_next", tooltip="Sort by the next column"),
        Binding("left,h", "sort_by(-1)", "Sort by before", id="sort_previous", show=False,
                tooltip="Sort by the column before"),
        Binding("r", "reverse", "Reverse", id="sort_reverse", tooltip="Sort the other way round"),
        Binding("y", "copy_table('tsv')", "Copy TSV", id="copy_tsv",
                tooltip="Copy the table for a spreadsheet"),
        Binding("m", "copy_table('markdown')", "Copy Markdown", id="copy_markdown",
                tooltip="Copy the table as Markdown"),
    ]  # fmt: skip

    @dataclass
    class Read(Message):
        """The session was read."""

        rows: list[Row]

    def __init__(self, backend: Backend, session: str, timelines: Timelines) -> None:
        """Show the figures of ``session``; ``timelines`` are those of this run's answers."""
        super().__init__()
        self._backend, self._session, self._timelines = backend, session, timelines
        self._reader = LatestOnly("smallchat-figures")
        self._rows: list[Row] = []
        self._view: View = "table"
        self._column, self._descending = 0, True  # the last turn first
        self.table = FiguresTable()
        self.ready = False

    def compose(self) -> ComposeResult:
        """Yield the parts from top to bottom."""
        yield Line(id="figures-views")
        yield HeadLine(id="figures-head")
        yield self.table
        with TextScroll(id="figures-report"):
            yield Static(id="figures-text", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        """Read the session."""
        self._show_view()
        self._reader.do(self._read)

    def on_unmount(self) -> None:
        """End the thread."""
        self._reader.end()

    def _read(self) -> None:
        session = self._backend.store.load(self._session)
        self.post_message(self.Read(read_rows(session, self._timelines)))

    @on(Read)
    def _take(self, message: Read) -> None:
        self._rows, self.ready = message.rows, True
        self._draw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Sort only what is seen."""
        return self._view == "table" if action in ("sort_by", "reverse") else True

    # Views

    def action_turn_view(self, step: int) -> None:
        """Turn to the next view, or to the one before."""
        views = list(VIEWS)
        self._view = views[(views.index(self._view) + step) % len(views)]
        self._show_view()
        self._draw()

    def _show_view(self) -> None:
        self.query_one("#figures-views", Line).say(self._title())
        tabular = self._view == "table"
        self.query_one(HeadLine).display = self.table.display = tabular
        report = self.query_one("#figures-report", TextScroll)
        report.display = not tabular
        report.scroll_home(animate=False)
        (self.table if tabular else report).focus()
        self.refresh_bindings()

    def _title(self) -> Content:
        parts = [
            (f" [{name}]", "bold") if one == self._view else (f"  {name} ", "$quiet")
            for one, name in VIEWS.items()
        ]
        return Content.assemble(("Figures", "bold $accent"), *parts)

    def on_resize(self, event: events.Resize) -> None:
        """Lay out for another width."""
        self._draw()

    def _draw(self) -> None:
        if not self.ready:
            return
        if self._view == "table":
            self._draw_table()
            return
        width = max(20, self.query_one("#figures-report").scrollable_content_region.width)
        if self._view == "models":
            standings = stand(row.answer for row in self._rows)
            lines = describe_standings(standings, find_leads(standings))
        elif self.table.rows:
            turn = self.table.rows[self.table.cursor].turn
            lines = [Content.styled(f"Turn {turn}, this run alone", "$quiet")]
            lines += draw_turn([row for row in self._rows if row.turn == turn], width)
        else:
            lines = [Content("No answer yet.")]
        self.query_one("#figures-text", Static).update(Content("\n").join(lines))

    # The table

    def _draw_table(self) -> None:
        width = max(20, self.size.width - MARGIN - 2)
        rows = sort_rows(self._rows, self._column, descending=self._descending)
        columns = lay_out(rows, width, self._column)
        arrow = "▼" if self._descending else "▲"
        headings = [
            f"{column.heading} {arrow}" if index == self._column else column.heading
            for index, column in enumerate(COLUMNS)
        ]
        hidden = len(COLUMNS) - len(columns.columns)
        self.query_one(HeadLine).say(
            Content.assemble(" " * MARGIN, (columns.line(headings), "$quiet")).truncate(width + MARGIN)
        )
        title = self.query_one("#figures-views", Line)
        title.say(self._title(), Content.styled(f"{hidden} more columns: ◂ ▸" if hidden else "", "$quiet"))
        self.table.show(rows, columns)

    @on(HeadLine.Clicked)
    def _sort_clicked(self, message: HeadLine.Clicked) -> None:
        column = self.table.columns.column_at(message.x)
        if column == self._column:
            self.action_reverse()
        elif column is not None:
            self._column = column
            self._draw_table()

    def action_sort_by(self, step: int) -> None:
        """Sort by the next column, or by the one before."""
        self._column = (self._column + step) % len(COLUMNS)
        self._draw_table()

    def action_reverse(self) -> None:
        """Sort the other way round."""
        self._descending = not self._descending
        self._draw_table()

    @on(RowList.Chosen)
    def _show_turn(self) -> None:
        self._view = "turn"
        self._show_view()
        self._draw()

    def action_copy_table(self, kind: TextKind) -> None:
        """Copy the table as it is sorted."""
        if self._rows:
            rows = sort_rows(self._rows, self._column, descending=self._descending)
            self.copy_exactly(write_table(rows, kind), "table")

    def copy_exactly(self, text: str, what: str) -> None:
        """Copy ``text``, which is safe and keeps its tabs."""
        self.app.copy_to_clipboard(text)
        self.toast(f"Copied the {what}: {len(self._rows):,} answers.")

    def action_leave(self) -> None:
        """Go back to the panes."""
        self.dismiss()
