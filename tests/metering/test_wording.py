from __future__ import annotations

from decimal import Decimal

import pytest

from smallchat.metering.answer import Answer, Cost, Figures
from smallchat.metering.cost import Total
from smallchat.metering.usage import Usage
from smallchat.metering.wording import (
    format_first_token,
    format_ms,
    format_price,
    format_rate,
    format_total,
    format_usage,
)
from smallchat.tui.marks import mark_turn
from smallchat.tui.visible import choose_visible, count_fitting


@pytest.mark.parametrize(
    ("ms", "text"),
    [(None, "–"), (0.4, "0 ms"), (212.4, "212 ms"), (999.6, "1.00 s"), (9_994, "9.99 s"), (61_234, "61.2 s")],
)
def test_times_are_rounded_to_what_is_worth_reading(ms: float | None, text: str) -> None:
    assert format_ms(ms) == text


def test_estimated_speeds_are_marked() -> None:
    assert format_rate(84.12) == "84.1 tok/s"
    assert format_rate(84.12, estimated=True) == "~84.1 tok/s"
    assert format_rate(None, estimated=True) == "– tok/s"


def test_the_first_answer_text_is_told_where_it_came_later() -> None:
    assert format_first_token(Figures(ttft_ms=200.0, ttfa_ms=200.0)) == "TTFT 200 ms"
    assert format_first_token(Figures(ttft_ms=200.0, ttfa_ms=1480.0)) == "TTFT 200 ms · TTFA 1.48 s"


def test_a_price_never_hides_its_state() -> None:
    usd = Decimal("0.0011088")
    assert format_price(Cost(usd, "exact")) == "$0.0011"
    assert format_price(Cost(usd, "estimate")) == "~$0.0011"
    assert format_price(Cost(usd, "lower_bound")) == "≥$0.0011"
    assert format_price(Cost(None, "no_price")) == "no price"
    assert format_price(Cost(None, "lower_bound")) == "–"
    assert format_price(Cost(Decimal(0), "exact", price_source="local")) == "free"


def test_a_total_keeps_what_is_certain_apart() -> None:
    total = Total(exact=Decimal("0.0042"), estimated=Decimal("0.0003"), unpriced=2)
    assert format_total(total) == "$0.0042 + ~$0.000300 + 2 unpriced"
    assert format_total(Total()) == "$0"
    assert format_total(Total(unpriced=1)) == "no price"


def test_tokens_name_the_cached_part_only_where_there_is_one() -> None:
    assert format_usage(Usage(1204, 122, cached=1024)) == "1,204 in · 1,024 cached · 122 out"
    assert format_usage(Usage(10, 5, source="estimate")) == "~10 in · ~5 out"
    assert format_usage(None) == "– in · – out"


def _answer(ttft: float | None, speed: float | None, usd: str | None, status: str = "ok") -> Answer:
    figures = Figures(ttft_ms=ttft, chars_per_s=speed, tokens_per_s=speed)
    cost = Cost(Decimal(usd), "exact") if usd else Cost(None, "no_price")
    return Answer("m", "p", status, figures=figures, cost=cost)  # type: ignore[arg-type]


def test_marks_go_to_the_best_of_at_least_two() -> None:
    one, two = _answer(100, 50, "0.2"), _answer(200, 90, "0.1")
    assert mark_turn([one, two]) == [("first",), ("fastest", "cheapest")]
    assert mark_turn([one]) == [()]
    assert mark_turn([one, None]) == [(), ()]
    assert mark_turn([one, _answer(50, 90, "0.1", status="cancelled")]) == [(), ()]


def test_no_mark_for_a_lead_smaller_than_the_clock_may_err() -> None:
    assert mark_turn([_answer(100, 90, "0.1"), _answer(105, 91, "0.1")]) == [(), ()]


def test_no_mark_where_a_figure_is_missing_or_shared() -> None:
    assert mark_turn([_answer(100, None, "0.1"), _answer(100, 90, None)]) == [(), ()]


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("width", [10, 40, 80, 200])
def test_the_current_pane_is_always_visible(count: int, width: int) -> None:
    for current in range(count):
        shown = choose_visible(count, current, count_fitting(width))
        assert current in shown
        assert 0 <= shown.start < shown.stop <= count
