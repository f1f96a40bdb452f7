"""Keys that turn to a pane, show it alone, scroll it, or copy from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.binding import Binding, BindingType

from smallchat.tui.screens.base import SmallchatScreen
from smallchat.tui.widgets.composer import Composer
from smallchat.tui.widgets.pane_row import PaneRow
from smallchat.tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from textual.widget import Widget

    from smallchat.tui.widgets.find_bar import FindBar


class PaneScreen(SmallchatScreen):
    """A screen with a row of panes, one of them current."""

    KEY_GROUP = "Panes"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n", "turn_by(1)", "Next pane", id="next_pane", tooltip="Turn to the next pane"),
        Binding("ctrl+b", "turn_by(-1)", "Previous pane", id="previous_pane", show=False,
                tooltip="Turn to the previous pane"),
        Binding("ctrl+o,m", "maximise", "Maximise", id="maximise",
                tooltip="Show the current pane alone, or all of them again"),
        Binding("f8,y", "copy_answer", "Copy answer", id="copy_answer",
                tooltip="Copy the current pane's last answer"),
        Binding("f9,c", "copy_code", "Copy code", id="copy_code",
                tooltip="Copy the current pane's last code block"),
        Binding("alt+q", "find", "Find", id="find", show=False, priority=True,
                tooltip="Search in the current pane; n and N then go from place to place"),
        Binding("slash", "find", "Find", id="find_here", show=False, key_display="/",
                tooltip="Search in the pane that has the focus"),
        Binding("alt+1", "turn_to(0)", "Pane 1", id="pane_1", show=False, tooltip="Turn to the first pane"),
        Binding("alt+2", "turn_to(1)", "Pane 2", id="pane_2", show=False, tooltip="Turn to the second pane"),
        Binding("alt+3", "turn_to(2)", "Pane 3", id="pane_3", show=False, tooltip="Turn to the third pane"),
    ]  # fmt: skip

    def __init__(self, names: Sequence[str]) -> None:
        """Make a pane for each of ``names``."""
        super().__init__()
        self.row = PaneRow(names)
        self._find_bar: FindBar | None = None
        self._found_from: Widget | None = None

    def find_obstacle(self, action: str, parameters: tuple[object, ...] = ()) -> str | None:
        """Return why ``action`` can not be done now."""
        if action in ("turn_by", "maximise") and len(self.row.panes) == 1:
            return self.tell_one_pane()
        if action in ("copy_answer", "copy_code"):
            if self.row.current.busy:
                return "The answer still comes in: wait for it, or stop it ({stop_all})."
            if not self.row.current.transcript.answer_count:
                return "There is no answer to copy yet."
        return super().find_obstacle(action, parameters)

    def tell_one_pane(self) -> str:
        """Return that there is one pane only, and how to have more."""
        return "There is one pane only: {models} adds another."

    def action_turn_to(self, index: int) -> None:
        """Turn to a pane."""
        self._turn(index)

    def action_turn_by(self, step: int) -> None:
        """Turn to the next pane, or to the one before."""
        self._turn((self.row.current.index + step) % len(self.row.panes))

    def _turn(self, index: int) -> None:
        """Turn to a pane; the focus goes with it where it was in another one."""
        in_transcript = self.row.current.transcript.has_focus
        self.row.turn_to(index)
        if in_transcript:
            self.row.current.transcript.focus()

    @on(TitleBar.TabClicked)
    def _turn_to_tab(self, message: TitleBar.TabClicked) -> None:
        self._turn(message.index)

    def action_maximise(self) -> None:
        """Show the current pane alone, or all of them again."""
        self.row.maximise()

    async def action_find(self) -> None:
        """Search in the current pane. Waited for by the keys that follow: they belong to the search."""
        from smallchat.tui.widgets.find_bar import FindBar

        transcript = self.row.current.transcript
        if self._find_bar is None or self._find_bar.transcript is not transcript:
            self._end_find()
            self._find_bar = FindBar(transcript)
            await self.mount(self._find_bar, after=self.row)
        if self.focused is not self._find_bar.words:
            self._found_from = self.focused
        self.set_focus(self._find_bar.words)

    @on(events.DescendantFocus)
    def _leave_find(self, event: events.DescendantFocus) -> None:
        """End a search that the user turned away from."""
        if self._find_bar is not None and not self._find_bar.serves(event.widget):
            self._end_find()

    @on(PaneRow.Changed)
    def _leave_find_in_another_pane(self, message: PaneRow.Changed) -> None:
        bar = self._find_bar
        if bar is not None and bar.transcript is not message.current.transcript:
            if bar.words.has_focus:
                message.current.transcript.focus()
            self._end_find()

    def on_find_bar_closed(self) -> None:
        """End the search, one step back. Not ``@on``: the bar's module is imported late."""
        if self._find_bar is not None:
            back = self._found_from or self._find_bar.transcript
            self._end_find()
            back.focus()

    def _end_find(self) -> None:
        if self._find_bar is not None:
            self._find_bar.end()
            self._find_bar = None

    @on(Composer.ScrollRequested)
    def _scroll_current(self, message: Composer.ScrollRequested) -> None:
        transcript = self.row.current.transcript
        if message.where == "up":
            transcript.scroll_page_up(animate=False)
        elif message.where == "down":
            transcript.scroll_page_down(animate=False)
        elif message.where == "home":
            transcript.scroll_home(animate=False)
        else:
            transcript.action_scroll_end()

    def action_copy_answer(self) -> None:
        """Copy the current pane's last answer."""
        self.copy(self.row.current.transcript.answer_text(), "answer")

    def action_copy_code(self) -> None:
        """Copy the current pane's last code block."""
        self.copy(self.row.current.transcript.last_code_block() or "", "code block")
