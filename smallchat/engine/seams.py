"""Where the budget and the store attach to a send. Both are called at the desk, never where a clock runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from smallchat.engine.order import Order
from smallchat.metering.answer import Answer
from smallchat.metering.events import Event


@dataclass(frozen=True, slots=True)
class Reservation:
    """Money set aside for one lane.

    Attributes:
        id: The ledger's own name for it.
        usd: The worst case in US dollars; ``None`` when nothing was set aside.
    """

    id: str = ""
    usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Overrun:
    """An answer has cost more than was set aside for it, and breaks a cap by that.

    Attributes:
        text: One line for the user.
        stops: Whether the user wants such an answer to be stopped.
    """

    text: str
    stops: bool = False


class Refused(Exception):  # noqa: N818 - a decision, not a fault
    """The budget does not allow an order; the message says which cap, what is left, and what to do."""


class Admission(Protocol):
    """Decides whether an order may leave, as one unit, and books what it cost.

    Attributes:
        hard_stop: Whether answers are to be looked at while they run, since some may be stopped.
    """

    hard_stop: bool

    def admit(self, order: Order) -> Sequence[Reservation]:
        """Set money aside for each lane of ``order``, in its order, in one transaction.

        Called before anything leaves, in the thread that sends.

        Raises:
            Refused: Not all of it may be sent, so none of it is.
        """

    def overrun(self, reservation: Reservation, usd: Decimal) -> Overrun | None:
        """Return what is wrong with an answer that has cost ``usd`` so far, if anything is. At the desk."""

    def settle(self, reservation: Reservation, answer: Answer) -> None:
        """Book what ``answer`` cost and free the rest. Called once for each reservation, at the desk."""


class Unlimited:
    """The admission of a user without a budget."""

    hard_stop = False

    def admit(self, order: Order) -> Sequence[Reservation]:
        """Let every order leave."""
        return tuple(Reservation() for _ in order.lanes)

    def overrun(self, reservation: Reservation, usd: Decimal) -> Overrun | None:
        """Find nothing wrong."""
        return None

    def settle(self, reservation: Reservation, answer: Answer) -> None:
        """Book nothing."""


class Journal(Protocol):
    """Writes down one send as it happens. Called at the desk; an error ends the journal, not the answer."""

    def write(self, lane: int, events: Sequence[Event]) -> None:
        """Take the next events of the order's lane number ``lane``, ten times a second while it streams."""

    def settle(self, lane: int, answer: Answer) -> None:
        """Take the settled answer of a lane, after its last events."""
