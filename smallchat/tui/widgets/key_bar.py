"""The keys that work right now, on one line; each can be clicked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len
from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget


@dataclass(frozen=True, slots=True)
class _Hint:
    binding: Binding
    key: str
    start: int
    end: int


ALWAYS = ("palette", "help")  # at the right end, the last of them at any width: what a newcomer needs
GAP = 2  # cells between two keys
NARROW = 60  # cells; with fewer, the way back takes the place of all but the last of ``ALWAYS``


class KeyBar(Widget):
    """As many of the screen's key bindings as fit, most important first, and at the right end those for help.

    One widget, not one per key.
    """

    ALLOW_SELECT = False
    DEFAULT_CLASSES = "-textual-system"  # a click leaves the selection alone, which one of the keys copies
    DEFAULT_CSS = """
    KeyBar { height: 1; padding: 0 1; }
    """

    def __init__(self, first: Sequence[str] = ()) -> None:
        """Show the bindings with the ids ``first`` before the others."""
        super().__init__(markup=False)
        self._first = {name: place for place, name in enumerate(("copy_selection", *first))}
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
        offered = [active.binding for active in self.screen.active_bindings.values() if active.enabled]
        back = [binding for binding in offered if binding.show and binding.key == "escape"]
        narrow = width < NARROW and bool(back)
        ids = ALWAYS[-1:] if narrow else ALWAYS
        helps = {binding.id: binding for binding in self._find_helps(offered)}
        always = self._line_up([helps[name] for name in ids if name in helps], width)
        start = width - always[-1].end if always else width
        kept = {hint.binding.action for hint in always}
        last = len(self._first)
        offered.sort(key=lambda binding: self._first.get(binding.id or "", last))
        if narrow:
            offered = [*back, *offered]
        shown = [binding for binding in offered if binding.show and binding.action not in kept]
        hints = self._line_up(shown, start - GAP if always else start)
        return hints + [replace(hint, start=start + hint.start, end=start + hint.end) for hint in always]

    def _find_helps(self, offered: Sequence[Binding]) -> Sequence[Binding]:
        """Return where the keys for help are; a screen that covers all hides them, though they work there."""
        screen = self.screen
        if isinstance(screen, ModalScreen) or not screen.is_modal:
            return offered
        return [binding for _, bindings in screen._binding_chain for _, binding in bindings]

    def _line_up(self, bindings: Sequence[Binding], width: int) -> list[_Hint]:
        """Return what of ``bindings`` fits into ``width`` cells; another key for the same is left out."""
        hints: list[_Hint] = []
        seen: set[str] = set()
        at = 0
        for binding in bindings:
            if binding.action in seen:
                continue
            seen.add(binding.action)
            key = self.app.get_key_display(binding)
            end = at + cell_len(f"{key} {binding.description}")
            if end <= width:
                hints.append(_Hint(binding, key, at, end))
                at = end + GAP
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
