"""An answer on its way: what the network thread posts and every other thread may look at."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from decimal import Decimal

from smallchat.catalog.model import Model, Price
from smallchat.engine.order import Lane
from smallchat.metering.answer import Answer
from smallchat.metering.events import Event
from smallchat.metering.meter import Meter


class Running:
    """One lane's mailbox, and its answer once it is settled. Reading it never makes the network wait.

    Attributes:
        lane: What was asked.
        price: What the model costs; ``None`` until the answer is prepared, or when nobody knows.
        input_estimate: Tokens of the request, estimated; 0 until the answer is prepared.
        reserved_usd: US dollars set aside for this answer; ``None`` without a budget.
    """

    def __init__(
        self, lane: Lane, count: Callable[[str], int], stop: Callable[[], None], reserved_usd: Decimal | None
    ) -> None:
        """Begin with an empty mailbox.

        Args:
            lane: What is asked.
            count: Estimates the tokens of a text for this lane's model.
            stop: Asks the network thread to end this lane.
            reserved_usd: US dollars set aside for it.
        """
        self.lane = lane
        self.price: Price | None = None
        self.input_estimate = 0
        self.reserved_usd = reserved_usd
        self._count = count
        self._stop = stop
        self._mailbox: deque[Event] = deque()
        self._answer: Answer | None = None
        self._settled = threading.Event()
        self._on_change: Callable[[], None] | None = None
        self._told = False

    @property
    def model(self) -> Model:
        """Who is asked."""
        return self.lane.model

    @property
    def done(self) -> bool:
        """Whether the answer is settled. All its events are in the mailbox before that."""
        return self._settled.is_set()

    @property
    def answer(self) -> Answer | None:
        """The settled answer, once there is one."""
        return self._answer

    def drain(self) -> list[Event]:
        """Return the events since the last call, oldest first. One thread at a time."""
        self._told = False  # before looking: what arrives meanwhile is told again
        mailbox = self._mailbox
        return [mailbox.popleft() for _ in range(len(mailbox))]

    def new_meter(self) -> Meter:
        """Return an empty meter for the drained events, with this lane's estimates, for live figures."""
        return Meter(self._count, lambda: self.input_estimate)

    def stop(self) -> None:
        """Close the connection and settle with the text so far. Does not wait; harmless when done."""
        if not self.done:
            self._stop()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the answer is settled, ``timeout`` seconds at most; return whether it is."""
        return self._settled.wait(timeout)

    def on_change(self, callback: Callable[[], None]) -> None:
        """Have ``callback`` called when there is something to drain, or when done.

        It is called once for all that arrives before the next ``drain``, in the network thread (here, when
        something is there already), and must return at once. One that raises is not called again.
        """
        self._on_change = callback
        if self._mailbox or self.done:
            self._tell()

    def post(self, event: Event) -> None:
        """Put ``event`` into the mailbox. For the network thread."""
        self._mailbox.append(event)
        if not self._told:
            self._tell()

    def finish(self, answer: Answer) -> None:
        """Set the settled answer. For the network thread."""
        self._answer = answer
        self._settled.set()
        self._tell()

    def _tell(self) -> None:
        callback = self._on_change
        if callback is None:
            return
        self._told = True
        try:
            callback()
        except Exception:  # such as a screen that is gone: its trouble is not the answer's
            self._on_change = None
