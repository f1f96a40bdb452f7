"""The worked cases: what the figures of a known stream must be."""

from __future__ import annotations

import pytest

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
from smallchat.metering.generated import SAMPLE_CHARS
from smallchat.metering.meter import Meter
from smallchat.metering.usage import Usage
from tests.metering.folding import fold

MS = 1_000_000
START = 7_000 * MS


def at(ms: float) -> int:
    return START + round(ms * MS)


def count_words(text: str) -> int:
    return len(text.split())


def text(ms: float, piece: str, channel: str = "text") -> Payload:
    return Payload(at(ms), channel, piece)  # type: ignore[arg-type]


def started(number: int = 1, ms: float = 0) -> AttemptStarted:
    return AttemptStarted(at(ms), number)


def usage(output: int, ms: float = 1e6, *, input: int = 10, reasoning: int = 0) -> UsageReported:  # noqa: A002
    return UsageReported(at(ms), Usage(input, output, reasoning=reasoning))


def ended(ms: float = 1e6, *, marked: bool = True) -> StreamEnded:
    return StreamEnded(at(ms), marked)


STOP = Finished(at(1e6), "stop", "ok")
FAILURE = Failure("connection", "The connection dropped.")


def bundles(
    number: int, tokens: int, every_ms: float, first_ms: float = 300, token: str = "word "
) -> list[Event]:
    return [text(first_ms + i * every_ms, token * tokens) for i in range(number)]


class TestSpeed:
    def test_bundles_of_forty_tokens_at_a_hundred_per_second_say_a_hundred(self) -> None:
        figures = fold([started(), *bundles(5, 40, 400), STOP, usage(200), ended()], count_words).figures()
        assert figures.tokens_per_s == pytest.approx(100)
        assert figures.tokens_per_event == 40
        assert not figures.estimated

    def test_one_token_per_event(self) -> None:
        figures = fold([started(), *bundles(101, 1, 10), STOP, usage(101), ended()], count_words).figures()
        assert figures.tokens_per_s == pytest.approx(100)
        assert figures.chars_per_s == pytest.approx(500)
        assert figures.tokens_per_event == 1

    def test_hidden_reasoning_is_not_in_the_window_but_in_the_overall_speed(self) -> None:
        events = [started(), *bundles(101, 1, 10), STOP, usage(601, reasoning=500), ended(6_000)]
        figures = fold(events, count_words).figures()
        assert figures.tokens_per_s == pytest.approx(100)
        assert figures.tokens_per_event == 1
        assert figures.tokens_per_s_overall == pytest.approx(601 / 6)

    def test_visible_reasoning_is_in_the_window(self) -> None:
        thought = [text(300 + 10 * i, "word ", "reasoning") for i in range(100)]
        events = [
            started(),
            *thought,
            *bundles(101, 1, 10, first_ms=1_300),
            STOP,
            usage(201, reasoning=100),
            ended(),
        ]
        figures = fold(events, count_words).figures()
        assert figures.tokens_per_s == pytest.approx(100)

    def test_without_usage_the_whole_text_is_counted_once(self) -> None:
        counted: list[str] = []

        def count(piece: str) -> int:
            counted.append(piece)
            return count_words(piece)

        # Counted piece by piece these are 202 words; they are 101.
        halves = [text(300 + 5 * i, "ha" if i % 2 == 0 else "lf ") for i in range(202)]
        meter = fold([started(), *halves, STOP, ended()], count)
        figures = meter.figures()
        assert meter.usage() == Usage(0, 101, source="estimate")
        assert figures.estimated
        assert figures.tokens_per_s == pytest.approx(100, rel=0.01)
        assert [piece for piece in counted if piece] == ["half " * 101]

    @pytest.mark.parametrize(
        ("events", "tokens", "has_chars_per_s"),
        [
            pytest.param(bundles(100, 1, 2), 100, False, id="window under 200 ms"),
            pytest.param(bundles(41, 1, 10), 40, True, id="fewer than 40 tokens after the first"),
            pytest.param(bundles(2, 100, 1_000), 200, False, id="two events"),
        ],
    )
    def test_no_number_rather_than_a_wrong_one(
        self, events: list[Event], tokens: int, has_chars_per_s: bool
    ) -> None:
        figures = fold([started(), *events, STOP, usage(tokens), ended()], count_words).figures()
        assert figures.tokens_per_s is None
        assert (figures.chars_per_s is not None) is has_chars_per_s

    def test_stalls_are_gaps_far_above_the_median(self) -> None:
        events = [
            *bundles(20, 1, 20),
            *bundles(20, 1, 20, first_ms=1_500),
            *bundles(20, 1, 20, first_ms=2_000),
        ]
        assert fold([started(), *events, STOP, ended()], count_words).figures().stalls == 1

    def test_a_slow_model_does_not_stall(self) -> None:
        assert fold([started(), *bundles(20, 1, 900), STOP, ended()], count_words).figures().stalls == 0


