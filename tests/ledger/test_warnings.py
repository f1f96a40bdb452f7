from __future__ import annotations

from decimal import Decimal

from smallchat.ledger.caps import ALL, Cap, Need, Period
from smallchat.ledger.warnings import CapWatch


def need(settled: str, period: Period = "day", model: str = ALL) -> Need:
    return Need(Cap(period, model, Decimal(1)), Decimal(settled))


def test_a_cap_is_told_once_at_each_level() -> None:
    watch = CapWatch()
    told = [watch.find_news([need(usd)], "s") for usd in ("0.79", "0.80", "0.94", "0.95", "0.99", "1.20")]
    assert told == [
        [],
        ["80% of the $1.00 for today is gone: $0.2000 is left."],
        [],
        ["95% of the $1.00 for today is gone: $0.0500 is left."],
        [],
        [],
    ]


def test_an_overrun_cap_is_all_gone() -> None:
    assert CapWatch().find_news([need("1.20", model="m")], "s") == [
        "The $1.00 that m has for today is all gone."
    ]


def test_another_day_and_another_session_are_told_again() -> None:
    watch = CapWatch()
    assert watch.find_news([need("0.9"), need("0.9", "session")], "one")
    assert watch.find_news([need("0"), need("0", "session")], "two") == []
    assert len(watch.find_news([need("0.9"), need("0.9", "session")], "two")) == 2
    assert watch.find_news([need("0.9"), need("0.9", "session")], "one") == []


def test_a_cap_that_is_reached_at_once_is_told_once() -> None:
    assert len(CapWatch().find_news([need("0.96")], "")) == 1
