"""What a send asks of the budget, and what it gets."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from smallchat.ledger.money import round_up

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class LaneClaim:
    """The most that one pane of a send can cost.

    Attributes:
        model: The model's name in smallchat.
        provider: The provider's name in smallchat.
        worst_usd: US dollars if every token of output is generated; ``None`` when no price is known.
        input_usd: The part of ``worst_usd`` that is input, and does not shrink with ``max_output``.
        max_output: The most tokens of output; 0 when a smaller limit would not help.
    """

    model: str
    provider: str
    worst_usd: Decimal | None
    input_usd: Decimal = ZERO
    max_output: int = 0

    @property
    def needed(self) -> Decimal:
        """US dollars to set aside, in whole nano-dollars; nothing without a price."""
        return ZERO if self.worst_usd is None else round_up(self.worst_usd)

    def with_max_output(self, tokens: int) -> LaneClaim:
        """Return the claim with at most ``tokens`` tokens of output, rounded up to whole nano-dollars."""
        if self.worst_usd is None or tokens >= self.max_output:
            return self
        output = Fraction(self.worst_usd) - Fraction(self.input_usd)
        nano = (Fraction(self.input_usd) + output * tokens / self.max_output) * 10**9
        worst = Decimal(-(-nano.numerator // nano.denominator)).scaleb(-9)
        return LaneClaim(self.model, self.provider, worst, self.input_usd, tokens)


@dataclass(frozen=True, slots=True)
class Booking:
    """Money set aside for one pane, until it is settled.

    Attributes:
        id: Its name in the ledger.
        claim: What it was set aside for.
        session: The session it is spent in.
        began: When it was admitted, in seconds since 1970.
        day: The local day of that, such as ``2026-11-20``: a charge belongs to it, whenever it is settled.
        forced: Whether it was admitted over a cap, at the user's word.
    """

    id: str
    claim: LaneClaim
    session: str
    began: float
    day: str
    forced: bool = False
