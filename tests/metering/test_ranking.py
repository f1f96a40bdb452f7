"""Statistics over answers: what they may claim, and what they must not."""

from __future__ import annotations

from decimal import Decimal
from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from smallchat.metering.answer import Answer, Cost, Figures, Status
from smallchat.metering.ranking import find_leads, share_interval, spread_of, stand

values = st.lists(st.floats(0, 1e6), max_size=60)


def answer(model: str, ttft: float | None, usd: str | None = None, status: Status = "ok") -> Answer:
    cost = Cost(Decimal(usd), "exact") if usd else Cost(None, "no_price")
    return Answer(model, "gateway", status, figures=Figures(ttft_ms=ttft), cost=cost)


@given(values)
def test_a_spread_is_the_median_within_its_range(numbers: list[float]) -> None:
    spread = spread_of(numbers)
    if spread is None:
        assert not numbers
        return
    assert (spread.low, spread.middle, spread.high) == (min(numbers), median(numbers), max(numbers))
    assert spread.n == len(numbers)
    assert (spread.p95 is None) == (len(numbers) < 20)
    if spread.p95 is not None:
        assert sum(number <= spread.p95 for number in numbers) >= 0.95 * len(numbers)
        assert sum(number < spread.p95 for number in numbers) < 0.95 * len(numbers)


@given(values, values)
def test_ranges_that_share_a_value_overlap_both_ways(ours: list[float], theirs: list[float]) -> None:
    one, other = spread_of(ours), spread_of(theirs)
    if one and other:
        assert one.overlaps(other) == other.overlaps(one)
        assert not (set(ours) & set(theirs)) or one.overlaps(other)


@given(values, values)
def test_a_leader_was_better_in_every_single_run(ours: list[float], theirs: list[float]) -> None:
    found = [answer("a", value) for value in ours] + [answer("b", value) for value in theirs]
    leads = find_leads(stand(found))
    if not ours or not theirs:
        assert leads == []
        return
    (lead,) = leads
    if lead.model is None:
        assert set(lead.close) == {"a", "b"}
    else:
        better, worse = (ours, theirs) if lead.model == "a" else (theirs, ours)
        assert max(better) < min(worse)
        assert min(len(ours), len(theirs)) >= 2


def test_only_complete_answers_are_counted() -> None:
    endings: list[Status] = ["ok", "length", "refused", "cancelled", "cut", "error"]
    (standing,) = stand(answer("a", 100.0 * place, "0.5", ending) for place, ending in enumerate(endings))
    assert (standing.answers, standing.others) == (2, 4)
    assert standing.ttft_ms is not None
    assert (standing.ttft_ms.low, standing.ttft_ms.high) == (0, 100)
    assert standing.usd is not None
    assert standing.usd.middle == Decimal("0.5")


def test_a_price_nobody_knows_is_no_price_of_nothing() -> None:
    (standing,) = stand([answer("a", 1.0), answer("a", 2.0, "0.25")])
    assert standing.usd is not None
    assert (standing.usd.low, standing.usd.n) == (Decimal("0.25"), 1)


@given(st.integers(0, 200), st.integers(0, 200))
def test_a_share_lies_in_its_interval(wins: int, losses: int) -> None:
    n = wins + losses
    low, high = share_interval(wins, n)
    assert 0 <= low <= high <= 1
    assert not n or low - 1e-9 <= wins / n <= high + 1e-9
