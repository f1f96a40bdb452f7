"""An app that tells the user something for a few seconds: safe to show, and never by its colour alone."""

from __future__ import annotations

from typing import Literal

from textual.app import App

from smallchat.safe_text import safe_text

Severity = Literal["information", "warning", "error"]
SIGNS: dict[Severity, str] = {"information": "", "warning": "! ", "error": "✗ "}
LONGEST = 1000  # characters


class TellingApp(App[None]):
    """Shows what is told in a corner of the screen."""

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: Severity = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Show ``message``, whoever wrote it; what is told again is shown once.

        Args:
            message: Any text. It is never read as markup.
            title: A title above it.
            severity: What it is; a warning and an error get a sign.
            timeout: How many seconds it stays.
            markup: Not used.
        """
        told = SIGNS[severity] + safe_text(message[:LONGEST])
        for shown in [shown for shown in self._notifications if shown.message == told]:
            self._unnotify(shown)
        super().notify(told, title=title, severity=severity, timeout=timeout, markup=False)

    def toast(self, text: str, severity: Severity = "information") -> None:
        """Show ``text``, whoever wrote it, for a few seconds."""
        self.notify(text, severity=severity)
