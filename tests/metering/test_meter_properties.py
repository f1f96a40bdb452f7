"""What holds for every stream: the meter never lies by much, and never breaks."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallchat.metering.events import (
    AttemptStarted,
    Cancelled,
    Connected,
    Event,
    Failed,
    Failure,
    Finished,
    Noted,
    Payload,
    RetryScheduled,
    Served,
    ServerTimings,
    StreamEnded,
    UsageReported,
)
from smallchat.metering.meter import Meter
from smallchat.metering.usage import Usage
from tests.metering.folding import fold

MS = 1_000_000
START = 10**12


def count(text: str) -> int:
    return -(-len(text) // 4)


stamps = st.integers(0, 10**13)
texts = st.text(max_size=30)
failures = st.builds(Failure, kind=st.just("server"), message=texts)


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    cached, write, fresh = draw(st.tuples(*[st.integers(0, 10**6)] * 3))
    reasoning, visible = draw(st.tuples(*[st.integers(0, 10**6)] * 2))
    return Usage(cached + write + fresh, reasoning + visible, cached, write, reasoning=reasoning)


any_event: st.SearchStrategy[Event] = st.one_of(
    st.builds(AttemptStarted, stamps, st.integers(1, 3)),
    st.builds(Connected, stamps),
    st.builds(Payload, stamps, st.sampled_from(["text", "reasoning", "tool"]), texts),
    st.builds(UsageReported, stamps, usages()),
    st.builds(Served, stamps, texts),
    st.builds(ServerTimings, stamps, st.dictionaries(texts, st.floats(), max_size=2)),
    st.builds(Finished, stamps, texts, st.sampled_from(["ok", "length", "refused"])),
    st.builds(StreamEnded, stamps, st.booleans()),
    st.builds(RetryScheduled, stamps, failures, st.floats(0, 60)),
    st.builds(Failed, stamps, failures),
    st.builds(Cancelled, stamps),
    st.builds(Noted, stamps, texts),
)


@given(st.lists(any_event, max_size=40), stamps)
def test_any_stream_at_any_moment_gives_sane_figures(events: list[Event], now: int) -> None:
    meter = Meter(count)
    for event in events:
        meter.feed(event)
        for figures in (meter.figures(), meter.figures(now)):
            for name, value in asdict(figures).items():
                assert value is None or (math.isfinite(value) and value >= 0), name
        used = meter.usage()
        assert used is None or used.output >= used.reasoning >= 0
        assert (meter.error is None) or meter.status is not None
    assert meter.text() == "".join(_text_of_last_attempt(events))


def _text_of_last_attempt(events: list[Event]) -> list[str]:
    pieces: list[str] = []
    over = False
    for event in events:
        if isinstance(event, AttemptStarted):
            pieces, over = [], False
        elif isinstance(event, StreamEnded | Failed | Cancelled):
            over = True
        elif isinstance(event, Payload) and event.channel == "text" and not over:
            pieces.append(event.text)
    return pieces


@st.composite
def timed_streams(draw: st.DrawFn) -> tuple[float, int, list[Payload]]:
    """A model at a constant true rate behind a server that bundles as it likes.

    Token t is generated t / rate after the first one, and an event leaves with its last token.
    """
    rate = draw(st.floats(20, 2_000))
    sizes = draw(st.lists(st.integers(1, 40), min_size=10, max_size=60))
    token = st.sampled_from(["abc ", "abcd ", "abcde "])
    payloads, tokens = [], 0
    for size in sizes:
        tokens += size
        text = "".join(draw(token) for _ in range(min(size, 3))) + "abcd " * (size - 3)
        payloads.append(Payload(START + round(tokens / rate * 1e9), "text", text))
    return rate, tokens, payloads


@given(timed_streams())
def test_bundles_at_a_true_rate_give_that_rate(stream: tuple[float, int, list[Payload]]) -> None:
    rate, tokens, payloads = stream
    end = payloads[-1].at
    events = [
        AttemptStarted(START - 300 * MS, 1), *payloads,
        Finished(end, "stop", "ok"), UsageReported(end, Usage(9, tokens)), StreamEnded(end, True),
    ]  # fmt: skip
    measured = fold(events, count).figures().tokens_per_s
    if measured is not None:
        assert measured == pytest.approx(rate, rel=0.03)


@given(timed_streams(), st.data())
def test_repeated_cumulative_usage_never_adds(
    stream: tuple[float, int, list[Payload]], data: st.DataObject
) -> None:
    _, tokens, payloads = stream
    events: list[Event] = [AttemptStarted(START, 1)]
    for i, payload in enumerate(payloads):
        events.append(payload)
        if data.draw(st.booleans()):
            events.append(UsageReported(payload.at, Usage(9, min(i + 1, tokens))))
    end = payloads[-1].at
    events += [UsageReported(end, Usage(9, tokens)), Finished(end, "stop", "ok"), StreamEnded(end, True)]
    assert fold(events, count).usage() == Usage(9, tokens)


@given(timed_streams(), st.data())
def test_the_order_of_other_events_does_not_matter(
    stream: tuple[float, int, list[Payload]], data: st.DataObject
) -> None:
    _, tokens, payloads = stream
    end = payloads[-1].at
    others: list[Event] = [
        Connected(START), Served(START, "m"), Noted(START, "n"), ServerTimings(end, {"ms": 1.0}),
        UsageReported(end, Usage(9, tokens)), Finished(end, "stop", "ok"),
    ]  # fmt: skip
    first, last = AttemptStarted(START, 1), StreamEnded(end + MS, True)
    expected = _summary(fold([first, *payloads, *others, last], count))
    mixed: list[Event] = list(payloads)
    for event in data.draw(st.permutations(others)):
        mixed.insert(data.draw(st.integers(0, len(mixed))), event)
    assert _summary(fold([first, *mixed, last], count)) == expected


def _summary(meter: Meter) -> tuple[Any, ...]:
    return (
        meter.figures(), meter.usage(), meter.status, meter.error, meter.text(), meter.finish_reason,
        meter.served_model, meter.server_timings, meter.notes,
    )  # fmt: skip


@given(timed_streams(), st.integers(-(10**11), 10**11))
def test_figures_depend_on_differences_of_time_only(
    stream: tuple[float, int, list[Payload]], shift: int
) -> None:
    _, tokens, payloads = stream
    end = payloads[-1].at
    events: list[Any] = [
        AttemptStarted(START, 1), *payloads, UsageReported(end, Usage(9, tokens)), StreamEnded(end, True),
    ]  # fmt: skip
    shifted = [replace(event, at=event.at + shift) for event in events]
    assert fold(shifted, count).figures() == fold(events, count).figures()
