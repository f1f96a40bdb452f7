"""Forecasts beside the screen's thread: counting a long prompt must not delay a key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from smallchat.tui.latest import LatestOnly

if TYPE_CHECKING:
    from smallchat.engine.order import Lane
    from smallchat.tui.backend import Backend
    from smallchat.tui.forecast import Forecast


@dataclass
class ForecastMade(Message):
    """A forecast is ready."""

    forecast: Forecast


class Forecaster:
    """Makes forecasts in a thread of its own, of the newest draft only."""

    def __init__(self, post: Callable[[Message], object]) -> None:
        """Hand each forecast to ``post``, from the thread."""
        self._post = post
        self._worker = LatestOnly("smallchat-forecast")

    def ask(self, backend: Backend, lanes: Sequence[Lane]) -> None:
        """Have a forecast for ``lanes`` made; an older one that was not begun is dropped."""
        from smallchat.tui.forecast import forecast

        self._worker.do(lambda: self._post(ForecastMade(forecast(backend, lanes))))
