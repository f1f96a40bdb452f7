"""The line above the composer: what a send would take and cost, and what stands in its way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message

from smallchat.safe_text import safe_line
from smallchat.tui.latest import LatestOnly
from smallchat.tui.widgets.lines import Line

if TYPE_CHECKING:
    from smallchat.engine.order import Lane
    from smallchat.tui.backend import Backend
    from smallchat.tui.forecast import Forecast


class SendLine(Line):
    """Shows the forecast of the draft; a warning takes the first place."""

    @dataclass
    class Counted(Message):
        """A forecast is ready. Made in a thread: counting a long prompt must not delay a key."""

        forecast: Forecast
        panes: int
        draft: int

    def __init__(self) -> None:
        super().__init__(id="send-line")
        self._worker = LatestOnly("smallchat-forecast")
        self._draft = 0

    def forget(self) -> None:
        """Show nothing: there is no draft."""
        self._draft += 1
        self.say("")

    def consider(self, backend: Backend, lanes: Sequence[Lane]) -> None:
        """Show soon what sending ``lanes`` would take."""
        from smallchat.tui.forecast import forecast

        self._draft += 1
        draft, panes = self._draft, len(lanes)
        self._worker.do(lambda: self.post_message(self.Counted(forecast(backend, lanes), panes, draft)))

    def on_send_line_counted(self, message: Counted) -> None:
        """Show a forecast, unless the draft is another one by now."""
        message.stop()
        if message.draft == self._draft:
            self.show(message.forecast, message.panes)

    def show(self, forecast: Forecast, panes: int) -> None:
        """Show ``forecast`` for ``panes`` panes."""
        from smallchat.tui.forecast import describe_price

        price = Content.styled(safe_line(describe_price(forecast, panes)), "$quiet")
        if forecast.warnings:
            self.say(Content.styled("! " + safe_line("; ".join(forecast.warnings)), "$warning"), price)
        else:
            self.say(price)
