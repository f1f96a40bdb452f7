from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest

from smallchat.engine.attempts import Timing, run_attempts
from smallchat.metering.events import (
    AttemptStarted,
    Connected,
    Event,
    Failed,
    Failure,
    Payload,
    RetryScheduled,
    StreamEnded,
)
from smallchat.providers.base import ChatRequest, Message, ProviderError
from tests.engine.fakes import OVERLOADED, FakeAdapter, Step, answer_events

REQUEST = ChatRequest("m", (Message("user", "hi"),))


class Time:
    """Ticks with each look at it, and notes the sleeps instead of sleeping."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        ticks = itertools.count(1)
        self.timing = Timing(clock=lambda: next(ticks), sleep=self._sleep, random=lambda: 0.0)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


async def run(*scripts: list[Step]) -> tuple[list[Event], list[float], FakeAdapter]:
    events: list[Event] = []
    adapter, time = FakeAdapter(*scripts), Time()
    await run_attempts(adapter, REQUEST, events.append, time.timing)
    assert adapter.open == 0
    return events, time.slept, adapter


def error(retryable: bool = True, **fields: Any) -> ProviderError:
    return ProviderError(Failure("rate_limit", "Slow down.", **fields), retryable=retryable)


async def test_a_good_answer_takes_one_attempt() -> None:
    events, slept, adapter = await run(answer_events("a"))
    assert isinstance(events[0], AttemptStarted)
    assert isinstance(events[-1], StreamEnded)
    assert (len(adapter.requests), slept) == (1, [])


async def test_two_retries_at_most_each_with_a_new_clock() -> None:
    events, slept, adapter = await run([OVERLOADED], [OVERLOADED], [OVERLOADED], answer_events("a"))
    assert [type(event) for event in events] == [
        AttemptStarted, RetryScheduled, AttemptStarted, RetryScheduled, AttemptStarted, Failed,
    ]  # fmt: skip
    starts = [event for event in events if isinstance(event, AttemptStarted)]
    assert [start.number for start in starts] == [1, 2, 3]
    assert len({start.at for start in starts}) == 3
    assert slept == [0.5, 1.0]
    assert len(adapter.requests) == 3


async def test_a_retry_that_works_is_an_answer() -> None:
    events, _, _ = await run([Connected(1), OVERLOADED], answer_events("a"))
    assert isinstance(events[-1], StreamEnded)


@pytest.mark.parametrize("wait", [0.0, 2.5, 60.0])
async def test_the_provider_s_wait_is_honoured(wait: float) -> None:
    _, slept, _ = await run([error(retry_after_s=wait)], answer_events("a"))
    assert slept == [wait]


@pytest.mark.parametrize("wait", [60.5, 1e9, float("inf")])
async def test_a_long_wait_is_left_to_the_user(wait: float) -> None:
    events, slept, adapter = await run([error(retry_after_s=wait)], answer_events("a"))
    assert isinstance(events[-1], Failed)
    assert events[-1].failure.hint == f"Try again in {wait:.0f} s."
    assert (len(adapter.requests), slept) == (1, [])


async def test_what_can_not_help_is_not_tried_again() -> None:
    events, _, adapter = await run([error(retryable=False)])
    assert isinstance(events[-1], Failed)
    assert len(adapter.requests) == 1


async def test_nothing_is_tried_again_after_a_payload() -> None:
    events, _, adapter = await run([Connected(1), Payload(2, "text", "half"), OVERLOADED])
    assert isinstance(events[-1], Failed)
    assert events[-1].failure == OVERLOADED.failure
    assert len(adapter.requests) == 1


async def test_an_adapter_that_just_stops_was_cut() -> None:
    events, _, _ = await run([Connected(1), Payload(2, "text", "half")])
    assert isinstance(events[-1], StreamEnded)
    assert not events[-1].marked


async def test_cancelling_closes_the_stream_and_emits_nothing() -> None:
    events: list[Event] = []
    reached = asyncio.Event()
    adapter = FakeAdapter([Connected(1), reached.set, asyncio.Event()])
    task = asyncio.create_task(run_attempts(adapter, REQUEST, events.append, Time().timing))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert adapter.open == 0
    assert [type(event) for event in events] == [AttemptStarted, Connected]
