"""Answers that cost more than was set aside for them: told, or stopped where the user wants that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from smallchat.metering.cost import cost_of
from smallchat.metering.events import Event, Noted

if TYPE_CHECKING:
    from smallchat.engine.network import Network
    from smallchat.engine.running import Running
    from smallchat.engine.seams import Overrun
    from smallchat.metering.answer import Answer

LOOK_EVERY_NS = 500_000_000


class OverrunWatch:
    """Watches the cost of one answer. For the desk: it counts tokens and reads the ledger."""

    def __init__(
        self, running: Running, network: Network, overrun: Callable[[Decimal], Overrun | None]
    ) -> None:
        """Watch ``running``; ``overrun`` says what is wrong with a cost in US dollars, if anything is."""
        self._running = running
        self._network = network
        self._overrun = overrun
        self._meter = running.new_meter()
        self._looked_at: int | None = None
        self._told = False

    def write(self, events: Sequence[Event]) -> None:
        """Take the next events, and now and then look at what the answer has cost by its own estimate."""
        for event in events:
            self._meter.feed(event)
        at = events[-1].at
        if self._looked_at is not None and at - self._looked_at < LOOK_EVERY_NS:
            return
        self._looked_at = at
        if self._meter.status is None:
            self._look(cost_of(self._meter.usage(), self._running.price, "ok").usd, at, runs=True)

    def look_at_end(self, answer: Answer) -> None:
        """Look at what a settled answer has cost."""
        self._look(answer.cost.usd, self._looked_at or 0, runs=False)

    def _look(self, usd: Decimal | None, at: int, *, runs: bool) -> None:
        if self._told or not usd or (overrun := self._overrun(usd)) is None:
            return
        self._told = True
        stop = runs and overrun.stops
        note = Noted(at, f"{overrun.text} It is stopped." if stop else overrun.text)
        self._network.call_soon(lambda: self._running.post(note))
        if stop:
            self._running.stop()
