"""Joins the budget's ledger to the engine: what an order can cost at worst, and what it did cost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from smallchat.config.errors import ConfigError
from smallchat.engine.seams import Overrun, Refused, Reservation
from smallchat.ledger.claim import ZERO, Booking, LaneClaim
from smallchat.ledger.ledger import Ledger
from smallchat.ledger.refusal import Refusal, describe_cap
from smallchat.ledger.warnings import CapWatch
from smallchat.metering.cost import CostRange, estimate_range, format_usd
from smallchat.providers.anthropic_messages import CACHED_FROM_CHARS

if TYPE_CHECKING:
    from decimal import Decimal

    from smallchat.catalog.model import Model
    from smallchat.engine.order import Lane, Order
    from smallchat.engine.services import Services
    from smallchat.ledger.headroom import Headroom
    from smallchat.metering.answer import Answer


OPENAI_CACHES_FROM = 1024
"""Tokens of input from which OpenAI's servers cache a prompt without being asked."""


class OverBudget(Refused):
    """The budget does not allow an order; the text is two lines: what is wrong, and what to do about it.

    Attributes:
        refusal: All of it, for a dialog.
    """

    def __init__(self, refusal: Refusal) -> None:
        """Keep ``refusal``."""
        super().__init__(f"{refusal.sentence}\n{refusal.advice}")
        self.refusal = refusal

    @property
    def instead(self) -> int | None:
        """The lane to ask alone, where the user wants that: the cheapest that fits; ``None`` without one."""
        return self.refusal.options.cheapest if self.refusal.on_exceed == "degrade" else None


@dataclass(frozen=True, slots=True)
class Booked(Reservation):
    """A reservation with its entry in the ledger."""

    booking: Booking = field(kw_only=True)


class Budget:
    """The admission of orders under the user's budget. All methods may be called from any thread.

    A lane's own retries need no second reservation: one attempt runs at a time, only attempts that ended
    without any payload are tried again, and the first one's money stays aside until the last one has ended.
    An answer asked for again is an order of its own.

    Attributes:
        ledger: Where the money is booked.
        hard_stop: Whether the user wants an answer that outruns a cap to be stopped.
    """

    def __init__(self, services: Services, on_trouble: Callable[[str], None] = lambda message: None) -> None:
        """Prepare; the ledger is opened when it is first needed.

        Args:
            services: Settings, prices, estimates and the data directory.
            on_trouble: Gets two lines for the user, at most once and in any thread, when spending can not
                be recorded and no cap forbids to go on.
        """
        self._services = services
        self.hard_stop: bool = services.settings.budget.hard_stop
        self._watch, self._telling = CapWatch(), threading.Lock()
        self.ledger = Ledger(services.data_dir, services.settings.budget, on_trouble=on_trouble)

    def admit(self, order: Order) -> Sequence[Reservation]:
        """Set the worst case of every lane aside, in one transaction.

        Counts the tokens of whole conversations, and loads prices if that is not done: 0.2 s, once.

        Raises:
            OverBudget: Not all of it may be sent, so none of it is.
        """
        result = self.ledger.admit(self.claims(order), order.session, force=order.force)
        if isinstance(result, Refusal):
            raise OverBudget(result)
        return tuple(Booked(booking.id, booking.claim.worst_usd, booking=booking) for booking in result)

    def settle(self, reservation: Reservation, answer: Answer) -> None:
        """Book what ``answer`` cost. A second time changes nothing."""
        if isinstance(reservation, Booked):
            self.ledger.settle(reservation.booking, answer)

    def overrun(self, reservation: Reservation, usd: Decimal) -> Overrun | None:
        """Return what is wrong with an answer that has cost ``usd`` so far: it outran a cap."""
        if not isinstance(reservation, Booked):
            return None
        need = self.ledger.broken_cap(reservation.booking, usd)
        if need is None:
            return None
        more = format_usd(usd - reservation.booking.claim.needed)
        return Overrun(
            f"This answer costs {more} more than was set aside for it, which breaks the "
            f"{describe_cap(need.cap)}.",
            stops=self.hard_stop,
        )

    def headroom(self, order: Order) -> Headroom:
        """Return how ``order`` stands to the budget, without setting anything aside: for a draft."""
        return self.ledger.headroom(self.claims(order), order.session)

    def warnings(self, models: Sequence[Model], session: str) -> list[str]:
        """Return what to tell about the caps of ``models``, if any has come near since it was last asked."""
        nothing = [LaneClaim(model.name, model.provider, ZERO) for model in models]
        needs = self.ledger.headroom(nothing, session).needs
        with self._telling:
            return self._watch.find_news(needs, session)

    def claims(self, order: Order) -> tuple[LaneClaim, ...]:
        """Return the most that each lane of ``order`` can cost."""
        return tuple(self._claim(lane) for lane in order.lanes)

    def price_range(self, lane: Lane) -> CostRange | None:
        """Return the expected and the worst cost of ``lane``; ``None`` when no price is known."""
        estimate, most = self._estimator(lane), _most_output(lane)
        return estimate(most) if estimate else None

    def close(self) -> None:
        """Book what waits to be booked and let go of the ledger. To be called after the engine's close."""
        self.ledger.close()

    def _claim(self, lane: Lane) -> LaneClaim:
        model, most = lane.model, _most_output(lane)
        estimate = self._estimator(lane)
        if estimate is None:
            return LaneClaim(model.name, model.provider, None)
        return LaneClaim(model.name, model.provider, estimate(most).worst, estimate(0).worst, most)

    def _estimator(self, lane: Lane) -> Callable[[int], CostRange] | None:
        """Return what the cost of ``lane`` is by its limit of output; ``None`` without a price."""
        services = self._services
        price = services.prices.price(lane.model)
        if price is None:
            return None
        tokens = lane.estimate_input(services.tokens)
        written = tokens if self._may_write_cache(lane, tokens) else 0

        def estimate(max_output: int) -> CostRange:
            found = estimate_range(price, tokens, max_output, cache_write=written)
            assert found is not None  # there is a price
            return found

        return estimate

    def _may_write_cache(self, lane: Lane, tokens: int) -> bool:
        """Return whether the request may fill the provider's cache, which can cost more than plain input."""
        try:
            wire = lane.model.wire or self._services.providers.get(lane.model.provider).wire
        except ConfigError:
            return False  # nobody to send it to
        if wire == "openai":
            return tokens >= OPENAI_CACHES_FROM
        chars = len(lane.system) + sum(len(message.text) for message in lane.messages)
        return chars >= CACHED_FROM_CHARS and (
            len(lane.messages) > 1 or len(lane.system) >= CACHED_FROM_CHARS
        )


def _most_output(lane: Lane) -> int:
    return min(lane.max_output, lane.model.max_output or lane.max_output)
