"""Costs, from the real price list. The worked examples hold to the last digit."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallchat.catalog.catalog import known_models
from smallchat.catalog.model import Price, PriceStep, Rates
from smallchat.catalog.prices import FREE, PriceBook
from smallchat.config.provider import Providers
from smallchat.config.schema import Settings
from smallchat.metering.answer import Cost
from smallchat.metering.cost import (
    Total,
    add,
    cost_of,
    estimate_range,
    format_cost,
    format_usd,
    usd_of,
    usd_text,
)
from smallchat.metering.usage import Usage

PRICES = PriceBook(Providers(Settings(), {}))
MODELS = known_models()
NANO, MINI, GPT41 = "gpt-5.4-nano", "gpt-5.4-mini", "gpt-4.1-mini"
HAIKU, HAIKU55, HAIKU35 = "claude-haiku-4-5", "claude-haiku-5-5", "claude-3-5-haiku"

PRICE = Price(Rates(Decimal("0.75"), Decimal("4.50")), as_of=date(2026, 11, 20))


def price(name: str) -> Price:
    found = PRICES.price(MODELS[name])
    assert found is not None
    return found


def usd(name: str, given: int, generated: int, **parts: int) -> Decimal:
    return usd_of(Usage(given, generated, **parts), price(name))


@pytest.mark.parametrize(
    ("cost", "expected"),
    [
        (usd(HAIKU, 35_000_000, 15_000_000), "110"),
        (usd(MINI, 35_000_000, 15_000_000), "93.75"),
        ((usd(HAIKU, 35_000_000, 15_000_000) - usd(MINI, 35_000_000, 15_000_000)) * 365, "5931.25"),
        (10_000 * usd(GPT41, 200, 150), "3.2"),
        (10_000 * usd(HAIKU, 200, 150), "9.5"),
        (30 * 10_000 * usd(GPT41, 200, 150), "96"),
        (30 * 10_000 * usd(HAIKU, 200, 150), "285"),
        (1_000 * usd(GPT41, 5_000, 200), "2.32"),
        (1_000 * usd(HAIKU, 5_000, 200), "6"),
        (usd(GPT41, 150, 50), "0.00014"),
        (usd(HAIKU, 150, 50), "0.0004"),
        (usd(GPT41, 8_000, 300), "0.00368"),
        (usd(HAIKU, 8_000, 300), "0.0095"),
        (50 * usd(GPT41, 200, 150), "0.016"),
        (50 * usd(HAIKU, 200, 150), "0.0475"),
        (usd(MINI, 1_200, 200, cached=1_024), "0.0011088"),
        (usd(HAIKU, 5_350, 77, cached=5_000, cache_write=300), "0.00131"),
        (usd(HAIKU, 5_350, 77, cached=5_000, cache_write=300, cache_write_1h=300), "0.001535"),
        (usd(HAIKU55, 100_000, 1_000), "0.0105"),
        (usd(HAIKU55, 100_001, 1_000), "0.0525005"),
    ],
)
def test_worked_examples(cost: Decimal, expected: str) -> None:
    assert usd_text(cost) == expected


@pytest.mark.parametrize(("name", "expected"), [(GPT41, "0.1875"), (HAIKU, "0.47625")])
def test_whole_history_sent_each_turn(name: str, expected: str) -> None:
    turns = [usd(name, 200 * (turn + 1) + 150 * turn, 150) for turn in range(50)]
    assert usd_text(add(*turns)) == expected


@pytest.mark.parametrize(("drafter", "expected"), [(HAIKU, "0.0087125"), (HAIKU35, "0.0078125")])
def test_support_ticket(drafter: str, expected: str) -> None:
    steps = usd(NANO, 500, 50), usd(NANO, 1_000, 200), usd(drafter, 2_000, 500), usd(MINI, 3_000, 300)
    assert usd_text(add(*steps)) == expected


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    fresh, cached, write_5m, write_1h, output = (draw(st.integers(0, 400_000)) for _ in range(5))
    write = write_5m + write_1h
    return Usage(fresh + cached + write, output, cached=cached, cache_write=write, cache_write_1h=write_1h)


@pytest.mark.parametrize("name", [name for name in MODELS if MODELS[name].provider != "local"])
@given(usage=usages())
def test_agrees_with_the_price_list_s_own_arithmetic(name: str, usage: Usage) -> None:
    from genai_prices import Usage as GenaiUsage
    from genai_prices import calc_price

    model = MODELS[name]
    theirs = calc_price(
        GenaiUsage(
            input_tokens=usage.input,
            output_tokens=usage.output,
            cache_read_tokens=usage.cached,
            cache_write_tokens=usage.cache_write,
            cache_write_1h_tokens=usage.cache_write_1h,
        ),
        model.wire_id,
        provider_id=model.provider,
        genai_request_timestamp=datetime.now(UTC),
    )
    assert usd_of(usage, price(name)) == theirs.total_price


@given(
    st.integers(0, 10**15),
    st.integers(0, 10**15),
    st.decimals(0, 10**6, places=12, allow_nan=False),
    st.decimals(0, 10**6, places=12, allow_nan=False),
)
def test_nothing_is_rounded(given: int, generated: int, rate_in: Decimal, rate_out: Decimal) -> None:
    cost = usd_of(Usage(given, generated), Price(Rates(rate_in, rate_out)))
    assert Fraction(cost) == (given * Fraction(rate_in) + generated * Fraction(rate_out)) / 1_000_000
    assert Decimal(usd_text(cost)) == cost


def test_a_missing_cache_rate_is_the_input_rate() -> None:
    usage = Usage(1_000_000, 0, cached=400_000, cache_write=300_000, cache_write_1h=100_000)
    assert usd_of(usage, PRICE) == Decimal("0.75")


def test_a_long_cache_write_without_its_rate_costs_what_a_short_one_costs() -> None:
    rates = Rates(Decimal(1), Decimal(1), cache_write=Decimal("1.25"))
    usage = Usage(1_000_000, 0, cache_write=1_000_000, cache_write_1h=1_000_000)
    assert usd_of(usage, Price(rates)) == Decimal("1.25")


EXACT, ESTIMATE = Usage(1_000, 100), Usage(1_000, 100, source="estimate")


@pytest.mark.parametrize(
    ("usage", "status", "state"),
    [
        (EXACT, "ok", "exact"),
        (EXACT, "length", "exact"),
        (EXACT, "refused", "exact"),
        (ESTIMATE, "ok", "estimate"),
        (EXACT, "cancelled", "lower_bound"),
        (ESTIMATE, "cut", "lower_bound"),
        (ESTIMATE, "error", "lower_bound"),
        (None, "error", "lower_bound"),
    ],
)
def test_state(usage: Usage | None, status: str, state: str) -> None:
    cost = cost_of(usage, PRICE, status)  # type: ignore[arg-type]
    assert cost.state == state
    assert cost.usd == (None if usage is None else Decimal("0.0012"))
    assert (cost.price_as_of, cost.price_source) == (date(2026, 11, 20), "config")


def test_without_a_price_there_is_no_cost_not_a_zero() -> None:
    assert cost_of(EXACT, None, "ok") == Cost(usd=None, state="no_price")


def test_a_free_model_is_exactly_free_however_its_answer_ended() -> None:
    cost = cost_of(ESTIMATE, FREE, "cancelled")
    assert (cost.usd, cost.state, cost.price_source) == (0, "exact", "local")


def test_range_before_sending() -> None:
    costs = estimate_range(PRICE, 1_000, 2_048)
    assert costs is not None
    assert costs.expected == Decimal("0.0021")
    assert costs.worst == Decimal("0.009966")
    assert estimate_range(None, 1_000, 2_048) is None


def test_range_takes_the_step_of_the_estimated_input() -> None:
    base, long = Rates(Decimal(1), Decimal(1)), Rates(Decimal(5), Decimal(5))
    stepped = Price(base, steps=(PriceStep(100, long),))
    at, above = estimate_range(stepped, 100, 0), estimate_range(stepped, 101, 0)
    assert at is not None
    assert above is not None
    assert (at.worst, above.worst) == (Decimal("0.0001"), Decimal("0.000505"))


@given(st.integers(0, 500_000), st.integers(1, 100_000), st.integers(0, 10**6))
def test_no_answer_costs_more_than_the_worst_case(given: int, most: int, write: int) -> None:
    claude = price(HAIKU55)
    costs = estimate_range(claude, given, most, cache_write=write)
    assert costs is not None
    write = min(write, given)
    assert costs.expected <= costs.worst
    assert usd_of(Usage(given, most, cache_write=write), claude) <= costs.worst
    assert usd_of(Usage(given, most), claude) <= costs.worst


def test_total_keeps_the_certain_apart() -> None:
    total = Total()
    for usage, known, status in [(EXACT, PRICE, "ok"), (ESTIMATE, PRICE, "ok"), (EXACT, PRICE, "cut")]:
        total = total.plus(cost_of(usage, known, status))  # type: ignore[arg-type]
    assert total == Total(Decimal("0.0012"), Decimal("0.0012"), Decimal("0.0012"))
    assert total.usd == Decimal("0.0036")
    total = total.plus(cost_of(EXACT, None, "ok")).plus(cost_of(None, PRICE, "error"))
    assert (total.unpriced, total.usd) == (1, Decimal("0.0036"))


@pytest.mark.parametrize(
    ("total", "state"),
    [
        (Total(), "exact"),
        (Total(exact=Decimal(1)), "exact"),
        (Total(exact=Decimal(1), estimated=Decimal(1)), "estimate"),
        (Total(exact=Decimal(1), lower_bound=Decimal(1)), "lower_bound"),
        (Total(exact=Decimal(1), unpriced=1), "lower_bound"),
        (Total(unpriced=1), "no_price"),
    ],
)
def test_a_total_is_as_sure_as_its_least_sure_part(total: Total, state: str) -> None:
    assert total.state == state


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, "–"),
        ("0", "$0"),
        ("5931.25", "$5,931.25"),
        ("93.75", "$93.75"),
        ("1.005", "$1.01"),
        ("0.47625", "$0.4763"),
        ("0.0011088", "$0.0011"),
        ("0.000140", "$0.000140"),
        ("0.0000012345", "$0.00000123"),
        ("0.00099996", "$0.001000"),
    ],
)
def test_format_usd(amount: str | None, text: str) -> None:
    assert format_usd(None if amount is None else Decimal(amount)) == text


@pytest.mark.parametrize(
    ("amount", "text"), [("0E-9", "0"), ("1E+2", "100"), ("1.10", "1.1"), ("1E-12", "0.000000000001")]
)
def test_usd_text_is_never_scientific(amount: str, text: str) -> None:
    assert usd_text(Decimal(amount)) == text


def test_format_cost_marks_what_is_not_exact() -> None:
    marks = {"exact": "$0.5000", "estimate": "~$0.5000", "lower_bound": "≥$0.5000"}
    assert {state: format_cost(Cost(Decimal("0.5"), state)) for state in marks} == marks  # type: ignore[arg-type]
    assert format_cost(Cost(None, "no_price")) == "–"
