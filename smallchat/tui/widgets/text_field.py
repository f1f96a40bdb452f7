"""Fields for short and for long texts, safe to show whatever is pasted into them."""

from __future__ import annotations

from textual.widgets import Input, TextArea
from textual.widgets.text_area import EditResult, Location

from smallchat.safe_text import safe_text


class TextField(Input):
    """A line of text. Textual hands what it holds to the terminal as it is."""

    def replace(self, text: str, start: int, end: int) -> None:
        """Put ``text`` in the place of what is there, its controls visible."""
        super().replace(safe_text(text).replace("\t", " "), start, end)


class TextBox(TextArea):
    """Several lines of text, with the keys of a form."""

    def replace(
        self, insert: str, start: Location, end: Location, *, maintain_selection_offset: bool = True
    ) -> EditResult:
        """Put ``insert`` in the place of what is there, its controls visible."""
        safe = safe_text(insert)
        return super().replace(safe, start, end, maintain_selection_offset=maintain_selection_offset)