class TestClock:
    def test_only_a_payload_is_a_first_token(self) -> None:
        events = [
            started(), Connected(at(50)), Served(at(60), "m-1"), usage(1, 70), text(80, ""),
            text(100, "hm", "reasoning"), text(250, "yes"), STOP, usage(5), ended(900),
        ]  # fmt: skip
        figures = fold(events, count_words).figures()
        assert (figures.ttft_ms, figures.ttfa_ms, figures.total_ms) == (100, 250, 900)
        assert figures.payload_events == 2

    def test_each_attempt_has_a_clock_of_its_own(self) -> None:
        events = [
            started(), Noted(at(0), "no temperature"), usage(99, 1), RetryScheduled(at(20), FAILURE, 1.0),
            started(2, ms=1_020), Noted(at(1_020), "no temperature"), text(1_220, "yes"), STOP, ended(1_320),
        ]  # fmt: skip
        meter = fold(events, count_words)
        assert meter.figures().ttft_ms == 200
        assert meter.figures().total_ms == 300
        assert meter.attempts == 2
        assert meter.usage() == Usage(0, 1, source="estimate")
        assert meter.notes == ["no temperature"]

    def test_a_server_s_own_timing_changes_nothing(self) -> None:
        events = [started(), *bundles(101, 1, 10), STOP, usage(101), ended()]
        timed = [*events[:-1], ServerTimings(at(1e5), {"predicted_per_second": 999.0}), events[-1]]
        assert fold(timed, count_words).figures() == fold(events, count_words).figures()
        assert fold(timed, count_words).server_timings == {"predicted_per_second": 999.0}


class TestLive:
    def test_live_figures_are_estimates_and_then_settle(self) -> None:
        meter = fold([started(), usage(1, 10), *bundles(101, 1, 10)], count_words)
        live = meter.figures(now=at(2_000))
        assert live.estimated
        assert live.total_ms == 2_000
        assert live.tokens_per_s == pytest.approx(100, rel=0.02)
        for event in (STOP, usage(121), ended(2_500)):
            meter.feed(event)
        settled = meter.figures(now=at(9_000))
        assert not settled.estimated
        assert settled.total_ms == 2_500
        assert settled.tokens_per_s == pytest.approx(120 * 101 / 101, rel=0.02)

    def test_live_counting_does_not_grow_with_the_text(self) -> None:
        counted: list[int] = []

        def count(piece: str) -> int:
            counted.append(len(piece))
            return count_words(piece)

        meter = fold([started()], count)
        for event in bundles(5_000, 1, 2):
            meter.feed(event)
            meter.figures(now=event.at)
        assert sum(counted) <= 4 * SAMPLE_CHARS
        assert meter.figures().tokens_per_s == pytest.approx(500, rel=0.01)

    def test_before_anything_happened_nothing_is_known(self) -> None:
        meter = Meter(count_words)
        assert meter.usage() is None
        assert meter.status is None
        assert meter.figures(now=at(5)).total_ms is None


