"""The line above the composer: what a send would take and cost, and what stands in its way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message

from smallchat.safe_text import safe_line
from smallchat.tui.latest import LatestOnly
from smallchat.tui.widgets.lines import Line

if TYPE_CHECKING:
    from smallchat.engine.order import Order
    from smallchat.ledger.caps import Level
    from smallchat.ledger.headroom import Headroom
    from smallchat.tui.backend import Backend
    from smallchat.tui.forecast import Forecast

# Told by a sign and by words too: colours are not for everybody.
_LEVELS: dict[Level, tuple[str, str]] = {
    "ok": ("", "$quiet"),
    "near": ("! ", "$warning"),
    "close": ("!! ", "$error"),
    "over": ("✗ ", "bold $error"),
}


class SendLine(Line):
    """Shows the forecast of the draft; what stands in its way takes the first place."""

    @dataclass
    class Counted(Message):
        """A forecast is ready. Made in a thread: counting a long prompt must not delay a key."""

        forecast: Forecast
        panes: int
        draft: int

    def __init__(self) -> None:
        super().__init__(id="send-line")
        self.anonymous = False  # whether no model and no price may be named
        self._worker = LatestOnly("smallchat-forecast")
        self._draft = 0

    def on_unmount(self) -> None:
        """End the thread."""
        self._worker.end()

    def forget(self) -> None:
        """Show that there is no draft: nothing but that the next answers are blind."""
        self.tell("blind: no names, prices or speeds until you have voted" if self.anonymous else "")

    def tell(self, text: str) -> None:
        """Show ``text`` until the next draft."""
        self._draft += 1
        self.say(Content.styled(text, "$quiet"))

    def warn(self, text: str) -> None:
        """Show why the draft can not be sent."""
        self._draft += 1
        self.say(Content.styled(f"✗ {text}", "bold $error"))

    def consider(self, backend: Backend, order: Order) -> None:
        """Show soon what sending ``order`` would take."""
        from smallchat.tui.forecast import forecast

        self._draft += 1
        draft, panes = self._draft, len(order.lanes)
        self._worker.do(lambda: self.post_message(self.Counted(forecast(backend, order), panes, draft)))

    def on_send_line_counted(self, message: Counted) -> None:
        """Show a forecast, unless the draft is another one by now."""
        message.stop()
        if message.draft == self._draft:
            self.show(message.forecast, message.panes)

    def show(self, forecast: Forecast, panes: int) -> None:
        """Show ``forecast`` for ``panes`` panes."""
        from smallchat.tui.forecast import describe_price, format_range

        price = f"~{forecast.tokens:,} tokens · blind" if self.anonymous else describe_price(forecast, panes)
        told = "a model may refuse this" if self.anonymous else "; ".join(forecast.warnings)
        facts = Content.styled(safe_line(price), "$quiet")
        level, budget = forecast.headroom.level, self.describe_headroom(forecast.headroom)
        warnings = Content.styled("! " + safe_line(told), "$warning")
        concerns = [warnings] if forecast.warnings else []
        if level == "ok":
            facts = _join(facts, budget)
        else:
            concerns = [budget, *concerns]
        if concerns:
            brief = "" if self.anonymous or forecast.usd is None else format_range(forecast.usd)
            self.say(_join(*concerns), facts, Content.styled(brief, "$quiet"))
        else:
            self.say(facts)

    def describe_headroom(self, headroom: Headroom) -> Content:
        """Return what is left of the tightest cap, marked by how near it is."""
        from smallchat.tui.forecast import describe_budget

        sign, style = _LEVELS[headroom.level]
        return Content.styled(safe_line(sign + describe_budget(headroom)), style)


def _join(*parts: Content) -> Content:
    return Content.styled(" · ", "$quiet").join(part for part in parts if part)
