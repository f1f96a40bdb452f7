"""The figures screen: every answer of the session in a table, models by their medians, a turn in bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from smallchat.metering.ranking import find_leads, stand
from smallchat.safe_text import safe_line
from smallchat.tui.bars import describe_standings, draw_turn
from smallchat.tui.figures_table import Row, TextKind, Timelines, read_rows, write_table
from smallchat.tui.latest import LatestOnly
from smallchat.tui.screens.base import SmallchatScreen
from smallchat.tui.widgets.figures_list import FiguresTable
from smallchat.tui.widgets.key_bar import KeyBar
from smallchat.tui.widgets.row_list import RowList
from smallchat.tui.widgets.scrolling import Report
from smallchat.tui.widgets.target_line import NARROW, TargetLine, as_target

if TYPE_CHECKING:
    from smallchat.tui.backend import Backend

View = Literal["table", "models", "turn"]
VIEWS: dict[View, str] = {"table": "table", "models": "models", "turn": "bars"}
SIDES = 4  # cells beside the report: its padding, and its scroll bar
LONGEST_PROMPT = 200


class FiguresScreen(SmallchatScreen):
    """Shows what was measured in one session."""

    CSS_PATH = "figures.tcss"
    HELP = (
        "The table has every answer; arrow keys choose the column to sort by, a click on its heading too. "
        "Enter, or a double click, shows a row's turn in bars."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,alt+i", "leave", "Back", id="leave_figures", tooltip="Go back to the panes"),
        Binding("tab,v", "turn_view(1)", "View", id="next_figures", tooltip="Turn to table, models, bars"),
        Binding("shift+tab", "turn_view(-1)", "View before", id="previous_figures", show=False,
                tooltip="Turn to the view before"),
        Binding("right,l", "sort_by(1)", "Sort by", id="sort_next", tooltip="Sort by the next column"),
        Binding("left,h", "sort_by(-1)", "Sort by before", id="sort_previous", show=False,
                tooltip="Sort by the column before"),
        Binding("r", "reverse", "Reverse", id="sort_reverse", tooltip="Sort the other way round"),
        Binding("shift+right,greater_than_sign", "scroll_columns(1)", "Columns right", id="columns_right",
                show=False, tooltip="Show the columns further right, sorted as they are"),
        Binding("shift+left,less_than_sign", "scroll_columns(-1)", "Columns left", id="columns_left",
                show=False, tooltip="Show the columns further left, sorted as they are"),
        Binding("right,l", "change_turn(1)", "Next turn", id="next_turn_figures",
                tooltip="Show the next turn in bars"),
        Binding("left,h", "change_turn(-1)", "Turn before", id="previous_turn_figures",
                tooltip="Show the turn before in bars"),
        Binding("y", "copy_table('tsv')", "Copy TSV", id="copy_tsv",
                tooltip="Copy the table for a spreadsheet"),
        Binding("m", "copy_table('markdown')", "Copy Markdown", id="copy_markdown",
                tooltip="Copy the table as Markdown"),
    ]  # fmt: skip

    @dataclass
    class Read(Message):
        """The session was read."""

        rows: list[Row]
        prompts: Mapping[int, str]

    def __init__(self, backend: Backend, session: str, timelines: Timelines) -> None:
        """Show the figures of ``session``; ``timelines`` are those of this run's answers."""
        super().__init__()
        self._backend, self._session, self._timelines = backend, session, timelines
        self._reader = LatestOnly("smallchat-figures")
        self._rows: Sequence[Row] = ()
        self._prompts: Mapping[int, str] = {}
        self._view: View = "table"
        self.table = FiguresTable()
        self.ready = False

    def compose(self) -> ComposeResult:
        """Yield the parts from top to bottom."""
        yield TargetLine(id="figures-views")
        yield self.table
        with Report(id="figures-report"):
            yield Static(id="figures-text", markup=False)
        yield KeyBar(("choose_row", "leave_figures", "next_figures"))

    def on_mount(self) -> None:
        """Read the session."""
        self._show_view()
        self._reader.do(self._read)

    def on_unmount(self) -> None:
        """End the thread."""
        self._reader.end()

    def _read(self) -> None:
        session = self._backend.store.load(self._session)
        prompts = {turn.number: turn.prompt[:LONGEST_PROMPT] for turn in session.turns}
        self.post_message(self.Read(read_rows(session, self._timelines), prompts))

    @on(Read)
    def _take(self, message: Read) -> None:
        self._rows, self._prompts, self.ready = message.rows, message.prompts, True
        self.table.show(self._rows)
        self._draw()

    def find_obstacle(self, action: str, parameters: tuple[object, ...] = ()) -> str | None:
        """Return why ``action`` can not be done now: only what is seen is sorted, or turned."""
        if action in ("sort_by", "reverse", "scroll_columns") and self._view != "table":
            return "The table can be sorted: {next_figures} turns to it."
        if action == "change_turn" and (self._view != "turn" or len(self._turns()) < 2):
            return "There is no other turn." if self._view == "turn" else ""
        return super().find_obstacle(action, parameters)

    # Views

    def action_turn_view(self, step: int) -> None:
        """Turn to the next view, or to the one before."""
        views = list(VIEWS)
        self._turn_to(views[(views.index(self._view) + step) % len(views)])

    def action_show_view(self, view: View) -> None:
        """Turn to a view."""
        self._turn_to(view)

    def _turn_to(self, view: View) -> None:
        self._view = view
        self._show_view()
        self._draw()

    def _show_view(self) -> None:
        tabular = self._view == "table"
        self.table.display = tabular
        report = self.query_one("#figures-report", Report)
        report.display = not tabular
        report.scroll_home(animate=False)
        (self.table.list if tabular else report).focus()
        self._tell_views()
        self.refresh_bindings()

    @on(FiguresTable.Moved)
    def _tell_views(self) -> None:
        views = [(name, f"show_view('{view}')", view == self._view) for view, name in VIEWS.items()]
        self.query_one(TargetLine).tell_views("Figures", views, self._tell_where())

    def _tell_where(self) -> Content:
        """Return what can be turned to from here: columns out of sight, or other turns."""
        roomy = self.size.width >= NARROW
        if self._view == "turn":
            turns = self._turns()
            if len(turns) < 2 or self.table.current is None:
                return Content("")
            here = f"{turns.index(self.table.current.turn) + 1}{' of ' if roomy else '/'}{len(turns)}"
            return Content.assemble(
                ("turn" if roomy else "", "$quiet"),
                as_target(" ◂ ", "change_turn(-1)"),
                (here, "$quiet"),
                as_target(" ▸", "change_turn(1)"),
            )
        columns = self.table.columns
        if self._view != "table" or not (columns.before or columns.after):
            return Content("")
        return Content.assemble(
            ("more columns:" if roomy else "", "$quiet"),
            as_target(f" ◂ {columns.before}", "scroll_columns(-1)") if columns.before else "",
            as_target(f" {columns.after} ▸", "scroll_columns(1)") if columns.after else "",
        )

    def on_resize(self, event: events.Resize) -> None:
        """Lay out for another width."""
        self._tell_views()
        self._draw()

    def _draw(self) -> None:
        """Draw what is no table, which draws itself."""
        if not self.ready or self._view == "table":
            return
        width = max(20, self.size.width - SIDES)
        if self._view == "models":
            standings = stand(row.answer for row in self._rows)
            lines = describe_standings(standings, find_leads(standings), width)
        elif (current := self.table.current) is not None:
            told = Content.assemble(
                (f"Turn {current.turn}, this run alone  ", "$quiet"),
                safe_line(self._prompts.get(current.turn, ""), LONGEST_PROMPT),
            )
            rows = [row for row in self._rows if row.turn == current.turn]
            lines = [told.truncate(width, ellipsis=True), *draw_turn(rows, width)]
        else:
            lines = [Content("No answer yet.")]
        self.query_one("#figures-text", Static).update(Content("\n").join(lines))

    # The table

    def action_sort_by(self, step: int) -> None:
        """Sort by the next column, or by the one before."""
        self.table.sort_by(step)

    def action_reverse(self) -> None:
        """Sort the other way round."""
        self.table.reverse()

    def action_scroll_columns(self, step: int) -> None:
        """Show the columns further right, or further left."""
        self.table.scroll_columns(step)

    def action_copy_table(self, kind: TextKind) -> None:
        """Copy the table as it is sorted."""
        if self._rows:
            self.app.copy_to_clipboard(write_table(self.table.rows, kind))  # safe, and it keeps its tabs
            self.toast(f"Copied the table: {len(self._rows):,} answers.")

    # A turn

    @on(RowList.Chosen)
    def _show_turn(self) -> None:
        self._turn_to("turn")

    def _turns(self) -> list[int]:
        return sorted({row.turn for row in self._rows})

    def action_change_turn(self, step: int) -> None:
        """Show the next turn, or the one before; after the last comes the first."""
        turns, current = self._turns(), self.table.current
        if current is not None:
            self.table.turn_to(turns[(turns.index(current.turn) + step) % len(turns)])
            self._turn_to("turn")
