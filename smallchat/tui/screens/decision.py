"""Shows the whole decision on a prompt."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from smallchat.tui.screens.dialog import Dialog
from smallchat.tui.widgets.hint_line import HintLine
from smallchat.tui.widgets.vim_keys import TextScroll


class DecisionScreen(Dialog[None]):
    """A text that scrolls, over the chat."""

    CSS_PATH = "route.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,alt+d", "dismiss", "Back", id="leave_decision", tooltip="Go back to the chat"),
    ]

    def __init__(self, text: Content) -> None:
        """Show ``text``."""
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        """Yield the text and the way back."""
        with Vertical(id="decision"):
            with TextScroll(id="decision-text"):
                yield Static(self._text, markup=False)
            yield HintLine("Arrows scroll", ("leave_decision", "goes back"), id="decision-keys")

    def on_mount(self) -> None:
        """Scroll with the keys at once."""
        self.query_one("#decision-text").focus()
