"""A held order waits for its screen, and for nothing else."""

from __future__ import annotations

from dataclasses import replace

from tests.engine.conftest import StartEngine
from tests.engine.fakes import FakeAdapter, answer_events
from tests.engine.test_engine import order, settled

HELD = replace(order("a", "b"), held=True)


def test_nothing_leaves_before_the_release(start_engine: StartEngine) -> None:
    adapters = {name: FakeAdapter(answer_events(name)) for name in ("a", "b", "c")}
    engine = start_engine(adapters)
    send = engine.send(HELD)
    settled(engine.send(order("c")))  # another one overtakes it
    assert adapters["a"].requests == []
    send.release()
    assert [answer.status for answer in settled(send)] == ["ok", "ok"]


def test_stopping_a_held_send_settles_it_unsent(start_engine: StartEngine) -> None:
    adapter = FakeAdapter(answer_events("x"))
    engine = start_engine({"a": adapter, "b": adapter})
    send = engine.send(HELD)
    send.stop()
    assert [(answer.status, answer.attempts) for answer in settled(send)] == [("cancelled", 0)] * 2
    assert adapter.requests == []
