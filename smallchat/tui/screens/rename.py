"""Asks for a session's new title."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from smallchat.safe_text import safe_line

LONGEST_TITLE = 200


class RenameScreen(ModalScreen[str | None]):
    """Gives back the new title, or ``None`` when the user would rather keep the old one."""

    DEFAULT_CSS = """
    RenameScreen { align: center middle; }
    RenameScreen > Vertical {
        width: 80%; max-width: 90; height: auto; padding: 1 2;
        background: $surface; border: round $line;
    }
    RenameScreen Input { margin: 1 0; background: $panel; }
    RenameScreen .keys { color: $quiet; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", id="cancel_rename", tooltip="Keep the old title"),
    ]

    def __init__(self, title: str) -> None:
        """Begin with the old title."""
        super().__init__()
        self._old = safe_line(title, LONGEST_TITLE)

    def compose(self) -> ComposeResult:
        """Yield the question."""
        with Vertical():
            yield Static("Title of this session", markup=False)
            yield Input(self._old, compact=True, max_length=LONGEST_TITLE, id="new-title")
            yield Static("Enter renames · Esc keeps the old title", classes="keys", markup=False)

    @on(Input.Submitted)
    def _give_back(self, event: Input.Submitted) -> None:
        event.stop()
        title = safe_line(event.value, LONGEST_TITLE)
        self.dismiss(title if title and title != self._old else None)