class TestEnding:
    @pytest.mark.parametrize(
        ("events", "status", "kind"),
        [
            ([text(1, "a"), STOP, ended()], "ok", None),
            ([text(1, "a"), STOP, ended(marked=False)], "ok", None),
            ([STOP, ended()], "ok", None),
            ([text(1, "a"), Finished(at(2), "length", "length"), ended()], "length", None),
            ([Finished(at(2), "content_filter", "refused"), ended()], "refused", "content"),
            ([text(1, "a"), ended(marked=True)], "ok", None),
            ([text(1, "a"), ended(marked=False)], "cut", "protocol"),
            ([ended(marked=False)], "cut", "protocol"),
            ([ended(marked=True)], "error", "protocol"),
            ([text(1, "a"), Failed(at(2), FAILURE)], "error", "connection"),
            ([text(1, "a"), Cancelled(at(2))], "cancelled", None),
            ([text(1, "a"), STOP, Failed(at(2), FAILURE)], "error", "connection"),
            ([text(1, "a"), STOP, ended(), Cancelled(at(2))], "ok", None),
        ],
    )
    def test_every_ending_keeps_the_text(self, events: list[Event], status: str, kind: str | None) -> None:
        meter = fold([started(), Connected(at(0.5)), *events], count_words)
        assert meter.status == status
        assert (meter.error.kind if meter.error else None) == kind
        assert meter.text() == ("a" if any(isinstance(event, Payload) for event in events) else "")


class TestUsage:
    def test_a_later_report_replaces_an_earlier_one(self) -> None:
        events = [started(), *(usage(n, 300 + n) for n in range(1, 50)), text(300, "a b"), STOP, ended()]
        meter = fold(events, count_words)
        assert meter.usage() == Usage(10, 49)

    def test_cut_after_the_opening_report_keeps_its_input_and_counts_the_output(self) -> None:
        opening = UsageReported(at(1), Usage(500, 1, cached=400))
        meter = fold(
            [started(), Connected(at(1)), opening, text(5, "one two three"), ended(marked=False)], count_words
        )
        assert meter.usage() == Usage(500, 3, cached=400, source="estimate")
        assert meter.figures().estimated

    def test_a_report_as_new_as_the_last_payload_holds_for_a_cut_answer(self) -> None:
        meter = fold([started(), text(5, "one"), usage(7, 5), ended(marked=False)], count_words)
        assert meter.usage() == Usage(10, 7)

    def test_no_output_beside_a_text_is_not_believed(self) -> None:
        meter = fold([started(), text(5, "one two"), STOP, usage(0), ended()], count_words)
        assert meter.usage() == Usage(10, 2, source="estimate")

    def test_without_any_report_both_sides_are_estimated(self) -> None:
        events = [
            started(),
            text(5, "so so", "reasoning"),
            text(6, "one"),
            text(7, "f x", "tool"),
            Cancelled(at(9)),
        ]
        meter = fold(events, count_words, lambda: 42)
        assert meter.usage() == Usage(42, 5, reasoning=2, source="estimate")

    def test_cancelled_before_the_first_token_keeps_the_input(self) -> None:
        assert fold([started(), Cancelled(at(9))], count_words, lambda: 42).usage() == Usage(
            42, 0, source="estimate"
        )

    def test_what_was_turned_away_or_never_sent_costs_nothing(self) -> None:
        assert fold([started(), Failed(at(9), FAILURE)], count_words, lambda: 42).usage() is None
        assert fold([Cancelled(at(9))], count_words, lambda: 42).usage() is None
        waiting = [started(), RetryScheduled(at(5), FAILURE, 1.0), Cancelled(at(9))]
        assert fold(waiting, count_words, lambda: 42).usage() is None
