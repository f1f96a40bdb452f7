"""The command palette: what can be done, found by its name; themes are tried on as they are pointed at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input

from smallchat.tui.commands import Command, choose_commands, find_commands, find_sessions
from smallchat.tui.latest import LatestOnly
from smallchat.tui.screens.dialog import Dialog
from smallchat.tui.widgets.command_list import CommandList
from smallchat.tui.widgets.hint_line import HintLine
from smallchat.tui.widgets.lines import Line
from smallchat.tui.widgets.row_list import RowList
from smallchat.tui.widgets.text_field import TextField

if TYPE_CHECKING:
    from smallchat.tui.app import SmallchatApp

TRY_ON_S = 0.08  # a theme is tried on when the cursor has come to rest: it repaints everything


class PaletteScreen(Dialog["Command | None"]):
    """Gives back the command that was chosen, or ``None``.

    Attributes:
        list: The commands that were found.
        complete: Whether all there is to find is read.
    """

    CSS_PATH = "finding.tcss"
    HELP = "Reaches every action, session, model, preset and theme. Type any words of it, or what it is."
    PLACEHOLDER = "Search actions, sessions, models, presets, themes"
    ENTER_DOES = "does it"
    ESC_DOES = "goes back"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", id="leave_palette", tooltip="Go back; nothing is changed"),
        Binding("down,ctrl+n", "move(1)", "Down", show=False, id="palette_down",
                tooltip="Go to the next command"),
        Binding("up,ctrl+b", "move(-1)", "Up", show=False, id="palette_up",
                tooltip="Go to the command before"),
        Binding("pagedown", "move_page(1)", "Page down", show=False, id="palette_page_down",
                tooltip="Go a page of commands down"),
        Binding("pageup", "move_page(-1)", "Page up", show=False, id="palette_page_up",
                tooltip="Go a page of commands up"),
    ]  # fmt: skip

    @dataclass
    class SessionsFound(Message):
        """The sessions were read."""

        commands: Sequence[Command]

    def __init__(self, below: Screen[object]) -> None:
        """Offer what can be done on the screen ``below``."""
        super().__init__()
        self._below = below
        self._commands: list[Command] = []
        self._reader = LatestOnly("smallchat-palette")
        self._trying: Timer | None = None
        self._worn = ""
        self.list = CommandList()
        self.complete = False

    @property
    def _smallchat(self) -> SmallchatApp:
        return cast("SmallchatApp", self.app)

    def compose(self) -> ComposeResult:
        """Yield search, commands and what is said about the one under the cursor."""
        with Vertical(classes="finding"):
            yield TextField(placeholder=self.PLACEHOLDER, compact=True, id="words")
            yield self.list
            yield Line(id="command-detail")
            yield HintLine(("enter", self.ENTER_DOES), ("leave_palette", self.ESC_DOES))

    def on_mount(self) -> None:
        """Begin with what is known at once; sessions come as they are read."""
        self._worn = self.app.theme
        self.set_focus(self.query_one(Input))
        self._commands = self.find()
        self.list.show(self._commands)
        self.read_more()

    def on_unmount(self) -> None:
        """End the thread."""
        self._reader.end()

    def find(self) -> list[Command]:
        """Return what to offer."""
        return find_commands(self._smallchat, self._below)

    def read_more(self) -> None:
        """Read in a thread what takes longer."""
        app = self._smallchat
        if (backend := app.backend) is None or app.hides_names():
            self.complete = True
        else:
            self._reader.do(
                lambda: self.post_message(
                    self.SessionsFound(find_sessions(app, backend.store.list(by_use=True)))
                )
            )

    @on(SessionsFound)
    def _add_sessions(self, message: SessionsFound) -> None:
        actions = [command for command in self._commands if command.kind == "action"]
        others = [command for command in self._commands if command.kind != "action"]
        self._commands = [*actions, *message.commands, *others]
        self.complete = True
        self.list.show_more(choose_commands(self._commands, self.query_one(Input).value))

    @on(Input.Changed, "#words")
    def _search(self, event: Input.Changed) -> None:
        self.list.show(choose_commands(self._commands, event.value))

    @on(RowList.Moved)
    def _describe_current(self) -> None:
        current = self.list.current
        text = f"{current.kind} · {current.detail}" if current else "Nothing has these words."
        self.query_one("#command-detail", Line).say(Content.styled(text, "$quiet"))
        if self._trying is not None:
            self._trying.stop()
        self._trying = self.set_timer(TRY_ON_S, self._try_on)

    def _try_on(self) -> None:
        current = self.list.current
        name = (current.theme if current else "") or self._worn
        if name != self.app.theme and (problem := self._smallchat.use_theme(name)):
            self._smallchat.toast(problem, "warning")

    @on(Input.Submitted, "#words")
    @on(RowList.Chosen)
    def _choose(self) -> None:
        current = self.list.current
        if current is not None:
            self._take_off()
            self.dismiss(current)

    def action_leave(self) -> None:
        """Go back, in the theme from before."""
        self._take_off()
        self.dismiss(None)

    def _take_off(self) -> None:
        if self._trying is not None:
            self._trying.stop()
        if self.app.theme != self._worn:
            self._smallchat.use_theme(self._worn)

    def action_move(self, step: int) -> None:
        """Go down, or up."""
        self.list.action_move(step)

    def action_move_page(self, step: int) -> None:
        """Go a page down, or up."""
        self.list.action_move_page(step)
