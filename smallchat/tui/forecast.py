"""What a prompt would cost if it were sent now: tokens, price over all panes, limits that come near."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from smallchat.catalog.model import Model, Price
from smallchat.ledger.headroom import Headroom
from smallchat.ledger.refusal import describe_cap
from smallchat.metering.cost import CostRange, add, format_usd

if TYPE_CHECKING:
    from smallchat.engine.order import Order
    from smallchat.tui.backend import Backend

NEAR = 0.9


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is known before a send.

    Attributes:
        tokens: Input of the longest lane, history included.
        usd: The price over all lanes that have one; ``None`` when none has.
        unpriced: Labels of the models without a price.
        warnings: Windows and price steps that are near or exceeded.
        headroom: How it stands to the budget.
    """

    tokens: int
    usd: CostRange | None
    unpriced: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    headroom: Headroom = field(default_factory=Headroom)


def forecast(backend: Backend, order: Order) -> Forecast:
    """Return what sending ``order`` would take. Counts, reads the ledger: not for the thread that draws."""
    counts: list[int] = []
    ranges: list[CostRange] = []
    unpriced: list[str] = []
    warnings: list[str] = []
    for lane in order.lanes:
        tokens = lane.estimate_input(backend.services.tokens)
        price = backend.services.prices.price(lane.model)
        most = min(lane.max_output, lane.model.max_output or lane.max_output)
        expected = backend.budget.price_range(lane)
        counts.append(tokens)
        if expected is None:
            unpriced.append(lane.model.label)
        else:
            ranges.append(expected)
        warnings.extend(warn_of_limits(lane.model, price, tokens, most))
    total = CostRange(add(*(one.expected for one in ranges)), add(*(one.worst for one in ranges)))
    return Forecast(
        max(counts, default=0),
        total if ranges else None,
        tuple(unpriced),
        tuple(warnings),
        backend.budget.headroom(order),
    )


def warn_of_limits(model: Model, price: Price | None, tokens: int, max_output: int) -> list[str]:
    """Return warnings for an input of ``tokens`` estimated tokens, of which some may turn out to be more."""
    limits = [
        limit
        for limit in (model.max_input, model.context - max_output if model.context else None)
        if limit is not None
    ]
    window = max(1, min(limits)) if limits else None
    if window is not None and tokens > window:
        return [f"too long for {model.label}: ~{tokens:,} of {window:,} tokens"]
    warnings: list[str] = []
    if window is not None and tokens >= NEAR * window:
        warnings.append(f"near {model.label}'s limit: ~{tokens:,} of {window:,} tokens")
    steps = [step.above for step in price.steps] if price else []
    passed = [above for above in steps if tokens > above]
    if passed:
        warnings.append(f"{model.label}'s higher price holds above {passed[-1]:,} tokens")
    elif near := [above for above in steps if tokens >= NEAR * above]:
        warnings.append(f"{model.label} costs more above {near[0]:,} tokens")
    return warnings


def describe_price(found: Forecast, panes: int) -> str:
    """Return the forecast in words: ``~42 tokens · $0.0006–$0.0195 for 2 panes``."""
    text = f"~{found.tokens:,} tokens"
    if found.usd is not None:
        text += f" · {format_range(found.usd)}"
        priced = panes - len(found.unpriced)
        if panes > 1:
            text += f" for {priced} of {panes} panes" if found.unpriced else f" for {panes} panes"
    if found.unpriced:
        text += f" · no price for {', '.join(found.unpriced)}"
    return text


def describe_budget(headroom: Headroom) -> str:
    """Return what is left of the tightest cap, and how near it is: ``$1.58 left of $2.00 for today``."""
    if headroom.trouble:
        return headroom.trouble.partition("\n")[0]
    if headroom.unpriced:
        return f"the budget needs a price for {', '.join(headroom.unpriced)}"
    need = headroom.tightest
    if need is None:
        return ""
    text = f"{format_usd(need.left)} left of {describe_cap(need.cap)}"
    if need.level == "over":
        return f"over the budget: {text}"
    return text if need.level == "ok" else f"{text}, {need.share:.0%} with this"


def format_range(usd: CostRange) -> str:
    """Return expected to worst price; ``free`` when there is nothing to pay."""
    if usd.worst == Decimal(0):
        return "free"
    expected, worst = format_usd(usd.expected), format_usd(usd.worst)
    return expected if expected == worst else f"{expected}–{worst}"
