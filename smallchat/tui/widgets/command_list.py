"""The commands that a search found, one line each."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content

from smallchat.tui.commands import Command
from smallchat.tui.widgets.lines import spread
from smallchat.tui.widgets.row_list import RowList

_ROOMY = 60  # columns; with fewer, only the title is shown


class CommandList(RowList):
    """Shows what can be done: its name, more about it, what it is, its key.

    Attributes:
        commands: What is shown.
    """

    def __init__(self) -> None:
        super().__init__(id="commands")
        self.commands: Sequence[Command] = ()

    @property
    def row_count(self) -> int:
        """How many commands there are."""
        return len(self.commands)

    @property
    def current(self) -> Command | None:
        """The command under the cursor."""
        return self.commands[self.cursor] if self.commands else None

    def show(self, commands: Sequence[Command]) -> None:
        """Show other commands, the first under the cursor."""
        self.commands = commands
        self.cursor = 0
        self.rows_changed()

    def show_more(self, commands: Sequence[Command]) -> None:
        """Show ``commands``, the cursor where it is."""
        self.commands = commands
        self.rows_changed()

    def render_row(self, index: int, width: int) -> Sequence[Content]:
        """Return the line of a command."""
        command = self.commands[index]
        left = Content(command.title)
        if width >= _ROOMY and command.detail:
            left = Content.assemble(left, (f"  {command.detail}", "$quiet"))
        right = Content.assemble((command.key or command.kind, "$accent" if command.key else "$quiet"))
        return [spread(left, right, width)]

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Point at the command under the mouse, so that a theme can be tried on before it is kept."""
        index = self.row_at(event)
        if index is not None:
            self.cursor = index

    def on_click(self, event: events.Click) -> None:
        """Do the command that was clicked."""
        event.prevent_default()
        index = self.row_at(event)
        if index is not None:
            self.cursor = index
            self.post_message(self.Chosen())
