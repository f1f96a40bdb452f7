"""What routed prompts would have cost on one candidate alone."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from smallchat.catalog.model import Model, Price, Rates
from smallchat.engine.single_costs import single_costs
from smallchat.metering.answer import Answer, Cost
from smallchat.metering.usage import Usage

SMALL, LARGE, OTHER = (Model(name, "p", name, name) for name in ("small", "large", "other"))
PRICES = {
    "small": Price(Rates(Decimal("0.2"), Decimal(1))),
    "large": Price(Rates(Decimal(1), Decimal(5), cached_input=Decimal("0.1"))),
}


def answered(model: Model, usage: Usage | None, usd: str | None = None) -> Answer:
    cost = Cost(Decimal(usd), "exact") if usd else Cost(None, "no_price")
    return Answer(model.name, "p", "ok", text="Hi", usage=usage, cost=cost)


def test_each_candidate_alone_is_priced_at_its_own_rates_and_tokens() -> None:
    answers = [
        answered(SMALL, Usage(1_000, 100), "0.0003"),
        answered(LARGE, Usage(2_400, 120, cached=1_200), "0.0019"),
        answered(SMALL, None),
    ]
    ratios = {"small": 1.0, "large": 1.2, "other": 1.0}
    costs = single_costs(
        answers, [SMALL, LARGE, OTHER], lambda model: PRICES.get(model.name), lambda model: ratios[model.name]
    )
    # small: its own $0.0003, then 2,000 in at $0.20 and 100 out at $1 per million
    assert costs["small"] == Decimal("0.0003") + Decimal("0.0004") + Decimal("0.0001")
    # large: 1,200 in at $1 and 120 out at $5 per million, then its own
    assert costs["large"] == Decimal("0.0012") + Decimal("0.0006") + Decimal("0.0019")
    assert costs["other"] is None


@given(
    st.integers(0, 10_000), st.integers(0, 10_000), st.integers(0, 10_000), st.floats(0.3, 3, allow_nan=False)
)
def test_no_ratio_makes_counts_that_contradict_each_other(
    plain: int, cached: int, written: int, ratio: float
) -> None:
    usage = Usage(plain + cached + written, 50, cached, written, cache_write_1h=written, reasoning=49)
    costs = single_costs(
        [answered(SMALL, usage, "1")],
        [SMALL, LARGE],
        lambda model: PRICES[model.name],
        lambda model: ratio if model is LARGE else 1.0,
    )
    assert costs["small"] == 1
    assert costs["large"] is not None
    assert costs["large"] >= 0
