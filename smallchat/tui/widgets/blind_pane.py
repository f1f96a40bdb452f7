"""One answer of a blind turn: its text, and once it may be known, whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from smallchat.safe_text import safe_line
from smallchat.tui.endings import ending_of
from smallchat.tui.widgets.figures_line import FiguresLine, Reading
from smallchat.tui.widgets.lines import Line
from smallchat.tui.widgets.pane_header import TONES
from smallchat.tui.widgets.settled import settle_answer
from smallchat.tui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smallchat.metering.answer import Answer
    from smallchat.tui.marks import Mark

NOTHING = "No answer."  # why not would name who failed


@dataclass(frozen=True, slots=True)
class Label:
    """Who sits in a pane: the model's label and its provider's."""

    model: str
    provider: str


class BlindPane(Vertical):
    """Shows a text under the name of its place, until it is told whose it is."""

    class Chosen(Message):
        """The user turned to this answer."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def __init__(self, place: int, name: str, prompt: str) -> None:
        """Show ``prompt`` and the answer that stands at ``place``, called ``name``."""
        super().__init__(id=f"blind-{place}")
        self.place, self._prompt = place, prompt
        self.head = Line()
        self.transcript = Transcript()
        self.figures = FiguresLine()
        self._current = self._best = False
        self._told, self._right = Content.styled(name, "bold"), Content("")

    def compose(self) -> ComposeResult:
        """Yield the parts; the figures stay hidden until the vote."""
        yield self.head
        yield self.transcript
        yield self.figures

    def on_mount(self) -> None:
        """Begin without an answer."""
        self.figures.display = False
        self.figures.tooltip = None
        self.transcript.add_prompt(self._prompt)
        self._say_head()

    def _say_head(self) -> None:
        number = f"{'▸' if self._current else ' '}{self.place + 1} "
        best = ("✓ best  ", "bold $success") if self._best else ""
        self.head.say(Content.assemble((number, "$quiet"), best, self._told), self._right)

    def mark_current(self, current: bool) -> None:
        """Show whether this is the answer that keys act upon."""
        self._current = current
        self.set_class(current, "-current")
        self._say_head()

    def show(self, text: str) -> None:
        """Show the text of the answer, whole."""
        self.transcript.begin_answer()
        self.transcript.append(text)
        self.transcript.end_answer()
        if not text.strip():
            self.transcript.add_note(NOTHING)
        self.transcript.scroll_home(animate=False)

    def reveal(self, label: Label, answer: Answer | None, marks: Sequence[Mark]) -> None:
        """Show whose answer it is, how it ended, and its figures with the ``marks`` they earned."""
        name, provider = safe_line(label.model, 60), safe_line(label.provider, 60)
        self._told = Content.assemble((name, "bold $primary"), (f"  {provider}", "$quiet"))
        self.figures.display = True
        if answer is not None:
            ending = ending_of(answer)
            self._right = Content.styled(str(ending), TONES[ending.tone])
            self.figures.show(Reading.of(answer))
            self.figures.mark(marks)
            for note in answer.notes:
                self.transcript.add_note(safe_line(note, 400))
            settle_answer(self.transcript, answer)
        self._say_head()

    def mark_best(self, best: bool) -> None:
        """Show whether this answer was voted the best."""
        self._best = best
        self._say_head()

    def on_descendant_focus(self) -> None:
        """Tell that the user turned here."""
        self.post_message(self.Chosen(self.place))

    def on_click(self) -> None:
        """Tell that the user turned here."""
        self.post_message(self.Chosen(self.place))
