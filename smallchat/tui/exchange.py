"""One pane's answer on its way: drains the mailbox, folds what came, says what is new."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from smallchat.metering.answer import Answer, Cost, Figures
from smallchat.metering.cost import cost_of
from smallchat.metering.events import Channel, Noted, Payload, RetryScheduled
from smallchat.metering.usage import Usage
from smallchat.tui.endings import ending_of
from smallchat.tui.phase import WAITING, Phase
from smallchat.tui.phase_tracking import PhaseTracker

if TYPE_CHECKING:
    from smallchat.engine.running import Running
    from smallchat.metering.timeline import Timeline


@dataclass(slots=True)
class News:
    """What one draining brought.

    Attributes:
        pieces: Generated text in the order it came, neighbours of one channel joined.
        notes: Notes for the user.
        answer: The settled answer, once, with the last of the events.
    """

    pieces: list[tuple[Channel, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    answer: Answer | None = None


class Exchange:
    """One prompt and the answer to it, as a pane follows it.

    Attributes:
        failure: What went wrong at the last attempt, as it was told when the next one was scheduled.
    """

    def __init__(self, running: Running, before: Phase = WAITING) -> None:
        """Follow ``running``; ``before`` is shown until its clock starts."""
        self._running = running
        self._meter = running.new_meter()
        self._phase = PhaseTracker(before)
        self._answer: Answer | None = None
        self.failure = ""

    @property
    def answer(self) -> Answer | None:
        """The settled answer, once everything of it was pulled."""
        return self._answer

    @property
    def timeline(self) -> Timeline | None:
        """When the parts of the answer happened, once it has ended."""
        return self._meter.timeline()

    def stop(self) -> None:
        """End the answer, with the text so far."""
        self._running.stop()

    def pull(self) -> News:
        """Return what came since the last call."""
        settled = self._running.done  # before draining: all events of a settled answer are in the mailbox
        news = News()
        pending: list[str] = []
        channel: Channel = "text"
        for event in self._running.drain():
            self._meter.feed(event)
            self._phase.feed(event)
            if isinstance(event, Payload):
                if event.channel != channel and pending:
                    news.pieces.append((channel, "".join(pending)))
                    pending = []
                channel = event.channel
                pending.append(event.text)
            elif isinstance(event, Noted):
                news.notes.append(event.text)
            elif isinstance(event, RetryScheduled) and event.failure.message != self.failure:
                # The header counts the attempts: the same is not told for each of them.
                self.failure = event.failure.message
                news.notes.append(f"{self.failure} Trying again.")
        if pending:
            news.pieces.append((channel, "".join(pending)))
        if settled and self._answer is None:
            self._answer = news.answer = self._running.answer
        return news

    def phase(self, now: int) -> Phase:
        """Return what the answer is doing at ``now`` ns."""
        return ending_of(self._answer) if self._answer else self._phase.at(now)

    def live(self, now: int) -> tuple[Figures, Usage | None, Cost | None]:
        """Return figures, tokens and cost at ``now`` ns: estimates until the answer is settled."""
        if self._answer is not None:
            return self._answer.figures, self._answer.usage, self._answer.cost
        usage = self._meter.usage()
        if usage is None:
            return self._meter.figures(now), None, None
        cost = cost_of(usage, self._running.price, "ok")
        if cost.state == "exact" and cost.usd:
            cost = Cost(cost.usd, "estimate", cost.price_as_of, cost.price_source)
        return self._meter.figures(now), usage, cost
