"""Asks before a link leaves the terminal."""

from __future__ import annotations

import os
import threading
from typing import ClassVar
from urllib.parse import urlsplit

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from smallchat.safe_text import safe_line
from smallchat.tui.screens.dialog import Dialog
from smallchat.tui.widgets.hint_line import HintLine


def is_web_address(url: str) -> bool:
    """Return whether ``url`` may be handed to a browser: http or https, with a host, plain to read."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and url.isprintable() and " " not in url


def open_browser(url: str) -> bool:
    """Open ``url``; return whether that could be. Not in a browser that would draw into this terminal."""
    import webbrowser

    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    in_terminal = type(browser) is webbrowser.GenericBrowser and "BROWSER" not in os.environ
    return not in_terminal and browser.open(url)


class LinkScreen(Dialog[None]):
    """Shows an address that a model wrote, and opens it only when told."""

    DEFAULT_CSS = """
    LinkScreen { align: center middle; }
    LinkScreen > Vertical {
        width: 80%; max-width: 90; height: auto; padding: 1 2;
        background: $surface; border: round $line;
    }
    LinkScreen #url { color: $primary; margin: 1 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", id="open_link", tooltip="Open the address in the browser"),
        Binding("c", "copy", "Copy", id="copy_link", tooltip="Copy the address"),
        Binding("escape", "dismiss", "Cancel", id="cancel_link", tooltip="Do not open it"),
    ]

    def __init__(self, url: str) -> None:
        """Ask about ``url``."""
        super().__init__()
        self._url = url

    def compose(self) -> ComposeResult:
        """Yield the question."""
        host = urlsplit(self._url).hostname or ""
        with Vertical():
            yield Static(f"A model wrote this link to {safe_line(host, 80)}:", markup=False)
            yield Static(safe_line(self._url, 500), id="url", markup=False)
            yield HintLine(
                ("open_link", "opens it in the browser"),
                ("copy_link", "copies it"),
                ("cancel_link", "goes back"),
            )

    def action_open(self) -> None:
        """Open the address."""
        if is_web_address(self._url):
            # Starting a browser can take seconds.
            threading.Thread(target=self._open, args=(self.app,), daemon=True).start()
        self.dismiss()

    def _open(self, app: App[object]) -> None:
        if not open_browser(self._url):
            app.call_from_thread(
                app.notify, "No browser can be opened here: copy the address.", severity="warning"
            )

    def action_copy(self) -> None:
        """Copy the address."""
        self.app.copy_to_clipboard(self._url)
        self.app.notify("Copied the address.")
        self.dismiss()
