"""An app that tells the user something for a few seconds, and why a key did nothing."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from textual.app import App

from smallchat.safe_text import safe_text
from smallchat.tui.key_names import find_key, name_keys, write_key
from smallchat.tui.screens.base import Severity, SmallchatScreen

if TYPE_CHECKING:
    from textual.binding import Binding
    from textual.dom import DOMNode
    from textual.notifications import Notify

_COMMANDS = re.compile(r"(ctrl|alt)\+|f\d|.$")  # keys that are pressed for something to happen
SIGNS: dict[Severity, str] = {"information": "", "warning": "! ", "error": "✗ "}
LONGEST = 1000  # characters


class TellingApp(App[None]):
    """Shows what is told in a corner of the screen: safe to show, and never by its colour alone."""

    def __init__(self, **options: Any) -> None:
        """Begin with nothing told."""
        super().__init__(**options)
        self._nothings: set[str] = set()

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
        super().notify(told, title=title, severity=severity, timeout=timeout, markup=False)

    def on_notify(self, event: Notify) -> None:
        """Take back what is told again; a word typed in the wrong place is told once, not by letters."""
        told = event.notification.message
        self._take_back(self._nothings if told in self._nothings else {told})

    def _take_back(self, told: Collection[str]) -> None:
        for shown in [shown for shown in self._notifications if shown.message in told]:
            self._unnotify(shown)

    def toast(self, text: str, severity: Severity = "information") -> None:
        """Show ``text``, whoever wrote it, for a few seconds."""
        self.notify(text, severity=severity)

    def get_key_display(self, binding: Binding) -> str:
        """Return a key as it stands on a keyboard, here as everywhere in the app."""
        return binding.key_display or write_key(binding.key)

    async def _check_bindings(self, key: str, priority: bool = False) -> bool:
        done = await super()._check_bindings(key, priority)
        if done:
            self._take_back(self._nothings)
        elif not priority and (told := self._explain_nothing(key)):
            self._nothings.add(told)
            self.toast(told)
        return done

    def _explain_nothing(self, key: str) -> str:
        """Return why ``key`` does nothing now; "" for keys of which nobody expects much."""
        obstacles = [
            self._find_obstacle(node, binding.action)
            for node, bindings in self.screen._modal_binding_chain
            for binding in bindings.key_to_bindings.get(key, ())
        ]
        if obstacles:
            return name_keys(self.screen, next(filter(None, obstacles), ""))
        if not _COMMANDS.match(key):
            return ""
        return f"{write_key(key)} does nothing here: {find_key(self.screen, 'help')} tells which keys do."

    def _find_obstacle(self, node: DOMNode, action: str) -> str | None:
        target, name, parameters = self._parse_action(action, node)
        return target.find_obstacle(name, parameters) if isinstance(target, SmallchatScreen) else None
