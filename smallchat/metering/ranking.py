"""Models compared over several answers: medians with their range, and no ranking that they do not carry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, sqrt
from statistics import median
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

if TYPE_CHECKING:
    from smallchat.metering.answer import Answer

N = TypeVar("N", float, Decimal)
Figure = Literal["ttft", "rate", "cost"]

LEAST_FOR_P95 = 20
COUNTED = ("ok", "length")
_Z = 1.96  # a 95 % interval


@dataclass(frozen=True, slots=True)
class Spread(Generic[N]):
    """Where the values of one figure lie.

    Attributes:
        middle: Their median.
        low: The lowest.
        high: The highest.
        n: How many there are.
        p95: The 95th percentile (nearest rank); ``None`` under 20 values, where it would be the highest.
    """

    middle: N
    low: N
    high: N
    n: int
    p95: N | None = None

    def overlaps(self, other: Spread[N]) -> bool:
        """Return whether the two ranges have a value in common."""
        return self.low <= other.high and other.low <= self.high


@dataclass(frozen=True, slots=True)
class Standing:
    """One model over several answers; only those that ended ``ok`` or ``length`` are counted.

    Attributes:
        model: Its name.
        answers: How many answers are counted.
        others: How many ended another way.
        ttft_ms: Time to the first token, in milliseconds.
        tokens_per_s: Speed of generation.
        chars_per_s: The speed that compares across tokenizers.
        usd: The cost of an answer whose cost is known, in US dollars.
    """

    model: str
    answers: int
    others: int
    ttft_ms: Spread[float] | None
    tokens_per_s: Spread[float] | None
    chars_per_s: Spread[float] | None
    usd: Spread[Decimal] | None


@dataclass(frozen=True, slots=True)
class Lead:
    """Who leads in one figure: ``model``, or nobody where it is too close to call (``close``)."""

    figure: Figure
    model: str | None
    close: tuple[str, ...] = ()


def spread_of(values: Iterable[N]) -> Spread[N] | None:
    """Return where ``values`` lie; ``None`` when there are none."""
    ordered = sorted(values)
    if not ordered:
        return None
    n = len(ordered)
    p95 = ordered[ceil(0.95 * n) - 1] if n >= LEAST_FOR_P95 else None
    return Spread(median(ordered), ordered[0], ordered[-1], n, p95)


def stand(answers: Iterable[Answer]) -> list[Standing]:
    """Return how each model stands, in the order in which they first answered."""
    by_model: dict[str, list[Answer]] = {}
    for answer in answers:
        by_model.setdefault(answer.model, []).append(answer)
    return [_stand(model, found) for model, found in by_model.items()]


def _stand(model: str, answers: Sequence[Answer]) -> Standing:
    counted = [answer for answer in answers if answer.status in COUNTED]
    figures = [answer.figures for answer in counted]
    costs = [answer.cost.usd for answer in counted if answer.cost.state in ("exact", "estimate")]
    return Standing(
        model=model,
        answers=len(counted),
        others=len(answers) - len(counted),
        ttft_ms=spread_of(one.ttft_ms for one in figures if one.ttft_ms is not None),
        tokens_per_s=spread_of(one.tokens_per_s for one in figures if one.tokens_per_s is not None),
        chars_per_s=spread_of(one.chars_per_s for one in figures if one.chars_per_s is not None),
        usd=spread_of(usd for usd in costs if usd is not None),
    )


def find_leads(standings: Sequence[Standing]) -> list[Lead]:
    """Return who leads in TTFT, in speed and in cost, for each figure that two models at least have.

    Speeds are compared in characters, since tokens of different models are of different size. One run is
    no ranking: a model leads with two values at the least, and with a range that meets no other's.
    """
    found = [
        _lead("ttft", [(one.model, one.ttft_ms) for one in standings], lowest=True),
        _lead("rate", [(one.model, one.chars_per_s) for one in standings], lowest=False),
        _lead("cost", [(one.model, one.usd) for one in standings], lowest=True),
    ]
    return [lead for lead in found if lead is not None]


def _lead(figure: Figure, spreads: Sequence[tuple[str, Spread[N] | None]], *, lowest: bool) -> Lead | None:
    known = [(model, spread) for model, spread in spreads if spread is not None]
    if len(known) < 2:
        return None
    known.sort(key=lambda pair: pair[1].middle, reverse=not lowest)
    leader, best = known[0]
    near: list[str] = [name for name, other in known[1:] if min(best.n, other.n) < 2 or best.overlaps(other)]
    return Lead(figure, None, (leader, *near)) if near else Lead(figure, leader)


def share_interval(wins: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of ``wins`` in ``n`` (Wilson's); 0 to 1 when ``n`` is 0."""
    if not n:
        return 0.0, 1.0
    share, spread = wins / n, _Z * _Z / n
    centre = share + spread / 2
    margin = _Z * sqrt(share * (1 - share) / n + spread / (4 * n))
    return max(0.0, (centre - margin) / (1 + spread)), min(1.0, (centre + margin) / (1 + spread))
