"""One lane of a send, from the order to the settled answer. Whatever goes wrong in it stays in it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from smallchat.engine.attempts import Timing, run_attempts
from smallchat.engine.settling import settle, settle_in_trouble, unexpected
from smallchat.metering.events import Cancelled, Event, Failed, Noted
from smallchat.providers.base import Adapter, ProviderError

if TYPE_CHECKING:
    from smallchat.engine.network import Network
    from smallchat.engine.preparing import Preparer
    from smallchat.engine.running import Running
    from smallchat.metering.answer import Answer

JOURNAL_EVERY_S = 0.1  # with the store's own 0.125 s, text is safe within a quarter second

_log = logging.getLogger(__name__)


class Answering:
    """Drives one lane in the network thread.

    Attributes:
        running: The lane's mailbox and answer.
        ready: Set when the lane is prepared, or will never be.
        go: Set by the send to let the request leave.
    """

    def __init__(
        self,
        running: Running,
        network: Network,
        preparer: Preparer,
        timing: Timing,
        *,
        writers: Sequence[Callable[[Sequence[Event]], None]],
        settled: Callable[[Answer], None],
    ) -> None:
        """Take what the lane needs.

        Args:
            running: The lane's mailbox and answer.
            network: Where the lane runs, and its desk.
            preparer: Gets the adapter, the price and the estimates.
            timing: The passing of time.
            writers: Take the events at the desk, ten times a second; one that fails gets no more.
            settled: Takes the answer, at the desk, before anybody else sees it.
        """
        self.running = running
        self.ready = asyncio.Event()
        self.go = asyncio.Event()
        self._network = network
        self._preparer = preparer
        self._timing = timing
        self._writers = list(writers)
        self._settled = settled
        self._meter = running.new_meter()
        self._unwritten: list[Event] = []
        self._next_write: asyncio.TimerHandle | None = None
        self._work: asyncio.Task[None] | None = None
        self._stopped_at: int | None = None

    def stop(self) -> None:
        """Close the connection and settle. For the network thread."""
        if self._stopped_at is None and self._meter.status is None:
            self._stopped_at = self._timing.clock()
            if self._work is not None:
                self._work.cancel()

    async def run(self) -> None:
        """Answer, and settle in every case, cancelled from outside included."""
        self._work = asyncio.create_task(self._answer())
        if self._stopped_at is not None:
            self._work.cancel()
        try:
            await asyncio.wait({self._work})
        finally:
            if not self._work.done():
                self.stop()
                self._work.cancel()
            self._record_missing_end(self._work)
            self.ready.set()
            self._write_now()
            self.running.finish(await self._network.at_desk(self._settle_at_desk))

    async def _answer(self) -> None:
        lane = self.running.lane
        try:
            adapter = await self._prepare()
            request, notes = lane.request()
            for note in notes:
                self._emit(Noted(self._timing.clock(), note))
            self.ready.set()
            await self.go.wait()
        except ProviderError as error:
            self._emit(Failed(self._timing.clock(), error.failure))
            return
        await run_attempts(adapter, request, self._emit, self._timing)

    async def _prepare(self) -> Adapter:
        running = self.running
        prepared = await self._preparer.prepare(running.lane)
        running.price, running.input_estimate = prepared.price, prepared.input_estimate
        await prepared.adapter.warm()
        return prepared.adapter

    def _emit(self, event: Event) -> None:
        """Take an event of the work in progress, and end the work if the user has stopped it.

        An SDK that turns our cancellation into an error of its own would otherwise be tried again.
        """
        if self._stopped_at is not None:
            raise asyncio.CancelledError
        self._record(event)

    def _record(self, event: Event) -> None:
        self._meter.feed(event)
        self.running.post(event)
        if self._writers:
            self._unwritten.append(event)
            if self._next_write is None:
                self._next_write = asyncio.get_running_loop().call_later(JOURNAL_EVERY_S, self._write_now)

    def _record_missing_end(self, work: asyncio.Task[None]) -> None:
        error = work.exception() if work.done() and not work.cancelled() else None
        if self._meter.status is not None:
            return
        if error is None or self._stopped_at is not None:
            self._record(Cancelled(self._stopped_at or self._timing.clock()))
        else:
            _log.debug("a lane failed", exc_info=error)
            self._record(Failed(self._timing.clock(), unexpected(error)))

    def _write_now(self) -> None:
        if self._next_write is not None:
            self._next_write.cancel()
            self._next_write = None
        if self._unwritten:
            events, self._unwritten = self._unwritten, []
            self._network.hand_over(self._write_at_desk, events)

    def _write_at_desk(self, events: Sequence[Event]) -> None:
        for write in tuple(self._writers):
            try:
                write(events)
            except Exception:
                _log.debug("the journal failed", exc_info=True)
                self._writers.remove(write)

    def _settle_at_desk(self) -> Answer:
        running = self.running
        try:
            answer = settle(running.model, self._meter, running.price, running.lane.schema)
        except Exception as error:
            _log.debug("settling failed", exc_info=True)
            answer = settle_in_trouble(running.model, self._meter, error)
        try:
            self._settled(answer)
        except Exception:
            _log.debug("booking failed", exc_info=True)
        return answer
