"""An app that leaves its terminal in order: on a signal, on Ctrl+C, on an unexpected error."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from rich.text import Text
from textual.widgets import TextArea

from smallchat.safe_text import safe_text
from smallchat.tui.crash import describe_crash
from smallchat.tui.key_names import name_keys
from smallchat.tui.signals import Leaving
from smallchat.tui.telling_app import TellingApp

if TYPE_CHECKING:
    from smallchat.config.keys import Secret

LEAVE_AGAIN_S = 3.0


class LeavingApp(TellingApp):
    """Ends without showing a variable or a key, whatever happens."""

    def __init__(self, *, debug: bool = False, **options: Any) -> None:
        """Prepare; ``debug`` says whether a crash is told in full."""
        super().__init__(**options)
        self._debug = debug
        self._crash = ""
        self._asked_at = -LEAVE_AGAIN_S
        self._leaving = Leaving(self._leave_soon)
        self._loop: asyncio.AbstractEventLoop | None = None

    def on_mount(self) -> None:
        """Take the signals over."""
        self._loop = asyncio.get_running_loop()
        self._leaving.listen()

    def on_unmount(self) -> None:
        """Give the signals back."""
        self._leaving.stop()

    def _leave_soon(self, code: int) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(partial(self.exit, return_code=code))

    def secrets(self) -> Iterable[Secret]:
        """Return the keys that no report may show, besides those of the environment."""
        return ()

    def stop_answers(self) -> bool:
        """Stop what is being answered; return whether there was anything to stop."""
        return False

    def has_draft(self) -> bool:
        """Return whether something is written that was not sent."""
        return False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to copy only what is selected."""
        if action != "copy_selection":
            return True
        focused = self.focused
        written = isinstance(focused, TextArea) and focused.selected_text
        return bool(written or self.screen.selections)

    def action_copy_selection(self) -> None:
        """Copy what is selected; then nothing is selected any more, and the key stops answers again."""
        if selected := self._selected_text():
            self.copy_to_clipboard(safe_text(selected))
            self.toast(f"Copied the selection: {len(selected):,} characters.")
        self.screen.clear_selection()
        self.screen.refresh_bindings()

    def action_interrupt(self) -> None:
        """Stop the answers; with none running, leave when pressed twice."""
        if not self.stop_answers():
            self._leave_when_asked_again("{interrupt} again leaves.")

    async def action_quit(self) -> None:
        """Leave; where that would lose what was written, when pressed twice."""
        if self.has_draft():
            self._leave_when_asked_again("The prompt is not sent yet: {quit} again leaves without it.")
        else:
            self.exit()

    def _leave_when_asked_again(self, told: str) -> None:
        if time.monotonic() - self._asked_at < LEAVE_AGAIN_S:
            self.exit()
        else:
            self._asked_at = time.monotonic()
            self.toast(name_keys(self.screen, told))

    def _selected_text(self) -> str:
        focused = self.focused
        if isinstance(focused, TextArea) and focused.selected_text:
            return focused.selected_text
        return self.screen.get_selected_text() or ""

    def _handle_exception(self, error: Exception) -> None:
        """Close on an unexpected error. Textual's own report shows local variables, and with them keys."""
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._fatal_error()

    def _fatal_error(self) -> None:
        error = self._exception or sys.exc_info()[1]
        if error is not None and not self._crash:
            self._crash = describe_crash(error, debug=self._debug, secrets=self.secrets())
            self._exit_renderables.append(Text(self._crash, end=""))
        self._close_messages_no_wait()
