"""The keys that work right now, on one line; each can be clicked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.widget import Widget


@dataclass(frozen=True, slots=True)
class _Hint:
    binding: Binding
    key: str
    start: int
    end: int


class KeyBar(Widget):
    """As many of the screen's key bindings as fit, most important first. One widget, not one per key."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeyBar { height: 1; padding: 0 1; }
    """

    def __init__(self, first: Sequence[str] = ()) -> None:
        """Show the bindings with the ids ``first`` before the others."""
        super().__init__(markup=False)
        self._first = {name: place for place, name in enumerate(first)}
        self._hints: list[_Hint] = []

    def on_mount(self) -> None:
        """Follow the screen's bindings."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh())

    def render(self) -> Content:
        """Return the line, and remember where each key is on it."""
        self._hints = self._lay_out(self.content_size.width)
        parts: list[Content | str | tuple[str, str]] = []
        at = 0
        for hint in self._hints:
            parts.append(" " * (hint.start - at))
            parts.append((hint.key, "bold $accent"))
            parts.append((f" {hint.binding.description}", "$quiet"))
            at = hint.end
        return Content.assemble(*parts)

    def _lay_out(self, width: int) -> list[_Hint]:
        hints: list[_Hint] = []
        seen: set[str] = set()
        at = 0
        last = len(self._first)
        bindings = self.screen.active_bindings.values()
        for active in sorted(bindings, key=lambda active: self._first.get(active.binding.id or "", last)):
            binding = active.binding
            if not (binding.show and active.enabled) or binding.action in seen:
                continue
            seen.add(binding.action)
            key = self.app.get_key_display(binding)
            end = at + len(key) + 1 + len(binding.description)
            if end > width:
                continue
            hints.append(_Hint(binding, key, at, end))
            at = end + 2
        return hints

    def _hint_at(self, x: int) -> _Hint | None:
        return next((hint for hint in self._hints if hint.start <= x < hint.end), None)

    def on_click(self, event: events.Click) -> None:
        """Press the key that was clicked."""
        hint = self._hint_at(event.x - self.gutter.left)
        if hint is not None:
            self.app.simulate_key(hint.binding.key)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Explain the key under the pointer."""
        hint = self._hint_at(event.x - self.gutter.left)
        self.tooltip = hint.binding.tooltip if hint else None
