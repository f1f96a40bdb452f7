"""The compare screen beside a routed chat: the same prompt to several candidates, and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from smallchat.tui.screens.compare import CompareScreen


class SideCompareScreen(CompareScreen):
    """Compares with a session of its own; the chat below stays as it is."""

    HELP = "The candidates on one prompt, in a session of its own."
    KEYS_FIRST = ("stop_all", "leave_compare", "send", "figures", "blind", "sessions")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("alt+v,v", "leave", "Back", id="leave_compare", tooltip="Go back to the routed chat"),
        Binding("escape", "step_back", "Back", id="leave_by_step", show=False,
                tooltip="Stop all answers; go to the composer; go back to the routed chat"),
    ]  # fmt: skip

    def __init__(self, names: Sequence[str], draft: str, keep_draft: Callable[[str], object]) -> None:
        """Compare ``names``, with ``draft`` in the composer; ``keep_draft`` gets another one at the end."""
        super().__init__(names)
        self._draft, self._keep_draft = draft, keep_draft

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
        draft = self.composer.prompt
        self.app.pop_screen()
        if draft.strip() and draft != self._draft:
            self._keep_draft(draft)

    def action_step_back(self) -> None:
        """Go one step back: to all panes, to the composer, or to the chat."""
        if self.running:
            self.action_stop_all()
        elif self.row.maximised or not self.composer.has_focus:
            self.action_write()
        else:
            self.action_leave()
