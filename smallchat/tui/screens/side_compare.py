"""The compare screen beside a routed chat: the same prompt to several candidates, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from smallchat.tui.screens.compare import CompareScreen


class SideCompareScreen(CompareScreen):
    """Compares with a session of its own; the chat below stays as it is."""

    HELP = "The candidates on one prompt, in a session of its own."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("alt+v,v", "leave", "Back to the chat", id="leave_compare",
                tooltip="Go back to the routed chat"),
    ]  # fmt: skip

    def __init__(self, names: Sequence[str], draft: str) -> None:
        """Compare ``names``, with ``draft`` in the composer."""
        super().__init__(names)
        self._draft = draft

    def on_mount(self) -> None:
        """Begin with the draft."""
        if self._draft:
            self.composer.take_back(self._draft)

    def find_obstacle(self, action: str, parameters: tuple[object, ...] = ()) -> str | None:
        """Return why ``action`` can not be done now."""
        if action == "leave" and self.running:
            return "Stop the answers first ({stop_all})."
        return super().find_obstacle(action, parameters)

    def action_leave(self) -> None:
        """Go back to the routed chat."""
        self.app.pop_screen()
