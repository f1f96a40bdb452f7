"""The meter: a fold over a stream's events that gives text, figures, usage and ending at any moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from smallchat.metering.answer import Figures, Status
from smallchat.metering.ending import Last, resolve_ending
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
from smallchat.metering.generated import Generated
from smallchat.metering.timeline import Timeline
from smallchat.metering.usage import Usage
from smallchat.metering.window import NS_PER_MS, Window


class Meter:
    """Folds the events of one answer, retries included; a new attempt starts it afresh.

    Pure but for the counting function, O(1) per event, and never raises, whatever the order of events.
    The first of ``StreamEnded``, ``Failed`` and ``Cancelled`` ends an attempt; what follows it is ignored
    until the next attempt starts. While the answer runs, tokens are estimates; then they settle to usage.

    Attributes:
        attempts: Requests made.
        status: How the answer ended; ``None`` while it runs.
        error: Why it failed or was cut.
        finish_reason: The provider's own word for the end.
        served_model: The model's name as the provider stated it.
        server_timings: The server's own timing.
        notes: What the user should know about the request, each said once.
    """

    def __init__(self, count: Callable[[str], int], estimate_input: Callable[[], int] = lambda: 0) -> None:
        """Begin with no events.

        Args:
            count: Estimates the tokens of a text; called for a whole text, never for a chunk.
            estimate_input: Estimates the tokens of the request; called when the provider does not say.
        """
        self._count = count
        self._estimate_input = estimate_input
        self.attempts = 0
        self.notes: list[str] = []
        self._begin(None)

    def _begin(self, started_at: int | None) -> None:
        self.status: Status | None = None
        self.error: Failure | None = None
        self.served_model: str | None = None
        self.server_timings: Mapping[str, float] | None = None
        self._started_at = started_at
        self._ended_at: int | None = None
        self._connected_at: int | None = None
        self._turned_away = False
        self._first_text_at: int | None = None
        self._window = Window()
        self._generated = Generated(self._count)
        self._reported: UsageReported | None = None
        self._finished: Finished | None = None

    def feed(self, event: Event) -> None:
        """Take the next event."""
        if isinstance(event, AttemptStarted):
            self.attempts = event.number
            self._begin(event.at)
        elif isinstance(event, Noted):
            if event.text not in self.notes:
                self.notes.append(event.text)
        elif self.status is not None:
            return
        elif isinstance(event, Payload):
            self._add_payload(event)
        elif isinstance(event, UsageReported):
            self._reported = event
        elif isinstance(event, Finished):
            self._finished = event
        elif isinstance(event, StreamEnded | Failed | Cancelled):
            self._end(event)
        elif isinstance(event, Connected):
            self._connected_at = event.at
        elif isinstance(event, RetryScheduled):
            self._turned_away = True
        elif isinstance(event, Served):
            self.served_model = event.model
        elif isinstance(event, ServerTimings):
            self.server_timings = event.values

    def _add_payload(self, event: Payload) -> None:
        if not event.text:
            return
        self._window.add(event.at, len(event.text))
        self._generated.add(event.channel, event.text)
        if self._first_text_at is None and event.channel == "text":
            self._first_text_at = event.at

    def _end(self, last: Last) -> None:
        self._ended_at = last.at
        self.status, self.error = resolve_ending(last, self._finished, has_payload=self._window.events > 0)

    @property
    def finish_reason(self) -> str | None:
        """The provider's own word for the end."""
        return self._finished.reason if self._finished else None

    def text(self) -> str:
        """Return the answer so far."""
        return self._generated.joined("text")

    def reasoning(self) -> str:
        """Return the visible reasoning so far."""
        return self._generated.joined("reasoning")

    def usage(self) -> Usage | None:
        """Return the tokens used; ``None`` when nothing was sent, or it was turned away unanswered.

        The provider's count holds once the answer ended and the count is no older than the last payload.
        An older one (Anthropic opens with the input and a placeholder for the output, and a stream may
        then be cut or cancelled) gives the input; the output is then at least what was received, counted
        here, and the source is ``estimate``. So it is when a provider reports no output beside a text.
        """
        if not self._was_sent():
            return None
        reported = self._reported.usage if self._reported else None
        if reported is not None and self._is_complete(reported):
            return reported
        counted = self._generated.count_tokens() if self.status else self._generated.estimate_tokens()
        output, reasoning = sum(counted.values()), counted["reasoning"]
        if reported is None:
            return Usage(self._estimate_input(), output, reasoning=reasoning, source="estimate")
        return replace(
            reported,
            output=max(output, reported.output),
            reasoning=max(reasoning, reported.reasoning),
            source="estimate",
        )

    def figures(self, now: int | None = None) -> Figures:
        """Return the clock's findings.

        Args:
            now: The time, in ns, up to which ``total_ms`` of a running answer is taken; without it that is
                unknown. While the answer runs, stalls are not counted and the token figures are estimates.
        """
        usage = self.usage()
        window = self._window
        tokens = self._visible_tokens(usage)
        total_ms = self._ms_since_start(now if self._ended_at is None else self._ended_at)
        output = usage.output if usage else 0
        return Figures(
            ttft_ms=self._ms_since_start(window.first_at),
            ttfa_ms=self._ms_since_start(self._first_text_at),
            total_ms=total_ms,
            tokens_per_s=window.tokens_per_s(tokens),
            tokens_per_s_overall=1000 * output / total_ms if output and total_ms else None,
            chars_per_s=window.chars_per_s(),
            payload_events=window.events,
            tokens_per_event=tokens / window.events if tokens and window.events else None,
            stalls=window.count_stalls() if self.status else 0,
            estimated=usage is not None and (self.status is None or usage.source == "estimate"),
        )

    def timeline(self) -> Timeline | None:
        """Return when the parts of the last attempt happened; ``None`` while it runs, or without a start."""
        start, end_ms = self._started_at, self._ms_since_start(self._ended_at)
        if start is None or end_ms is None:
            return None
        return Timeline(
            end_ms=end_ms,
            connected_ms=self._ms_since_start(self._connected_at),
            first_ms=self._ms_since_start(self._window.first_at),
            first_text_ms=self._ms_since_start(self._first_text_at),
            stalls=tuple(
                ((since - start) / NS_PER_MS, (until - start) / NS_PER_MS)
                for since, until in self._window.find_stalls()
            ),
        )

    def _visible_tokens(self, usage: Usage | None) -> int:
        """Return how many tokens of ``usage`` arrived as payload: hidden reasoning did not."""
        if usage is None:
            return 0
        return usage.output if self._generated.has("reasoning") else usage.output - usage.reasoning

    def _was_sent(self) -> bool:
        """Tell whether a provider may bill this: it answered, or the user left before it could."""
        if self._started_at is None and not self._window.events:
            return False
        answered = self._connected_at is not None or self._reported is not None or self._window.events > 0
        return answered or not (self._turned_away or self.status == "error")

    def _is_complete(self, usage: Usage) -> bool:
        if self.status is None or self._reported is None:
            return False
        if self._window.last_at is None:
            return True
        return self._reported.at >= self._window.last_at and usage.output > 0

    def _ms_since_start(self, at: int | None) -> float | None:
        if at is None or self._started_at is None:
            return None
        return max(0, at - self._started_at) / NS_PER_MS
