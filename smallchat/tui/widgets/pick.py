"""One of a few choices on one line, turned to with the arrow keys; much quicker to mount than a drop-down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from smallchat.safe_text import safe_line


class Pick(Widget, can_focus=True):
    """Shows the choice between two arrows."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Pick { height: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,space", "turn(1)", "Next choice", id="next_choice", show=False,
                tooltip="Take the next choice"),
        Binding("left", "turn(-1)", "Choice before", id="previous_choice", show=False,
                tooltip="Take the choice before"),
    ]  # fmt: skip

    value: reactive[str] = reactive("", init=False)
    """The choice."""

    class Changed(Message):
        """Another choice was taken."""

    def __init__(self, choices: Sequence[tuple[str, str]], value: str, *, id: str) -> None:  # noqa: A002
        """Begin with ``value``.

        Args:
            choices: What is shown of each choice, and the choice itself.
            value: One of them.
            id: The widget's id.
        """
        super().__init__(id=id, markup=False)
        self._choices = tuple(choices)
        self.set_reactive(Pick.value, value)

    def watch_value(self) -> None:
        """Tell about another choice."""
        self.post_message(self.Changed())

    def render(self) -> Content:
        """Return the line."""
        label = next((label for label, value in self._choices if value == self.value), self.value)
        arrows = "$quiet" if self.disabled or not self.has_focus else "bold $accent"
        return Content.assemble(("‹ ", arrows), safe_line(label, 40), (" ›", arrows))

    def action_turn(self, step: int) -> None:
        """Take another choice; after the last comes the first."""
        values = [value for _, value in self._choices]
        at = values.index(self.value) if self.value in values else -1
        self.value = values[(at + step) % len(values)]

    def on_click(self, event: events.Click) -> None:
        """Take the choice before at the left arrow, else the next one."""
        if not self.disabled:
            self.action_turn(-1 if event.x < 2 else 1)
