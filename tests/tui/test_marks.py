from __future__ import annotations

from decimal import Decimal

from smallchat.metering.answer import Answer, Cost, Figures
from smallchat.metering.usage import Usage
from smallchat.tui.marks import mark_turn


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


def _local(ttft: float, cached: int) -> Answer:
    return Answer("m", "local", "ok", figures=Figures(ttft_ms=ttft), usage=Usage(400, 10, cached=cached))


def test_no_first_where_one_found_the_prompt_read_by_another_on_the_same_machine() -> None:
    assert mark_turn([_local(1700, 0), _local(28, 396)]) == [(), ()]
    assert mark_turn([_local(300, 396), _local(28, 396)]) == [(), ("first",)]
