"""Whole sends through the network thread, over adapters that follow a script."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pytest

from smallchat.config.errors import ConfigError
from smallchat.engine.engine import Engine
from smallchat.engine.order import Lane, Order
from smallchat.engine.seams import Refused, Reservation, Unlimited
from smallchat.metering.answer import Answer
from smallchat.metering.events import (
    AttemptStarted,
    Cancelled,
    Connected,
    Event,
    Failed,
    Failure,
    Noted,
    Payload,
    RetryScheduled,
    StreamEnded,
    UsageReported,
)
from smallchat.metering.usage import Usage
from smallchat.providers.base import Message, ProviderError
from tests.engine.fakes import OVERLOADED, PRICE, FakeAdapter, answer_events, model
from tests.metering.folding import fold

StartEngine = Callable[..., Engine]
USAGE = Usage(10, 2)


def order(*names: str, sequential: bool = False, **fields: Any) -> Order:
    prompt = (Message("user", "hi"),)
    return Order(tuple(Lane(model(name), prompt, **fields) for name in names), sequential)


def settled(send: Any) -> tuple[Answer, ...]:
    assert send.wait(10)
    return tuple(running.answer for running in send.answers)


def hanging(*before: Any) -> FakeAdapter:
    """Answer half, then never go on."""
    return FakeAdapter([Connected(1), *before, asyncio.Event()])


class TestAnswers:
    def test_a_settled_answer_has_everything(self, start_engine: StartEngine) -> None:
        engine = start_engine({"a": FakeAdapter(answer_events("one ", "two", usage=USAGE))})
        (answer,) = settled(send := engine.send(order("a")))
        assert (answer.model, answer.provider, answer.status) == ("a", "a-host", "ok")
        assert (answer.text, answer.finish_reason, answer.attempts) == ("one two", "stop", 1)
        assert answer.usage == USAGE
        assert (answer.cost.usd, answer.cost.state) == (Decimal("0.00002"), "exact")
        assert send.answers[0].price == PRICE
        assert engine.services.tokens.learned == [("a", "one two", 2)]  # type: ignore[attr-defined]

    def test_the_drained_events_fold_to_the_same_figures(self, start_engine: StartEngine) -> None:
        engine = start_engine({"a": FakeAdapter(answer_events("one ", "two"))})
        (answer,) = settled(send := engine.send(order("a")))
        (running,) = send.answers
        events = running.drain()
        meter = running.new_meter()
        for event in events:
            meter.feed(event)
        assert (meter.figures(), meter.usage(), meter.text()) == (answer.figures, answer.usage, answer.text)
        assert answer.usage == Usage(7, 2, source="estimate")
        assert answer.cost.state == "estimate"
        assert running.drain() == []

    def test_retries_are_counted_and_do_not_show_in_the_clock(self, start_engine: StartEngine) -> None:
        engine = start_engine({"a": FakeAdapter([OVERLOADED], answer_events("one", usage=USAGE))})
        (answer,) = settled(send := engine.send(order("a")))
        assert (answer.status, answer.attempts) == ("ok", 2)
        kinds = [type(event) for event in send.answers[0].drain()]
        assert kinds[:3] == [AttemptStarted, RetryScheduled, AttemptStarted]

    def test_refused_parameters_are_left_out_and_said(self, start_engine: StartEngine) -> None:
        adapter = FakeAdapter(answer_events("one"))
        engine = start_engine({"a": adapter})
        picky = model("a", refused_params=frozenset({"temperature"}), max_output=100, params={"top_p": 0.5})
        lane = Lane(picky, (Message("user", "hi"),), "be kind", 2048, {"temperature": 0.1})
        (answer,) = settled(send := engine.send(Order((lane,))))
        (request,) = adapter.requests
        assert (request.model, request.system, request.max_output) == ("a-wire", "be kind", 100)
        assert request.params == {"top_p": 0.5}
        assert len(answer.notes) == 2
        assert sum(isinstance(event, Noted) for event in send.answers[0].drain()) == 2


class TestFailures:
    def test_a_failing_lane_does_not_disturb_the_others(self, start_engine: StartEngine) -> None:
        no_key = ProviderError(Failure("no_key", "No key for b."))
        engine = start_engine(
            {
                "a": FakeAdapter(answer_events("fine", usage=USAGE)),
                "b": no_key,
                "c": FakeAdapter([Connected(1), Payload(2, "text", "half"), ZeroDivisionError("sk-secret")]),
                "d": FakeAdapter([OVERLOADED], [OVERLOADED], [OVERLOADED]),
                "e": ConfigError("The key is odd."),
                "f": FakeAdapter(warm=[KeyError("sk-secret")]),
                "g": FakeAdapter([Connected(1), Payload(2, "text", "half"), StreamEnded(3, False)]),
            }
        )
        send = engine.send(order(*"abcdefg"))
        a, b, c, d, e, f, g = settled(send)
        assert (a.status, a.text) == ("ok", "fine")
        assert (b.status, b.error, b.attempts, b.usage) == ("error", no_key.failure, 0, None)
        assert (c.status, c.text) == ("error", "half")
        assert c.error is not None
        assert c.error.kind == "protocol"
        assert "ZeroDivisionError" in c.error.message
        assert "secret" not in str(c) + str(f)
        assert (d.status, d.attempts, d.usage) == ("error", 3, None)
        assert e.error == Failure("no_key", "The key is odd.")
        assert f.error is not None
        assert f.error.kind == "protocol"
        assert (g.status, g.text, g.cost.state) == ("cut", "half", "lower_bound")
        for running in send.answers[1:]:
            assert isinstance(running.drain()[-1], Failed | StreamEnded)

    def test_a_price_that_can_not_be_had_costs_the_lane_only(self, start_engine: StartEngine) -> None:
        engine = start_engine({"a": FakeAdapter(answer_events("fine"))})

        def broken(model: Any, text: str) -> int:
            raise RuntimeError("no table")

        engine.services.tokens.count = broken  # type: ignore[method-assign]
        (answer,) = settled(engine.send(order("a")))
        assert (answer.status, answer.text) == ("error", "fine")

    def test_a_screen_that_raises_does_not_stop_the_answer(self, start_engine: StartEngine) -> None:
        held = asyncio.Event()
        adapter = FakeAdapter([Connected(1), held, *answer_events("fine")[1:]])
        engine = start_engine({"a": adapter})
        send = engine.send(order("a"))
        send.answers[0].on_change(lambda: 1 // 0)
        assert adapter.streaming.wait(5)
        engine._network.call_soon(held.set)
        (answer,) = settled(send)
        assert answer.status == "ok"


class TestStopping:
    def test_stopping_one_keeps_its_text_and_leaves_the_others(self, start_engine: StartEngine) -> None:
        held = asyncio.Event()
        a = hanging(UsageReported(2, Usage(50, 1)), Payload(3, "text", "three words came"))
        b = FakeAdapter([Connected(1), held, *answer_events("fine", usage=USAGE)[1:]])
        engine = start_engine({"a": a, "b": b})
        send = engine.send(order("a", "b"))
        assert a.streaming.wait(5)
        send.answers[0].stop()
        assert send.answers[0].wait(5)
        assert a.open == 0
        assert not send.answers[1].done
        engine._network.call_soon(held.set)
        stopped, fine = settled(send)
        assert (stopped.status, stopped.text, stopped.error) == ("cancelled", "three words came", None)
        assert stopped.usage == Usage(50, 3, source="estimate")
        assert stopped.cost.state == "lower_bound"
        assert fine.status == "ok"
        assert isinstance(send.answers[0].drain()[-1], Cancelled)
        send.stop()
        assert send.answers[0].answer is stopped

    def test_it_is_busy_until_all_is_settled(self, start_engine: StartEngine) -> None:
        held = asyncio.Event()
        adapter = FakeAdapter([Connected(1), held, *answer_events("fine")[1:]])
        engine = start_engine({"a": adapter})
        assert not engine.busy
        send = engine.send(order("a"))
        assert engine.busy
        engine._network.call_soon(held.set)
        settled(send)
        assert not engine.busy

    def test_stopping_at_once_or_while_preparing(self, start_engine: StartEngine) -> None:
        engine = start_engine(
            {"a": FakeAdapter(warm=[asyncio.Event()]), "b": FakeAdapter(warm=[asyncio.Event()])}
        )
        send = engine.send(order("a", "b"))
        send.stop()
        for answer in settled(send):
            assert (answer.status, answer.attempts, answer.usage) == ("cancelled", 0, None)

    def test_an_sdk_that_makes_an_error_of_the_stop_is_not_tried_again(
        self, start_engine: StartEngine
    ) -> None:
        class Stubborn(FakeAdapter):
            async def _play(self, script: Any) -> Any:
                try:
                    async for event in super()._play(script):
                        yield event
                except asyncio.CancelledError:
                    raise OVERLOADED from None

        adapter = Stubborn([Connected(1), asyncio.Event()], answer_events("never"))
        engine = start_engine({"a": adapter})
        send = engine.send(order("a"))
        assert adapter.streaming.wait(5)
        send.stop()
        (answer,) = settled(send)
        assert (answer.status, len(adapter.requests)) == ("cancelled", 1)

    def test_closing_settles_what_still_runs(self, start_engine: StartEngine) -> None:
        a = hanging(Payload(2, "text", "half"))
        engine = start_engine({"a": a})
        send = engine.send(order("a"))
        assert a.streaming.wait(5)
        engine.close()
        engine.close()
        (answer,) = settled(send)
        assert (answer.status, answer.text, a.open) == ("cancelled", "half", 0)
        with pytest.raises(RuntimeError):
            engine.send(order("a"))

    def test_closing_does_not_wait_for_a_stream_that_will_not_close(self, start_engine: StartEngine) -> None:
        release = asyncio.Event()

        class Hanging(FakeAdapter):
            async def stream(self, request: Any) -> Any:
                yield Connected(1)
                try:
                    self.streaming.set()
                    await asyncio.Event().wait()
                finally:
                    while not release.is_set():
                        try:
                            await release.wait()
                        except asyncio.CancelledError:
                            pass

        adapter = Hanging()
        engine = start_engine({"a": adapter})
        send = engine.send(order("a"))
        assert adapter.streaming.wait(5)
        loop, thread = engine._network._loop, engine._network._thread
        assert loop is not None
        assert thread is not None
        engine.close()
        assert settled(send)[0].status == "cancelled"
        assert thread.is_alive()
        assert thread.daemon  # so it does not keep the program, and ends once the stream lets go
        loop.call_soon_threadsafe(release.set)
        thread.join(5)
        assert not thread.is_alive()


class TestOrder:
    def test_no_clock_runs_before_all_are_warm(self, start_engine: StartEngine) -> None:
        log: list[str] = []
        cold = asyncio.Event()
        a = FakeAdapter([lambda: log.append("a sent"), *answer_events("x")])
        b = FakeAdapter(
            [lambda: log.append("b sent"), *answer_events("x")], warm=[cold, lambda: log.append("b warm")]
        )
        engine = start_engine({"a": a, "b": b})
        send = engine.send(order("a", "b"))
        assert b.streaming.wait(5)
        engine._network.call_soon(cold.set)
        settled(send)
        assert log == ["b warm", "a sent", "b sent"]

    def test_one_that_does_not_get_warm_is_not_waited_for(
        self, start_engine: StartEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("smallchat.engine.sending.PATIENCE_S", 0.01)
        b = FakeAdapter(warm=[asyncio.Event()])
        engine = start_engine({"a": FakeAdapter(answer_events("x")), "b": b})
        send = engine.send(order("a", "b"))
        assert send.answers[0].wait(5)
        assert not send.answers[1].done
        send.stop()
        assert [answer.status for answer in settled(send)] == ["ok", "cancelled"]

    def test_one_after_another(self, start_engine: StartEngine) -> None:
        log: list[str] = []

        def logged(name: str) -> FakeAdapter:
            steps = answer_events("x")
            return FakeAdapter(
                [
                    lambda: log.append(f"{name} sent"),
                    *steps[:-1],
                    lambda: log.append(f"{name} ends"),
                    steps[-1],
                ]
            )

        engine = start_engine({name: logged(name) for name in "abc"})
        send = engine.send(order("a", "b", "c", sequential=True))
        assert all(answer.status == "ok" for answer in settled(send))
        assert log == ["a sent", "a ends", "b sent", "b ends", "c sent", "c ends"]

    def test_stopping_one_that_waits_for_its_turn(self, start_engine: StartEngine) -> None:
        held = asyncio.Event()
        a = FakeAdapter([Connected(1), held, *answer_events("x")[1:]])
        c = FakeAdapter(answer_events("x"))
        engine = start_engine({"a": a, "b": FakeAdapter(), "c": c})
        send = engine.send(order("a", "b", "c", sequential=True))
        assert a.streaming.wait(5)
        send.answers[1].stop()
        assert send.answers[1].wait(5)
        assert not c.requests
        engine._network.call_soon(held.set)
        assert [answer.status for answer in settled(send)] == ["ok", "cancelled", "ok"]

    def test_two_sends_at_once(self, start_engine: StartEngine) -> None:
        a = hanging()
        engine = start_engine({"a": a, "b": FakeAdapter(answer_events("x"))})
        first = engine.send(order("a"))
        assert a.streaming.wait(5)
        assert settled(engine.send(order("b")))[0].status == "ok"
        first.stop()
        settled(first)


class TestChanges:
    def test_a_change_is_told_once_until_drained(self, start_engine: StartEngine) -> None:
        held = asyncio.Event()
        adapter = FakeAdapter(
            [Connected(1), *(Payload(i, "text", "x") for i in range(2, 50)), held, StreamEnded(60, True)]
        )
        engine = start_engine({"a": adapter})
        send = engine.send(order("a"))
        (running,) = send.answers
        assert adapter.streaming.wait(5)
        told: list[str] = []
        running.on_change(lambda: told.append(threading.current_thread().name))
        assert len(told) == 1
        assert len(running.drain()) == 50
        engine._network.call_soon(held.set)
        assert running.wait(5)
        send.wait(5)
        assert told[1:] == ["smallchat-network"] * 2  # the end of the stream, and the settled answer


class TestSeams:
    def test_admission_is_asked_before_and_told_after(self, start_engine: StartEngine) -> None:
        log: list[Any] = []

        class Ledger(Unlimited):
            def admit(self, order: Order) -> Sequence[Reservation]:
                log.append("admit")
                return [Reservation(lane.model.name, Decimal("0.01")) for lane in order.lanes]

            def settle(self, reservation: Reservation, answer: Answer) -> None:
                log.append((reservation.id, answer.status))

        adapters = {"a": FakeAdapter(answer_events("x")), "b": ProviderError(Failure("no_key", "No key."))}
        engine = start_engine(adapters, admission=Ledger())
        send = engine.send(order("a", "b"))
        settled(send)
        assert log[0] == "admit"
        assert set(log[1:]) == {("a", "ok"), ("b", "error")}
        assert [running.reserved_usd for running in send.answers] == [Decimal("0.01")] * 2

    def test_a_refused_order_does_not_leave(self, start_engine: StartEngine) -> None:
        class Empty(Unlimited):
            def admit(self, order: Order) -> Sequence[Reservation]:
                raise Refused("$0.02 left today.")

            def settle(self, reservation: Reservation, answer: Answer) -> None:
                raise AssertionError

        adapter = FakeAdapter()
        engine = start_engine({"a": adapter}, admission=Empty())
        with pytest.raises(Refused):
            engine.send(order("a"))
        assert adapter.requests == []

    def test_the_journal_gets_every_event_then_the_answer(self, start_engine: StartEngine) -> None:
        class Notebook:
            def __init__(self) -> None:
                self.events: dict[int, list[Event]] = {0: [], 1: []}
                self.answers: dict[int, Answer] = {}
                self.threads: set[str] = set()

            def write(self, lane: int, events: Sequence[Event]) -> None:
                assert lane not in self.answers
                self.threads.add(threading.current_thread().name)
                self.events[lane] += events

            def settle(self, lane: int, answer: Answer) -> None:
                self.answers[lane] = answer

        engine = start_engine({"a": FakeAdapter(answer_events("x", "y")), "b": FakeAdapter([OVERLOADED] * 3)})
        notebook = Notebook()
        send = engine.send(order("a", "b"), lambda: notebook)
        answers = settled(send)
        assert tuple(notebook.answers.values()) == answers or set(notebook.answers) == {0, 1}
        for lane, running in enumerate(send.answers):
            assert notebook.events[lane] == running.drain()
        assert fold(notebook.events[0], lambda text: 1).text() == "xy"
        assert notebook.threads == {"smallchat-desk_0"}

    def test_a_journal_is_written_while_the_answer_streams(self, start_engine: StartEngine) -> None:
        written = threading.Event()

        class Notebook:
            def write(self, lane: int, events: Sequence[Event]) -> None:
                if any(isinstance(event, Payload) for event in events):
                    written.set()

            def settle(self, lane: int, answer: Answer) -> None:
                pass

        engine = start_engine({"a": hanging(Payload(2, "text", "x"))})
        send = engine.send(order("a"), Notebook)
        assert written.wait(5)
        assert not send.done
        send.stop()
        settled(send)

    def test_a_journal_or_ledger_that_fails_does_not_stop_the_answer(self, start_engine: StartEngine) -> None:
        class Full(Unlimited):
            def admit(self, order: Order) -> Sequence[Reservation]:
                return [Reservation()]

            def write(self, lane: int, events: Sequence[Event]) -> None:
                raise OSError("disk full")

            def settle(self, *args: object) -> None:
                raise OSError("disk full")

        engine = start_engine({"a": FakeAdapter(answer_events("x"))}, admission=Full())
        assert settled(engine.send(order("a"), Full))[0].status == "ok"


def test_warming_is_quiet_about_errors(start_engine: StartEngine) -> None:
    warmed = threading.Event()
    engine = start_engine(
        {"a": ProviderError(Failure("no_key", "No key.")), "b": FakeAdapter(warm=[warmed.set])}
    )
    engine.warm([model("a"), model("b")])
    assert warmed.wait(5)
