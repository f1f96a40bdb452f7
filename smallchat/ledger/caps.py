"""The caps of a budget, and how a send stands to them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from smallchat.ledger.claim import ZERO, LaneClaim

if TYPE_CHECKING:
    from smallchat.config.schema import BudgetSettings

Period = Literal["per_send", "session", "day", "month"]
PERIODS: tuple[Period, ...] = ("per_send", "session", "day", "month")

Level = Literal["ok", "near", "close", "over"]
NEAR, CLOSE = Decimal("0.80"), Decimal("0.95")

ALL = ""
"""Stands for all models where a model's name is expected."""


@dataclass(frozen=True, slots=True)
class Cap:
    """One limit.

    Attributes:
        period: What it is a limit of.
        model: The one model that it limits; ``ALL`` for all together.
        usd: US dollars.
    """

    period: Period
    model: str
    usd: Decimal

    def covers(self, claim: LaneClaim) -> bool:
        """Return whether ``claim`` counts against this cap."""
        return self.model in (ALL, claim.model)

    def needed(self, claims: Iterable[LaneClaim]) -> Decimal:
        """Return the US dollars that ``claims`` need of it together."""
        return sum((claim.needed for claim in claims if self.covers(claim)), ZERO)

    @property
    def key(self) -> str:
        """Where the configuration has it, such as ``[budget.models.NAME] day``."""
        table = f"budget.models.{toml_key(self.model)}" if self.model else "budget"
        return f"[{table}] {self.period}"


@dataclass(frozen=True, slots=True)
class Need:
    """A cap, what is gone of it, and what a send needs. All in US dollars.

    Attributes:
        cap: The cap.
        settled: Spent in the cap's period.
        reserved: Set aside in it for answers that still run, in every terminal.
        needed: The worst case of the send's panes under this cap.
    """

    cap: Cap
    settled: Decimal = ZERO
    reserved: Decimal = ZERO
    needed: Decimal = ZERO

    @property
    def left(self) -> Decimal:
        """What may still be set aside; 0 when answers cost more than was set aside for them."""
        return max(ZERO, self.cap.usd - self.settled - self.reserved)

    @property
    def fits(self) -> bool:
        """Whether the send may leave as far as this cap goes. What costs nothing always may."""
        return not self.needed or self.settled + self.reserved + self.needed <= self.cap.usd

    @property
    def share(self) -> Decimal:
        """The part of the cap that is gone if the send costs the most it can: 1 is all of it."""
        gone = self.settled + self.reserved + self.needed
        if not self.cap.usd:
            return Decimal(1) if gone else ZERO
        return gone / self.cap.usd

    @property
    def level(self) -> Level:
        """How near the cap is: ``near`` from 80 % on, ``close`` from 95 % on, ``over`` if it does not fit."""
        if not self.fits:
            return "over"
        share = self.share
        return "close" if share >= CLOSE else "near" if share >= NEAR else "ok"


def caps_over(budget: BudgetSettings, models: Iterable[str]) -> tuple[Cap, ...]:
    """Return the caps that hold for ``models``: those of all models, then each model's own."""
    tables = [(ALL, budget), *((name, budget.models.get(name)) for name in dict.fromkeys(models))]
    return tuple(
        Cap(period, model, usd)
        for model, table in tables
        if table is not None
        for period in PERIODS
        if (usd := getattr(table, period)) is not None
    )


def tightest(needs: Sequence[Need]) -> Need | None:
    """Return the one of ``needs`` of which the largest share is gone; ``None`` without a cap."""
    return max(needs, key=lambda need: (not need.fits, need.share), default=None)


def toml_key(name: str) -> str:
    """Return ``name`` as a key of a TOML table, in quotes where it needs them."""
    plain = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return name if plain else f'"{name}"'
