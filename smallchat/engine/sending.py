"""One send: its lanes start together or one after another, and each ends on its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from smallchat.engine.answering import Answering
from smallchat.engine.overrun import OverrunWatch
from smallchat.engine.running import Running
from smallchat.engine.settling import learn_from

if TYPE_CHECKING:
    from smallchat.catalog.tokens import TokenEstimator
    from smallchat.engine.attempts import Timing
    from smallchat.engine.network import Network
    from smallchat.engine.order import Order
    from smallchat.engine.preparing import Preparer
    from smallchat.engine.seams import Admission, Journal, Reservation
    from smallchat.metering.answer import Answer

# How long the other lanes wait for one whose provider does not answer the warm-up, or for a slow screen.
PATIENCE_S = 3.0

# An SDK yields to the loop about four times between our clock's start and its first byte.
TURNS_PER_REQUEST = 10


class Send:
    """The answers to one prompt. All methods but ``run`` may be called from any thread.

    Attributes:
        answers: One for each lane of the order, in its order.
    """

    def __init__(
        self,
        order: Order,
        reservations: Sequence[Reservation],
        *,
        network: Network,
        preparer: Preparer,
        tokens: TokenEstimator,
        timing: Timing,
        admission: Admission,
        journal: Journal | None,
    ) -> None:
        """Set the lanes up; ``run`` starts them."""
        self._order = order
        self._network = network
        self._tokens = tokens
        self._admission = admission
        self._journal = journal
        self._done = threading.Event()
        self._released = asyncio.Event()
        if not order.held:
            self._released.set()
        self._lanes: list[Answering] = []
        for number, (lane, reservation) in enumerate(zip(order.lanes, reservations, strict=True)):
            running = Running(
                lane,
                count=partial(tokens.count, lane.model),
                stop=partial(self._stop_lane, number),
                reserved_usd=reservation.usd,
            )
            watch = OverrunWatch(running, network, partial(admission.overrun, reservation))
            writers = [watch.write] if admission.hard_stop else []
            if journal is not None:
                writers.append(partial(journal.write, number))
            answering = Answering(
                running,
                network,
                preparer,
                timing,
                writers=writers,
                settled=partial(self._book, number, reservation, watch),
            )
            self._lanes.append(answering)
        self.answers: tuple[Running, ...] = tuple(lane.running for lane in self._lanes)

    @property
    def done(self) -> bool:
        """Whether every answer is settled."""
        return all(running.done for running in self.answers)

    def stop(self) -> None:
        """Stop every answer that still runs, keeping its text. Does not wait."""
        for running in self.answers:
            running.stop()
        self.release()

    def release(self) -> None:
        """Let the requests of a held order leave."""
        self._network.call_soon(self._released.set)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until every answer is settled and what they teach is learned; return whether that is so."""
        return self._done.wait(timeout)

    async def run(self) -> None:
        """Prepare all lanes, let them go, and wait for their end. For the network thread."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._released.wait(), PATIENCE_S)
        tasks = [asyncio.create_task(lane.run()) for lane in self._lanes]
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_S):
                    for lane in self._lanes:
                        await lane.ready.wait()
            for lane, task in zip(self._lanes, tasks, strict=True):
                lane.go.set()
                if self._order.sequential:
                    await asyncio.wait({task})
                else:
                    await _let_request_out()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._network.at_desk(self._learn)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._done.set()

    def _stop_lane(self, number: int) -> None:
        self._network.call_soon(self._lanes[number].stop)

    def _book(self, number: int, reservation: Reservation, watch: OverrunWatch, answer: Answer) -> None:
        with suppress(Exception):  # before it is booked: then it is in the sums that it is held against
            watch.look_at_end(answer)
        try:
            self._admission.settle(reservation, answer)
        finally:
            if self._journal is not None:
                self._journal.settle(number, answer)

    def _learn(self) -> None:
        # Counting whole answers takes the interpreter: not while another lane still streams.
        for running in self.answers:
            if running.answer is not None:
                learn_from(running.answer, running.model, self._tokens)


async def _let_request_out() -> None:
    """Give the loop to the request just started, so that it is written before the next one's clock starts.

    Each takes about a millisecond to build. All at once, each would pay for the others: the first of three
    was measured at 2.1 ms to its first byte instead of 0.9. A request that has to wait is not waited for.
    """
    for _ in range(TURNS_PER_REQUEST):
        await asyncio.sleep(0)
