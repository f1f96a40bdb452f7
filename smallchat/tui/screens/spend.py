"""The spend screen: what was spent, at which pace, and what it would have cost elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from smallchat.safe_text import safe_text
from smallchat.tui.latest import LatestOnly
from smallchat.tui.screens.base import SmallchatScreen
from smallchat.tui.spending import Spending, View, lay_out, read_spending
from smallchat.tui.widgets.key_bar import KeyBar
from smallchat.tui.widgets.scrolling import Report
from smallchat.tui.widgets.target_line import TargetLine

if TYPE_CHECKING:
    from textual import events

    from smallchat.tui.backend import Backend

VIEWS: dict[View, str] = {"model": "models", "day": "days", "session": "sessions", "elsewhere": "elsewhere"}


class SpendScreen(SmallchatScreen):
    """Shows the ledger of this data directory; one view at a time below the sums."""

    HELP = "What was spent, and what it would have cost elsewhere: ~ is estimated, ≥ is at least."
    CSS_PATH = "spend.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f4", "leave", "Back", id="leave_spend", tooltip="Go back to the panes"),
        Binding("m", "show('model')", "Models", id="spend_by_model",
                tooltip="List the last 30 days by model"),
        Binding("d", "show('day')", "Days", id="spend_by_day", tooltip="List the last 30 days by day"),
        Binding("s", "show('session')", "Sessions", id="spend_by_session",
                tooltip="List the last 30 days by session"),
        Binding("e", "show('elsewhere')", "Elsewhere", id="spend_elsewhere",
                tooltip="What the same tokens would have cost on other models"),
        Binding("right,tab", "turn(1)", "Next", id="next_view", show=False, tooltip="Go to the next view"),
        Binding("left,shift+tab", "turn(-1)", "Previous", id="previous_view", show=False,
                tooltip="Go to the view before"),
    ]  # fmt: skip

    @dataclass
    class Read(Message):
        """A view was read from the ledger."""

        spending: Spending

    @dataclass
    class Failed(Message):
        """The ledger can not be read."""

        text: str

    def __init__(self, backend: Backend) -> None:
        """Show what ``backend`` has spent."""
        super().__init__()
        self._backend = backend
        self._reader = LatestOnly("smallchat-spend")
        self._view: View = "model"
        self.spending: Spending | None = None

    def compose(self) -> ComposeResult:
        """Yield the parts from top to bottom."""
        yield TargetLine(id="views")
        with Report(id="report"):
            yield Static("Reading the ledger…", id="spending", markup=False)
        yield KeyBar(("leave_spend",))

    def on_mount(self) -> None:
        """Begin with the models."""
        self.query_one("#report").focus()
        self.action_show(self._view)

    def on_unmount(self) -> None:
        """End the thread."""
        self._reader.end()

    def action_show(self, view: View) -> None:
        """Show another view, or the same one anew."""
        self._view = view
        self._show_views()
        self._reader.do(partial(self._read, view))

    def _show_views(self) -> None:
        views = [(name, f"show('{view}')", view == self._view) for view, name in VIEWS.items()]
        self.query_one(TargetLine).tell_views("Spent", views)

    def action_turn(self, step: int) -> None:
        """Go to the next view, or to the one before."""
        views = list(VIEWS)
        self.action_show(views[(views.index(self._view) + step) % len(views)])

    def _read(self, view: View) -> None:
        from smallchat.ledger.trouble import LedgerTrouble

        try:
            self.post_message(self.Read(read_spending(self._backend, view)))
        except LedgerTrouble as trouble:
            self.post_message(self.Failed(str(trouble)))

    @on(Read)
    def _show_report(self, message: Read) -> None:
        if message.spending.view == self._view:
            self.spending = message.spending
            self._draw()

    @on(Failed)
    def _show_failure(self, message: Failed) -> None:
        self.spending = None
        self.query_one("#spending", Static).update(Content.styled(safe_text(message.text), "$error"))

    def on_resize(self, event: events.Resize) -> None:
        """Lay the report out for another width."""
        self._show_views()
        self._draw()

    def _draw(self) -> None:
        if self.spending is not None:
            width = max(20, self.query_one("#report").scrollable_content_region.width)
            self.query_one("#spending", Static).update(lay_out(self.spending, width))
