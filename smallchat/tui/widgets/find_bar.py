"""Searching in one pane: the words, and how many places have them."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input

from smallchat.tui.widgets.lines import Line
from smallchat.tui.widgets.transcript import Transcript

SETTLE_S = 0.1  # a long transcript is searched when the words have settled


class FindBar(Horizontal):
    """Searches one transcript as words are typed. It goes when the user turns to something else.

    Attributes:
        transcript: What is searched.
        words: Where the words are typed.
    """

    HELP = "Enter goes to the transcript, where n and N go from place to place; Esc ends the search."
    DEFAULT_CSS = """
    FindBar { height: 1; background: $panel; }
    FindBar Input { width: 1fr; padding: 0 1; background: $panel; }
    FindBar Line { width: 24; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "End search", id="end_find", tooltip="End the search in this pane"),
        Binding("down", "step(1)", "Next place", show=False, id="find_below",
                tooltip="Go to the next place that has the words"),
        Binding("up", "step(-1)", "Place before", show=False, id="find_above",
                tooltip="Go to the place before that has the words"),
    ]  # fmt: skip

    class Closed(Message):
        """The user wants to end the search."""

    def __init__(self, transcript: Transcript) -> None:
        """Search ``transcript``."""
        super().__init__(id="find-bar")
        self.transcript = transcript
        self.words = Input(placeholder="Find in this pane", compact=True, id="find-words")
        self._settling: Timer | None = None

    def compose(self) -> ComposeResult:
        """Yield words and count."""
        yield self.words
        yield Line(id="find-count")

    @on(Input.Changed)
    def _find_soon(self, event: Input.Changed) -> None:
        event.stop()
        if self._settling is not None:
            self._settling.stop()
        self._settling = self.set_timer(SETTLE_S, self._find)

    def _find(self) -> None:
        self._settling = None
        words = self.words.value
        count = self.transcript.find(words)
        places = f"{count:,} place{'' if count == 1 else 's'}" if count else "nowhere"
        self.query_one(Line).say("", Content.styled(places if words else "", "$quiet"))

    @on(Input.Submitted)
    def _go_to_transcript(self, event: Input.Submitted) -> None:
        event.stop()
        if self._settling is not None:
            self._settling.stop()
            self._find()
        self.transcript.focus()

    def action_step(self, step: int) -> None:
        """Go to the next place, or to the one before."""
        if step > 0:
            self.transcript.find_next()
        else:
            self.transcript.find_previous()

    def action_close(self) -> None:
        """End the search and go back to the transcript."""
        self.post_message(self.Closed())

    def end(self) -> None:
        """Go, and show no places any more."""
        if self._settling is not None:
            self._settling.stop()
        self.transcript.find("")
        self.remove()

    def serves(self, focused: Widget) -> bool:
        """Return whether the search goes on when ``focused`` has the focus."""
        return focused is self.transcript or self in focused.ancestors
