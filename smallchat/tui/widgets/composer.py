"""Where the prompt is written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from rich.text import Text
from textual import events, on
from textual.binding import Binding, BindingType
from textual.document._document import Document
from textual.message import Message
from textual.timer import Timer
from textual.widgets import TextArea
from textual.widgets.text_area import Selection

from smallchat.safe_text import safe_text
from smallchat.tui.past_prompts import PastPrompts
from smallchat.tui.pasting import Blocks, find_pasted_path

LARGE_PASTE = 10_000  # characters; a text area wraps and draws more than this too slowly to type in
SETTLE_S = 0.1
_NOT_TEXT = re.compile(r"[^\t\n\x20-\x7e]")


class Composer(TextArea):
    """A multi-line text area that sends. Large pastes are held as labelled blocks."""

    HELP = "Write a prompt here. Text that is pasted and large is held as a labelled block."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Send", id="send", tooltip="Send the prompt to all panes"),
        Binding("shift+enter,ctrl+j", "newline", "New line", id="newline",
                tooltip="Begin a new line in the prompt"),
        Binding("pageup", "scroll_pane('up')", "Page up", show=False, id="scroll_up",
                tooltip="Scroll the current pane up; it stops following"),
        Binding("pagedown", "scroll_pane('down')", "Page down", show=False, id="scroll_down",
                tooltip="Scroll the current pane down"),
        Binding("ctrl+end", "scroll_pane('end')", "Follow", show=False, id="follow",
                tooltip="Scroll to the end and follow the answer again"),
    ]  # fmt: skip

    @dataclass
    class Submitted(Message):
        """The user sent a prompt."""

        prompt: str

    @dataclass
    class Drafted(Message):
        """The draft changed, and then stayed the same for a moment."""

        draft: str

    class HistoryWanted(Message):
        """The user goes through earlier prompts: ``offer_history`` takes them."""

    @dataclass
    class PathPasted(Message):
        """The path of a file was pasted, maybe to attach the file; ``text`` is what was pasted."""

        path: Path
        text: str

    @dataclass
    class Incomplete(Message):
        """The prompt was not sent: a placeholder is still to be filled in."""

        field: str

    @dataclass
    class ScrollRequested(Message):
        """The user wants to scroll the current pane."""

        where: Literal["up", "down", "end"]

    def __init__(self) -> None:
        super().__init__(id="composer", show_line_numbers=False, highlight_cursor_line=False)
        self.placeholder = "Ask…"
        self._blocks = Blocks()
        self._settling: Timer | None = None
        self._past = PastPrompts()
        self._shown = self._draft = ""  # what the history put here, and what was written before that
        self._draft_blocks = self._blocks
        self._presses = 0
        self._fields: tuple[str, ...] = ()
        self._asked_for = ""

    def on_mount(self) -> None:
        """Blink only where things may move."""
        self.cursor_blink = self.app.animation_level != "none"

    @property
    def prompt(self) -> str:
        """The text, with the pasted blocks in the places of their labels."""
        return self._blocks.expand(self.text)

    @property
    def blocks(self) -> dict[str, str]:
        """The pasted blocks in the draft, by their labels."""
        return self._blocks.within(self.text)

    def take_back(self, prompt: str) -> None:
        """Put ``prompt``, which could not be sent, back in front of what was written since."""
        written = self.prompt
        self.replace_draft(f"{prompt}\n{written}" if written else prompt)

    def replace_draft(self, text: str) -> None:
        """Write ``text`` instead of the draft."""
        self.empty()
        self.insert_pasted(text)

    def empty(self) -> None:
        """Begin a new draft."""
        self._blocks.clear()
        self._fields, self._asked_for, self._shown = (), "", ""
        self._past.begin(())
        self.clear()

    def action_send(self) -> None:
        """Hand the prompt over, unless there is none, or a placeholder in it was overlooked."""
        prompt = self.prompt
        if not prompt.strip():
            return
        missing = next((field for field in self._fields if field in self.text), "")
        if missing and missing != self._asked_for:
            self._asked_for = missing  # a second Enter sends it as it is
            self._select_field(0)
            self.post_message(self.Incomplete(missing))
            return
        self.empty()  # now, since what is typed next belongs to the next prompt
        self.post_message(self.Submitted(prompt))

    # Pasted blocks

    def take_out(self, label: str) -> None:
        """Remove a pasted block from the draft."""
        self._swap(label, "")

    def write_out(self, label: str) -> None:
        """Put the text of a pasted block in the place of its label."""
        self._swap(label, self._blocks.within(self.text).get(label, label))

    def _swap(self, label: str, text: str) -> None:
        at = self.text.find(label)
        if at >= 0:
            index = self._text_document.get_location_from_index
            self.replace(text, index(at), index(at + len(label)))

    @property
    def _text_document(self) -> Document:
        assert isinstance(self.document, Document)
        return self.document

    # Placeholders

    def fill_in(self, text: str, fields: Sequence[str]) -> None:
        """Write ``text`` at the cursor; Tab goes from one of its ``fields`` to the next."""
        start = self._text_document.get_index_from_location(min(self.selection))
        self.replace(text, *self.selection, maintain_selection_offset=False)
        self._fields = tuple(fields)
        self._select_field(start)

    def _select_field(self, start: int) -> bool:
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

    # Earlier prompts

    def action_cursor_up(self, select: bool = False) -> None:
        """Go a line up; from the first line, to the prompt before."""
        if select or not self.navigator.is_first_wrapped_line(self.cursor_location):
            super().action_cursor_up(select)
        elif self._past.at_draft or self.text != self._shown:
            self._presses += 1
            self._draft = self._shown = self.text
            self._draft_blocks = self._blocks
            self._past.begin(())
            self.post_message(self.HistoryWanted())
        elif (prompt := self._past.older()) is not None:
            self._show_past(prompt)

    def action_cursor_down(self, select: bool = False) -> None:
        """Go a line down; from the last line, to the prompt after, and at last to the draft."""
        here = not self._past.at_draft and self.text == self._shown
        if select or not here or not self.navigator.is_last_wrapped_line(self.cursor_location):
            super().action_cursor_down(select)
            return
        if (newer := self._past.newer()) is not None:
            self._show_past(newer)
            return
        self._blocks = self._draft_blocks
        self.clear()
        self.insert(self._draft)
        self._shown = self._draft

    def offer_history(self, prompts: Sequence[str]) -> None:
        """Take earlier prompts, the newest first, and show the one that was asked for."""
        presses, self._presses = self._presses, 0
        if not presses or self.text != self._shown or not prompts:
            return
        self._past.begin(prompts)
        for _ in range(presses - 1):
            self._past.older()
        if (prompt := self._past.older()) is not None:
            self._show_past(prompt)

    def _show_past(self, prompt: str) -> None:
        self._blocks = Blocks()
        self._fields = ()
        self.clear()
        self.insert_pasted(prompt)
        self._shown = self.text

    def action_newline(self) -> None:
        """Begin a new line."""
        self.insert("\n")

    def action_scroll_pane(self, where: Literal["up", "down", "end"]) -> None:
        """Ask for the current pane to be scrolled."""
        self.post_message(self.ScrollRequested(where))

    async def _on_key(self, event: events.Key) -> None:
        if event.key.startswith("alt+"):
            event.prevent_default()  # a text area would insert the letter; it may be somebody's binding
            return
        if event.key == "tab" and self._select_field(
            self._text_document.get_index_from_location(max(self.selection))
        ):
            event.stop()
            event.prevent_default()
            return
        # Bindings are looked up by the app, later than the keys that follow are inserted here.
        bound = None if event.is_printable else self.screen.active_bindings.get(event.key)
        if bound is None or bound.node is not self or bound.binding.id not in ("send", "newline"):
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()
        if bound.binding.id == "send":
            self.action_send()
        else:
            self.action_newline()

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        if (path := find_pasted_path(event.text)) is not None:
            self.post_message(self.PathPasted(path, event.text))
        else:
            self.insert_pasted(event.text)

    def insert_pasted(self, text: str) -> None:
        """Write ``text`` at the cursor, as a labelled block if it is a large one."""
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if len(text) > LARGE_PASTE:
            text = self._blocks.add(text)
        self.replace(text, *self.selection, maintain_selection_offset=False)

    def get_line(self, line_index: int) -> Text:
        """Return a line to draw, each character that a terminal would act upon replaced by one it shows."""
        line = super().get_line(line_index)
        shown = _NOT_TEXT.sub(_show_character, line.plain)
        return line if shown == line.plain else Text(shown, end="", no_wrap=True)

    @on(TextArea.Changed)
    def _wait_for_the_draft_to_settle(self) -> None:
        if self._settling is not None:
            self._settling.stop()
        self._settling = self.set_timer(SETTLE_S, self._tell_draft)

    def _tell_draft(self) -> None:
        self._settling = None
        self.post_message(self.Drafted(self.prompt))


def _show_character(match: re.Match[str]) -> str:
    shown = safe_text(match[0])
    return shown if len(shown) == 1 and shown != "\n" else "\N{REPLACEMENT CHARACTER}"
