"""Follows the events of one answer to the phase it is in."""

from __future__ import annotations

from smallchat.engine.attempts import MOST_RETRIES
from smallchat.metering.events import AttemptStarted, Connected, Event, Payload, RetryScheduled
from smallchat.metering.window import NS_PER_S
from smallchat.tui.phase import CONNECTING, FIRST_TOKEN, THINKING, WAITING, WRITING, Phase


class PhaseTracker:
    """Follows the events of one answer."""

    def __init__(self, before: Phase = WAITING) -> None:
        """Begin in the phase ``before`` the first event."""
        self._phase = before
        self._since: int | None = None
        self._retry: RetryScheduled | None = None
        self._attempt = 0

    def feed(self, event: Event) -> None:
        """Take the next event."""
        if isinstance(event, Payload):
            if event.text:
                self._phase = THINKING if event.channel == "reasoning" else WRITING
                self._since = None
        elif isinstance(event, AttemptStarted):
            self._phase, self._since, self._retry = CONNECTING, event.at, None
            self._attempt = event.number
        elif isinstance(event, Connected):
            self._phase = FIRST_TOKEN
        elif isinstance(event, RetryScheduled):
            self._retry = event

    def at(self, now: int) -> Phase:
        """Return the phase at ``now`` ns, with seconds to wait or waited where they tell something."""
        if (retry := self._retry) is not None:
            left = max(0, round(retry.wait_s - (now - retry.at) / NS_PER_S))
            return Phase("↻", f"retrying {self._attempt} of {MOST_RETRIES} in {left} s", "warn")
        if self._since is not None and (waited := (now - self._since) // NS_PER_S) >= 1:
            return Phase(self._phase.symbol, f"{self._phase.word} {waited} s", self._phase.tone)
        return self._phase
