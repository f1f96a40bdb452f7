"""What scrolls, with keys for hands that stay on the letters; never where text is written."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget


class ScrollKeys(Widget):
    """Mixed into a widget that scrolls, after its other bases: styles are inherited from the first one."""

    KEY_GROUP = "Scrolling"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Line down", show=False, id="line_down", tooltip="Scroll a line down"),
        Binding("k", "scroll_up", "Line up", show=False, id="line_up", tooltip="Scroll a line up"),
        Binding("g", "scroll_home", "Beginning", show=False, id="scroll_first",
                tooltip="Scroll to the beginning"),
        Binding("G", "scroll_end", "End", show=False, id="scroll_last", key_display="G",
                tooltip="Scroll to the end"),
        Binding("ctrl+d", "scroll_half(1)", "Half a page down", show=False, id="half_down",
                tooltip="Scroll half a page down"),
        Binding("ctrl+u", "scroll_half(-1)", "Half a page up", show=False, id="half_up",
                tooltip="Scroll half a page up"),
    ]  # fmt: skip

    def action_scroll_half(self, step: int) -> None:
        """Scroll half a page down, or up."""
        half = max(1, self.scrollable_content_region.height // 2)
        self.scroll_relative(y=step * half, animate=False)


class TextScroll(VerticalScroll, ScrollKeys, can_focus=True):
    """A text that scrolls."""


class Report(TextScroll):
    """A text that fills its screen; its lines are laid out for the width, so they are not wrapped."""

    DEFAULT_CSS = """
    Report {
        height: 1fr; padding: 0 1; background: $background; scrollbar-gutter: stable;
        scrollbar-size-vertical: 1; scrollbar-color: $line; scrollbar-background: $background;
    }
    Report > Static { text-wrap: nowrap; }
    """
