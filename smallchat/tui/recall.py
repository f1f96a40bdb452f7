"""A session put back into the panes, the end of it first, in slices, so that no key waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from time import perf_counter_ns
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from textual.widget import Widget

from smallchat.tui.widgets.settled import write_turn

if TYPE_CHECKING:
    from smallchat.sessions.session import Turn
    from smallchat.tui.question import Head
    from smallchat.tui.widgets.pane import Pane
    from smallchat.tui.widgets.transcript import Transcript
    from smallchat.tui.widgets.transcript.document import Document

EMPTY: Mapping[Pane, str] = MappingProxyType({})
EARLIER = "earlier turns"  # what the note about them is about
MOST_CHARS = 60_000  # laid out in less than half a second; what was said before is a key away
_MORE_CHARS = 200_000  # of earlier turns, put above the others in one go
HeadOf: TypeAlias = "Callable[[Turn, int], Head | None]"
"""Returns what stands above the answers to a turn."""

_SLICE_NS = 10_000_000
_PAUSE_S = 0.005


def choose_recent(turns: Sequence[Turn], most_chars: int = MOST_CHARS) -> Sequence[Turn]:
    """Return the last turns: as many as are quickly shown, one at the least."""
    chars = 0
    for index in range(len(turns) - 1, -1, -1):
        turn = turns[index]
        chars += len(turn.prompt)
        chars += sum(len(kept.answer.text) + len(kept.answer.reasoning) for kept in turn.answers)
        if chars > most_chars:
            return turns[min(index + 1, len(turns) - 1) :]
    return turns


class Recall:
    """Shows turns in panes, for a few milliseconds at a time."""

    def __init__(self, widget: Widget) -> None:
        """Take the time between slices from the timers of ``widget``."""
        self._widget = widget
        self._steps: Iterator[None] = iter(())
        self._earlier: dict[Pane, Iterator[Callable[[Document], None]]] = {}
        self._waiting = False

    def show(
        self,
        turns: Sequence[Turn],
        panes: Sequence[Pane],
        head_of: HeadOf,
        earlier: str = "",
        closings: Mapping[Pane, str] = EMPTY,
    ) -> None:
        """Show ``turns`` in ``panes``, which are empty; ``earlier`` is said first, in some a closing last."""
        self.finish()
        for pane in panes:
            self._earlier.pop(pane, None)
            if earlier:
                pane.transcript.add_note(earlier, about=EARLIER)
        self._steps = _show_turns(turns, panes, head_of, closings)
        self._go_on()

    def show_above(self, turns: Sequence[Turn], panes: Sequence[Pane], head_of: HeadOf) -> None:
        """Show earlier ``turns`` above those that ``panes`` show, the last of them first."""
        for pane in panes:
            self._earlier[pane] = _part_from_end(turns, pane.place, head_of)
        self._go_on()

    def finish(self) -> None:
        """Show at once what is left of the last turns: what is asked now belongs below."""
        for _ in self._steps:
            pass

    def stop(self) -> None:
        """Show nothing more."""
        self._steps = iter(())
        self._earlier.clear()

    def _go_on(self) -> None:
        if not self._waiting:
            self._work()

    def _work(self) -> None:
        self._waiting = False
        until = perf_counter_ns() + _SLICE_NS
        for _ in self._steps:
            if perf_counter_ns() > until:
                break
        else:
            self._fill_above()
            if not self._earlier:
                return
        self._waiting = True
        self._widget.set_timer(_PAUSE_S, self._work)

    def _fill_above(self) -> None:
        """Give the next turns to one of the panes that have shown those they were given."""
        for pane, parts in tuple(self._earlier.items()):
            if not pane.is_attached:
                del self._earlier[pane]
            elif not (pane.transcript.filling or pane.transcript.busy):
                if (write := next(parts, None)) is None:
                    del self._earlier[pane]
                else:
                    pane.transcript.put_above(write)
                    return


def _part_from_end(
    turns: Sequence[Turn], place: int, head_of: HeadOf
) -> Iterator[Callable[[Document], None]]:
    """Yield what writes parts of ``turns`` that are quickly written, the last one first."""
    while turns:
        part = choose_recent(turns, _MORE_CHARS)
        yield partial(_write_turns, part, place, head_of)
        turns = turns[: len(turns) - len(part)]


def _write_turns(turns: Sequence[Turn], place: int, head_of: HeadOf, page: Document) -> None:
    for turn in turns:
        _write(page, turn, place, head_of(turn, place))


def _show_turns(
    turns: Sequence[Turn], panes: Sequence[Pane], head_of: HeadOf, closings: Mapping[Pane, str]
) -> Iterator[None]:
    for turn in turns:
        for pane in panes:
            _write(pane.transcript, turn, pane.place, head_of(turn, pane.place))
            yield
    for pane in panes:
        if note := closings.get(pane, ""):
            pane.transcript.add_note(note)


def _write(page: Transcript | Document, turn: Turn, place: int, head: Head | None) -> None:
    answer = next((kept.answer for kept in turn.answers if kept.pane == place), None)
    write_turn(page, turn.prompt, head, answer, sum(kept.pane == place for kept in turn.alternatives))
