"""Asks for a session's new title."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from smallchat.safe_text import safe_line
from smallchat.tui.screens.dialog import Dialog
from smallchat.tui.widgets.hint_line import HintLine
from smallchat.tui.widgets.text_field import TextField

LONGEST_TITLE = 200


class RenameScreen(Dialog[str | None]):
    """Gives back the new title, or ``None`` when the user would rather keep the old one."""

    DEFAULT_CSS = """
    RenameScreen { align: center middle; }
    RenameScreen > Vertical {
        width: 80%; max-width: 90; height: auto; padding: 1 2;
        background: $surface; border: round $line;
    }
    RenameScreen Input { margin: 1 0; background: $panel; }
    """
    LEFT_BESIDE = False
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
            yield TextField(self._old, compact=True, max_length=LONGEST_TITLE, id="new-title")
            yield HintLine(("enter", "renames"), ("cancel_rename", "keeps the old title"))

    @on(Input.Submitted)
    def _give_back(self, event: Input.Submitted) -> None:
        event.stop()
        title = safe_line(event.value, LONGEST_TITLE)
        self.dismiss(title if title and title != self._old else None)
