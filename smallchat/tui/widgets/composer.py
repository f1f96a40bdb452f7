"""Where the prompt is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Literal

from rich.text import Text
from textual import events, on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.timer import Timer
from textual.widgets import TextArea

from smallchat.safe_text import safe_text

LARGE_PASTE = 10_000  # characters; a text area wraps and draws more than this too slowly to type in
SETTLE_S = 0.1
_NOT_TEXT = re.compile(r"[^\t\n\x20-\x7e]")


class Composer(TextArea):
    """A multi-line text area that sends. Large pastes are held as labelled blocks."""

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

    @dataclass
    class ScrollRequested(Message):
        """The user wants to scroll the current pane."""

        where: Literal["up", "down", "end"]

    def __init__(self) -> None:
        super().__init__(id="composer", show_line_numbers=False, highlight_cursor_line=False)
        self.placeholder = "Ask…"
        self._blocks: dict[str, str] = {}
        self._settling: Timer | None = None

    @property
    def prompt(self) -> str:
        """The text, with the pasted blocks in the places of their labels."""
        text = self.text
        for label, block in self._blocks.items():
            text = text.replace(label, block, 1)
        return text

    def take_back(self, prompt: str) -> None:
        """Put ``prompt``, which could not be sent, back in front of what was written since."""
        written = self.prompt
        self.empty()
        self._insert_pasted(f"{prompt}\n{written}" if written else prompt)

    def empty(self) -> None:
        """Begin a new draft."""
        self._blocks.clear()
        self.clear()

    def action_send(self) -> None:
        """Hand the prompt over, unless there is none."""
        prompt = self.prompt
        if prompt.strip():
            self.empty()  # now, since what is typed next belongs to the next prompt
            self.post_message(self.Submitted(prompt))

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
        self._insert_pasted(event.text)

    def _insert_pasted(self, text: str) -> None:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if len(text) > LARGE_PASTE:
            label = f"[pasted text {len(self._blocks) + 1}: {len(text):,} characters]"
            self._blocks[label] = text
            text = label
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
