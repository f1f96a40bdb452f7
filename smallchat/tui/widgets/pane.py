"""One model's pane: head, transcript, figures."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from smallchat.safe_text import safe_line
from smallchat.tui.endings import ending_of
from smallchat.tui.phase import READY, Phase
from smallchat.tui.widgets.figures_line import FiguresLine, Reading
from smallchat.tui.widgets.pane_header import PaneHeader
from smallchat.tui.widgets.settled import settle_answer
from smallchat.tui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from smallchat.metering.answer import Answer
    from smallchat.metering.cost import Total
    from smallchat.tui.exchange import Exchange, News
    from smallchat.tui.question import Head


class Pane(Vertical):
    """Shows one model's side of the comparison. It knows no engine: it is told what to show.

    Attributes:
        index: Its position in the row.
        place: Its place among all panes that the session ever had, by which answers are kept.
    """

    @dataclass
    class Chosen(Message):
        """The user turned to this pane."""

        pane: Pane

    def __init__(self, name: str, index: int, *, alone: bool, id: str | None = None) -> None:  # noqa: A002
        """Begin ready.

        Args:
            name: The model's name, until its label is known.
            index: Which pane this is, from 0.
            alone: Whether it is the only one, and so needs no number.
            id: Its id; by default from its index.
        """
        super().__init__(id=id or f"pane-{index}")
        self.index = self.place = index
        self.header = PaneHeader(name, None if alone else index + 1)
        self.transcript = Transcript()
        self.transcript.takes_clicks = False  # who clicks here goes on writing: letters would be keys
        self.figures = FiguresLine()

    def compose(self) -> ComposeResult:
        """Yield the three parts."""
        yield self.header
        yield self.transcript
        yield self.figures

    def begin(self, prompt: str, phase: Phase) -> None:
        """Show a prompt that is about to be answered."""
        self.transcript.add_prompt(prompt)
        self._open_answer(phase)

    def begin_again(self, phase: Phase, head: Head) -> None:
        """Show that the last prompt is asked once more; ``head`` says why."""
        self.tell(head)
        self._open_answer(phase)

    def tell(self, head: Head | None) -> None:
        """Show what stands above the next answer."""
        if head is not None:
            self.transcript.add_note(head.text, about=head.about)

    def pass_over(self, prompt: str, why: str) -> None:
        """Show that this pane was left out: of ``prompt``, or without one, of what it shows already."""
        if prompt:
            self.transcript.add_prompt(prompt)
        self.transcript.end_answer()
        self.transcript.add_note(why)
        self.header.show(READY)
        self.figures.show(None)
        self.figures.mark(())

    def _open_answer(self, phase: Phase) -> None:
        self.transcript.begin_answer()
        self.header.show(phase)
        self.figures.show(None)
        self.figures.mark(())

    def take(self, news: News, exchange: Exchange, *, with_figures: bool) -> None:
        """Show what one draining brought.

        Args:
            news: What is new.
            exchange: The answer it belongs to.
            with_figures: Whether to draw the live figures too; they are read, not watched.
        """
        for channel, text in news.pieces:
            self.transcript.append(text, channel)
        for note in news.notes:
            self.transcript.add_note(safe_line(note, 400))
        now = time.perf_counter_ns()
        self.header.show(exchange.phase(now))
        if with_figures or news.answer:
            figures, usage, cost = exchange.live(now)
            self.figures.show(Reading(figures, usage, cost, live=news.answer is None))
        if news.answer:
            settle_answer(self.transcript, news.answer, exchange.failure)

    def show_settled(self, answer: Answer | None, total: Total) -> None:
        """Show how ``answer`` ended, its figures, and the pane's total."""
        self.header.show(ending_of(answer) if answer else READY)
        self.figures.show(Reading.of(answer) if answer else None)
        self.figures.add_up(total)

    def renumber(self, index: int, *, alone: bool) -> None:
        """Take another position in the row."""
        self.index = index
        self.header.renumber(None if alone else index + 1)

    @property
    def busy(self) -> bool:
        """Whether an answer is on its way."""
        return self.header.phase.tone == "busy"

    def clear(self) -> None:
        """Begin anew: nothing said, nothing counted."""
        self.transcript.clear()
        self.header.show(READY)
        self.figures.show(None)
        self.figures.mark(())

    @on(Transcript.FollowChanged)
    def _show_following(self, message: Transcript.FollowChanged) -> None:
        self.figures.follow(message.follow)

    @on(FiguresLine.EndWanted)
    def _follow(self, message: FiguresLine.EndWanted) -> None:
        message.stop()
        self.transcript.action_scroll_end()

    @on(events.DescendantFocus)
    def _choose_on_focus(self) -> None:
        self.header.focused = True
        self.post_message(self.Chosen(self))

    @on(events.DescendantBlur)
    def _show_blur(self) -> None:
        self.header.focused = False

    @on(events.Click)
    def _choose_on_click(self) -> None:
        self.post_message(self.Chosen(self))
