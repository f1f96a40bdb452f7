"""The panes side by side: as many as fit, the current one always among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message

from smallchat.tui.visible import choose_visible, count_fitting
from smallchat.tui.widgets.pane import Pane


class PaneRow(Horizontal):
    """Owns which pane is current, which are visible, and whether one fills the row."""

    @dataclass
    class Changed(Message):
        """Another pane became current, or other panes became visible."""

        current: Pane
        shown: range

    def __init__(self, names: Sequence[str]) -> None:
        """Make a pane for each of ``names``."""
        super().__init__(id="panes")
        self.panes = tuple(Pane(name, index, alone=len(names) == 1) for index, name in enumerate(names))
        self.maximised = False
        self.shown = range(len(names))
        self._index = 0
        self._made = len(names)

    def compose(self) -> ComposeResult:
        """Yield the panes."""
        yield from self.panes

    def on_mount(self) -> None:
        """Mark the first pane as the current one."""
        self._arrange()

    @property
    def current(self) -> Pane:
        """The pane that keys act upon."""
        return self.panes[self._index]

    async def add(self, name: str) -> Pane:
        """Add a pane after the last one, and make it current."""
        pane = Pane(name, len(self.panes), alone=False, id=f"pane-{self._made}")
        self._made += 1
        self.panes = (*self.panes, pane)
        await self.mount(pane)
        self._index = pane.index
        self._renumber()
        return pane

    async def remove_current(self) -> None:
        """Remove the current pane, unless it is the only one."""
        if len(self.panes) == 1:
            return
        pane = self.current
        self.panes = tuple(other for other in self.panes if other is not pane)
        self._index = min(self._index, len(self.panes) - 1)
        self._renumber()
        await pane.remove()

    def _renumber(self) -> None:
        for index, pane in enumerate(self.panes):
            pane.renumber(index, alone=len(self.panes) == 1)
        self._arrange()

    def turn_to(self, index: int) -> None:
        """Make the pane at ``index`` current, if there is one."""
        if 0 <= index < len(self.panes):
            self._index = index
            self._arrange()

    def maximise(self) -> None:
        """Show the current pane alone, or all that fit again."""
        self.maximised = not self.maximised
        self._arrange()

    @on(Pane.Chosen)
    def _turn_to_chosen(self, message: Pane.Chosen) -> None:
        message.stop()
        if message.pane.index != self._index:
            self.turn_to(message.pane.index)

    def on_resize(self, event: events.Resize) -> None:
        """Show as many panes as fit now."""
        self._arrange()

    def _arrange(self) -> None:
        fitting = 1 if self.maximised else count_fitting(self.app.size.width)
        self.shown = choose_visible(len(self.panes), self._index, fitting)
        for index, pane in enumerate(self.panes):
            current = index == self._index
            pane.display = index in self.shown
            pane.set_class(index == self.shown.start, "-first")
            pane.set_class(current, "-current")
            pane.header.current = current and len(self.panes) > 1
        self.post_message(self.Changed(self.current, self.shown))
