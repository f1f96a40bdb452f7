"""The answers of a blind turn side by side: as many as fit, the current one always among them."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message

from smallchat.tui.visible import choose_visible, count_fitting
from smallchat.tui.widgets.blind_pane import BlindPane


class BlindRow(Horizontal):
    """Owns which answer is the current one, and which are seen."""

    class Changed(Message):
        """Another answer became current, or others are seen."""

    def __init__(self, names: Sequence[str], prompt: str) -> None:
        """Make a pane for each of ``names``, with ``prompt`` in it."""
        super().__init__(id="blind-panes")
        self.panes = [BlindPane(place, name, prompt) for place, name in enumerate(names)]
        self.place = 0

    def compose(self) -> ComposeResult:
        """Yield the answers."""
        yield from self.panes

    @property
    def shown(self) -> range:
        """The places of the answers that are seen."""
        return choose_visible(len(self.panes), self.place, count_fitting(self.app.size.width))

    @property
    def all_shown(self) -> bool:
        """Whether no answer is out of sight."""
        return len(self.shown) == len(self.panes)

    def on_mount(self) -> None:
        """Begin with the first answer."""
        self._arrange()
        self.panes[0].transcript.focus()

    def on_resize(self, event: events.Resize) -> None:
        """Show as many answers as fit now."""
        self._arrange()

    def turn_to(self, place: int) -> None:
        """Turn to an answer; after the last one comes the first."""
        self.place = place % len(self.panes)
        self._arrange()
        self.panes[self.place].transcript.focus()

    @on(BlindPane.Chosen)
    def _follow(self, message: BlindPane.Chosen) -> None:
        if message.place != self.place:
            self.place = message.place
            self._arrange()

    def _arrange(self) -> None:
        shown = self.shown
        for pane in self.panes:
            pane.display = pane.place in shown
            pane.set_class(pane.place == shown.start, "-first")
            pane.mark_current(pane.place == self.place)
        self.post_message(self.Changed())
