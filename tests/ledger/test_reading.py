"""Reports of what was spent, from a ledger written by the real thing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallchat.catalog.model import Price, PriceStep, Rates
from smallchat.ledger.ledger import Ledger
from smallchat.ledger.reading import SpendReader
from smallchat.ledger.report import Report
from smallchat.ledger.sparkline import draw_sparkline
from smallchat.ledger.trouble import LedgerTrouble
from smallchat.metering.cost import usd_of
from smallchat.metering.usage import Usage
from tests.ledger.books import Clock, OpenLedger, admitted, answer, at, budget, claim, spend

DAY = 86_400
RATES = Rates(Decimal(1), Decimal(5), Decimal("0.1"))


@pytest.fixture
def clock() -> Clock:
    return Clock(at("2026-11-20T12:00:00+00:00", "UTC"))


def report(data_dir: Path, clock: Clock, by: str = "model") -> Report:
    with SpendReader(data_dir, clock) as reader:
        return reader.report(by)  # type: ignore[arg-type]


def test_without_a_ledger_nothing_was_spent(data_dir: Path, clock: Clock) -> None:
    found = report(data_dir, clock)
    assert (found.spent_recent.answers, found.pace, found.groups) == (0, 0, ())
    assert len(found.days) == 30
    assert not data_dir.exists()


def test_parts_of_different_certainty_are_kept_apart(
    open_ledger: OpenLedger, data_dir: Path, clock: Clock
) -> None:
    ledger = open_ledger(clock)
    one, two, three, four = admitted(ledger.admit([claim("1")] * 4))
    ledger.settle(one, answer("0.01"))
    ledger.settle(two, answer("0.002", "estimate"))
    ledger.settle(three, answer("0.0003", "lower_bound", "cancelled"))
    ledger.settle(four, answer(None, "no_price", usage=Usage(7, 3)))
    dying = open_ledger(clock)
    admitted(dying.admit([claim("1")]))
    dying.close()
    admitted(ledger.admit([claim("0.25")]))

    found = report(data_dir, clock)
    spent = found.spent_today
    assert spent == found.spent_month == found.spent_recent == found.groups[0].spent
    total = spent.total
    assert (total.exact, total.estimated, total.lower_bound, total.unpriced) == (
        Decimal("0.01"), Decimal("0.002"), Decimal("0.0003"), 1,
    )  # fmt: skip
    assert (spent.answers, spent.total.lost) == (4, 1)
    assert (spent.tokens.input, spent.tokens.output) == (3007, 303)
    assert found.reserved == Decimal("0.25")


def test_days_months_and_the_last_thirty_days(open_ledger: OpenLedger, data_dir: Path, clock: Clock) -> None:
    ledger, now = open_ledger(clock), clock.now
    for days_ago, usd in (
        (0, "1"),
        (6, "2"),
        (7, "4"),
        (19, "8"),
        (20, "16"),
        (29, "32"),
        (30, "64"),
        (-1, "128"),
    ):
        clock.now = now - days_ago * DAY
        spend(ledger, usd)
    clock.now = now
    found = report(data_dir, clock, "day")
    assert found.spent_today.total.usd == 1
    assert found.spent_month.total.usd == 1 + 2 + 4 + 8
    assert found.spent_recent.total.usd == 63
    assert found.days[0] == (date(2026, 10, 22), Decimal(32))
    assert found.days[-1] == (date(2026, 11, 20), Decimal(1))
    assert [group.name for group in found.groups][:2] == ["2026-11-20", "2026-11-14"]
    assert (found.pace_days, found.pace) == (7, Decimal("12.857142858"))


def test_a_month_may_be_longer_than_thirty_days(
    open_ledger: OpenLedger, data_dir: Path, clock: Clock
) -> None:
    clock.now = at("2026-12-01T12:00:00+00:00", "UTC")
    spend(open_ledger(clock), "1")
    clock.now = at("2026-12-31T12:00:00+00:00", "UTC")
    found = report(data_dir, clock)
    assert (found.spent_month.total.usd, found.spent_recent.total.usd) == (1, 0)


def test_the_pace_of_a_young_ledger_is_that_of_its_days(
    open_ledger: OpenLedger, data_dir: Path, clock: Clock
) -> None:
    spend(open_ledger(clock), "0.10")
    assert report(data_dir, clock).pace == Decimal("3")
    clock.now += DAY
    found = report(data_dir, clock)
    assert (found.pace_days, found.pace) == (2, Decimal("1.5"))


def test_groups_by_model_and_by_session_are_dearest_first(
    open_ledger: OpenLedger, data_dir: Path, clock: Clock
) -> None:
    ledger = open_ledger(clock)
    for usd, model, session in (("0.01", "a", "x"), ("0.05", "b", "x"), ("0.02", "a", "y")):
        spend(ledger, usd, model, session)
    names = {by: [(group.name, str(group.spent.total.usd)) for group in report(data_dir, clock, by).groups]
             for by in ("model", "session")}  # fmt: skip
    assert names["model"] == [("b", "0.050000000"), ("a", "0.030000000")]
    assert names["session"] == [("x", "0.060000000"), ("y", "0.020000000")]


class TestElsewhere:
    @given(
        usages=st.lists(
            st.builds(
                lambda fresh, cached, write, output: Usage(fresh + cached + write, output, cached, write),
                *[st.integers(0, 300)] * 4,
            ),
            max_size=8,
        ),
        steps=st.sets(st.integers(0, 900), max_size=3),
    )
    def test_sums_of_tokens_cost_what_the_answers_would_have(
        self, usages: list[Usage], steps: set[int], tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        data_dir, clock = tmp_path_factory.mktemp("data"), Clock()
        ledger = Ledger(data_dir, budget(), clock=clock)
        for usage in usages:
            ledger.settle(admitted(ledger.admit([claim("1")]))[0], answer("0.01", usage=usage))
        ledger.close()
        doubled = [PriceStep(above, Rates(Decimal(2 + above), Decimal(9))) for above in sorted(steps)]
        prices = {"plain": Price(RATES), "steps": Price(RATES, tuple(doubled))}
        with SpendReader(data_dir, clock) as reader:
            found = {other.model: other for other in reader.elsewhere(prices)}
        for name, price in prices.items():
            assert found[name].usd == sum(usd_of(usage, price) for usage in usages)
            assert found[name].batch_usd is None

    def test_batch_prices_where_there_are_some(
        self, open_ledger: OpenLedger, data_dir: Path, clock: Clock
    ) -> None:
        spend(open_ledger(clock), "0.01")
        half = Rates(Decimal("0.5"), Decimal("2.5"))
        prices = {"a": Price(RATES, batch=half), "free": Price(Rates(Decimal(0), Decimal(0)))}
        with SpendReader(data_dir, clock) as reader:
            found = reader.elsewhere(prices)
        assert [(other.model, other.usd, other.batch_usd) for other in found] == [
            ("free", 0, None),
            ("a", Decimal("0.0015"), Decimal("0.00075")),
        ]

    def test_counts_that_no_server_can_mean_are_left_out(
        self, open_ledger: OpenLedger, data_dir: Path, clock: Clock
    ) -> None:
        ledger = open_ledger(clock)
        (booking,) = admitted(ledger.admit([claim("1")]))
        ledger.settle(booking, answer("1", usage=Usage(10**30, 5, 10**30)))
        with SpendReader(data_dir, clock) as reader:
            assert reader.elsewhere({"a": Price(RATES)})[0].usd == 0
            assert reader.report().spent_today.tokens.input == 0


def test_a_damaged_ledger_is_said(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "ledger.db").write_bytes(b"not a database" * 1000)
    with pytest.raises(LedgerTrouble, match="is damaged"):
        SpendReader(data_dir)


def test_an_empty_file_is_no_trouble(data_dir: Path, clock: Clock) -> None:
    data_dir.mkdir()
    (data_dir / "ledger.db").touch()
    assert report(data_dir, clock).spent_recent.answers == 0


def test_reading_never_writes(open_ledger: OpenLedger, data_dir: Path, clock: Clock) -> None:
    ledger = open_ledger(clock)
    spend(ledger, "0.01")
    ledger.close()
    before = {path: path.read_bytes() for path in data_dir.glob("ledger.db")}
    report(data_dir, clock)
    assert {path: path.read_bytes() for path in data_dir.glob("ledger.db")} == before


def test_a_sparkline_shows_the_least_spending() -> None:
    assert draw_sparkline([Decimal(usd) for usd in ("0", "0.000001", "4", "8")]) == "·▁▅█"
    assert draw_sparkline([]) == ""
