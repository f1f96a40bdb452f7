"""What is left, for the line below a draft."""

from __future__ import annotations

from dataclasses import dataclass

from smallchat.ledger.caps import Level, Need, tightest


@dataclass(frozen=True, slots=True)
class Headroom:
    """How a send that is not sent yet stands to the budget.

    Attributes:
        needs: Every cap that holds for it, with what is gone of it and what the send needs.
        unpriced: Its models without a price, for which it would be refused.
        trouble: What is wrong with the ledger, in two lines; empty when nothing is.
    """

    needs: tuple[Need, ...] = ()
    unpriced: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def tightest(self) -> Need | None:
        """The cap of which the largest share is gone; ``None`` without a budget."""
        return tightest(self.needs)

    @property
    def level(self) -> Level:
        """``near`` from 80 % of the tightest cap on, ``close`` from 95 % on, ``over``: it is refused."""
        if self.unpriced or self.trouble:
            return "over"
        need = self.tightest
        return "ok" if need is None else need.level
