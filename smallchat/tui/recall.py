"""A session put back into the panes, in slices, so that no key waits for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from time import perf_counter_ns
from typing import TYPE_CHECKING

from textual.widget import Widget

if TYPE_CHECKING:
    from smallchat.sessions.session import Turn
    from smallchat.tui.widgets.pane import Pane

MOST_CHARS = 60_000  # laid out in less than half a second; what was said before is a key away
_SLICE_NS = 10_000_000
_PAUSE_S = 0.005


def choose_recent(turns: Sequence[Turn]) -> Sequence[Turn]:
    """Return the last turns: as many as are quickly shown, one at the least."""
    chars = 0
    for index in range(len(turns) - 1, -1, -1):
        turn = turns[index]
        chars += len(turn.prompt)
        chars += sum(len(kept.answer.text) + len(kept.answer.reasoning) for kept in turn.answers)
        if chars > MOST_CHARS:
            return turns[min(index + 1, len(turns) - 1) :]
    return turns


class Recall:
    """Shows turns in panes, for a few milliseconds at a time."""

    def __init__(self, widget: Widget) -> None:
        """Take the time between slices from the timers of ``widget``."""
        self._widget = widget
        self._steps: Iterator[None] = iter(())

    def show(self, turns: Sequence[Turn], panes: Sequence[Pane], earlier: str = "") -> None:
        """Show ``turns`` in ``panes``, which are empty; ``earlier`` is said first."""
        self.finish()
        for pane in panes:
            if earlier:
                pane.transcript.add_note(earlier)
        self._steps = _show_turns(turns, panes)
        self._work()

    def finish(self) -> None:
        """Show what is left at once."""
        for _ in self._steps:
            pass

    def _work(self) -> None:
        until = perf_counter_ns() + _SLICE_NS
        for _ in self._steps:
            if perf_counter_ns() > until:
                self._widget.set_timer(_PAUSE_S, self._work)
                return


def _show_turns(turns: Sequence[Turn], panes: Sequence[Pane]) -> Iterator[None]:
    for turn in turns:
        for pane in panes:
            answers = [kept.answer for kept in turn.answers if kept.pane == pane.place]
            others = sum(kept.pane == pane.place for kept in turn.alternatives)
            pane.recall(turn.prompt, answers[0] if answers else None, others)
            yield
