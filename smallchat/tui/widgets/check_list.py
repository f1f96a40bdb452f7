"""Choices of which several can be taken. What is taken is told by a mark, not by a colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content

from smallchat.safe_text import safe_line
from smallchat.tui.widgets.row_list import RowList


class CheckList(RowList):
    """Lines with a box before each, to be ticked.

    Attributes:
        choices: What is shown of each choice, and the choice itself.
        taken: The choices that are ticked.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "tick", "Tick", id="tick_row", tooltip="Take this one, or leave it out"),
        Binding("enter", "choose", "Go on", id="choose_ticked", tooltip="Go on with what is ticked"),
    ]

    def __init__(self, *, id: str) -> None:  # noqa: A002
        """Begin with nothing to choose."""
        super().__init__(id=id)
        self.choices: Sequence[tuple[str, str]] = ()
        self.taken: set[str] = set()

    @property
    def row_count(self) -> int:
        """How many choices there are."""
        return len(self.choices)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The ticked choices, top to bottom."""
        return tuple(value for _, value in self.choices if value in self.taken)

    def show(self, choices: Sequence[tuple[str, str]], taken: set[str]) -> None:
        """Show other choices, those in ``taken`` ticked."""
        self.choices, self.taken = choices, set(taken)
        self.styles.height = min(len(choices), 8)
        self.rows_changed()

    def render_row(self, index: int, width: int) -> Sequence[Content]:
        """Return the line of a choice."""
        label, value = self.choices[index]
        box = ("[x] ", "bold $accent") if value in self.taken else ("[ ] ", "$quiet")
        return [Content.assemble(box, safe_line(label, 80)).truncate(width, ellipsis=True)]

    def action_tick(self) -> None:
        """Tick the choice under the cursor, or take its tick away."""
        if self.choices:
            self.taken ^= {self.choices[self.cursor][1]}
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Tick what was clicked."""
        event.prevent_default()
        index = self.row_at(event)
        if index is not None:
            self.cursor = index
            self.action_tick()
