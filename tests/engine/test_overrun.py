"""Answers that cost more than was set aside for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal

from smallchat.engine.budgeting import Budget
from smallchat.engine.engine import Engine
from smallchat.engine.sending import Send
from smallchat.metering.events import Connected, Noted, Payload
from smallchat.metering.usage import Usage
from tests.engine.budgets import WORST, order
from tests.engine.fakes import FakeAdapter, Step, answer_events

StartEngine = Callable[..., Engine]
MakeBudget = Callable[..., Budget]

MORE_THAN_ASKED_FOR = " ".join(["word"] * 200)  # 200 tokens at $5 per million; 100 were set aside


def endless() -> list[Step]:
    return [Connected(1), Payload(2, "text", MORE_THAN_ASKED_FOR), asyncio.Event()]


def notes(send: Send) -> list[str]:
    return [event.text for event in send.answers[0].drain() if isinstance(event, Noted)]


def test_with_hard_stop_it_is_stopped_at_the_cap(start_engine: StartEngine, make_budget: MakeBudget) -> None:
    engine = start_engine({"a": FakeAdapter(endless())}, admission=make_budget(day=WORST, hard_stop=True))
    send = engine.send(order("a"))
    assert send.wait(10)
    answer = send.answers[0].answer
    assert answer is not None
    assert answer.status == "cancelled"
    assert answer.text == MORE_THAN_ASKED_FOR
    (note,) = notes(send)
    assert note.startswith("This answer costs $0.000500 more than was set aside for it, which breaks the ")
    assert note.endswith("It is stopped.")


def test_with_hard_stop_it_goes_on_while_the_caps_hold(
    start_engine: StartEngine, make_budget: MakeBudget
) -> None:
    budget = make_budget(day="1.00", hard_stop=True)
    adapter = FakeAdapter(
        [
            *answer_events(MORE_THAN_ASKED_FOR, usage=Usage(7, 200)),
        ]
    )
    send = start_engine({"a": adapter}, admission=budget).send(order("a"))
    assert send.wait(10)
    assert send.answers[0].answer is not None
    assert send.answers[0].answer.status == "ok"
    assert notes(send) == []


def test_by_default_it_ends_and_the_overrun_is_told(
    start_engine: StartEngine, make_budget: MakeBudget
) -> None:
    budget = make_budget(day=WORST)
    adapter = FakeAdapter(answer_events(MORE_THAN_ASKED_FOR, usage=Usage(7, 200)))
    send = start_engine({"a": adapter}, admission=budget).send(order("a"))
    assert send.wait(10)
    answer = send.answers[0].answer
    assert answer is not None
    assert (answer.status, answer.cost.usd) == ("ok", Decimal("0.001007"))
    assert notes(send) == [
        "This answer costs $0.000500 more than was set aside for it, which breaks the $0.000507 for today."
    ]
    assert budget.headroom(order("a")).needs[0].settled == Decimal("0.001007")


def test_one_that_was_forced_is_left_alone(start_engine: StartEngine, make_budget: MakeBudget) -> None:
    adapter = FakeAdapter(answer_events(MORE_THAN_ASKED_FOR, usage=Usage(7, 200)))
    engine = start_engine({"a": adapter}, admission=make_budget(day=WORST, hard_stop=True))
    send = engine.send(order("a", force=True))
    assert send.wait(10)
    assert notes(send) == []
