"""From looks to the colours of the current theme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style

from smallchat.tui.widgets.transcript.lines import NO_LINK, Look, Mark

if TYPE_CHECKING:
    from textual.widget import Widget

PREFIX = "transcript--"
ROLES = frozenset({
    "text", "heading", "subheading", "faint", "bar", "marker", "done", "rule", "link", "table-head",
    "prompt", "prompt-bar", "thinking", "thinking-bar", "thinking-label", "note", "error", "figures", "found",
    "code", "code-inline", "code-label", "code-comment", "code-keyword", "code-type", "code-function",
    "code-string", "code-number", "code-deleted", "code-inserted",
})  # fmt: skip
LINK_META = "transcript_link"


class Palette:
    """Rich styles by look, made from a widget's component classes when first needed."""

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._styles: dict[Look, Style] = {}

    def clear(self) -> None:
        """Forget all styles: the theme has changed."""
        self._styles.clear()

    def __getitem__(self, look: Look) -> Style:
        style = self._styles.get(look)
        if style is None:
            style = self._styles[look] = self._make(look)
        return style

    def _make(self, look: Look) -> Style:
        role = look.role if look.role in ROLES else "text"
        style = self._widget.get_visual_style(PREFIX + role).rich_style
        marks = look.marks
        if marks:
            style += Style(
                bold=True if marks & Mark.BOLD else None,
                italic=True if marks & Mark.ITALIC else None,
                strike=True if marks & Mark.STRIKE else None,
                underline=True if marks & Mark.UNDERLINE else None,
            )
        if look.link != NO_LINK:
            style += Style.from_meta({LINK_META: look.link})
        return style
