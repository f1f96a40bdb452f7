"""Admission and settlement, one step at a time."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from smallchat.catalog.catalog import known_models
from smallchat.catalog.prices import PriceBook
from smallchat.config.provider import Providers
from smallchat.config.schema import Settings
from smallchat.ledger.claim import LaneClaim
from smallchat.metering.cost import cost_of, estimate_range
from smallchat.metering.usage import Usage
from tests.ledger.books import OpenLedger, admitted, answer, claim, query, refused, spend

THREE = ("claude-haiku-4-5", "gpt-5.4-mini", "gpt-5.4-nano")


@pytest.fixture(scope="module")
def three_panes() -> tuple[LaneClaim, ...]:
    """2,000 tokens in and 2,000 out at most, at real prices."""
    prices = PriceBook(Providers(Settings(), {}))
    claims = []
    for name in THREE:
        price = prices.price(known_models()[name])
        cost, given = estimate_range(price, 2000, 2000), estimate_range(price, 2000, 0)
        assert cost is not None
        assert given is not None
        claims.append(LaneClaim(name, "p", cost.worst, given.worst, 2000))
    return tuple(claims)


class TestAdmission:
    def test_each_pane_fits_alone_and_the_three_do_not(
        self, open_ledger: OpenLedger, three_panes: tuple[LaneClaim, ...]
    ) -> None:
        assert [pane.needed for pane in three_panes] == [
            Decimal(usd) for usd in ("0.0120", "0.0105", "0.0029")
        ]
        for pane in three_panes:
            (booking,) = admitted(open_ledger(day="0.02").admit([pane]))
            open_ledger().settle(booking, answer(None))
        refusal = refused(open_ledger(day="0.02").admit(three_panes))
        (need,) = refusal.exceeded
        assert (need.needed, need.left) == (Decimal("0.0254"), Decimal("0.0200"))
        assert query(open_ledger().path.parent, "SELECT * FROM reservations") == []

    def test_parallel_requests_do_not_slip_past_a_cap(self, open_ledger: OpenLedger) -> None:
        ledger = open_ledger(day="5.00")
        spend(ledger, "4.752720")
        results = [ledger.admit([claim("0.0884")]) for _ in range(4)]
        assert [isinstance(result, tuple) for result in results] == [True, True, False, False]

    def test_what_fits_to_the_last_nano_dollar_is_admitted(self, open_ledger: OpenLedger) -> None:
        ledger = open_ledger(session="0.000000010")
        admitted(ledger.admit([claim("0.000000009")]))
        admitted(ledger.admit([claim("0.000000001")]))
        refused(ledger.admit([claim("0.0000000001")]))

    def test_a_fraction_of_a_nano_dollar_is_rounded_up(self, open_ledger: OpenLedger, data_dir: Path) -> None:
        (booking,) = admitted(open_ledger().admit([claim("0.0000000371")]))
        assert query(data_dir, "SELECT nano FROM reservations") == [(38,)]
        open_ledger().settle(booking, answer("0.0000000111"))
        assert query(data_dir, "SELECT nano FROM charges") == [(12,)]

    @pytest.mark.parametrize("period", ["per_send", "session", "day", "month"])
    def test_every_period_has_a_cap(self, open_ledger: OpenLedger, period: str) -> None:
        ledger = open_ledger(**{period: "0.10"})
        admitted(ledger.admit([claim("0.05"), claim("0.05")], "s"))
        refusal = refused(ledger.admit([claim("0.06"), claim("0.06")], "s"))
        assert refusal.exceeded[0].cap.period == period
        assert refusal.exceeded[0].reserved == (0 if period == "per_send" else Decimal("0.10"))

    def test_a_model_s_own_cap_counts_that_model_only(self, open_ledger: OpenLedger) -> None:
        ledger = open_ledger(day="1.00", models={"a": {"day": "0.10"}})
        admitted(ledger.admit([claim("0.10", "a"), claim("0.50", "b")]))
        refusal = refused(ledger.admit([claim("0.01", "a"), claim("0.01", "b")]))
        assert [need.cap.model for need in refusal.exceeded] == ["a"]
        assert refusal.exceeded[0].needed == Decimal("0.01")
        admitted(ledger.admit([claim("0.40", "b")]))

    def test_sessions_are_counted_apart(self, open_ledger: OpenLedger) -> None:
        ledger = open_ledger(session="0.10")
        spend(ledger, "0.10", session="one")
        refused(ledger.admit([claim("0.01")], "one"))
        admitted(ledger.admit([claim("0.10")], "two"))

    def test_without_a_session_a_ledger_is_one(self, open_ledger: OpenLedger) -> None:
        ledger = open_ledger(session="0.10")
        spend(ledger, "0.10")
        refused(ledger.admit([claim("0.01")]))
        admitted(open_ledger(session="0.10").admit([claim("0.01")]))

    def test_what_is_free_is_never_refused(self, open_ledger: OpenLedger) -> None:
        ledger = open_ledger(day="0")
        admitted(ledger.admit([claim("0")]))
        refused(ledger.admit([claim("0"), claim("0.01")]))

    def test_without_a_budget_all_is_admitted_and_recorded(
        self, open_ledger: OpenLedger, data_dir: Path
    ) -> None:
        ledger = open_ledger()
        (booking, other) = admitted(ledger.admit([claim("1000000"), claim(None)]))
        ledger.settle(booking, answer("0.0011088"))
        ledger.settle(other, answer(None, usage=Usage(5, 2)))
        assert query(data_dir, "SELECT nano, input, output FROM charges") == [
            (1108800, 1000, 100),
            (None, 5, 2),
        ]

    def test_force_admits_once_and_is_remembered(self, open_ledger: OpenLedger, data_dir: Path) -> None:
        ledger = open_ledger(day="0.01")
        refused(ledger.admit([claim("0.02")]))
        (booking,) = admitted(ledger.admit([claim("0.02")], force=True))
        ledger.settle(booking, answer("0.02"))
        assert query(data_dir, "SELECT forced, nano FROM charges") == [(1, 20_000_000)]
        refused(ledger.admit([claim("0.02")]))

    def test_nothing_needs_nothing(self, open_ledger: OpenLedger) -> None:
        assert open_ledger(day="0").admit([]) == ()


class TestUnknownPrices:
    def test_a_budget_refuses_them(self, open_ledger: OpenLedger) -> None:
        refusal = refused(open_ledger(day="1.00").admit([claim("0.01", "a"), claim(None, "b")]))
        assert (refusal.reason, refusal.unpriced) == ("unknown_price", ("b",))
        assert refusal.options.keep == ((0,),)
        assert "[models.b]" in refusal.advice

    def test_the_user_may_let_them_pass(self, open_ledger: OpenLedger) -> None:
        ledger = open_ledger(day="1.00", unknown_price="allow")
        admitted(ledger.admit([claim(None)]))
        refused(ledger.admit([claim(None), claim("1.01")]))

    def test_a_cap_of_another_model_is_no_reason(self, open_ledger: OpenLedger) -> None:
        ledger = open_ledger(models={"a": {"day": "1.00"}})
        admitted(ledger.admit([claim(None, "b")]))
        refused(ledger.admit([claim(None, "a")]))


class TestSettlement:
    def test_the_cost_takes_the_place_of_the_reservation(self, open_ledger: OpenLedger) -> None:
        ledger = open_ledger(day="0.10")
        (booking,) = admitted(ledger.admit([claim("0.10")]))
        refused(ledger.admit([claim("0.05")]))
        ledger.settle(booking, answer("0.02"))
        need = refused(ledger.admit([claim("0.09")])).exceeded[0]
        assert (need.settled, need.reserved) == (Decimal("0.02"), 0)

    def test_twice_is_as_good_as_once(self, open_ledger: OpenLedger, data_dir: Path) -> None:
        ledger = open_ledger(day="0.10")
        (booking,) = admitted(ledger.admit([claim("0.10")]))
        ledger.settle(booking, answer("0.02"))
        ledger.settle(booking, answer("0.05"))
        assert query(data_dir, "SELECT nano FROM charges") == [(20_000_000,)]
        assert query(data_dir, "SELECT DISTINCT nano FROM totals") == [(20_000_000,)]

    def test_a_cancel_before_the_first_token_keeps_the_input_s_cost(
        self, open_ledger: OpenLedger, data_dir: Path, three_panes: tuple[LaneClaim, ...]
    ) -> None:
        price = PriceBook(Providers(Settings(), {})).price(known_models()["claude-haiku-4-5"])
        ledger = open_ledger(day="0.02")
        (booking,) = admitted(ledger.admit(three_panes[:1]))
        usage = Usage(2000, 0, source="estimate")
        cost = cost_of(usage, price, "cancelled")
        ledger.settle(booking, answer(str(cost.usd), cost.state, "cancelled", usage))
        assert query(data_dir, "SELECT nano, state FROM charges") == [(2_000_000, "lower_bound")]

    def test_an_answer_that_was_turned_away_costs_nothing(
        self, open_ledger: OpenLedger, data_dir: Path
    ) -> None:
        ledger = open_ledger(day="0.10")
        (booking,) = admitted(ledger.admit([claim("0.10")]))
        ledger.settle(booking, answer(None))
        assert query(data_dir, "SELECT count(*) FROM charges") == [(0,)]
        admitted(ledger.admit([claim("0.10")]))

    def test_an_overrun_is_charged_in_full(self, open_ledger: OpenLedger) -> None:
        ledger = open_ledger(day="0.10")
        (booking,) = admitted(ledger.admit([claim("0.10")]))
        ledger.settle(booking, answer("0.15"))
        need = refused(ledger.admit([claim("0.01")])).exceeded[0]
        assert (need.settled, need.left) == (Decimal("0.15"), 0)

    def test_a_running_answer_breaks_a_cap_once_it_outruns_what_is_left(
        self, open_ledger: OpenLedger
    ) -> None:
        ledger = open_ledger(day="0.10", models={"m": {"month": "0.20"}})
        booking, other = admitted(ledger.admit([claim("0.04"), claim("0.05")]))
        assert ledger.broken_cap(booking, Decimal("0.04")) is None
        assert ledger.broken_cap(booking, Decimal("0.05")) is None
        broken = ledger.broken_cap(booking, Decimal("0.0501"))
        assert broken is not None
        assert broken.cap.period == "day"
        ledger.settle(other, answer("0.01"))
        assert ledger.broken_cap(booking, Decimal("0.09")) is None

    def test_counts_that_no_server_can_mean_are_survived(self, open_ledger: OpenLedger) -> None:
        ledger = open_ledger()
        for _ in range(3):
            (booking,) = admitted(ledger.admit([claim("1" + "0" * 40)]))
            ledger.settle(booking, answer("1" + "0" * 40, usage=Usage(10**40, 10**40)))
        need = refused(open_ledger(day="1").admit([claim("1")])).exceeded[0]
        assert need.settled == 3_000_000


class TestTwoTerminals:
    def test_share_one_cap(self, open_ledger: OpenLedger) -> None:
        one, two = open_ledger(day="0.10"), open_ledger(day="0.10")
        (booking,) = admitted(one.admit([claim("0.06")]))
        refused(two.admit([claim("0.06")]))
        one.settle(booking, answer("0.01"))
        admitted(two.admit([claim("0.06")]))

    def test_one_that_ends_gives_back_what_it_had_set_aside(
        self, open_ledger: OpenLedger, data_dir: Path
    ) -> None:
        one, two = open_ledger(day="0.10"), open_ledger(day="0.10")
        admitted(one.admit([claim("0.10")]))
        one.close()
        admitted(two.admit([claim("0.10")]))
        assert query(data_dir, "SELECT state, nano, reserved FROM charges") == [("lost", None, 100_000_000)]

    def test_an_answer_believed_lost_is_charged_when_it_settles(
        self, open_ledger: OpenLedger, data_dir: Path
    ) -> None:
        one, two = open_ledger(), open_ledger()
        (booking,) = admitted(one.admit([claim("0.10")]))
        for lease in (data_dir / "live").iterdir():
            lease.unlink()
        admitted(two.admit([claim("0.10")]))
        one.settle(booking, answer("0.03"))
        assert query(data_dir, "SELECT state, nano FROM charges") == [("exact", 30_000_000)]

    def test_a_ledger_moved_away_is_left_by_both(self, open_ledger: OpenLedger, data_dir: Path) -> None:
        one, two = open_ledger(day="0.10"), open_ledger(day="0.10")
        spend(one, "0.10")
        spend(two, "0")
        for file in data_dir.glob("ledger.db*"):
            file.rename(file.with_name(f"old-{file.name}"))
        admitted(one.admit([claim("0.06")]))
        refused(two.admit([claim("0.06")]))
