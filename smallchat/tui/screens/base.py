"""What all screens of smallchat have in common."""

from __future__ import annotations

from textual.screen import Screen

from smallchat.safe_text import safe_line, safe_text
from smallchat.tui.telling_app import Severity


class SmallchatScreen(Screen[None]):
    """A screen that tells the user what it did, and by which key something is done."""

    def toast(self, text: str, severity: Severity = "information") -> None:
        """Show ``text``, whoever wrote it, for a few seconds."""
        self.notify(text, severity=severity)

    def copy(self, text: str, what: str) -> None:
        """Copy ``text``, as it is seen, to the terminal's clipboard, and say so."""
        if not text:
            self.toast(f"There is no {what} to copy here yet.")
            return
        self.app.copy_to_clipboard(safe_text(text))
        self.toast(f"Copied the {what}: {len(text):,} characters.")

    def key_of(self, binding_id: str) -> str:
        """Return how the key of a binding is written, as the user mapped it; "" when it has none."""
        for active in self.active_bindings.values():
            if active.binding.id == binding_id:
                return safe_line(self.app.get_key_display(active.binding), 20)
        return ""
