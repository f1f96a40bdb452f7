"""The top line: the panes, as tabs where not all of them fit, and what the session cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import events
from textual.content import Content
from textual.message import Message

from smallchat.safe_text import safe_line
from smallchat.tui.phase import Phase
from smallchat.tui.widgets.lines import Line, spread
from smallchat.tui.widgets.pane_header import TONES

if TYPE_CHECKING:
    from smallchat.metering.cost import Total

_ROOMY = 60  # columns; below that the tabs need them all


@dataclass(frozen=True, slots=True)
class Tab:
    """One pane as the top line shows it."""

    name: str
    phase: Phase
    visible: bool


class TitleBar(Line):
    """The app's name or the tabs at the left, the session at the right."""

    @dataclass
    class TabClicked(Message):
        """The user clicked the tab of a pane."""

        index: int

    def __init__(self) -> None:
        super().__init__()
        self._tabs: tuple[Tab, ...] = ()
        self._total: Total | None = None
        self._mode = ""
        self._ends: list[int] = []

    def show(self, tabs: Sequence[Tab], total: Total | None, mode: str) -> None:
        """Show ``tabs`` when some of them are not visible, ``total`` of the session, and how panes run."""
        shown = (tuple(tabs), total, mode)
        if shown != (self._tabs, self._total, self._mode):
            self._tabs, self._total, self._mode = shown
            self.refresh()

    def render(self) -> Content:
        """Return the line."""
        width = self.content_size.width
        total = f"session {self._format_total()}"
        right = Content.styled(total, "$quiet")
        if all(tab.visible for tab in self._tabs):
            self._ends = []
            left = Content.assemble(("smallchat", "bold $accent"), (f"  {self._mode}", "$quiet"))
        else:
            if width < _ROOMY:
                right = Content("")
            elif self._mode:
                right = Content.styled(f"{self._mode} · {total}", "$quiet")
            left = self._render_tabs(width - right.cell_length - 2 if right else width)
        return spread(left, right, width)

    def _format_total(self) -> str:
        if self._total is None:
            return "$0"
        from smallchat.metering.wording import format_total

        return format_total(self._total)

    def _render_tabs(self, width: int) -> Content:
        room = max(3, width // len(self._tabs) - 6)
        line = Content("")
        self._ends = []
        for number, tab in enumerate(self._tabs, 1):
            name_style = "bold $primary" if tab.visible else "$quiet"
            line = Content.assemble(
                line,
                (f"{number} {safe_line(tab.name, room)} ", name_style),
                (tab.phase.symbol, TONES[tab.phase.tone]),
                "  ",
            )
            self._ends.append(line.cell_length)
        return line

    def on_click(self, event: events.Click) -> None:
        """Choose the pane whose tab was clicked."""
        x = event.x - self.gutter.left
        for index, end in enumerate(self._ends):
            if x < end:
                self.post_message(self.TabClicked(index))
                return
