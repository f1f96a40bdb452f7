"""The line above the composer: what a send would take and cost, and what stands in its way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from smallchat.safe_text import safe_line
from smallchat.tui.widgets.lines import Line

if TYPE_CHECKING:
    from smallchat.tui.forecast import Forecast


class SendLine(Line):
    """Shows the forecast of the draft; a warning takes the first place."""

    def __init__(self) -> None:
        super().__init__(id="send-line")

    def show(self, forecast: Forecast | None, panes: int, *, draft: bool) -> None:
        """Show ``forecast`` for ``panes`` panes.

        Args:
            forecast: What a send would take; ``None`` when that is not known yet.
            panes: How many panes there are.
            draft: Whether anything is written; without it only a warning is worth showing.
        """
        if forecast is None:
            self.say(Content.styled("counting…", "$quiet") if draft else "")
            return
        from smallchat.tui.forecast import describe_price

        price = Content.styled(safe_line(describe_price(forecast, panes)), "$quiet")
        if forecast.warnings:
            warning = Content.styled("! " + safe_line("; ".join(forecast.warnings)), "$warning")
            self.say(warning, price if draft else "")
        else:
            self.say(price if draft else "")
