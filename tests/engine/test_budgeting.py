"""Sends through the engine under a budget, over adapters that follow a script."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal

import pytest

from smallchat.catalog.model import Model, Price, Rates
from smallchat.engine.budgeting import Budget, OverBudget
from smallchat.engine.engine import Engine
from smallchat.engine.order import Lane, Order
from smallchat.engine.seams import Refused
from smallchat.metering.events import Connected
from smallchat.metering.usage import Usage
from smallchat.providers.base import Message
from tests.engine.budgets import WORST, order
from tests.engine.fakes import OVERLOADED, FakeAdapter, answer_events, model

StartEngine = Callable[..., Engine]
MakeBudget = Callable[..., Budget]
USAGE = Usage(7, 2)


class TestSends:
    def test_what_was_set_aside_is_told_and_settled(
        self, start_engine: StartEngine, make_budget: MakeBudget
    ) -> None:
        budget = make_budget(day="1.00")
        engine = start_engine({"a": FakeAdapter(answer_events("one", usage=USAGE))}, admission=budget)
        send = engine.send(order("a"))
        assert send.answers[0].reserved_usd == WORST
        assert send.wait(10)
        need = budget.headroom(order("a")).needs[0]
        assert (need.settled, need.reserved, need.needed) == (Decimal("0.000017"), 0, WORST)

    def test_nothing_leaves_when_not_all_panes_fit(
        self, start_engine: StartEngine, make_budget: MakeBudget
    ) -> None:
        adapters = {name: FakeAdapter(answer_events("one", usage=USAGE)) for name in "ab"}
        engine = start_engine(adapters, admission=make_budget(per_send=WORST))
        with pytest.raises(Refused) as refused:
            engine.send(order("a", "b"))
        assert isinstance(refused.value, OverBudget)
        refusal = refused.value.refusal
        assert refusal.exceeded[0].needed == 2 * WORST
        assert refusal.options.keep == ((0,), (1,))
        assert str(refused.value) == f"{refusal.sentence}\n{refusal.advice}"
        assert not any(adapter.requests for adapter in adapters.values())
        assert engine.send(order("a")).wait(10)

    def test_the_user_may_force_one(self, start_engine: StartEngine, make_budget: MakeBudget) -> None:
        engine = start_engine(
            {"a": FakeAdapter(answer_events("one", usage=USAGE))}, admission=make_budget(day="0")
        )
        assert engine.send(order("a", force=True)).wait(10)
        with pytest.raises(Refused):
            engine.send(order("a"))

    def test_a_stopped_answer_keeps_its_input_s_cost(
        self, start_engine: StartEngine, make_budget: MakeBudget
    ) -> None:
        budget = make_budget(day="1.00")
        adapter = FakeAdapter([Connected(1), asyncio.Event()])
        engine = start_engine({"a": adapter}, admission=budget)
        send = engine.send(order("a"))
        assert adapter.streaming.wait(10)
        assert budget.headroom(order("a")).needs[0].reserved == WORST
        send.stop()
        assert send.wait(10)
        need = budget.headroom(order("a")).needs[0]
        assert (need.settled, need.reserved) == (Decimal("0.000007"), 0)

    def test_retries_run_under_the_one_reservation(
        self, start_engine: StartEngine, make_budget: MakeBudget
    ) -> None:
        budget = make_budget(day=WORST)
        seen: list[Decimal] = []
        engine = start_engine(
            {
                "a": FakeAdapter(
                    [OVERLOADED],
                    [lambda: seen.append(budget.headroom(order("a")).needs[0].reserved), OVERLOADED],
                    answer_events("one", usage=USAGE),
                )
            },
            admission=budget,
        )
        assert engine.send(order("a")).wait(10)
        assert seen == [WORST]
        assert budget.headroom(order("a")).needs[0].settled == Decimal("0.000017")

    def test_what_was_turned_away_costs_nothing(
        self, start_engine: StartEngine, make_budget: MakeBudget
    ) -> None:
        budget = make_budget(day=WORST)
        engine = start_engine({"a": FakeAdapter(*[[OVERLOADED]] * 3)}, admission=budget)
        assert engine.send(order("a")).wait(10)
        need = budget.headroom(order("a")).needs[0]
        assert (need.settled, need.reserved) == (0, 0)

    def test_an_overrun_is_booked_in_full(self, start_engine: StartEngine, make_budget: MakeBudget) -> None:
        budget = make_budget(day="0.001")
        answer = answer_events("one", usage=Usage(900, 100))
        engine = start_engine({"a": FakeAdapter(answer)}, admission=budget)
        assert engine.send(order("a")).wait(10)
        assert budget.headroom(order("a")).needs[0].settled == Decimal("0.0014")

    def test_closing_the_engine_settles_what_runs(
        self, start_engine: StartEngine, make_budget: MakeBudget
    ) -> None:
        budget = make_budget(day="1.00")
        adapter = FakeAdapter([Connected(1), asyncio.Event()])
        engine = start_engine({"a": adapter}, admission=budget)
        engine.send(order("a"))
        assert adapter.streaming.wait(10)
        engine.close()
        assert budget.headroom(order("a")).needs[0].settled == Decimal("0.000007")


class TestClaims:
    def test_the_model_s_own_limit_of_output_holds(self, make_budget: MakeBudget) -> None:
        lane = Lane(model("a", max_output=10), (Message("user", "hi"),), max_output=2048)
        (claim,) = make_budget().claims(Order((lane,)))
        assert (claim.worst_usd, claim.input_usd, claim.max_output) == (
            Decimal("0.000057"), Decimal("0.000007"), 10,
        )  # fmt: skip

    def test_without_a_price_there_is_no_worst_case(self, make_budget: MakeBudget) -> None:
        budget = make_budget(price=None, day="1.00")
        assert budget.claims(order("a"))[0].worst_usd is None
        assert budget.price_range(order("a").lanes[0]) is None
        with pytest.raises(OverBudget, match="No price is known for a"):
            budget.admit(order("a"))
        (reservation,) = make_budget(price=None, day="1.00", unknown_price="allow").admit(order("a"))
        assert reservation.usd is None

    @pytest.mark.parametrize(
        ("asked", "turns", "system", "written"),
        [
            (model("a", wire="anthropic"), 1, "", False),
            (model("a", wire="anthropic"), 3, "", True),
            (model("a", wire="anthropic"), 1, "s" * 4000, True),
            (model("a", wire="openai"), 1, "", False),  # too short for OpenAI's cache
            (model("a", provider="nobody"), 3, "", False),
        ],
    )
    def test_filling_a_cache_costs_more_than_plain_input(
        self, asked: Model, turns: int, system: str, written: bool, make_budget: MakeBudget
    ) -> None:
        price = Price(Rates(Decimal(1), Decimal(5), cache_write=Decimal(2)))
        messages = tuple(Message("user", "x" * 4000) for _ in range(turns))
        (claim,) = make_budget(price=price).claims(Order((Lane(asked, messages, system, 100),)))
        assert claim.input_usd == Decimal("0.000007") * (2 if written else 1)

    def test_the_session_is_the_order_s(self, make_budget: MakeBudget) -> None:
        budget = make_budget(session=WORST)
        budget.admit(order("a", session="one"))
        with pytest.raises(OverBudget):
            budget.admit(order("a", session="one"))
        budget.admit(order("a", session="two"))
