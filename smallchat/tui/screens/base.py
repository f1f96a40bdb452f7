"""What all screens of smallchat have in common."""

from __future__ import annotations

from typing import Literal

from textual import events, on
from textual.screen import Screen

from smallchat.safe_text import safe_text
from smallchat.tui.key_names import find_key, name_keys

Severity = Literal["information", "warning", "error"]
STILL_STARTING = "smallchat is still starting."


class SmallchatScreen(Screen[None]):
    """A screen that tells the user what it did, and by which key something is done."""

    @on(events.TextSelected)
    def _offer_to_copy(self) -> None:
        self.refresh_bindings()

    @property
    def hides_names(self) -> bool:
        """Whether nothing may tell now which model answered what."""
        return False

    def find_obstacle(self, action: str, parameters: tuple[object, ...] = ()) -> str | None:
        """Return why ``action`` can not be done now, in a sentence that says what to do about it.

        Its keys tell the user that when they are pressed. ``{models}`` in it stands for the key of the
        binding with this id. ``None`` when it can be done; "" when it can not, and to say so would disturb.
        """
        return None

    def tell_obstacle(self, action: str) -> bool:
        """Tell why ``action`` can not be done now; return whether there is such a reason."""
        obstacle = self.find_obstacle(action)
        if obstacle:
            self.toast(name_keys(self, obstacle))
        return obstacle is not None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done now."""
        return self.find_obstacle(action, parameters) is None

    def action_leave(self) -> None:
        """Go back to the screen below."""
        self.dismiss()

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
        return find_key(self, binding_id)
