"""The screen's own pace: one timer for all panes, and none while nothing happens."""

from __future__ import annotations

from collections.abc import Callable

from textual.timer import Timer
from textual.widget import Widget

FRAMES_PER_S = 18


class Frames:
    """Calls a function for each frame while something is to be drawn."""

    def __init__(self, widget: Widget, draw: Callable[[int], None]) -> None:
        """Call ``draw`` with the number of the frame, on behalf of ``widget``."""
        self._widget, self._draw = widget, draw
        self._timer: Timer | None = None
        self._number = 0

    @property
    def running(self) -> bool:
        """Whether frames are drawn."""
        return self._timer is not None

    def start(self) -> None:
        """Begin to draw. Harmless when begun."""
        if self._timer is None:
            self._timer = self._widget.set_interval(1 / FRAMES_PER_S, self._tick)

    def stop(self) -> None:
        """Draw no more until the next ``start``."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _tick(self) -> None:
        self._number += 1
        self._draw(self._number)
