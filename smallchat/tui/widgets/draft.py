"""A text that is being written: large pastes stand in it as labels, and each change can be undone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import events, on
from textual.document._document import Document
from textual.message import Message
from textual.timer import Timer
from textual.widgets import TextArea
from textual.widgets.text_area import Selection

from smallchat.safe_text import safe_text
from smallchat.tui.pasting import Blocks

LARGE_PASTE = 10_000  # characters; a text area wraps and draws more than this too slowly to type in
SETTLE_S = 0.1
_NOT_TEXT = re.compile(r"[^\t\n\x20-\x7e]")


class DraftArea(TextArea):
    """A text area with pasted blocks and placeholders, safe to show whatever is in it."""

    @dataclass
    class Drafted(Message):
        """The draft changed, and then stayed the same for a moment."""

        draft: str

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, show_line_numbers=False, highlight_cursor_line=False)
        self._blocks = Blocks()
        self._fields: tuple[str, ...] = ()
        self._settling: Timer | None = None

    def on_mount(self) -> None:
        """Blink only where things may move."""
        self.cursor_blink = self.app.animation_level != "none"

    @property
    def prompt(self) -> str:
        """The text, with the pasted blocks in the places of their labels."""
        return self._blocks.expand(self.text)

    @property
    def _text_document(self) -> Document:
        assert isinstance(self.document, Document)
        return self.document

    # The whole draft

    def replace_draft(self, text: str) -> None:
        """Write ``text`` instead of the draft; blocks that were pasted before become labels again."""
        folded = self._blocks.fold(text)
        self.rewrite(self._blocks.add(folded) if len(folded) > LARGE_PASTE else folded)

    def rewrite(self, text: str) -> None:
        """Replace all that is written by ``text``; one step of undoing takes it back."""
        self.history.checkpoint()
        self.replace(text, (0, 0), self.document.end, maintain_selection_offset=False)
        self.history.checkpoint()
        self._fields = ()

    def take_over(self, other: DraftArea) -> None:
        """Go on with the draft of ``other``, its blocks and placeholders with it."""
        self._blocks = other._blocks
        self.rewrite(other.text)
        self._fields = other._fields

    # Pasted blocks

    @property
    def blocks(self) -> dict[str, str]:
        """The pasted blocks in the draft, by their labels."""
        return self._blocks.within(self.text)

    def insert_pasted(self, text: str) -> None:
        """Write ``text`` at the cursor, as a labelled block if it is a large one."""
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if len(text) > LARGE_PASTE:
            text = self._blocks.add(text)
        self.replace(text, *self.selection, maintain_selection_offset=False)

    def take_out(self, label: str) -> None:
        """Remove a pasted block from the draft."""
        self._swap(label, "")

    def write_out(self, label: str) -> None:
        """Put the text of a pasted block in the place of its label."""
        self._swap(label, self._blocks.expand(label))

    def _swap(self, label: str, text: str) -> None:
        at = self.text.find(label)
        if at >= 0:
            index = self._text_document.get_location_from_index
            self.replace(text, index(at), index(at + len(label)))

    # Placeholders

    @property
    def open_field(self) -> str:
        """The first placeholder that is still to be filled in; "" when none is."""
        return next((field for field in self._fields if field in self.text), "")

    def fill_in(self, text: str, fields: Sequence[str]) -> None:
        """Write ``text`` at the cursor; Tab goes from one of its ``fields`` to the next."""
        start = self._text_document.get_index_from_location(min(self.selection))
        self.replace(text, *self.selection, maintain_selection_offset=False)
        self._fields = tuple(dict.fromkeys((*self._fields, *fields)))
        self.select_field(start)

    def select_field(self, start: int) -> bool:
        """Select the first placeholder at ``start`` or after it, else the first of all."""
        text = self.text
        for begin in (start, 0):
            found = [(at, field) for field in self._fields if (at := text.find(field, begin)) >= 0]
            if found:
                at, field = min(found)
                locate = self._text_document.get_location_from_index
                self.selection = Selection(locate(at), locate(at + len(field)))
                self.scroll_cursor_visible()
                return True
        return False

    def select_next_field(self) -> bool:
        """Select the placeholder after the cursor; return whether there is any."""
        return self.select_field(self._text_document.get_index_from_location(max(self.selection)))

    # What it does on its own

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.insert_pasted(event.text)

    def get_line(self, line_index: int) -> Text:
        """Return a line to draw, each character that a terminal would act upon replaced by one it shows."""
        line = super().get_line(line_index)
        shown = _NOT_TEXT.sub(_show_character, line.plain)
        return line if shown == line.plain else Text(shown, end="", no_wrap=True)

    @on(TextArea.Changed)
    def _wait_for_the_draft_to_settle(self) -> None:
        if self._settling is not None:
            self._settling.stop()
        self._settling = self.set_timer(SETTLE_S, self.tell_draft)

    def tell_draft(self) -> None:
        """Tell now what is written."""
        self._settling = None
        self.post_message(self.Drafted(self.prompt))


def _show_character(match: re.Match[str]) -> str:
    shown = safe_text(match[0])
    return shown if len(shown) == 1 and shown != "\n" else "\N{REPLACEMENT CHARACTER}"
