from __future__ import annotations

from decimal import Decimal

import pytest

from smallchat.metering.answer import Cost, Figures
from smallchat.metering.cost import Total
from smallchat.metering.usage import Usage
from smallchat.metering.wording import (
    format_char_rate,
    format_first_token,
    format_ms,
    format_price,
    format_rate,
    format_sum,
    format_total,
    format_usage,
)


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
    assert format_total(Total(exact=Decimal("0.0042"), lost=1)) == "$0.0042 + ≥$0"


def test_a_sum_is_marked_like_its_least_certain_part() -> None:
    amount = Decimal("0.0042")
    assert format_sum(Total()) == "$0"
    assert format_sum(Total(exact=amount)) == "$0.0042"
    assert format_sum(Total(estimated=amount)) == "~$0.0042"
    assert format_sum(Total(exact=amount, lower_bound=amount)) == "≥$0.0084"
    assert format_sum(Total(exact=amount, lost=1)) == "≥$0.0042"
    assert format_sum(Total(unpriced=1)) == "no price"


def test_tokens_name_the_cached_part_only_where_there_is_one() -> None:
    assert format_usage(Usage(1204, 122, cached=1024)) == "1,204 in · 1,024 cached · 122 out"
    assert format_usage(Usage(10, 5, source="estimate")) == "~10 in · ~5 out"
    assert format_usage(None) == "– in · – out"


def test_characters_per_second_are_told_when_they_are_known() -> None:
    assert format_char_rate(Figures(chars_per_s=1391.4)) == "1,391 char/s"
    assert format_char_rate(Figures()) == ""
