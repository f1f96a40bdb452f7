"""The parts of an answer in time: they join, and stalls are the gaps that the figures count."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from smallchat.metering.answer import Figures
from smallchat.metering.events import AttemptStarted, Connected, Event, Payload, StreamEnded
from smallchat.metering.timeline import Timeline
from tests.metering.folding import fold

MS = 1_000_000
moments = st.none() | st.floats(-10, 1e5)
stalls = st.lists(st.tuples(st.floats(0, 1e5), st.floats(0, 1e5)), max_size=3).map(tuple)
timelines = st.builds(Timeline, st.floats(0, 1e5), moments, moments, moments, stalls)


@given(timelines)
def test_parts_fill_the_whole_time(timeline: Timeline) -> None:
    parts = timeline.parts()
    if not timeline.end_ms:
        assert not parts
        return
    assert parts[0][1] == 0
    assert parts[-1][2] == timeline.end_ms
    assert all(one[2] == other[1] for one, other in pairwise(parts))
    assert all(start < stop for _, start, stop in parts)


def test_the_meter_keeps_when_everything_happened() -> None:
    events: list[Event] = [AttemptStarted(0, 1), Connected(100 * MS), Payload(300 * MS, "reasoning", "hm")]
    at = 300
    for gap in (10, 10, 700, 10):
        at += gap
        events.append(Payload(at * MS, "text", "word "))
    events.append(StreamEnded((at + 20) * MS, True))
    meter = fold(events, len)
    timeline = meter.timeline()
    assert timeline == Timeline(1050, 100, 300, 310, ((320, 1020),))
    assert meter.figures().stalls == len(timeline.stalls)
    assert timeline.parts() == [
        ("connect", 0, 100),
        ("wait", 100, 300),
        ("think", 300, 310),
        ("write", 310, 320),
        ("stall", 320, 1020),
        ("write", 1020, 1050),
    ]


def test_without_events_the_figures_tell_what_they_can() -> None:
    assert Timeline.of(Figures()) is None
    told = Timeline.of(Figures(ttft_ms=200, ttfa_ms=300, total_ms=1000))
    assert told is not None
    assert [part for part, *_ in told.parts()] == ["wait", "think", "write"]
    assert fold([AttemptStarted(0, 1)], len).timeline() is None
