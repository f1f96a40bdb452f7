"""What answers cost: exact decimal arithmetic on token counts and prices. No float touches money."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Context, Decimal

from smallchat.catalog.model import Price, Rates
from smallchat.metering.answer import Answer, Cost, CostState, Status
from smallchat.metering.usage import Usage

TYPICAL_OUTPUT = 300
"""Tokens of an answer whose length nobody knows yet: a few paragraphs."""

ZERO = Decimal(0)
UNKNOWN = "–"

# Wide enough that nothing is ever rounded: counts and rates have a few dozen digits at the very most.
_EXACT = Context(prec=200, rounding=ROUND_HALF_UP)
_MARKS: dict[CostState, str] = {"exact": "", "estimate": "~", "lower_bound": "≥", "no_price": ""}


def cost_of(usage: Usage | None, price: Price | None, status: Status) -> Cost:
    """Return what an answer cost, with how sure that is.

    Args:
        usage: What it used; ``None`` when nothing is known, for instance since nothing was sent.
        price: What its model costs; ``None`` when nobody knows.
        status: How it ended. Cancelled, cut or failed makes the cost a lower bound: some providers bill on.
    """
    if price is None:
        return Cost(usd=None, state="no_price")
    usd = None if usage is None else usd_of(usage, price)
    return Cost(
        usd=usd, state=_state(usage, price, status), price_as_of=price.as_of, price_source=price.source
    )


def usd_of(usage: Usage, price: Price) -> Decimal:
    """Return the exact US dollars of ``usage``, at the rates that its whole input has.

    A cached or cache-writing token without a rate of its own costs what plain input costs.
    """
    rates = price.rates_for(usage.input)
    write_rate = _or(rates.cache_write, rates.input)
    return _dollars(
        (usage.input - usage.cached - usage.cache_write, rates.input),
        (usage.cached, _or(rates.cached_input, rates.input)),
        (usage.cache_write - usage.cache_write_1h, write_rate),
        (usage.cache_write_1h, _or(rates.cache_write_1h, write_rate)),
        (usage.output, rates.output),
    )


@dataclass(frozen=True, slots=True)
class CostRange:
    """What a request is expected to cost, and the most it can cost, in US dollars."""

    expected: Decimal
    worst: Decimal


def estimate_range(
    price: Price | None,
    input_tokens: int,
    max_output: int,
    *,
    cache_write: int = 0,
) -> CostRange | None:
    """Return the cost of a request that was not sent yet, or ``None`` without a price.

    Args:
        price: What its model costs.
        input_tokens: The estimated input, which also decides on the price step.
        max_output: The most tokens the model may generate; the worst case generates them all.
        cache_write: Part of the input that the request asks the provider to cache.
    """
    if price is None:
        return None
    cache_write = min(cache_write, input_tokens)
    likely = Usage(input_tokens, min(TYPICAL_OUTPUT, max_output), cache_write=cache_write)
    rates = price.rates_for(input_tokens)
    worst = _dollars(
        (input_tokens - cache_write, rates.input),
        (cache_write, max(rates.input, _or(rates.cache_write, rates.input))),
        (max_output, rates.output),
    )
    return CostRange(expected=usd_of(likely, price), worst=max(worst, usd_of(likely, price)))


@dataclass(frozen=True, slots=True)
class Total:
    """The cost of several answers, with what is certain and what is not kept apart.

    Attributes:
        exact: US dollars of the exact costs.
        estimated: US dollars of the estimates.
        lower_bound: US dollars that the cancelled, cut and failed answers cost at the least.
        unpriced: Answers whose price nobody knows; they are in none of the sums.
        lost: Answers that were cut off before anybody knew what they cost; in none of the sums either.
    """

    exact: Decimal = ZERO
    estimated: Decimal = ZERO
    lower_bound: Decimal = ZERO
    unpriced: int = 0
    lost: int = 0

    def with_answer(self, answer: Answer) -> Total:
        """Return the total with what ``answer`` cost; one that was turned away is free."""
        billed = answer.usage is not None or answer.cost.usd is not None or answer.status == "cut"
        return self.plus(answer.cost) if billed else self

    def plus(self, cost: Cost) -> Total:
        """Return the total with ``cost`` in it."""
        usd = ZERO if cost.usd is None else cost.usd
        match cost.state:
            case "exact":
                return replace(self, exact=add(self.exact, usd))
            case "estimate":
                return replace(self, estimated=add(self.estimated, usd))
            case "lower_bound" if cost.usd is None:
                return replace(self, lost=self.lost + 1)
            case "lower_bound":
                return replace(self, lower_bound=add(self.lower_bound, usd))
            case "no_price":
                return replace(self, unpriced=self.unpriced + 1)

    @property
    def usd(self) -> Decimal:
        """All that is known, in US dollars."""
        return add(self.exact, self.estimated, self.lower_bound)

    @property
    def state(self) -> CostState:
        """How sure ``usd`` is: as sure as the least sure of its parts."""
        if self.lower_bound or self.unpriced or self.lost:
            return "no_price" if self.unpriced and not (self.usd or self.lost) else "lower_bound"
        return "estimate" if self.estimated else "exact"


def sum_costs(totals: Iterable[Total]) -> Total:
    """Return the sum of ``totals``, part by part."""
    exact, estimated, lower_bound = ZERO, ZERO, ZERO
    unpriced = lost = 0
    for one in totals:
        exact, estimated = add(exact, one.exact), add(estimated, one.estimated)
        lower_bound = add(lower_bound, one.lower_bound)
        unpriced, lost = unpriced + one.unpriced, lost + one.lost
    return Total(exact, estimated, lower_bound, unpriced, lost)


def add(*amounts: Decimal) -> Decimal:
    """Return the exact sum of ``amounts``; the plain ``+`` rounds to 28 digits."""
    total = ZERO
    for amount in amounts:
        total = _EXACT.add(total, amount)
    return total


def usd_text(usd: Decimal) -> str:
    """Return ``usd`` exactly, as plain digits without trailing zeros: ``0.0011088``, ``110``."""
    text = f"{usd:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_usd(usd: Decimal | None) -> str:
    """Return ``usd`` for people, rounded to what is useful: ``$5,931.25``, ``$0.0011``, ``$0.000140``, ``–``.

    Cents from a dollar upwards, four places from a tenth of a cent, three significant digits below.
    """
    if usd is None:
        return UNKNOWN
    if not usd:
        return "$0"
    if usd >= 1:
        places = 2
    elif usd >= Decimal("0.001"):
        places = 4
    else:
        places = 2 - usd.adjusted()
    return f"${usd.quantize(Decimal(1).scaleb(-places), context=_EXACT):,f}"


def format_cost(cost: Cost) -> str:
    """Return ``cost`` for people with the mark of its state: ``~`` an estimate, ``≥`` a lower bound."""
    return UNKNOWN if cost.usd is None else _MARKS[cost.state] + format_usd(cost.usd)


def _dollars(*parts: tuple[int, Decimal]) -> Decimal:
    """Return the sum of tokens x dollars per million tokens."""
    products = (_EXACT.multiply(Decimal(tokens), rate) for tokens, rate in parts)
    return add(*products).scaleb(-6, context=_EXACT)


def _state(usage: Usage | None, price: Price, status: Status) -> CostState:
    if usage is not None and _is_free(price.rates_for(usage.input)):
        return "exact"  # nothing times anything, however it ended
    if usage is None or status in ("cancelled", "cut", "error"):
        return "lower_bound"
    return "estimate" if usage.source == "estimate" else "exact"


def _is_free(rates: Rates) -> bool:
    return not (
        rates.input or rates.output or rates.cached_input or rates.cache_write or rates.cache_write_1h
    )


def _or(rate: Decimal | None, fallback: Decimal) -> Decimal:
    return fallback if rate is None else rate
