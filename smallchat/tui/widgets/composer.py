"""Where the prompt is written: what its keys do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from smallchat.tui.past_prompts import PastPrompts
from smallchat.tui.pasting import find_pasted_paths
from smallchat.tui.widgets.draft import DraftArea


class Composer(DraftArea):
    """A multi-line text area that sends, and goes through earlier prompts."""

    HELP = (
        "Write a prompt here. Up on the first line takes an earlier one, Tab goes from one {placeholder} to "
        "the next. A large text that is pasted stands here as a label; a file dropped here can be attached."
    )
    KEY_GROUP = "Prompt"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Send", id="send", tooltip="Send the prompt to all panes"),
        # Shift+Enter is Enter in many terminals; the key that works everywhere is told first.
        Binding("ctrl+j,shift+enter", "newline", "New line", id="newline",
                tooltip="Begin a new line in the prompt"),
        Binding("pageup", "scroll_pane('up')", "Page up", show=False, id="scroll_up",
                tooltip="Scroll the current pane up; it stops following"),
        Binding("pagedown", "scroll_pane('down')", "Page down", show=False, id="scroll_down",
                tooltip="Scroll the current pane down"),
        Binding("ctrl+home", "scroll_pane('home')", "Beginning", show=False, id="scroll_to_first",
                tooltip="Scroll the current pane to its beginning; it stops following"),
        Binding("ctrl+end", "scroll_pane('end')", "Follow", show=False, id="follow",
                tooltip="Scroll to the end and follow the answer again"),
    ]  # fmt: skip

    @dataclass
    class Submitted(Message):
        """The user sent a prompt."""

        prompt: str

    class NothingWritten(Message):
        """The user wants to send, and has written nothing."""

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

        where: Literal["up", "down", "home", "end"]

    def __init__(self) -> None:
        super().__init__(id="composer")
        self.placeholder = "Ask…"
        self._past = PastPrompts()
        self._shown = self._draft = ""  # what the history put here, and what was written before that
        self._presses = 0
        self._asked_for = ""

    def take_back(self, prompt: str) -> None:
        """Put ``prompt``, which could not be sent, back in front of what was written since."""
        written = self.prompt
        self.replace_draft(f"{prompt}\n{written}" if written else prompt)

    def replace_draft(self, text: str) -> None:
        """Write ``text`` instead of the draft, and be at no earlier prompt."""
        super().replace_draft(text)
        self._past.begin(())

    def action_send(self) -> None:
        """Hand the prompt over, unless a placeholder in it was overlooked."""
        prompt, missing = self.prompt, self.open_field
        if missing and missing != self._asked_for:
            self._asked_for = missing  # a second Enter sends it as it is
            self.select_field(0)
            self.post_message(self.Incomplete(missing))
            return
        self._asked_for = ""
        if not prompt.strip():
            self.post_message(self.NothingWritten())
            return
        self.rewrite("")  # now, since what is typed next belongs to the next prompt
        self._past.begin(())
        self.tell_draft()  # what goes with it leaves the screen with it
        self.post_message(self.Submitted(prompt))

    # Earlier prompts

    def action_cursor_up(self, select: bool = False) -> None:
        """Go a line up; from the first line, to the prompt before."""
        if select or not self.navigator.is_first_wrapped_line(self.cursor_location):
            super().action_cursor_up(select)
        elif self._past.at_draft or self.text != self._shown:
            self._presses += 1
            self._draft = self._shown = self.text
            self._past.begin(())
            self.post_message(self.HistoryWanted())
        elif (prompt := self._past.older()) is not None:
            self._show_past(prompt)

    def action_cursor_down(self, select: bool = False) -> None:
        """Go a line down; from the last line, to the prompt after, and at last to the draft."""
        here = not self._past.at_draft and self.text == self._shown
        if select or not here or not self.navigator.is_last_wrapped_line(self.cursor_location):
            super().action_cursor_down(select)
        elif (newer := self._past.newer()) is not None:
            self._show_past(newer)
        else:
            self.rewrite(self._draft)
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
        super().replace_draft(prompt)
        self._shown = self.text

    # Keys

    def action_newline(self) -> None:
        """Begin a new line."""
        self.insert("\n")

    def action_scroll_pane(self, where: Literal["up", "down", "home", "end"]) -> None:
        """Ask for the current pane to be scrolled."""
        self.post_message(self.ScrollRequested(where))

    async def _on_key(self, event: events.Key) -> None:
        """Take the keys that a text area would insert. All others are left to it: its handler runs next."""
        if event.key.startswith("alt+"):
            event.prevent_default()  # a text area would insert the letter; it may be somebody's binding
            return
        # Bindings are looked up by the app, later than the keys that follow are inserted here.
        bound = None if event.is_printable else self.screen.active_bindings.get(event.key)
        name = bound.binding.id if bound is not None and bound.node is self else None
        if name == "send":
            self.action_send()
        elif name == "newline":
            self.action_newline()
        elif event.key != "tab" or not self.select_next_field():
            return
        event.stop()
        event.prevent_default()

    async def _on_paste(self, event: events.Paste) -> None:
        """Tell of paths that were pasted; any other text is left to what pastes."""
        if paths := find_pasted_paths(event.text):
            event.stop()
            event.prevent_default()
            for path in reversed(paths):  # the question about the last lies on those before
                self.post_message(self.PathPasted(path, event.text if len(paths) == 1 else f"{path}\n"))
