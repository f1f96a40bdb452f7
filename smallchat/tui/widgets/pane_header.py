"""The head of a pane: which model, who serves it, what it is doing."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive

from smallchat.safe_text import safe_line
from smallchat.tui.phase import READY, Phase, Tone
from smallchat.tui.widgets.lines import GAP, Line, spread

LEAST_NAME = 6  # cells, its number with it
ROOM_FOR_MORE = 6  # cells; with fewer, what is said after the name would be cut to nothing
TONES: dict[Tone, str] = {
    "quiet": "$quiet",
    "busy": "$primary",
    "good": "$success",
    "warn": "$warning",
    "bad": "bold $error",
}


class PaneHeader(Line):
    """Name, provider and state of one pane."""

    current = reactive(False)
    focused = reactive(False, toggle_class="-focused")
    phase = reactive(READY)

    def __init__(self, name: str, number: int | None) -> None:
        """Show ``name``, which becomes the model's label once the configuration is loaded.

        Args:
            name: What is known before anything is loaded.
            number: The pane's number from 1; ``None`` when it is alone.
        """
        super().__init__()
        self.model, self._provider = safe_line(name, 60), ""
        self._number = number
        self._terms = ""

    def introduce(self, model: str, provider: str) -> None:
        """Show the model's label and its provider."""
        self.model, self._provider = safe_line(model, 60), safe_line(provider, 60)
        self.refresh()

    def renumber(self, number: int | None) -> None:
        """Show another number, or none."""
        self._number = number
        self.refresh()

    def show_terms(self, terms: str) -> None:
        """Show how this pane asks, such as ``t 0.2 · max 500``; "" when it asks as its model does."""
        self._terms = safe_line(terms, 80)
        self.refresh()

    def show(self, phase: Phase) -> None:
        """Show what the pane is doing."""
        self.phase = phase

    def _sign(self) -> str:
        """Return which pane keys act upon, and whether letters are keys there."""
        if self.focused:
            return "▶"
        return "▸" if self.current else " "

    def render(self) -> Content:
        """Return the line. The state is always on it: the rest goes where not all of it fits."""
        width = self.content_size.width
        name_style = "bold $primary" if self.current else "bold $foreground"
        sign_style = "bold $primary" if self.focused else "$quiet"
        name = Content.assemble(
            (f"{self._sign()}{self._number or ''} " if self._number or self.focused else "", sign_style),
            (self.model, name_style),
        )
        whole = Content.assemble(name, (f"  {self._terms or self._provider}", "$quiet"))
        state = Content.styled(str(self.phase), TONES[self.phase.tone])
        room = width - state.cell_length - GAP
        if whole.cell_length <= room or name.cell_length + ROOM_FOR_MORE <= room:
            return spread(whole, state, width)
        return spread(name.truncate(max(LEAST_NAME, room), ellipsis=True), state, width).truncate(width)
