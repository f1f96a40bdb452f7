"""The engine: from an order to settled answers. Screens and ``ask`` both drive it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from smallchat.engine.attempts import Timing
from smallchat.engine.network import Network
from smallchat.engine.preparing import AdapterSource, Preparer
from smallchat.engine.seams import Admission, Journal, Unlimited
from smallchat.engine.sending import Send

if TYPE_CHECKING:
    from smallchat.catalog.model import Model
    from smallchat.config.provider import Providers
    from smallchat.engine.order import Order
    from smallchat.engine.services import Services

SETTLE_S = 1.0
CLOSE_ADAPTERS_S = 0.4


def _adapters(providers: Providers) -> AdapterSource:
    from smallchat.providers.registry import Adapters

    return Adapters(providers)


class Engine:
    """Sends orders over a network thread of its own.

    ``start`` and ``close`` are for the thread that made the engine, the other methods for any thread.
    """

    def __init__(
        self,
        services: Services,
        adapter_factory: Callable[[Providers], AdapterSource] = _adapters,
        *,
        admission: Admission | None = None,
        timing: Timing | None = None,
    ) -> None:
        """Set up, without starting a thread.

        Args:
            services: What the engine works with.
            adapter_factory: Makes the adapters; tests replace it.
            admission: Decides whether an order may leave; without one all may.
            timing: The passing of time; tests replace it.
        """
        self.services = services
        self._adapters = adapter_factory(services.providers)
        self._preparer = Preparer(services, self._adapters)
        self._admission = admission or Unlimited()
        self._timing = timing or Timing()
        self._network = Network()
        self._sends: list[Send] = []
        self._sending = threading.Lock()

    def start(self) -> None:
        """Start the network thread. Idempotent."""
        self._network.start()

    @property
    def busy(self) -> bool:
        """Whether an answer is on its way."""
        return any(not send.done for send in self._sends)

    def warm(self, models: Iterable[Model]) -> None:
        """Begin to import, load and connect what ``models`` need, so that the first prompt need not wait."""
        for model in models:
            self._network.submit(self._preparer.warm(model))

    def send(self, order: Order, open_journal: Callable[[], Journal | None] | None = None) -> Send:
        """Send ``order`` and return its answers, which begin at once.

        Waits for the admission, which counts tokens and may have to wait for other terminals: not for the
        thread that draws.

        Args:
            order: What to ask whom.
            open_journal: Gives what takes the events and answers; called once the order is admitted.

        Raises:
            Refused: The budget does not allow it; nothing has left.
            RuntimeError: The engine is closed, or was never started.
        """
        with self._sending:
            if not self._network.running:
                raise RuntimeError("the engine is not running")
            reservations = self._admission.admit(order)
            send = Send(
                order,
                reservations,
                network=self._network,
                preparer=self._preparer,
                tokens=self.services.tokens,
                timing=self._timing,
                admission=self._admission,
                journal=open_journal() if open_journal else None,
            )
            self._sends = [other for other in self._sends if not other.done] + [send]
            self._network.submit(send.run())
            return send

    def close(self) -> None:
        """Stop and settle every answer, close connections and local servers, end the thread. Idempotent.

        Takes two seconds at most, also when a server hangs, and two more when a send waits for the ledger.
        """
        if not self._network.running:
            return
        with self._sending:  # what is being admitted is stopped with the rest
            for send in self._sends:
                send.stop()
        deadline = time.monotonic() + SETTLE_S
        for send in self._sends:
            send.wait(max(0.0, deadline - time.monotonic()))
        with suppress(Exception):  # on the way out there is nobody left to tell
            self._network.submit(self._adapters.close()).result(CLOSE_ADAPTERS_S)
        self._network.close()
