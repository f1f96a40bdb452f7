"""Choices under a cursor, with keys for hands that stay on the letters."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual.binding import Binding, BindingType
from textual.widgets import OptionList


class ChoiceList(OptionList, can_focus=True):
    """Choices, one of which is to be picked."""

    KEY_GROUP = "In a list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", show=False, id="option_down", tooltip="Go to the next choice"),
        Binding("k", "cursor_up", "Up", show=False, id="option_up", tooltip="Go to the choice before"),
        Binding("g", "first", "First", show=False, id="first_option", tooltip="Go to the first choice"),
        Binding("G", "last", "Last", show=False, id="last_option", key_display="G",
                tooltip="Go to the last choice"),
        Binding("ctrl+d", "page_down", "Page down", show=False, id="options_down",
                tooltip="Go a page of choices down"),
        Binding("ctrl+u", "page_up", "Page up", show=False, id="options_up",
                tooltip="Go a page of choices up"),
    ]  # fmt: skip

    def _move_page(self, direction: Literal[-1, 1]) -> None:
        if self.scrollable_content_region:  # Textual divides the choices into pages of what is seen of them
            super()._move_page(direction)
