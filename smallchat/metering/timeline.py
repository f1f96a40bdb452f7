"""When the parts of one answer happened: what a waterfall is drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from smallchat.metering.answer import Figures

Part = Literal["connect", "wait", "think", "write", "stall"]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Moments of the last attempt, in milliseconds from its start; ``None`` for what did not happen.

    Attributes:
        end_ms: When the stream ended.
        connected_ms: When the response's headers arrived; also ``None`` when nobody noted it.
        first_ms: When the first payload of any channel arrived.
        first_text_ms: When the first text of the answer arrived.
        stalls: Start and end of each stall.
    """

    end_ms: float
    connected_ms: float | None = None
    first_ms: float | None = None
    first_text_ms: float | None = None
    stalls: tuple[tuple[float, float], ...] = ()

    @classmethod
    def of(cls, figures: Figures) -> Timeline | None:
        """Return what ``figures`` tell of an answer whose events are gone; ``None`` without any time."""
        if figures.total_ms is None:
            return None
        return cls(figures.total_ms, None, figures.ttft_ms, figures.ttfa_ms)

    def parts(self) -> list[tuple[Part, float, float]]:
        """Return what the answer did, with start and end of each part in ms; they join without a gap."""
        end = max(0.0, self.end_ms)
        first = _clamp(self.first_ms, 0.0, end, otherwise=end)
        text = _clamp(self.first_text_ms, first, end, otherwise=end)
        connected = _clamp(self.connected_ms, 0.0, first, otherwise=0.0)
        bounds: list[tuple[Part, float, float]] = [
            ("connect", 0.0, connected),
            ("wait", connected, first),
            ("think", first, text),
            ("write", text, end),
        ]
        cuts = {0.0, end, *(bound for _, *pair in bounds for bound in pair)}
        stalls = [(max(0.0, start), min(stop, end)) for start, stop in self.stalls if stop > start]
        cuts |= {moment for stall in stalls for moment in stall if moment <= end}
        parts: list[tuple[Part, float, float]] = []
        for start, stop in pairwise(sorted(cuts)):
            name = next(part for part, since, until in bounds if since <= start < until)
            if any(since <= start and stop <= until for since, until in stalls):
                name = "stall"
            if parts and parts[-1][0] == name:
                parts[-1] = (name, parts[-1][1], stop)
            else:
                parts.append((name, start, stop))
        return parts


def _clamp(moment: float | None, low: float, high: float, *, otherwise: float) -> float:
    return otherwise if moment is None else max(low, min(moment, high))
