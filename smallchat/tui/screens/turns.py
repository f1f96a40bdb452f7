"""The turns of the session that the panes show: go on from an earlier one, edit its prompt, export it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message

from smallchat.safe_text import safe_line
from smallchat.tui.ago import format_time
from smallchat.tui.endings import ending_of
from smallchat.tui.exporting import Wish
from smallchat.tui.latest import LatestOnly
from smallchat.tui.screens.base import SmallchatScreen
from smallchat.tui.screens.session_keys import TurnAction, TurnPick
from smallchat.tui.widgets.export_line import ExportLine
from smallchat.tui.widgets.key_bar import KeyBar
from smallchat.tui.widgets.lines import Line
from smallchat.tui.widgets.row_list import RowList
from smallchat.tui.widgets.turn_list import TurnList

if TYPE_CHECKING:
    from smallchat.sessions.session import Session
    from smallchat.tui.backend import Backend


class TurnsScreen(SmallchatScreen):
    """Lists the turns of one session, and tells what the user picked."""

    HELP = "Enter goes on from an earlier turn in a new session; this one stays as it is."
    CSS_PATH = "sessions.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "pick('branch')", "Branch", id="branch_turn", show=False,
                tooltip="Go on from here in a new session; this one stays as it is"),
        Binding("e", "pick('edit')", "Edit prompt", id="edit_turn",
                tooltip="Edit this turn's prompt and go on from there in a new session"),
        Binding("x", "save_turn", "Export", id="save_turn",
                tooltip="Save this turn alone as Markdown in the current directory"),
        Binding("y", "copy_turn", "Copy", id="copy_turn", tooltip="Copy this turn alone as Markdown"),
        Binding("a", "pick('show_all')", "Show all", id="show_all_turns",
                tooltip="Show all turns in the panes, however many there are"),
        Binding("escape", "leave", "Back", id="leave_turns", tooltip="Go back to the panes"),
    ]  # fmt: skip

    @dataclass
    class Loaded(Message):
        """The session was read."""

        session: Session

    def __init__(self, backend: Backend, session: str, tell: Callable[[TurnPick], None]) -> None:
        """List the turns of ``session``; ``tell`` gets what was picked, once the screen is left."""
        super().__init__()
        self._backend, self._session, self._tell = backend, session, tell
        self._reader = LatestOnly("smallchat-turns")
        self.list = TurnList()

    def compose(self) -> ComposeResult:
        """Yield list and keys."""
        yield Line(Content.styled("Turns of this session", "bold"), id="turns-title")
        yield self.list
        yield Line(id="session-detail")
        yield ExportLine()
        yield KeyBar(("leave_turns", "go_on_from_turn", "edit_turn"))

    def on_mount(self) -> None:
        """Read the session."""
        self.list.focus()
        store, session = self._backend.store, self._session
        self._reader.do(lambda: self.post_message(self.Loaded(store.load(session))))

    def on_unmount(self) -> None:
        """End the thread."""
        self._reader.end()

    @on(Loaded)
    def _show(self, message: Loaded) -> None:
        title = Content.assemble(("Turns of ", "$quiet"), (safe_line(message.session.title), "bold"))
        self.query_one("#turns-title", Line).say(title)
        self.list.show(message.session.turns)

    @on(RowList.Moved)
    def _describe_current(self) -> None:
        turn = self.list.current
        if turn is not None:
            endings = (f"{kept.answer.model} {ending_of(kept.answer).word}" for kept in turn.answers)
            count = len(turn.alternatives)
            others = f" · {count} other answer{'s' if count > 1 else ''}" if count else ""
            text = safe_line(f"{format_time(turn.created)} · {', '.join(endings)}{others}", 300)
            self.query_one("#session-detail", Line).say(Content.styled(text, "$quiet"))

    @on(RowList.Chosen)
    def _go_on(self) -> None:
        if self.list.cursor < self.list.row_count - 1:
            self.action_pick("branch")
        else:  # where the panes are already
            self.toast("This is the last turn: what you ask next follows it.")
            self.dismiss()

    def action_pick(self, action: TurnAction) -> None:
        """Leave, and tell what is to be done with the turn under the cursor."""
        if (turn := self.list.current) is not None:
            self.dismiss()
            self._tell(TurnPick(action, turn.number, turn.prompt))

    def action_save_turn(self) -> None:
        """Save the turn under the cursor as Markdown in the current directory."""
        if (turn := self.list.current) is not None:
            self.query_one(ExportLine).save(self._backend, Wish(self._session, turn=turn.number))

    def action_copy_turn(self) -> None:
        """Copy the turn under the cursor as Markdown."""
        if (turn := self.list.current) is not None:
            self.query_one(ExportLine).copy(self._backend, Wish(self._session, turn=turn.number))
