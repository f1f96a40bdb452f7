"""Searching in one pane: the words, and how many places have them."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.style import Style
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input

from smallchat.tui.widgets.lines import Line
from smallchat.tui.widgets.text_field import TextField
from smallchat.tui.widgets.transcript import Transcript

_SIGNS = {"before": "▲", "next": "▼", "end": "✕"}
_META = "find"
SETTLE_S = 0.1  # a long transcript is searched when the words have settled


class FindCount(Line):
    """How many places have the words; the mouse goes to the one before, to the next, or ends the search."""

    def __init__(self, bar: FindBar) -> None:
        """Serve ``bar``."""
        super().__init__(id="find-count")
        self._bar = bar

    def on_mount(self) -> None:
        """Begin without words."""
        self.tell("")

    def tell(self, places: str) -> None:
        """Show ``places``."""
        signs = (
            Content.styled(f"  {sign}", "bold $accent").stylize(Style.from_meta({_META: act}))
            for act, sign in _SIGNS.items()
        )
        self.say("", Content.assemble((places, "$quiet"), *signs))

    def on_click(self, event: events.Click) -> None:
        """Do what the sign that was clicked says."""
        match event.style.meta.get(_META):
            case "before":
                self._bar.action_step(-1)
            case "next":
                self._bar.action_step(1)
            case "end":
                self._bar.action_close()


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
    FindBar FindCount { width: 27; }
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
        self.words = TextField(placeholder="Find in this pane", compact=True, id="find-words")
        self._settling: Timer | None = None

    def compose(self) -> ComposeResult:
        """Yield words and count."""
        yield self.words
        yield FindCount(self)

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
        self.query_one(FindCount).tell(places if words else "")

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
        """End the search."""
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
